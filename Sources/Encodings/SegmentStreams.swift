import Columns
import DurableIO

/// The decompressed streams of a segment in one piece of memory, each 64-byte aligned with slack behind.
struct SegmentStreams {
    let memory: VectorBuffer
    private var ranges: [(kind: StreamKind, range: Range<Int>)] = []

    /// Smaller memory comes from the heap, where its pages are in use already.
    private static let populatedBytesMin = 64 * 1024

    /// Checks and decompresses every block.
    init(reading bytes: UnsafeRawBufferPointer, header: SegmentHeader) throws(EncodingError) {
        var total = 0
        for block in header.blocks { total += Self.aligned(block.rawBytes) }
        memory = VectorBuffer(byteCount: total)
        if total >= Self.populatedBytesMin { memory.populate() }
        var offset = 0
        for (index, block) in header.blocks.enumerated() {
            let stored = UnsafeRawBufferPointer(
                rebasing: bytes[block.byteOffset..<(block.byteOffset + block.storedBytes)])
            let computed = CRC32C.checksum(stored)
            guard computed == block.checksum else {
                throw .checksumMismatch(what: "block \(index)", stored: block.checksum, computed: computed)
            }
            let target = UnsafeMutableRawBufferPointer(start: memory.base + offset, count: block.rawBytes)
            try block.codec.decompress(stored, into: target)
            ranges.append((block.kind, offset..<(offset + block.rawBytes)))
            offset += Self.aligned(block.rawBytes)
        }
    }

    subscript(kind: StreamKind) -> UnsafeMutableRawBufferPointer? {
        guard let found = ranges.first(where: { $0.kind == kind }) else { return nil }
        return UnsafeMutableRawBufferPointer(
            start: memory.base + found.range.lowerBound, count: found.range.count)
    }

    /// A stream that the form cannot do without.
    func required(_ kind: StreamKind, what: String) throws(EncodingError) -> UnsafeRawBufferPointer {
        guard let stream = self[kind] else { throw .truncated(what: what) }
        return UnsafeRawBufferPointer(stream)
    }

    /// Zeroes validity bits beyond the last row, as masks demand.
    static func clearTail(_ bitmap: UnsafeMutableRawPointer, rowCount: Int) {
        guard rowCount % 64 != 0 else { return }
        let words = bitmap.assumingMemoryBound(to: UInt64.self)
        words[rowCount / 64] &= (1 &<< UInt64(rowCount % 64)) &- 1
    }

    private static func aligned(_ byteCount: Int) -> Int { (byteCount + 127) / 64 * 64 }
}
