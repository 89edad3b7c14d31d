import CIntrinsics

/// The checksum of every block and record: CRC-32C (Castagnoli), reflected, initial value and final XOR all
/// ones.
///
/// Source: Castagnoli, Bräuer, Herrmann, "Optimization of cyclic redundancy-check codes with 24 and 32 parity
/// bits", IEEE Trans. Communications 41, 1993; RFC 3720 for the test values.
public enum CRC32C {
    /// The checksum of `bytes`, by the CPU's instruction where there is one.
    public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard ambar_has_crc32c() == 1 else { return tableChecksum(bytes) }
        guard let base = bytes.baseAddress else { return 0 }
        return ~ambar_crc32c(~0, base.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    public static func checksum(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { checksum($0) } }

    public static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0) }
    }

    /// The same by a table, a byte at a time: for other CPUs, and the twin that tests compare with.
    public static func tableChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var state: UInt32 = ~0
        for byte in bytes { state = table[Int((state ^ UInt32(byte)) & 0xFF)] ^ (state &>> 8) }
        return ~state
    }

    private static let table: [UInt32] = (0..<256).map { (index: UInt32) in
        (0..<8).reduce(index) { state, _ in state & 1 == 1 ? (state >> 1) ^ 0x82F6_3B78 : state >> 1 }
    }
}
