import DurableIO
import Encodings

/// Tells of most values that a segment does not hold that it does not: about 1 % of them pass, and every
/// value that it does hold.
///
/// Blocks of 256 bits, eight words of 32; a value sets one bit in each word of one block
/// (`storage/FORMAT.md`, "Bloom filter").
/// Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", WEA 2007, as split
/// blocks.
final class BloomFilter: Sendable {
    static let blockBytes = 32
    static let checksumBytes = 4
    /// Bits for each distinct value.
    private static let bitsPerValue = 11.0
    /// A segment has 65,536 values at most, and estimates of how many differ are never far above.
    static let blockCountMax = 8192

    private let blocks: [SIMD8<UInt32>]

    /// - Parameter bytes: As `append` wrote them. nil when the length or the checksum is wrong.
    init?(_ bytes: [UInt8]) {
        let blockCount = (bytes.count - Self.checksumBytes) / Self.blockBytes
        guard blockCount >= 1, blockCount <= Self.blockCountMax,
            bytes.count == blockCount * Self.blockBytes + Self.checksumBytes
        else { return nil }
        let body = bytes[..<(bytes.count - Self.checksumBytes)]
        let stored = bytes.withUnsafeBytes { raw in
            UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: body.count, as: UInt32.self))
        }
        guard stored == CRC32C.checksum(body) else { return nil }
        blocks = bytes.withUnsafeBytes { raw in
            (0..<blockCount).map { raw.loadUnaligned(fromByteOffset: $0 * 32, as: SIMD8<UInt32>.self) }
        }
    }

    var memoryBytes: Int { blocks.count * Self.blockBytes + 64 }

    /// False when no value of the segment has that hash.
    func mayContain(_ hash: UInt64) -> Bool {
        let mask = Self.mask(hash)
        return blocks[Self.block(hash, of: blocks.count)] & mask == mask
    }

    /// Appends a filter of values with these hashes.
    ///
    /// - Parameter distinctCount: About how many of them differ.
    /// - Returns: Bytes appended.
    static func append(
        _ hashes: UnsafeBufferPointer<UInt64>, distinctCount: Double, to target: RawBytes
    ) -> Int {
        let wanted = Int((distinctCount * bitsPerValue / 256).rounded(.up))
        let blockCount = min(max(1, wanted), blockCountMax)
        var blocks = [SIMD8<UInt32>](repeating: .zero, count: blockCount)
        blocks.withUnsafeMutableBufferPointer { blocks in
            for hash in hashes { blocks[block(hash, of: blockCount)] |= mask(hash) }
        }
        let start = target.count
        blocks.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress { target.append(base, byteCount: bytes.count) }
        }
        let written = UnsafeRawBufferPointer(
            start: target.base + start, count: blockCount * blockBytes)
        target.append(number: CRC32C.checksum(written))
        return target.count - start
    }

    private static let salts = SIMD8<UInt32>(
        0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947,
        0x5C6B_FB31)

    @inline(__always) private static func block(_ hash: UInt64, of count: Int) -> Int {
        Int(truncatingIfNeeded: ((hash &>> 32) &* UInt64(truncatingIfNeeded: count)) &>> 32)
    }

    /// One bit in each of eight words, by the upper five bits of eight products.
    @inline(__always) private static func mask(_ hash: UInt64) -> SIMD8<UInt32> {
        let products = SIMD8<UInt32>(repeating: UInt32(truncatingIfNeeded: hash)) &* salts
        return SIMD8<UInt32>(repeating: 1) &<< (products &>> 27)
    }
}
