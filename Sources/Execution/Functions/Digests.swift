import Glibc

/// The MD5 digest. Source: RFC 1321.
enum MD5 {
    private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    /// floor(2^32 × |sin(index + 1)|)
    private static let constants: [UInt32] = (0..<64).map { index in
        UInt32(abs(Glibc.sin(Double(index + 1))) * 4_294_967_296)
    }

    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
        let message = DigestPadding.padded(bytes, block: 64, lengthBytes: 8, bigEndian: false)
        for start in stride(from: 0, to: message.count, by: 64) {
            let words = (0..<16).map { word in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(message[start + word * 4 + $1]) << UInt32($1 * 8) }
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for round in 0..<64 {
                let mixed: UInt32
                let word: Int
                switch round / 16 {
                case 0: (mixed, word) = ((b & c) | (~b & d), round)
                case 1: (mixed, word) = ((d & b) | (~d & c), (5 * round + 1) % 16)
                case 2: (mixed, word) = (b ^ c ^ d, (3 * round + 5) % 16)
                default: (mixed, word) = (c ^ (b | ~d), 7 * round % 16)
                }
                let sum = a &+ mixed &+ constants[round] &+ words[word]
                let shift = shifts[round / 16 * 4 + round % 4]
                (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
            }
            for (index, value) in [a, b, c, d].enumerated() { state[index] = state[index] &+ value }
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) } }
    }
}

/// The digests of the SHA-2 family. Source: FIPS 180-4.
enum SHA2 {
    /// SHA-256, or SHA-224 if short.
    static func digest256(_ bytes: [UInt8], isShort: Bool) -> [UInt8] {
        // SHA-224 begins with the second halves of SHA-384's words.
        var state = PrimeRoots.words(
            from: isShort ? 8 : 0, count: 8, cube: false
        ).map { UInt32(truncatingIfNeeded: isShort ? $0 : $0 >> 32) }
        let constants = PrimeRoots.words(from: 0, count: 64, cube: true).map {
            UInt32(truncatingIfNeeded: $0 >> 32)
        }
        func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }
        let message = DigestPadding.padded(bytes, block: 64, lengthBytes: 8, bigEndian: true)
        for start in stride(from: 0, to: message.count, by: 64) {
            var words = (0..<16).map { word in
                (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(message[start + word * 4 + $1]) }
            }
            for index in 16..<64 {
                let (near, far) = (words[index - 15], words[index - 2])
                let first = rotated(near, 7) ^ rotated(near, 18) ^ near >> 3
                let second = rotated(far, 17) ^ rotated(far, 19) ^ far >> 10
                words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
            }
            var v = state
            for index in 0..<64 {
                let first = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25)
                let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
                let one = v[7] &+ first &+ choice &+ constants[index] &+ words[index]
                let second = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22)
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
                v = [one &+ second &+ majority, v[0], v[1], v[2], v[3] &+ one, v[4], v[5], v[6]]
            }
            for index in 0..<8 { state[index] = state[index] &+ v[index] }
        }
        let digest = state.flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - $0 * 8)) }
        }
        return isShort ? Array(digest.prefix(28)) : digest
    }

    /// SHA-512, or SHA-384 if short.
    static func digest512(_ bytes: [UInt8], isShort: Bool) -> [UInt8] {
        var state = PrimeRoots.words(from: isShort ? 8 : 0, count: 8, cube: false)
        let constants = PrimeRoots.words(from: 0, count: 80, cube: true)
        func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value >> count | value << (64 - count) }
        let message = DigestPadding.padded(bytes, block: 128, lengthBytes: 16, bigEndian: true)
        for start in stride(from: 0, to: message.count, by: 128) {
            var words = (0..<16).map { word in
                (0..<8).reduce(UInt64(0)) { $0 << 8 | UInt64(message[start + word * 8 + $1]) }
            }
            for index in 16..<80 {
                let (near, far) = (words[index - 15], words[index - 2])
                let first = rotated(near, 1) ^ rotated(near, 8) ^ near >> 7
                let second = rotated(far, 19) ^ rotated(far, 61) ^ far >> 6
                words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
            }
            var v = state
            for index in 0..<80 {
                let first = rotated(v[4], 14) ^ rotated(v[4], 18) ^ rotated(v[4], 41)
                let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
                let one = v[7] &+ first &+ choice &+ constants[index] &+ words[index]
                let second = rotated(v[0], 28) ^ rotated(v[0], 34) ^ rotated(v[0], 39)
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
                v = [one &+ second &+ majority, v[0], v[1], v[2], v[3] &+ one, v[4], v[5], v[6]]
            }
            for index in 0..<8 { state[index] = state[index] &+ v[index] }
        }
        let digest = state.flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) }
        }
        return isShort ? Array(digest.prefix(48)) : digest
    }
}

/// The block that digests append: a one bit, zeros, and the length in bits.
private enum DigestPadding {
    static func padded(_ bytes: [UInt8], block: Int, lengthBytes: Int, bigEndian: Bool) -> [UInt8] {
        var message = bytes
        message.append(0x80)
        while message.count % block != block - lengthBytes { message.append(0) }
        let bits = UInt64(bytes.count) * 8
        for index in 0..<lengthBytes {
            let shift = (bigEndian ? lengthBytes - 1 - index : index) * 8
            message.append(shift < 64 ? UInt8(truncatingIfNeeded: bits >> UInt64(shift)) : 0)
        }
        return message
    }
}

/// The first 64 bits of the fractions of roots of primes, which SHA-2 takes its constants from.
private enum PrimeRoots {
    /// Of square or cube roots, `count` words from prime number `from` (counted from 0) on.
    static func words(from: Int, count: Int, cube: Bool) -> [UInt64] {
        let table = cube ? cubes : squares
        return Array(table[from..<(from + count)])
    }

    private static let primes: [UInt64] = {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 80 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }()

    private static let squares: [UInt64] = primes.prefix(16).map { fraction($0, power: 2) }
    private static let cubes: [UInt64] = primes.map { fraction($0, power: 3) }

    /// Finds floor(root × 2^64) bit by bit, by comparing its power with the prime × 2^(64 × power).
    private static func fraction(_ prime: UInt64, power: Int) -> UInt64 {
        var root: UInt128 = 0
        for bit in stride(from: UInt128(68), through: 0, by: -1) {
            let candidate = root | 1 << bit
            if isAtMost(candidate, prime, power) { root = candidate }
        }
        return UInt64(truncatingIfNeeded: root)
    }

    /// Whether candidate^power <= prime × 2^(64 × power), on numbers of 32-bit digits.
    private static func isAtMost(_ candidate: UInt128, _ prime: UInt64, _ power: Int) -> Bool {
        let base = (0..<3).map { UInt64(truncatingIfNeeded: candidate >> UInt128($0 * 32)) & 0xFFFF_FFFF }
        var product: [UInt64] = [1]
        for _ in 0..<power {
            var next = [UInt64](repeating: 0, count: product.count + base.count)
            for (left, first) in product.enumerated() {
                var carry: UInt64 = 0
                for (right, second) in base.enumerated() {
                    let sum = next[left + right] + first * second + carry
                    next[left + right] = sum & 0xFFFF_FFFF
                    carry = sum >> 32
                }
                next[left + base.count] += carry
            }
            product = next
        }
        var bound = [UInt64](repeating: 0, count: max(product.count, power * 2 + 2))
        bound[power * 2] = prime
        for index in stride(from: bound.count - 1, through: 0, by: -1) {
            let digit = index < product.count ? product[index] : 0
            if digit != bound[index] { return digit < bound[index] }
        }
        return true
    }
}
