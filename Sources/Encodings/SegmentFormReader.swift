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
            let rows = try runRows()
            let runs = RunLengthEncoding(
                values: try PackedStream(validating: values, rowCount: header.entryCount), rows: rows)
            extraBytes = runs.memoryBytes
            return .runs(runs)
        case .dictionary:
            let codes = try codes(below: header.entryCount)
            if isString {
                return .stringDictionary(VectorDictionary(entries: try stringEntries()), codes: codes)
            }
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
        case .uuidText:
            guard isString else { throw .malformed(what: "form of numbers", value: 7) }
            return .uuidText(try uuids(count: header.rowCount))
        case .stringRuns:
            guard isString else { throw .malformed(what: "form of numbers", value: 8) }
            let rows = try runRows()
            let entries = try stringEntries()
            extraBytes += rows.memoryBytes
            return .stringRuns(entries: entries, rows)
        case .decimalScaled:
            guard type.physical == .float64 || type.physical == .float32 else {
                throw .malformed(what: "form of the physical type", value: 9)
            }
            return .decimalScaled(try decimalScaled())
        case .symbols:
            guard isString else { throw .malformed(what: "form of numbers", value: 10) }
            return .symbols(try symbols(rowCount: header.rowCount))
        }
    }

    private func decimalScaled() throws(EncodingError) -> DecimalScaledEncoding {
        let values = try streams.required(.values, what: "whole numbers")
        let scales = try streams.required(.scales, what: "scales")
        let rows = try streams.required(.exceptionRows, what: "rows of exceptions")
        let exceptions = try streams.required(.exceptions, what: "exceptions")
        return try DecimalScaledEncoding(
            wholes: try PackedStream(validating: values, rowCount: header.rowCount), scales: scales,
            positions: rows, exceptions: exceptions)
    }

    private func symbols(rowCount: Int) throws(EncodingError) -> SymbolEncoding {
        let lengths = try streams.required(.lengths, what: "string lengths")
        let starts = try streams.required(.starts, what: "string starts")
        let table = try streams.required(.symbolTable, what: "symbols")
        let codes = try streams.required(.bytes, what: "string bytes")
        return try SymbolEncoding(
            lengths: try PackedStream(validating: lengths, rowCount: rowCount), starts: starts, table: table,
            codes: codes)
    }

    private func runRows() throws(EncodingError) -> RunRows {
        guard header.entryCount >= 1, header.entryCount <= header.rowCount else {
            throw .malformed(what: "runs", value: header.entryCount)
        }
        let lengths = try streams.required(.runLengths, what: "run lengths")
        return try RunRows(
            lengths: try PackedStream(validating: lengths, rowCount: header.entryCount),
            rowCount: header.rowCount)
    }

    private func uuids(count: Int) throws(EncodingError) -> UUIDTextEncoding {
        let bytes = try streams.required(.uuids, what: "uuids")
        return try UUIDTextEncoding(bytes, count: count)
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

    /// All entries of a dictionary or of runs, as views.
    private func stringEntries() throws(EncodingError) -> Vector {
        let count = header.entryCount
        guard count <= DictionaryEncoding.entryCountMax else {
            throw .malformed(what: "dictionary entries", value: count)
        }
        let vectors = PackedStream.vectorCount(rows: count)
        let capacity = DataChunk.capacity
        let views = VectorBuffer(byteCount: vectors * capacity * MemoryLayout<StringView>.stride)
        let output = views.pointer(as: StringView.self)
        extraBytes = views.byteCount
        if streams[.uuids] != nil {
            let uuids = try uuids(count: count)
            for vector in 0..<vectors {
                let rows = min(capacity, count - vector * capacity)
                let text = uuids.decode(vector: vector, count: rows, into: output + vector * capacity)
                heap.keep(text)
                extraBytes += text.byteCount
            }
        } else if streams[.symbolTable] != nil {
            let symbols = try symbols(rowCount: count)
            let scratch = DecodeScratch(physical: .int16)
            for vector in 0..<vectors {
                let text = symbols.decode(
                    vector: vector, into: output + vector * capacity, scratch: scratch.words)
                heap.keep(text)
                extraBytes += text.byteCount
            }
        } else {
            let strings = try stringStreams(rowCount: count)
            let scratch = DecodeScratch(physical: .int16)
            for vector in 0..<vectors {
                strings.decode(
                    vector: vector, into: output + vector * capacity, scratch: scratch.codes,
                    wide: scratch.words)
            }
        }
        return Vector(flat: views, type: type, count: count, heap: heap)
    }
}
