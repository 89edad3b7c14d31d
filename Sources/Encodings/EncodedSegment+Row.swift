import Columns

extension EncodedSegment {
    public func isNull(at row: Int) -> Bool {
        if case .allNull = form { return true }
        return !isValid(row)
    }

    /// Whether row `row` holds the fixed-width value whose bytes are at `expected`. NULL equals nothing.
    ///
    /// O(1) for all forms but runs, which search, and packed differences (`PackedStream.value`).
    public func equals(_ expected: UnsafeRawPointer, at row: Int) -> Bool {
        if isNull(at: row) { return false }
        let width = type.physical.byteCount
        switch form {
        case .constant(let value): return Self.same(value, expected, width)
        case .plain(let values): return Self.same(values + row &* width, expected, width)
        case .packed(let stream): return stream.value(at: row) == word(expected)
        case .runs(let runs): return runs.value(at: row) == word(expected)
        case .wordDictionary(let entries, let codes):
            return Self.same(entries + Int(codes.value(at: row)) &* width, expected, width)
        case .allNull, .constantString, .stringDictionary, .tableDictionary, .strings, .uuidText, .stringRuns,
            .symbols:
            return false
        case .decimalScaled(let scaled):
            let number = scaled.number(at: row)
            return type.physical == .float64
                ? number.bitPattern == expected.loadUnaligned(as: UInt64.self)
                : Float(number).bitPattern == expected.loadUnaligned(as: UInt32.self)
        }
    }

    /// Whether row `row` holds the string `expected`. O(1) on codes, O(2,048) on plain strings.
    public func equals(string expected: StringView, at row: Int, tableDictionary: VectorDictionary?) -> Bool {
        if isNull(at: row) { return false }
        switch form {
        case .constantString(let view): return view == expected
        case .stringDictionary(let dictionary, let codes):
            return dictionary.entries.pointer(as: StringView.self)[Int(codes.value(at: row))] == expected
        case .tableDictionary(let codes):
            guard let tableDictionary, tableDictionary.count >= tableEntryCount else { return false }
            return tableDictionary.entries.pointer(as: StringView.self)[Int(codes.value(at: row))] == expected
        case .strings(let strings):
            let bytes = strings.string(at: row)
            return bytes.count == expected.count && expected.withBytes { $0.elementsEqual(bytes) }
        case .uuidText(let uuids): return expected.withBytes { uuids.equals($0, at: row) }
        case .symbols(let symbols): return symbols.equals(expected, at: row)
        case .stringRuns(let entries, let rows):
            return entries.pointer(as: StringView.self)[rows.run(at: row)] == expected
        case .allNull, .constant, .plain, .packed, .runs, .wordDictionary, .decimalScaled: return false
        }
    }

    private static func same(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ width: Int) -> Bool {
        UnsafeRawBufferPointer(start: left, count: width)
            .elementsEqual(UnsafeRawBufferPointer(start: right, count: width))
    }

    /// The value at `bytes` as packing widens it; a 16-byte value that does not fit equals no packed one.
    private func word(_ bytes: UnsafeRawPointer) -> Int64? {
        switch type.physical {
        case .bool: return Int64(bytes.load(as: UInt8.self))
        case .int16: return Int64(bytes.loadUnaligned(as: Int16.self))
        case .int32, .float32: return Int64(bytes.loadUnaligned(as: Int32.self))
        case .int64, .float64: return bytes.loadUnaligned(as: Int64.self)
        case .int128: return Int64(exactly: bytes.loadUnaligned(as: Int128.self))
        case .interval, .string, .uint128: return nil
        }
    }
}
