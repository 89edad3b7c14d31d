import DurableIO
import Glibc

/// Reads a text file in blocks and cuts them at the ends of records: the part of reading that one thread does
/// after the other. Calls are serialised by the owner.
final class PieceCutter {
    let stream: any SequentialReader
    private let rule: RecordRule
    private let pieceBytes: Int
    private var carry: (block: ByteBlock, start: Int, count: Int)?
    private var sequence = 0
    private var line = 1
    private var isAtEnd = false
    private(set) var bytesRead = 0

    init(_ stream: any SequentialReader, rule: RecordRule, pieceBytes: Int) {
        precondition(pieceBytes >= 1, "a piece holds a byte")
        self.stream = stream
        self.rule = rule
        self.pieceBytes = pieceBytes
    }

    var progress: FileProgress { FileProgress(bytesRead: bytesRead, bytesTotal: stream.byteCount) }

    /// The next whole records; nil at the end.
    func next() throws(FileFormatError) -> TextPiece? {
        if isAtEnd && carry == nil { return nil }
        let carried = carry?.count ?? 0
        // One more for a line feed that a file lacks at its end.
        var block = ByteBlock(capacity: max(pieceBytes, carried + pieceBytes / 2) + 1)
        if let carry { block.base.update(from: carry.block.base + carry.start, count: carried) }
        carry = nil
        var filled = carried
        var scanner = RecordScanner(rule)
        while true {
            filled += try fill(block, from: filled)
            scanner.scan(block.base, count: filled)
            if isAtEnd { return filled == 0 ? nil : lastPiece(block, filled, scanner) }
            let end = scanner.boundary(block.base)
            if end > 0 { return piece(block, end, filled, scanner) }
            guard filled < CSVOptions.rowBytesMax else {
                let fault = RowFault.recordTooLong(bytesMax: CSVOptions.rowBytesMax)
                throw fault.error(file: stream.path, line: line, column: nil)
            }
            let larger = ByteBlock(capacity: filled * 2 + 1)
            larger.base.update(from: block.base, count: filled)
            block = larger
        }
    }

    /// Reads until the block is full but for one byte, or the file ends.
    private func fill(_ block: ByteBlock, from filled: Int) throws(FileFormatError) -> Int {
        let wanted = block.capacity - 1 - filled
        let target = UnsafeMutableRawBufferPointer(start: block.base + filled, count: wanted)
        do throws(DurableIOError) {
            var done = 0
            while done < wanted {
                let count = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: target[done...]))
                if count == 0 {
                    isAtEnd = true
                    break
                }
                done += count
            }
            bytesRead += done
            return done
        } catch {
            throw .files(error)
        }
    }

    private func piece(_ block: ByteBlock, _ end: Int, _ filled: Int, _ scanner: RecordScanner) -> TextPiece {
        if let marked = endMark(block, end) { return marked }
        if filled > end { carry = (block, end, filled - end) }
        let behind = RecordScanner.count(10, block.base + end, filled - end)
        // The bytes behind the piece stay where they are for the next one: readers must not take them for
        // the piece's own, and do not, since they stop at its byte count.
        return made(block, end, lines: scanner.lineCount - behind)
    }

    private func lastPiece(_ block: ByteBlock, _ filled: Int, _ scanner: RecordScanner) -> TextPiece {
        if let marked = endMark(block, filled) { return marked }
        var count = filled
        if block.base[count - 1] != 10 {
            block.base[count] = 10
            count += 1
        }
        block.clearSlack(behind: count)
        return made(block, count, lines: scanner.lineCount, endsInside: scanner.isInsideRecord)
    }

    /// In PostgreSQL's text format a line `\.` ends the data; what comes behind it is not read.
    private func endMark(_ block: ByteBlock, _ end: Int) -> TextPiece? {
        guard rule == .backslashed else { return nil }
        let bytes = block.base
        var start = 0
        while start < end {
            guard let found = memchr(bytes + start, 46, end - start) else { return nil }
            let point = bytes.distance(to: found.assumingMemoryBound(to: UInt8.self))
            start = point + 1
            let isLine =
                point >= 1 && bytes[point - 1] == 92 && (point == 1 || bytes[point - 2] == 10)
                && (point + 1 == end || bytes[point + 1] == 10 || bytes[point + 1] == 13)
            guard isLine else { continue }
            isAtEnd = true
            carry = nil
            return made(block, point - 1, lines: 0)
        }
        return nil
    }

    private func made(_ block: ByteBlock, _ count: Int, lines: Int, endsInside: Bool = false) -> TextPiece {
        defer {
            sequence += 1
            line += lines
        }
        return TextPiece(
            sequence: sequence, block: block, byteCount: count, firstLine: line, endsInsideRecord: endsInside)
    }
}
