/// Whole records of a text file.
struct TextPiece: FilePiece {
    let sequence: Int
    let block: ByteBlock
    /// Bytes of the block that belong to the piece, from 0.
    let byteCount: Int
    /// Line of the file in which the piece begins, from 1.
    let firstLine: Int
    /// The file ends inside a quoted field of this piece.
    let endsInsideRecord: Bool

    /// The line in which byte `offset` lies. O(offset).
    func line(at offset: Int) -> Int {
        var line = firstLine
        for index in 0..<offset where block.base[index] == 10 { line += 1 }
        return line
    }
}
