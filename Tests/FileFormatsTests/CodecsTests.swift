import Testing

@testable import FileFormats

@Suite("codecs")
struct CodecsTests {
    static let place = PagePlace(file: "f", column: "c", byteOffset: 100)

    static func decode(_ source: [UInt8], _ codec: Codec, count: Int) throws(FileFormatError) -> [UInt8] {
        // A copy on the heap of exactly this size: a sanitizer finds reads behind it.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: source)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { output.deallocate() }
        try Decompressor().decompress(
            UnsafeRawBufferPointer(copy), by: codec, into: output, place: place)
        return Array(output)
    }

    static func fails(_ source: [UInt8], _ codec: Codec, count: Int) -> Bool {
        do throws(FileFormatError) {
            _ = try decode(source, codec, count: count)
            return false
        } catch {
            return error
                == .malformed(
                    file: "f", byteOffset: 100,
                    reason: "\(codec) data do not decompress to \(count) bytes, column c")
        }
    }

    @Test("Snappy decodes literals, and copies that overlap themselves")
    func snappy() throws {
        // "abcd", then 9 bytes from 4 back, then 5 bytes from 1 back.
        let source: [UInt8] =
            [18, 3 << 2] + Array("abcd".utf8) + [(9 - 4) << 2 | 1, 4, (5 - 1) << 2 | 2, 1, 0]
        let wanted = Array("abcdabcdabcdaaaaaa".utf8)
        #expect(try Self.decode(source, .snappy, count: 18) == wanted)
        let long = [UInt8](repeating: 7, count: 100)
        #expect(try Self.decode([100, 60 << 2, 99] + long, .snappy, count: 100) == long)
        #expect(try Self.decode([0], .snappy, count: 0).isEmpty)
    }

    @Test("Snappy refuses what reaches outside")
    func snappyDamage() {
        #expect(Self.fails([], .snappy, count: 4))
        #expect(Self.fails([4, 3 << 2, 1, 2], .snappy, count: 4), "the literal is cut off")
        #expect(Self.fails([4, 4 << 2, 1, 2, 3, 4, 5], .snappy, count: 4), "the literal is too long")
        #expect(Self.fails([5, 0, 1, 1, 2], .snappy, count: 5), "the copy begins before the start")
        #expect(Self.fails([5, 0, 1, 1, 0], .snappy, count: 5), "the copy has no distance")
        #expect(Self.fails([5, 0, 1], .snappy, count: 5), "data are missing")
        #expect(Self.fails([4, 63 << 2, 0xFF, 0xFF, 0xFF, 0xFF], .snappy, count: 4), "a length of 4 GiB")
        #expect(Self.fails([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .snappy, count: 4))
        #expect(Self.fails([5, 0, 1, 3 << 2 | 2, 1], .snappy, count: 5), "the distance is cut off")
    }

    @Test("LZ4 is read in Hadoop's frames, several of them, and bare")
    func hadoop() throws {
        let block: [UInt8] = [3 << 4, 1, 2, 3]
        let frame: [UInt8] = [0, 0, 0, 3, 0, 0, 0, 4] + block
        #expect(try Self.decode(frame + frame, .lz4Hadoop, count: 6) == [1, 2, 3, 1, 2, 3])
        #expect(try Self.decode(block, .lz4Hadoop, count: 3) == [1, 2, 3])
        #expect(Self.fails(frame, .lz4Hadoop, count: 4))
        #expect(Self.fails([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 4] + block, .lz4Hadoop, count: 3))
    }

    @Test("a size that is not the declared one is refused by every codec", arguments: [0, 1, 2, 9, 1000])
    func wrongSizes(count: Int) {
        let gzip: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B, 0x4C, 0x4A, 6, 0, 0xC2, 0x41, 0x24, 0x35,
            3, 0, 0, 0,
        ]
        let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 3, 0x19, 0, 0, 0x61, 0x62, 0x63]
        #expect((try? Self.decode(gzip, .gzip, count: 3)) == Array("abc".utf8))
        #expect((try? Self.decode(zstd, .zstd, count: 3)) == Array("abc".utf8))
        #expect((try? Self.decode(gzip + gzip, .gzip, count: 6)) == Array("abcabc".utf8))
        #expect(Self.fails(gzip, .gzip, count: count))
        #expect(Self.fails(zstd, .zstd, count: count))
        #expect(Self.fails(Array(gzip.dropLast(9)), .gzip, count: 3))
        #expect(Self.fails(Array(zstd.dropLast()), .zstd, count: 3))
        #expect(Self.fails([3 << 4, 1, 2, 3], .lz4Block, count: count))
        #expect(Self.fails([1, 2, 3], .uncompressed, count: count))
        #expect(Self.fails([1, 2, 3], .lz4Frame, count: max(1, count)))
    }

    @Test("numbers of 16 bits become the same numbers of 32")
    func halves() {
        let cases: [(UInt16, Float)] = [
            (0x0000, 0), (0x3C00, 1), (0xC000, -2), (0x7BFF, 65504), (0x0001, 0x1p-24), (0x8001, -0x1p-24),
            (0x03FF, 0x3FFp-24), (0x0400, 0x1p-14), (0x7C00, .infinity), (0xFC00, -.infinity),
            (0x3555, 0.333251953125),
        ]
        for (bits, wanted) in cases { #expect(HalfPrecision.float(fromBits: bits) == wanted) }
        #expect(HalfPrecision.float(fromBits: 0x7E00).isNaN)
        #expect(HalfPrecision.float(fromBits: 0x8000).sign == .minus)
    }
}
