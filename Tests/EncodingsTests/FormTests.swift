import Columns
import Encodings
import Testing

@Suite("Forms of segments")
struct FormTests {
    private func encode(_ plain: PlainColumn, codec: BlockCompression = .zstd) throws -> RawBytes {
        let bytes = RawBytes()
        try plain.withColumn { _ = try SegmentEncoder(codec: codec).encode($0, to: bytes) }
        return bytes
    }

    @Test(
        "every sample decodes to what was encoded, whatever the rows and NULLs",
        arguments: FormSample.allCases)
    func roundTrip(sample: FormSample) throws {
        for (index, rowCount) in [1, 2, 64, 65, 129, 2047, 2048, 2049, 4200].enumerated() {
            for nullShare: UInt64 in [0, 4] {
                let plain = sample.column(rowCount: rowCount, nullShare: nullShare, seed: UInt64(index))
                let bytes = try encode(plain, codec: index % 2 == 0 ? .zstd : .none)
                let segment = try EncodedSegment(reading: bytes.bytes, type: sample.type)
                #expect(segment.allValues() == plain.values, "\(sample) \(rowCount) \(segment.encoding)")
            }
        }
    }

    @Test(
        "a whole row group decodes to what was encoded",
        arguments: [FormSample.gaps, .roundPrices, .shortRuns, .uuidRuns])
    func wholeRowGroup(sample: FormSample) throws {
        let plain = sample.column(rowCount: 65_536, nullShare: 50, seed: 8)
        let bytes = try encode(plain, codec: .lz4)
        let segment = try EncodedSegment(reading: bytes.bytes, type: sample.type)
        #expect(segment.allValues() == plain.values, "\(segment.encoding)")
    }

    @Test("single and chosen rows of every sample are those of the column", arguments: FormSample.allCases)
    func singleRows(sample: FormSample) throws {
        let plain = sample.column(rowCount: 5000, nullShare: 6, seed: 3)
        let bytes = try encode(plain)
        let segment = try EncodedSegment(reading: bytes.bytes, type: sample.type)
        let builder = VectorBuilder(type: sample.type, capacity: 5000)
        for value in plain.values { builder.append(value) }
        let vector = builder.finish()
        func equals(_ row: Int, _ expected: Int) -> Bool {
            if sample.type.physical == .string {
                let view = vector.pointer(as: StringView.self)[expected]
                return segment.equals(string: view, at: row, tableDictionary: nil)
            }
            let width = sample.type.physical.byteCount
            return segment.equals(vector.values.base + expected * width, at: row)
        }
        for row in stride(from: 0, to: 5000, by: 19) where !plain.values[row].isNull {
            #expect(equals(row, row))
            for other in [row + 1, row / 2, 4999] where other < 5000 && !plain.values[other].isNull {
                #expect(equals(row, other) == (plain.values[row] == plain.values[other]))
            }
        }
        let scratch = DecodeScratch(physical: sample.type.physical)
        let rows = Array(stride(from: 1, to: 2048, by: 7))
        let chosen = segment.decode(
            vector: 1, rows: SelectionVector(rows), tableDictionary: nil, scratch: scratch)
        #expect(rows.indices.map { chosen.value(at: $0) } == rows.map { plain.values[2048 + $0] })
    }

    @Test("samples lead to the forms that suit them, and to their sizes")
    func sizes() throws {
        func bytesPerRow(_ sample: FormSample, _ form: SegmentEncoding) throws -> Double {
            let plain = sample.column(rowCount: 20_000, nullShare: 0, seed: 1)
            let bytes = try encode(plain, codec: .none)
            #expect(try EncodedSegment(reading: bytes.bytes, type: sample.type).encoding == form)
            return Double(bytes.count) / 20_000
        }
        #expect(try bytesPerRow(.dense, .packed) < 0.03)
        #expect(try bytesPerRow(.regularTimes, .packed) < 0.03)
        #expect(try bytesPerRow(.drifting, .packed) < 1.8)
        #expect(try bytesPerRow(.gaps, .packed) < 1)
        // 100,000 different prices are 17 bits, not the 27 of their range; seconds of a day likewise.
        #expect(try bytesPerRow(.roundPrices, .packed) < 17 / 8.0 + 0.05)
        #expect(try bytesPerRow(.wholeSeconds, .packed) < 17 / 8.0 + 0.05)
        #expect(try bytesPerRow(.pricesAsDoubles, .decimalScaled) < 20 / 8.0 + 0.05)
        #expect(try bytesPerRow(.pricesAsFloats, .decimalScaled) < 14 / 8.0 + 0.05)
        #expect(try bytesPerRow(.adversarialDoubles, .decimalScaled) < 6)
        #expect(try bytesPerRow(.sentences, .symbols) < 25)
        #expect(try bytesPerRow(.shortRuns, .runs) < 0.9)
        #expect(try bytesPerRow(.uuidText, .uuidText) < 16.01)
        #expect(try bytesPerRow(.uuidRuns, .stringRuns) < 16 / 3.0 + 0.35)
        #expect(try bytesPerRow(.uuidDictionary, .dictionary) < 0.85)
        #expect(try bytesPerRow(.almostUUIDs, .symbols) < 36)
        #expect(try bytesPerRow(.textRuns, .stringRuns) < 16)
    }
}
