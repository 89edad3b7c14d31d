import Columns
import DurableIO
import Encodings
import Testing

@Suite("Damaged segments")
struct DamageTests {
    static let cases: [(DataType, Shape)] = [
        (.bigint, .narrow), (.bigint, .runs), (.bigint, .fewValues), (.bigint, .wide), (.text, .fewValues),
        (.text, .unique), (.text, .constant), (.boolean, .narrow),
        (.decimal(precision: 38, scale: 2), .narrow),
    ]

    private func segment(_ type: DataType, _ shape: Shape, rowCount: Int = 2500) throws -> [UInt8] {
        let plain = PlainColumn(type: type, shape: shape, rowCount: rowCount, nullShare: 6, seed: 5)
        let bytes = RawBytes()
        try plain.withColumn { _ = try SegmentEncoder(codec: .zstd).encode($0, to: bytes) }
        return Array(bytes.bytes)
    }

    private func read(_ bytes: [UInt8], _ type: DataType) throws -> [Value] {
        // The bytes lie unaligned in a buffer of just their size, so that a sanitizer sees any read beyond.
        let segment = try bytes.withUnsafeBytes { try EncodedSegment(reading: $0, type: type) }
        return segment.encoding == .tableDictionary ? [] : segment.allValues()
    }

    @Test("every flipped bit is found by a checksum", arguments: cases)
    func flippedBits(type: DataType, shape: Shape) throws {
        let good = try segment(type, shape)
        var generator = SeededGenerator(1)
        for _ in 0..<300 {
            var bad = good
            bad[Int(generator.next() % UInt64(bad.count))] ^= 1 << UInt8(generator.next() % 8)
            #expect(throws: EncodingError.self) { try read(bad, type) }
        }
    }

    @Test("every cut end is found", arguments: cases)
    func cutEnds(type: DataType, shape: Shape) throws {
        let good = try segment(type, shape)
        for length in stride(from: 0, to: good.count, by: max(1, good.count / 100)) {
            #expect(throws: EncodingError.self) { try read(Array(good.prefix(length)), type) }
        }
    }

    @Test(
        "damage behind right checksums is an error or decodes to something, and never traps", arguments: cases
    )
    func forgedChecksums(type: DataType, shape: Shape) throws {
        let plain = PlainColumn(type: type, shape: shape, rowCount: 2500, nullShare: 6, seed: 5)
        let bytes = RawBytes()
        try plain.withColumn { _ = try SegmentEncoder(codec: .none).encode($0, to: bytes) }
        let good = Array(bytes.bytes)
        var generator = SeededGenerator(2)
        var decoded = 0
        for _ in 0..<400 {
            var bad = good
            for _ in 0...Int(generator.next() % 3) {
                // Most damage goes to headers and descriptors, where it hurts.
                let reach = generator.next() % 2 == 0 ? min(bad.count, 400) : bad.count
                bad[Int(generator.next() % UInt64(reach))] = UInt8(truncatingIfNeeded: generator.next())
            }
            Self.forge(&bad)
            do {
                decoded += try read(bad, type).count
            } catch is EncodingError {
                continue
            }
        }
        #expect(decoded >= 0)
    }

    /// Puts right checksums on whatever the bytes say.
    static func forge(_ bytes: inout [UInt8]) {
        let blockCount = Int(bytes[3] % 9)
        bytes[3] = UInt8(blockCount)
        let headerBytes = 16 + blockCount * 16 + 4
        guard bytes.count >= headerBytes else { return }
        var offset = headerBytes
        for block in 0..<blockCount {
            let at = 16 + block * 16
            let stored = Int(bytes[at + 4]) | Int(bytes[at + 5]) << 8 | Int(bytes[at + 6]) << 16
            if offset + stored <= bytes.count {
                put(CRC32C.checksum(bytes[offset..<(offset + stored)]), at: at + 12, &bytes)
            }
            offset = min(bytes.count, offset + stored)
        }
        put(CRC32C.checksum(bytes[0..<(headerBytes - 4)]), at: headerBytes - 4, &bytes)
    }

    private static func put(_ number: UInt32, at offset: Int, _ bytes: inout [UInt8]) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(index * 8)) }
    }

    @Test(
        "compressed blocks of any bytes decompress to their size or fail",
        arguments: [BlockCompression.zstd, .lz4])
    func compression(codec: BlockCompression) throws {
        let source = (0..<100_000).map { UInt8($0 / 100 % 50) }
        let target = RawBytes()
        let used = source.withUnsafeBytes { codec.append($0, level: 1, to: target) }
        #expect(used == codec)
        #expect(target.count < source.count / 10)
        var out = [UInt8](repeating: 0, count: source.count)
        try out.withUnsafeMutableBytes { try codec.decompress(target.bytes, into: $0) }
        #expect(out == source)
        #expect(throws: EncodingError.self) {
            try out.withUnsafeMutableBytes {
                try codec.decompress(
                    target.bytes, into: UnsafeMutableRawBufferPointer(rebasing: $0[0..<99_999]))
            }
        }
        var generator = SeededGenerator(3)
        let noise = (0..<5000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        let kept = RawBytes()
        #expect(noise.withUnsafeBytes { codec.append($0, level: 1, to: kept) } == .none)
        #expect(Array(kept.bytes) == noise)
    }
}
