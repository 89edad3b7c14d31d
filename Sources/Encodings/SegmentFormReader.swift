import Columns

/// Checks the streams of a segment and makes its form of them.
final class SegmentFormReader {
    private let header: SegmentHeader
    private let type: DataType
    private let streams: SegmentStreams
    private let heap: StringHeap
    /// Memory of the form beyond the streams.
    private(set) var extraBytes = 0

    init(header: SegmentHeader, type: DataType, streams: SegmentStreams, heap: StringHeap) {
        self.header = header
        self.type = type
        self.streams = streams
        self.heap = heap
    }

    private var width: Int { type.physical.byteCount }
    private var isString: Bool { type.physical == .string }

    func read() throws(EncodingError) -> EncodedSegment.Form {
        switch header.encoding {
        case .constant: return try constant()
        case .plain:
            guard !isString else {
                throw .malformed(what: "form of strings", value: Int(header.encoding.rawValue))
            }
            let values = try streams.required(.values, what: "values")
            guard values.count == header.rowCount * width, let base = values.baseAddress else {
                throw .truncated(what: "values")
            }
            if type == .boolean { try checkBooleans(values) }
            return .plain(base)
        case .packed:
            try requireWords()
            let values = try streams.required(.values, what: "packed values")
            return .packed(try PackedStream(validating: values, rowCount: header.rowCount))
        case .runs:
            try requireWords()
            let values = try streams.required(.values, what: "run values")
            let ends = try streams.required(.runEnds, what: "run ends")
            return .runs(try RunLengthEncoding(values: values, ends: ends, rowCount: header.rowCount))
        case .dictionary:
            let codes = try codes(below: header.entryCount)
            if isString { return .stringDictionary(try stringEntries(), codes: codes) }
            let values = try streams.required(.values, what: "dictionary values")
            guard values.count == header.entryCount * width, let base = values.baseAddress else {
                throw .truncated(what: "dictionary values")
            }
            if type == .boolean { try checkBooleans(values) }
            return .wordDictionary(entries: base, codes: codes)
        case .tableDictionary:
            guard isString else { throw .malformed(what: "form of numbers", value: 5) }
            return .tableDictionary(codes: try codes(below: header.entryCount))
        case .strings:
            guard isString else { throw .malformed(what: "form of numbers", value: 6) }
            return .strings(try stringStreams(rowCount: header.rowCount))
        }
    }

    private func constant() throws(EncodingError) -> EncodedSegment.Form {
        if header.flags & SegmentHeader.flagAllNull != 0 { return .allNull }
        if isString {
            let bytes = try streams.required(.bytes, what: "constant")
            guard let base = bytes.baseAddress else { throw .truncated(what: "constant") }
            return .constantString(StringView(base.assumingMemoryBound(to: UInt8.self), count: bytes.count))
        }
        let value = try streams.required(.values, what: "constant")
        guard value.count == width, let base = value.baseAddress else { throw .truncated(what: "constant") }
        if type == .boolean { try checkBooleans(value) }
        return .constant(base)
    }

    private func requireWords() throws(EncodingError) {
        guard WordColumn.supports(type.physical) else {
            throw .malformed(what: "form of the physical type", value: Int(header.encoding.rawValue))
        }
    }

    private func checkBooleans(_ bytes: UnsafeRawBufferPointer) throws(EncodingError) {
        for byte in bytes where byte > 1 { throw .malformed(what: "boolean", value: Int(byte)) }
    }

    private func codes(below limit: Int) throws(EncodingError) -> PackedStream {
        guard limit >= 1 else { throw .malformed(what: "dictionary entries", value: limit) }
        let bytes = try streams.required(.codes, what: "codes")
        let codes = try PackedStream(validating: bytes, rowCount: header.rowCount)
        let scratch = UnsafeMutablePointer<Int64>.allocate(capacity: DataChunk.capacity)
        defer { scratch.deallocate() }
        for vector in 0..<PackedStream.vectorCount(rows: header.rowCount) {
            codes.unpack(vector: vector, into: scratch)
            let count = min(DataChunk.capacity, header.rowCount - vector * DataChunk.capacity)
            let (minimum, maximum) = PackedStream.bounds(scratch, count: count)
            guard minimum >= 0, maximum < Int64(limit) else {
                throw .malformed(what: "dictionary code", value: Int(minimum < 0 ? minimum : maximum))
            }
        }
        return codes
    }

    private func stringStreams(rowCount: Int) throws(EncodingError) -> StringEncoding {
        let lengths = try streams.required(.lengths, what: "string lengths")
        let starts = try streams.required(.starts, what: "string starts")
        let bytes = try streams.required(.bytes, what: "string bytes")
        return try StringEncoding(lengths: lengths, starts: starts, bytes: bytes, rowCount: rowCount)
    }

    private func stringEntries() throws(EncodingError) -> VectorDictionary {
        guard header.entryCount <= DictionaryEncoding.entryCountMax else {
            throw .malformed(what: "dictionary entries", value: header.entryCount)
        }
        let strings = try stringStreams(rowCount: header.entryCount)
        let scratch = DecodeScratch(physical: .int16)
        let vectors = PackedStream.vectorCount(rows: header.entryCount)
        let views = VectorBuffer(byteCount: vectors * DataChunk.capacity * MemoryLayout<StringView>.stride)
        extraBytes = views.byteCount
        for vector in 0..<vectors {
            strings.decode(
                vector: vector, into: views.pointer(as: StringView.self) + vector * DataChunk.capacity,
                scratch: scratch.codes, wide: scratch.words)
        }
        let entries = Vector(flat: views, type: type, count: header.entryCount, heap: heap)
        return VectorDictionary(entries: entries)
    }
}
