import Columns

extension SegmentEncoder {
    /// Whole numbers, and floating-point values by their bits.
    func encodeWords(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) -> SegmentEncoding {
        let count = column.rowCount
        let width = column.physical.byteCount
        let (minimum, maximum) = PackedStream.bounds(words, count: count)
        first.removeAll()
        second.removeAll()
        if minimum == maximum {
            WordColumn.narrow(words, count: 1, physical: column.physical, into: first.extend(byBytes: width))
            try assemble(.constant, column, [(.values, first)], to: target)
            return .constant
        }
        var sizes = EncodingChooser.WordSizes(
            plain: count * width, packed: PackedStream.analyse(words, count: count),
            runs: RunLengthEncoding.analyse(words, count: count), dictionary: nil)
        let averageBits = sizes.packed * 8 / count
        if averageBits >= EncodingChooser.dictionaryBitsMin, count > EncodingChooser.wordEntriesMax / 4,
            dictionary.looksRepetitive(words, count: count, share: 0.5),
            dictionary.encode(words, count: count, limit: EncodingChooser.wordEntriesMax)
        {
            let entries = dictionary.firstRows.count
            let codeBits = PackedStream.bitWidth(0, Int64(entries - 1))
            sizes.dictionary = entries * width + count * codeBits / 8
        }
        let choice = EncodingChooser.choose(sizes)
        switch choice {
        case .packed:
            PackedStream.encode(words, count: count, to: first)
            try assemble(.packed, column, [(.values, first)], to: target)
        case .runs:
            RunLengthEncoding.encode(words, count: count, values: first, ends: second)
            try assemble(.runs, column, [(.values, first), (.runEnds, second)], to: target)
        case .dictionary:
            for row in dictionary.firstRows {
                let entry = first.extend(byBytes: width)
                WordColumn.narrow(words + Int(row), count: 1, physical: column.physical, into: entry)
            }
            encodeCodes(count: count)
            try assemble(
                .dictionary, column, entryCount: dictionary.firstRows.count,
                [(.values, first), (.codes, second)],
                to: target)
        default: return try encodeFixed(column, to: target)
        }
        return choice
    }

    /// Values as they are: uuids, intervals, wide decimals, numbers without order.
    func encodeFixed(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) -> SegmentEncoding {
        let width = column.physical.byteCount
        first.removeAll()
        let isConstant =
            column.validity == nil
            && (1..<max(1, column.rowCount)).allSatisfy { row in
                UnsafeRawBufferPointer(start: column.fixed, count: width)
                    .elementsEqual(UnsafeRawBufferPointer(start: column.fixed + row * width, count: width))
            }
        first.append(column.fixed, byteCount: isConstant ? width : width * column.rowCount)
        let encoding: SegmentEncoding = isConstant ? .constant : .plain
        try assemble(encoding, column, [(.values, first)], to: target)
        return encoding
    }

    func encodeStrings(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) -> SegmentEncoding {
        let count = column.rowCount
        let limit = EncodingChooser.stringEntriesMax(rows: count)
        let repeats = dictionary.looksRepetitive(column, share: EncodingChooser.stringSampleShare)
        if count == 1 || (repeats && dictionary.encode(column, limit: limit)) {
            if count == 1 || dictionary.firstRows.count == 1 {
                first.removeAll()
                let only = column.string(0)
                if let base = only.baseAddress { first.append(base, byteCount: only.count) }
                try assemble(.constant, column, [(.bytes, first)], to: target)
                return .constant
            }
            try encodeDictionary(column, to: target)
            return .dictionary
        }
        for row in 0..<count { words[row] = Int64(column.string(row).count) }
        let total = Int(column.stringEnds[count - 1])
        guard total <= SegmentHeader.blockBytesMax else { throw .tooLarge(what: "strings", bytes: total) }
        first.removeAll()
        second.removeAll()
        third.removeAll()
        StringEncoding.encode(lengths: words, count: count, lengths: first, starts: second)
        third.append(column.stringBytes, byteCount: total)
        try assemble(.strings, column, [(.lengths, first), (.starts, second), (.bytes, third)], to: target)
        return .strings
    }

    private func encodeDictionary(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) {
        let entries = dictionary.firstRows
        let codes = RawBytes(capacity: column.rowCount * 2)
        first.removeAll()
        second.removeAll()
        third.removeAll()
        for row in 0..<column.rowCount { words[row] = Int64(dictionary.codes[row]) }
        PackedStream.encode(words, count: column.rowCount, to: codes)
        for (index, row) in entries.enumerated() {
            let string = column.string(Int(row))
            words[index] = Int64(string.count)
            if let base = string.baseAddress { third.append(base, byteCount: string.count) }
        }
        guard third.count <= SegmentHeader.blockBytesMax else {
            throw .tooLarge(what: "strings", bytes: third.count)
        }
        StringEncoding.encode(lengths: words, count: entries.count, lengths: first, starts: second)
        try assemble(
            .dictionary, column, entryCount: entries.count,
            [(.lengths, first), (.starts, second), (.bytes, third), (.codes, codes)], to: target)
    }

    private func encodeCodes(count: Int) {
        // The words have served for the entries; codes take their place.
        for row in 0..<count { words[row] = Int64(dictionary.codes[row]) }
        PackedStream.encode(words, count: count, to: second)
    }
}
