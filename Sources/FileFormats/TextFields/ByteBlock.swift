/// Bytes of a file in memory, kept alive by the string views that point to them.
///
/// Invariants: `slackBytes` zeroed bytes lie behind the `capacity`; written only by its maker before others
/// see it.
final class ByteBlock: @unchecked Sendable {
    let base: UnsafeMutablePointer<UInt8>
    let capacity: Int

    /// Kernels read up to a word beyond a field and up to 64 bytes beyond a piece.
    static let slackBytes = 128

    init(capacity: Int) {
        precondition(capacity >= 0, "a block has no negative size")
        let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity + Self.slackBytes, alignment: 64)
        base = memory.bindMemory(to: UInt8.self, capacity: capacity + Self.slackBytes)
        self.capacity = capacity
        clearSlack(behind: capacity)
    }

    deinit { base.deallocate() }

    /// Zeroes the slack behind the first `count` bytes, which are all that will be used.
    func clearSlack(behind count: Int) {
        (base + count).update(repeating: 0, count: Self.slackBytes)
    }
}
