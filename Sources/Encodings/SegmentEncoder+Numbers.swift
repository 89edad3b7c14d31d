import Columns

extension SegmentEncoder {
    /// Whole numbers, and floating-point values by their bits.
    func encodeWords(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) -> SegmentEncoding {
        let count = column.rowCount
        let width = column.physical.byteCount
        let (minimum, maximum) = PackedStream.bounds(words, count: count)
        if minimum == maximum {
            let value = buffers.take()
            WordColumn.narrow(words, count: 1, physical: column.physical, into: value.extend(byBytes: width))
            return try assemble(.init(encoding: .constant, streams: [(.values, value)]), column, to: target)
        }
        let frame = packed(words, count: count, differences: .never)
        var candidates: [EncodingChooser.Candidate] = []
        let mayBePlain = frame.count * 4 >= count * width * 3
        if mayBePlain {
            let plain = buffers.take()
            plain.append(column.fixed, byteCount: count * width)
            candidates.append(.init(encoding: .plain, streams: [(.values, plain)]))
        }
        candidates.append(.init(encoding: .packed, streams: [(.values, frame)]))
        let differences = PackedStreamPlan(words, count: count, scratch: packing)
        if differences.hasDifferences {
            let stream = buffers.take()
            differences.encode(words, to: stream, scratch: packing)
            candidates.append(
                .init(
                    encoding: .packed, streams: [(.values, stream)],
                    handicap: EncodingChooser.differencesHandicap))
        }
        if let scaled = decimalScaled(column) { candidates.append(scaled) }
        if let runs = runs(count: count) { candidates.append(runs) }
        if let coded = wordDictionary(column, packedBytes: frame.count) { candidates.append(coded) }
        return try assemble(chooser.choose(candidates), column, to: target)
    }

    /// The packed stream of some numbers, in a buffer of its own.
    func packed(
        _ values: UnsafePointer<Int64>, count: Int,
        differences: PackedStreamPlan.Differences = .wherePaying
    ) -> RawBytes {
        let plan = PackedStreamPlan(values, count: count, differences: differences, scratch: packing)
        let stream = buffers.take()
        plan.encode(values, to: stream, scratch: packing)
        return stream
    }

    private func runs(count: Int) -> EncodingChooser.Candidate? {
        let runCount = RunLengthEncoding.analyse(words, count: count)
        guard Double(runCount) <= Double(count) * EncodingChooser.runsShareMax else { return nil }
        RunLengthEncoding.encode(words, count: count, values: runValues, lengths: runLengths)
        return .init(
            encoding: .runs, entryCount: runCount,
            streams: [
                (.values, packed(runValues, count: runCount)),
                (.runLengths, packed(runLengths, count: runCount)),
            ],
            handicap: EncodingChooser.runsHandicap(rowsPerRun: Double(count) / Double(runCount)))
    }

    /// Floating-point numbers as scaled whole numbers, where most are decimal fractions.
    private func decimalScaled(_ column: ColumnValues) -> EncodingChooser.Candidate? {
        let count = column.rowCount
        let isFloat32 = column.physical == .float32
        guard isFloat32 || column.physical == .float64 else { return nil }
        let numbers = UnsafeMutableRawPointer(runLengths).assumingMemoryBound(to: Double.self)
        for row in 0..<count {
            numbers[row] =
                isFloat32
                ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: words[row])))
                : Double(bitPattern: UInt64(bitPattern: words[row]))
            // Widening may change the bits of a NaN: such columns are kept by their bits.
            if isFloat32 && numbers[row].isNaN { return nil }
        }
        let (scales, rows, exceptions) = (buffers.take(), buffers.take(), buffers.take())
        let isScaled = DecimalScaledPlan.encode(
            numbers, count: count, isFloat32: isFloat32, wholes: runValues, scales: scales, positions: rows,
            exceptions: exceptions)
        guard isScaled else { return nil }
        let wholes = packed(runValues, count: count)
        return .init(
            encoding: .decimalScaled,
            streams: [
                (.values, wholes), (.scales, scales), (.exceptionRows, rows), (.exceptions, exceptions),
            ])
    }

    private func wordDictionary(_ column: ColumnValues, packedBytes: Int) -> EncodingChooser.Candidate? {
        let count = column.rowCount
        let width = column.physical.byteCount
        guard packedBytes * 8 / count >= EncodingChooser.dictionaryBitsMin,
            count > EncodingChooser.wordEntriesMax / 4,
            dictionary.looksRepetitive(words, count: count, share: 0.5),
            dictionary.encode(words, count: count, limit: EncodingChooser.wordEntriesMax)
        else { return nil }
        let entries = buffers.take()
        for row in dictionary.firstRows {
            let entry = entries.extend(byBytes: width)
            WordColumn.narrow(words + Int(row), count: 1, physical: column.physical, into: entry)
        }
        return .init(
            encoding: .dictionary, entryCount: dictionary.firstRows.count,
            streams: [(.values, entries), (.codes, packedCodes(count: count))],
            handicap: EncodingChooser.dictionaryHandicap)
    }

    /// The codes that the dictionary has given the rows.
    func packedCodes(count: Int) -> RawBytes {
        // Runs have been encoded before: their memory is free.
        for row in 0..<count { runValues[row] = Int64(dictionary.codes[row]) }
        return packed(runValues, count: count)
    }

    /// Values as they are: uuids, intervals, wide decimals.
    func encodeFixed(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) -> SegmentEncoding {
        let width = column.physical.byteCount
        let isConstant =
            column.validity == nil
            && (1..<max(1, column.rowCount)).allSatisfy { row in
                UnsafeRawBufferPointer(start: column.fixed, count: width)
                    .elementsEqual(UnsafeRawBufferPointer(start: column.fixed + row * width, count: width))
            }
        let values = buffers.take()
        values.append(column.fixed, byteCount: isConstant ? width : width * column.rowCount)
        return try assemble(
            .init(encoding: isConstant ? .constant : .plain, streams: [(.values, values)]), column,
            to: target)
    }
}
