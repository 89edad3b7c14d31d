#if canImport(Glibc)
    import Glibc
#endif

/// A string in 16 bytes: its length and first four bytes, then either its other bytes (up to 12 in all) or a
/// pointer to all of them.
///
/// Layout, little-endian: `low` = length (32 bits) | first four bytes; `high` = bytes 4...11, zero-padded,
/// when the length is at most 12, else the address of the bytes. Unused bytes are 0, so short strings are
/// equal exactly when both words are.
/// Invariant: whoever holds a view also holds what keeps its bytes alive (`Vector.heap`).
/// Source: Neumann, Freitag, "Umbra: A Disk-Based System with In-Memory Performance", CIDR 2020.
@frozen public struct StringView: Sendable, BitwiseCopyable {
    public var low: UInt64
    public var high: UInt64

    public static let inlineBytesMax = 12

    @inlinable public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inlinable public static var empty: StringView { StringView(low: 0, high: 0) }

    /// A view of `count` bytes at `bytes`: copied into the view when they fit, else pointed to.
    @inlinable public init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        low = 0
        high = 0
        if count <= 12 {
            withUnsafeMutableBytes(of: &self) { view in
                guard let base = view.baseAddress, count > 0 else { return }
                (base + 4).copyMemory(from: bytes, byteCount: count)
            }
            low |= UInt64(truncatingIfNeeded: count)
        } else {
            let prefix = UInt64(UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self))
            low = UInt64(truncatingIfNeeded: UInt32(truncatingIfNeeded: count)) | prefix &<< 32
            high = UInt64(UInt(bitPattern: bytes))
        }
    }

    @inlinable public var count: Int { Int(low & 0xFFFF_FFFF) }
    @inlinable public var isInline: Bool { low & 0xFFFF_FFFF <= 12 }

    /// Calls `body` with the string's bytes, valid for the call.
    @inlinable public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if isInline {
            return withUnsafeBytes(of: self) { view in
                let bytes = view.baseAddress.map { ($0 + 4).assumingMemoryBound(to: UInt8.self) }
                return body(UnsafeBufferPointer(start: bytes, count: count))
            }
        }
        return body(UnsafeBufferPointer(start: UnsafePointer(bitPattern: UInt(high)), count: count))
    }

    /// Byte equality, which is SQL equality under the C collation.
    @inlinable public static func == (left: StringView, right: StringView) -> Bool {
        if left.low != right.low { return false }
        if left.high == right.high { return true }
        if left.isInline { return false }
        guard let first = UnsafeRawPointer(bitPattern: UInt(left.high)),
            let second = UnsafeRawPointer(bitPattern: UInt(right.high))
        else { return false }
        return memcmp(first, second, left.count) == 0
    }

    /// Negative, zero or positive as `left` sorts before, with or after `right` byte by byte.
    @inlinable public static func compare(_ left: StringView, _ right: StringView) -> Int {
        let firstPrefix = UInt32(truncatingIfNeeded: left.low &>> 32).byteSwapped
        let secondPrefix = UInt32(truncatingIfNeeded: right.low &>> 32).byteSwapped
        if firstPrefix != secondPrefix { return firstPrefix < secondPrefix ? -1 : 1 }
        return left.withBytes { first in
            right.withBytes { second in
                let shared = min(first.count, second.count)
                if shared > 0, let start = first.baseAddress, let other = second.baseAddress {
                    let order = memcmp(start, other, shared)
                    if order != 0 { return Int(order) }
                }
                return first.count - second.count
            }
        }
    }

    /// The characters; bytes that are no UTF-8 become U+FFFD. Costs an allocation: only at the edges.
    public var string: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
