import Columns

extension SegmentEncoder {
    func encodeStrings(_ column: ColumnValues, to target: RawBytes) throws(EncodingError) -> SegmentEncoding {
        let count = column.rowCount
        let limit = EncodingChooser.stringEntriesMax(rows: count)
        let firsts = runFirsts(column)
        if firsts.count == 1 {
            let value = buffers.take()
            let only = column.string(Int(firsts[0]))
            if let base = only.baseAddress { value.append(base, byteCount: only.count) }
            return try assemble(.init(encoding: .constant, streams: [(.bytes, value)]), column, to: target)
        }
        var candidates: [EncodingChooser.Candidate] = []
        let repeats = dictionary.looksRepetitive(column, share: EncodingChooser.stringSampleShare)
        if repeats && dictionary.encode(column, limit: limit) {
            let codes = packedCodes(count: count)
            let entries = dictionary.firstRows
            let (_, streams) = try stringStreams(StringSource(column, rows: entries))
            candidates.append(
                .init(
                    encoding: .dictionary, entryCount: entries.count, streams: streams + [(.codes, codes)]))
        } else if Double(firsts.count) <= Double(count) * EncodingChooser.runsShareMax {
            let lengths = packed(runLengths, count: firsts.count)
            let (_, streams) = try stringStreams(StringSource(column, rows: firsts))
            candidates.append(
                .init(
                    encoding: .stringRuns, entryCount: firsts.count,
                    streams: streams + [(.runLengths, lengths)]))
        } else {
            let (encoding, streams) = try stringStreams(StringSource(column))
            candidates.append(.init(encoding: encoding, streams: streams))
        }
        return try assemble(chooser.choose(candidates), column, to: target)
    }

    /// The first row with a value of each run of equal strings; the lengths of the runs go to `runLengths`.
    /// NULL rows belong to the run before them, those at the beginning to the first.
    private func runFirsts(_ column: ColumnValues) -> [UInt32] {
        var firsts: [UInt32] = []
        var start = 0
        var last = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        for row in 0..<column.rowCount where column.isValid(row) {
            let string = column.string(row)
            if firsts.isEmpty {
                firsts.append(UInt32(row))
            } else if string.count != last.count || !string.elementsEqual(last) {
                runLengths[firsts.count - 1] = Int64(row - start)
                firsts.append(UInt32(row))
                start = row
            }
            last = string
        }
        if !firsts.isEmpty { runLengths[firsts.count - 1] = Int64(column.rowCount - start) }
        return firsts
    }

    /// The streams of some strings in the form that is smallest, and the encoding of a segment of only them.
    private func stringStreams(
        _ strings: StringSource
    ) throws(EncodingError) -> (SegmentEncoding, [(kind: StreamKind, bytes: RawBytes)]) {
        let uuids = buffers.take()
        if UUIDTextEncoding.encode(strings, to: uuids) { return (.uuidText, [(.uuids, uuids)]) }
        let bytes = buffers.take()
        if strings.rows == nil {
            let total = Int(strings.column.stringEnds[strings.count - 1])
            guard total <= SegmentHeader.blockBytesMax else { throw .tooLarge(what: "strings", bytes: total) }
            bytes.append(strings.column.stringBytes, byteCount: total)
            for row in 0..<strings.count { words[row] = Int64(strings[row].count) }
        } else {
            for row in 0..<strings.count {
                let string = strings[row]
                words[row] = Int64(string.count)
                if let base = string.baseAddress { bytes.append(base, byteCount: string.count) }
            }
            guard bytes.count <= SegmentHeader.blockBytesMax else {
                throw .tooLarge(what: "strings", bytes: bytes.count)
            }
        }
        let starts = buffers.take()
        StringEncoding.encode(starts: words, count: strings.count, to: starts)
        let lengths = packed(words, count: strings.count, differences: .never)
        if let (symbolStarts, table, codes) = symbolStreams(strings, bytes) {
            return (
                .symbols,
                [(.lengths, lengths), (.starts, symbolStarts), (.symbolTable, table), (.bytes, codes)]
            )
        }
        return (.strings, [(.lengths, lengths), (.starts, starts), (.bytes, bytes)])
    }

    /// The strings by symbols, where a sample of them is smaller so, block compression included: where each
    /// vector's codes start, the table and the codes.
    private func symbolStreams(
        _ strings: StringSource, _ bytes: RawBytes
    ) -> (starts: RawBytes, table: RawBytes, codes: RawBytes)? {
        // zstd finds what symbols would find; behind it they save nothing, and decode ten times slower.
        guard codec != .zstd, bytes.count >= EncodingChooser.symbolStringBytesMin else { return nil }
        let (sample, coded, table) = (buffers.take(), buffers.take(), buffers.take())
        var ends: [Int] = []
        let step = max(1, bytes.count / EncodingChooser.symbolSampleBytes)
        // Blocks of strings: what the block compression sees is as near as in the whole.
        for index in 0..<strings.count where index / 32 % step == 0 {
            guard sample.count < EncodingChooser.symbolSampleBytes else { break }
            let string = strings[index]
            if let base = string.baseAddress {
                sample.append(base, byteCount: min(string.count, EncodingChooser.symbolSampleBytes))
            }
            ends.append(sample.count)
        }
        let text = UnsafeBufferPointer(
            start: UnsafePointer(sample.base.assumingMemoryBound(to: UInt8.self)), count: sample.count)
        let symbols = SymbolTable.train(text, ends: ends)
        let matcher = SymbolMatcher(symbols)
        var start = 0
        for end in ends {
            matcher.encode(UnsafeBufferPointer(rebasing: text[start..<end]), to: coded)
            start = end
        }
        let plainBytes = chooser.estimate([(.bytes, sample)])
        let codedBytes = chooser.estimate([(.bytes, coded)])
        guard Double(codedBytes) * EncodingChooser.symbolsHandicap < Double(plainBytes) else { return nil }
        SymbolEncoding.encode(symbols, to: table)
        let (starts, codes) = (buffers.take(), buffers.take())
        for index in 0..<strings.count {
            if index % DataChunk.capacity == 0 { starts.append(number: UInt32(codes.count)) }
            matcher.encode(strings[index], to: codes)
        }
        starts.append(number: UInt32(codes.count))
        return codes.count <= SegmentHeader.blockBytesMax ? (starts, table, codes) : nil
    }
}
