import Columns

/// A growing run of bytes, 64-byte aligned, that encoders write and reuse.
///
/// Invariant: `count <= capacity`; behind the last byte lie at least 64 bytes of slack.
public final class RawBytes {
    public private(set) var base: UnsafeMutableRawPointer
    public private(set) var count = 0
    private var capacity: Int

    public init(capacity: Int = 4096) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity + 64, alignment: 64)
    }

    deinit { base.deallocate() }

    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    public func removeAll() { count = 0 }

    /// Makes room for `byteCount` more bytes and returns where they begin; the caller fills all of them.
    @discardableResult
    public func extend(byBytes byteCount: Int) -> UnsafeMutableRawPointer {
        precondition(byteCount >= 0, "bytes only grow")
        if count + byteCount > capacity { grow(to: count + byteCount) }
        defer { count += byteCount }
        return base + count
    }

    public func append(_ source: UnsafeRawPointer, byteCount: Int) {
        let target = extend(byBytes: byteCount)
        if byteCount > 0 { target.copyMemory(from: source, byteCount: byteCount) }
    }

    public func append<Number: FixedWidthInteger & BitwiseCopyable>(number: Number) {
        extend(byBytes: MemoryLayout<Number>.size).storeBytes(of: number.littleEndian, as: Number.self)
    }

    public func append(_ other: RawBytes) { append(other.base, byteCount: other.count) }

    /// Cuts the end off, for a try that did not pay.
    public func shrink(to byteCount: Int) {
        precondition(byteCount <= count, "shrinking does not add bytes")
        count = byteCount
    }

    private func grow(to needed: Int) {
        let size = max(needed, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: size + 64, alignment: 64)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = size
    }
}
