/// What a segment's header tells of how its column is kept, without its values.
public struct SegmentOutline: Sendable {
    public var encoding: SegmentEncoding
    /// Codec and stored bytes of each block.
    public var blocks: [(codec: BlockCompression, storedBytes: Int)]

    /// Bytes at the beginning of a segment that always hold the whole header.
    public static let headerBytesMax = SegmentHeader.byteCount(blocks: SegmentHeader.blockCountMax)

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - bytes: The first `headerBytesMax` bytes of a segment, or all of a shorter one.
    ///   - segmentBytes: Bytes of the segment.
    /// - Throws: Any `EncodingError` for damaged bytes.
    public init(reading bytes: UnsafeRawBufferPointer, segmentBytes: Int) throws(EncodingError) {
        let header = try SegmentHeader(reading: bytes, segmentBytes: segmentBytes)
        encoding = header.encoding
        blocks = header.blocks.map { ($0.codec, $0.storedBytes) }
    }
}
