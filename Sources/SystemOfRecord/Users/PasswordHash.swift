import Crypto
import CryptoExtras
import Dispatch
import Foundation

/// What scrypt costs. Source: RFC 7914, "The scrypt Password-Based Key Derivation Function".
public struct PasswordCost: Hashable, Sendable {
    /// N, a power of two: memory is 128 × `rounds` × `blockSize` bytes.
    public var rounds: Int
    public var blockSize: Int
    public var parallelism: Int

    /// - Precondition: `rounds` is a power of two above 1, the others are positive.
    public init(rounds: Int, blockSize: Int = 8, parallelism: Int = 1) {
        precondition(rounds > 1 && rounds & (rounds - 1) == 0, "scrypt wants a power of two")
        precondition(blockSize > 0 && parallelism > 0, "scrypt's sizes are positive")
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// 32 MiB and some tens of milliseconds a sign-in.
    public static let standard = PasswordCost(rounds: 1 << 15)
}

/// A password's hash with all that is needed to compare another password with it.
struct PasswordHash: Hashable, Sendable {
    static let saltBytes = 16
    static let hashBytes = 32

    var salt: [UInt8]
    var hash: [UInt8]
    var cost: PasswordCost

    /// One at a time: a flood of sign-ins costs one core and one hash's memory.
    private static let queue = DispatchQueue(label: "ambar.password-hash")

    /// Hashes a new password with a salt of its own, off the cooperative pool.
    ///
    /// - Throws: `UserError.hashing`.
    static func make(of password: String, cost: PasswordCost) async throws -> PasswordHash {
        let salt = RandomBytes.make(saltBytes)
        return PasswordHash(salt: salt, hash: try await derive(password, salt: salt, cost: cost), cost: cost)
    }

    /// Whether the password is the one; takes the same time for every wrong one.
    func matches(_ password: String) async throws -> Bool {
        let other = try await Self.derive(password, salt: salt, cost: cost)
        guard other.count == hash.count else { return false }
        return zip(other, hash).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func derive(_ password: String, salt: [UInt8], cost: PasswordCost) async throws -> [UInt8]
    {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                do {
                    // Two ways to type one letter are one password.
                    let text = password.precomposedStringWithCompatibilityMapping
                    let key = try KDF.Scrypt.deriveKey(
                        from: Array(text.utf8), salt: salt, outputByteCount: hashBytes, rounds: cost.rounds,
                        blockSize: cost.blockSize, parallelism: cost.parallelism)
                    continuation.resume(returning: key.withUnsafeBytes { Array($0) })
                } catch {
                    continuation.resume(throwing: UserError.hashing("\(error)"))
                }
            }
        }
    }
}

/// Bytes and words from the system's random source.
enum RandomBytes {
    static func make(_ count: Int) -> [UInt8] {
        var source = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &source) }
    }

    /// A password to be read out and typed: 20 letters and digits that are hard to confuse, about 99 bits.
    static func password() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var source = SystemRandomNumberGenerator()
        let groups = (0..<5).map { _ in
            String((0..<4).map { _ in alphabet[Int.random(in: alphabet.indices, using: &source)] })
        }
        return groups.joined(separator: "-")
    }

    /// A token for a URL or a header: 32 bytes, 43 characters.
    static func token() -> String {
        Data(make(32)).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}
