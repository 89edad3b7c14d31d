import Glibc

/// Estimates how many different values there are, within about 6 %, from 256 bytes. Sketches of parts merge.
///
/// Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog", AofA 2007, with linear counting for few values.
struct DistinctSketch: Hashable, Sendable {
    static let registerCount = 256
    private(set) var registers = [UInt8](repeating: 0, count: registerCount)

    init() {}

    /// Adds hashes, which must be well mixed.
    mutating func add(_ hashes: UnsafeBufferPointer<UInt64>) {
        registers.withUnsafeMutableBufferPointer { registers in
            for hash in hashes {
                let index = Int(truncatingIfNeeded: hash & 255)
                let rank = UInt8(truncatingIfNeeded: (hash | 0xFF).leadingZeroBitCount &+ 1)
                if rank > registers[index] { registers[index] = rank }
            }
        }
    }

    mutating func merge(_ other: DistinctSketch) {
        for index in 0..<Self.registerCount {
            registers[index] = max(registers[index], other.registers[index])
        }
    }

    var estimate: Double {
        let count = Double(Self.registerCount)
        var sum = 0.0
        var zeros = 0
        for register in registers {
            sum += pow(2, -Double(register))
            if register == 0 { zeros += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
        if raw <= 2.5 * count && zeros > 0 { return count * log(count / Double(zeros)) }
        return raw
    }

    /// Pairs of index and rank while few registers are set, else all of them; the first byte is the number of
    /// pairs, or 255 for all.
    var bytes: [UInt8] {
        let used = registers.indices.filter { registers[$0] != 0 }
        guard used.count < 100 else { return [255] + registers }
        return [UInt8(used.count)] + used.flatMap { [UInt8($0), registers[$0]] }
    }

    /// Reads `bytes`; nil when they have another length than their first byte says.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let first = bytes.first else { return nil }
        let rest = Array(bytes.dropFirst())
        if first == 255 {
            guard rest.count == Self.registerCount else { return nil }
            registers = rest
        } else {
            guard rest.count == Int(first) * 2 else { return nil }
            for pair in 0..<Int(first) { registers[Int(rest[pair * 2])] = rest[pair * 2 + 1] }
        }
        // A rank is at most the 56 bits beside the index, and one.
        guard registers.allSatisfy({ $0 <= 57 }) else { return nil }
    }
}
