import Columns
import Encodings
import Testing

/// Mutates segments of every form behind right checksums: what the checks of the decoders must catch.
@Suite("Damaged forms")
struct FormDamageTests {
    private func segment(_ sample: FormSample, _ codec: BlockCompression, rowCount: Int) throws -> [UInt8] {
        let plain = sample.column(rowCount: rowCount, nullShare: 7, seed: 5)
        let bytes = RawBytes()
        try plain.withColumn { _ = try SegmentEncoder(codec: codec).encode($0, to: bytes) }
        return Array(bytes.bytes)
    }

    /// Reads all of a segment, single rows too, if it can be read.
    private func decodedRows(_ bytes: [UInt8], _ type: DataType) -> Int? {
        let read = Result { try bytes.withUnsafeBytes { try EncodedSegment(reading: $0, type: type) } }
        guard case .success(let segment) = read else { return nil }
        guard segment.encoding != .tableDictionary else { return 0 }
        let rows = segment.allValues().count
        let expected: [UInt8] = Array(repeating: 7, count: 64)
        expected.withUnsafeBytes { expected in
            guard let base = expected.baseAddress else { return }
            let view = StringView(base.assumingMemoryBound(to: UInt8.self), count: 36)
            for row in stride(from: 0, to: segment.rowCount, by: 97) {
                _ = segment.equals(base, at: row)
                _ = segment.equals(string: view, at: row, tableDictionary: nil)
            }
        }
        return rows
    }

    @Test("flipped, cut and spliced bytes never trap", arguments: FormSample.allCases)
    func mutations(sample: FormSample) throws {
        let good = try segment(sample, .none, rowCount: 2500)
        let other = try segment(.textRuns, .none, rowCount: 700)
        #expect(decodedRows(good, sample.type) == 2500)
        var generator = SeededGenerator(11)
        var refused = 0
        for _ in 0..<300 {
            var bad = good
            switch generator.next() % 4 {
            case 0:
                for _ in 0...Int(generator.next() % 3) {
                    bad[Int(generator.next() % UInt64(bad.count))] ^= 1 << UInt8(generator.next() % 8)
                }
            case 1:
                // Headers, factors and descriptors are where it hurts.
                let reach = min(bad.count, 500)
                for _ in 0...Int(generator.next() % 3) {
                    bad[Int(generator.next() % UInt64(reach))] = UInt8(truncatingIfNeeded: generator.next())
                }
            case 2: bad.removeLast(Int(generator.next() % UInt64(bad.count)))
            default:
                let from = Int(generator.next() % UInt64(other.count))
                let piece = other[from..<min(other.count, from + Int(generator.next() % 64))]
                let at = Int(generator.next() % UInt64(bad.count))
                bad.replaceSubrange(at..<min(bad.count, at + piece.count), with: piece)
            }
            if bad.count >= 4 { DamageTests.forge(&bad) }
            if decodedRows(bad, sample.type) == nil { refused += 1 }
        }
        #expect(refused > 50)
    }

    @Test("every flipped bit is found by a checksum", arguments: FormSample.allCases)
    func flippedBits(sample: FormSample) throws {
        let good = try segment(sample, .zstd, rowCount: 2500)
        var generator = SeededGenerator(1)
        for _ in 0..<100 {
            var bad = good
            bad[Int(generator.next() % UInt64(bad.count))] ^= 1 << UInt8(generator.next() % 8)
            #expect(decodedRows(bad, sample.type) == nil)
        }
    }
}
