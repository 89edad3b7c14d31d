import DurableIO

/// How the values of a segment are kept. The raw values are those of the format.
public enum SegmentEncoding: UInt8, Sendable, Hashable, CaseIterable {
    /// One value for every row, or every row NULL.
    case constant = 0
    /// Fixed-width values one after another.
    case plain = 1
    /// Whole numbers (or the bits of others) as a packed stream.
    case packed = 2
    /// Runs of equal whole numbers, or of the bits of others.
    case runs = 3
    /// Packed codes into distinct values of the segment.
    case dictionary = 4
    /// Packed codes into the table's dictionary of the column.
    case tableDictionary = 5
    /// Strings: packed lengths and the bytes.
    case strings = 6
    /// Strings that are all canonical uuids, 16 bytes each.
    case uuidText = 7
    /// Runs of equal strings.
    case stringRuns = 8
    /// Floating-point numbers as scaled whole numbers and exceptions.
    case decimalScaled = 9
    /// Strings of symbols that frequent pieces were replaced by.
    case symbols = 10
}

/// What a block of a segment holds.
enum StreamKind: UInt8 {
    case validity = 0
    case values = 1
    case runLengths = 2
    case codes = 3
    case lengths = 4
    case starts = 5
    case bytes = 6
    case uuids = 7
    case symbolTable = 8
    case scales = 9
    case exceptionRows = 10
    case exceptions = 11
}

/// One block as the segment's header describes it.
struct BlockDescriptor {
    var kind: StreamKind
    var codec: BlockCompression
    var storedBytes: Int
    var rawBytes: Int
    var checksum: UInt32
    /// From the start of the segment.
    var byteOffset: Int
}

/// The fixed part of a segment (`storage/FORMAT.md`, "Segment").
struct SegmentHeader {
    static let fixedBytes = 16
    static let blockBytes = 16
    static let checksumBytes = 4
    static let blockCountMax = 8
    static let flagAllNull: UInt8 = 1
    /// No block is larger: a damaged header cannot ask for more memory.
    static let blockBytesMax = 1 << 30

    var encoding: SegmentEncoding
    var physical: UInt8
    var flags: UInt8
    var rowCount: Int
    /// Entries of the dictionary that the codes need, or runs; else 0.
    var entryCount: Int
    var blocks: [BlockDescriptor]

    static func byteCount(blocks: Int) -> Int { fixedBytes + blocks * blockBytes + checksumBytes }

    /// Reads and checks the header at the beginning of `bytes`.
    ///
    /// - Parameter segmentBytes: Of the whole segment, when `bytes` is only its beginning.
    init(reading bytes: UnsafeRawBufferPointer, segmentBytes: Int? = nil) throws(EncodingError) {
        let segmentBytes = segmentBytes ?? bytes.count
        guard bytes.count >= Self.fixedBytes else { throw .truncated(what: "header") }
        let blockCount = Int(bytes[3])
        guard blockCount <= Self.blockCountMax else {
            throw .malformed(what: "block count", value: blockCount)
        }
        let headerBytes = Self.byteCount(blocks: blockCount)
        guard bytes.count >= headerBytes else { throw .truncated(what: "header") }
        let stored = bytes.loadUnaligned(fromByteOffset: headerBytes - 4, as: UInt32.self)
        let computed = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[0..<(headerBytes - 4)]))
        guard stored == computed else {
            throw .checksumMismatch(what: "segment header", stored: stored, computed: computed)
        }
        guard let encoding = SegmentEncoding(rawValue: bytes[0]) else {
            throw .malformed(what: "encoding", value: Int(bytes[0]))
        }
        self.encoding = encoding
        physical = bytes[1]
        flags = bytes[2]
        rowCount = Int(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        guard rowCount >= 1, rowCount <= ColumnValues.rowCountMax else {
            throw .malformed(what: "row count", value: rowCount)
        }
        entryCount = Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        blocks = []
        var byteOffset = headerBytes
        for index in 0..<blockCount {
            let at = Self.fixedBytes + index * Self.blockBytes
            guard let kind = StreamKind(rawValue: bytes[at]) else {
                throw .malformed(what: "stream kind", value: Int(bytes[at]))
            }
            guard let codec = BlockCompression(rawValue: bytes[at + 1]) else {
                throw .malformed(what: "codec", value: Int(bytes[at + 1]))
            }
            let storedBytes = Int(bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
            let rawBytes = Int(bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self))
            guard storedBytes <= segmentBytes - byteOffset else { throw .truncated(what: "block \(index)") }
            guard rawBytes <= Self.blockBytesMax else {
                throw .tooLarge(what: "block \(index)", bytes: rawBytes)
            }
            blocks.append(
                BlockDescriptor(
                    kind: kind, codec: codec, storedBytes: storedBytes, rawBytes: rawBytes,
                    checksum: bytes.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self),
                    byteOffset: byteOffset))
            byteOffset += storedBytes
        }
        guard byteOffset == segmentBytes else { throw .malformed(what: "segment size", value: segmentBytes) }
    }
}
