import Columns
import DurableIO

/// A segment as the block cache holds it: decompressed, checked, still lightly encoded. Any vector of it
/// decodes without the others, and cannot fail: `init` has checked every length, code and run.
///
/// Invariant: read-only after `init`, hence `Sendable`.
public final class EncodedSegment: @unchecked Sendable {
    public let type: DataType
    public let rowCount: Int
    public let encoding: SegmentEncoding
    /// Entries that the table's dictionary must have; 0 for other forms.
    public let tableEntryCount: Int
    /// Entries of the segment's or table's dictionary that the codes need, or runs; 0 for other forms.
    let entryCount: Int
    /// Bytes that this object keeps in memory.
    public let memoryBytes: Int
    let memory: VectorBuffer
    let heap: StringHeap
    let validity: UnsafePointer<UInt64>?
    let form: Form

    enum Form {
        case allNull
        case constant(UnsafeRawPointer)
        case constantString(StringView)
        case plain(UnsafeRawPointer)
        case packed(PackedStream)
        case runs(RunLengthEncoding)
        case wordDictionary(entries: UnsafeRawPointer, codes: PackedStream)
        case stringDictionary(VectorDictionary, codes: PackedStream)
        case tableDictionary(codes: PackedStream)
        case strings(StringEncoding)
        case uuidText(UUIDTextEncoding)
        case stringRuns(entries: Vector, RunRows)
        case decimalScaled(DecimalScaledEncoding)
        case symbols(SymbolEncoding)
    }

    public var vectorCount: Int { PackedStream.vectorCount(rows: rowCount) }

    /// Reads a whole segment.
    ///
    /// - Parameters:
    ///   - bytes: The segment as it lies in its file.
    ///   - type: The column's type, whose physical form must be the segment's.
    /// - Throws: Any `EncodingError`; damaged bytes never trap.
    ///
    /// Decompresses everything: O(rows), at 0.5 to 2 GB/s.
    public init(reading bytes: UnsafeRawBufferPointer, type: DataType) throws(EncodingError) {
        let header = try SegmentHeader(reading: bytes)
        guard header.physical == type.physical.rawValue else {
            throw .malformed(what: "physical type", value: Int(header.physical))
        }
        let streams = try SegmentStreams(reading: bytes, header: header)
        self.type = type
        rowCount = header.rowCount
        encoding = header.encoding
        memory = streams.memory
        heap = StringHeap(keeping: [streams.memory])
        entryCount = header.entryCount
        tableEntryCount = header.encoding == .tableDictionary ? header.entryCount : 0
        if let bitmap = streams[.validity] {
            guard bitmap.count == (header.rowCount + 63) / 64 * 8, let base = bitmap.baseAddress else {
                throw .truncated(what: "validity")
            }
            validity = UnsafePointer(base.assumingMemoryBound(to: UInt64.self))
            SegmentStreams.clearTail(base, rowCount: header.rowCount)
        } else {
            validity = nil
        }
        let reader = SegmentFormReader(header: header, type: type, streams: streams, heap: heap)
        form = try reader.read()
        memoryBytes = streams.memory.byteCount + 512 + reader.extraBytes
    }

    /// Whether rows may be NULL.
    public var hasNulls: Bool {
        if case .allNull = form { return true }
        return validity != nil
    }

    @inline(__always) func isValid(_ row: Int) -> Bool {
        guard let validity else { return true }
        return (validity[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63)) & 1 != 0
    }
}
