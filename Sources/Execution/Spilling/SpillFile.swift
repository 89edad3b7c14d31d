import Columns
import DurableIO
import Encodings

/// A temporary file of chunks, appended to by one worker; what is written may be read by any.
///
/// Invariant: `scratch`, `compressed` and `byteCount` belong to the worker that writes.
final class SpillFile: @unchecked Sendable {
    private let file: any OpenFile
    private let space: SpillSpace
    private let memory: OperatorMemory
    private var byteCount = 0
    private let scratch = RawBytes()
    private let compressed = RawBytes()

    /// - Parameter space: The operator's, which is known to be there.
    init(_ space: SpillSpace, _ memory: OperatorMemory) throws(ExecutionError) {
        self.space = space
        self.memory = memory
        file = try space.makeFile()
    }

    deinit { space.release(byteCount) }

    /// The worker's file, made when it is first needed.
    static func open(
        _ file: inout SpillFile?, _ space: SpillSpace, _ memory: OperatorMemory
    ) throws(ExecutionError) -> SpillFile {
        if let file { return file }
        let made = try SpillFile(space, memory)
        file = made
        return made
    }

    var path: String { file.path }

    /// Appends a chunk without a selection.
    ///
    /// - Throws: `.spillLimitExceeded`, or `.spill` when the disk is full or fails.
    func append(_ chunk: DataChunk) throws(ExecutionError) -> SpillBlock {
        scratch.removeAll()
        ChunkCodec.encode(chunk, into: scratch)
        compressed.removeAll()
        let codec = BlockCompression.lz4.append(scratch.bytes, level: 0, to: compressed)
        let block = SpillBlock(
            file: self, byteOffset: byteCount, storedBytes: compressed.count, rawBytes: scratch.count,
            codec: codec, checksum: CRC32C.checksum(compressed.bytes), rowCount: chunk.rowCount)
        try space.reserve(compressed.count)
        do throws(DurableIOError) {
            try file.write(compressed.bytes, atByteOffset: byteCount)
        } catch {
            space.release(compressed.count)
            throw .spill(error)
        }
        byteCount += compressed.count
        memory.addSpilled(compressed.count)
        return block
    }

    /// Reads a chunk that was appended.
    ///
    /// - Throws: `.spill` when the disk fails, `.spillDamaged` when the bytes are not those written.
    func read(_ block: SpillBlock, types: [DataType]) throws(ExecutionError) -> DataChunk {
        func damaged(_ what: String) -> ExecutionError {
            .spillDamaged(path: file.path, byteOffset: block.byteOffset, what: what)
        }
        let stored = VectorBuffer(byteCount: block.storedBytes)
        let storedBytes = UnsafeMutableRawBufferPointer(start: stored.base, count: block.storedBytes)
        do throws(DurableIOError) {
            try file.readFully(into: storedBytes, atByteOffset: block.byteOffset)
        } catch {
            if case .shortRead = error { throw damaged("the file ends early") }
            throw .spill(error)
        }
        guard CRC32C.checksum(UnsafeRawBufferPointer(storedBytes)) == block.checksum else {
            throw damaged("checksum does not match")
        }
        var raw = stored
        if block.codec != .none {
            raw = VectorBuffer(byteCount: block.rawBytes)
            do throws(EncodingError) {
                try block.codec.decompress(
                    UnsafeRawBufferPointer(storedBytes),
                    into: UnsafeMutableRawBufferPointer(start: raw.base, count: block.rawBytes))
            } catch {
                throw damaged("\(error)")
            }
        }
        let chunk = ChunkCodec.decode(
            UnsafeRawBufferPointer(start: raw.base, count: block.rawBytes), types: types,
            rowCount: block.rowCount)
        withExtendedLifetime((stored, raw)) {}
        guard let chunk else { throw damaged("columns do not fill the block") }
        return chunk
    }
}

/// Where a chunk lies in a temporary file, and what its bytes must be. It is kept in memory, so that nothing
/// read from the file decides how much is read.
struct SpillBlock: Sendable {
    let file: SpillFile
    let byteOffset: Int
    let storedBytes: Int
    let rawBytes: Int
    let codec: BlockCompression
    let checksum: UInt32
    let rowCount: Int
}
