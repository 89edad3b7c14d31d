import Columns
import DurableIO

/// Puts the streams of a segment together: header, then blocks, each compressed where that pays and
/// checksummed.
struct SegmentAssembler {
    private let target: RawBytes
    private let start: Int
    private let blockCount: Int
    private let codec: BlockCompression
    private let level: Int
    private var written = 0

    /// Begins a segment behind what `target` holds. Exactly `blockCount` blocks must follow.
    init(
        encoding: SegmentEncoding, physical: PhysicalType, flags: UInt8 = 0, rowCount: Int,
        entryCount: Int = 0,
        blockCount: Int, codec: BlockCompression, level: Int, target: RawBytes
    ) {
        precondition(blockCount <= SegmentHeader.blockCountMax, "a segment has few blocks")
        self.target = target
        self.blockCount = blockCount
        self.codec = codec
        self.level = level
        start = target.count
        let headerBytes = SegmentHeader.byteCount(blocks: blockCount)
        let header = target.extend(byBytes: headerBytes)
        header.initializeMemory(as: UInt8.self, repeating: 0, count: headerBytes)
        header.storeBytes(of: encoding.rawValue, as: UInt8.self)
        header.storeBytes(of: physical.rawValue, toByteOffset: 1, as: UInt8.self)
        header.storeBytes(of: flags, toByteOffset: 2, as: UInt8.self)
        header.storeBytes(of: UInt8(blockCount), toByteOffset: 3, as: UInt8.self)
        header.storeBytes(of: UInt32(rowCount), toByteOffset: 4, as: UInt32.self)
        header.storeBytes(of: UInt32(entryCount), toByteOffset: 8, as: UInt32.self)
    }

    /// Adds the next block.
    mutating func add(_ kind: StreamKind, _ raw: UnsafeRawBufferPointer) throws(EncodingError) {
        precondition(written < blockCount, "no more blocks than announced")
        guard raw.count <= SegmentHeader.blockBytesMax else {
            throw .tooLarge(what: "block", bytes: raw.count)
        }
        let before = target.count
        let used = codec.append(raw, level: level, to: target)
        let stored = UnsafeRawBufferPointer(start: target.base + before, count: target.count - before)
        let descriptor = target.base + start + SegmentHeader.fixedBytes + written * SegmentHeader.blockBytes
        descriptor.storeBytes(of: kind.rawValue, as: UInt8.self)
        descriptor.storeBytes(of: used.rawValue, toByteOffset: 1, as: UInt8.self)
        descriptor.storeBytes(of: UInt32(stored.count), toByteOffset: 4, as: UInt32.self)
        descriptor.storeBytes(of: UInt32(raw.count), toByteOffset: 8, as: UInt32.self)
        descriptor.storeBytes(of: CRC32C.checksum(stored), toByteOffset: 12, as: UInt32.self)
        written += 1
    }

    /// Closes the header with its checksum.
    func finish() {
        precondition(written == blockCount, "as many blocks as announced")
        let bytes = SegmentHeader.byteCount(blocks: blockCount) - SegmentHeader.checksumBytes
        let header = UnsafeRawBufferPointer(start: target.base + start, count: bytes)
        // Block descriptors need not be aligned in the file.
        (target.base + start + bytes).storeBytes(of: CRC32C.checksum(header), as: UInt32.self)
    }
}
