/// A file that only grows, written through a buffer.
///
/// Invariants: `byteCount` counts buffered bytes too; nothing is durable before `sync`. Owned by one thread
/// at a time.
public final class AppendOnlyFile: @unchecked Sendable {
    public let file: any OpenFile
    /// Bytes appended so far, with those that already were in the file.
    public private(set) var byteCount: Int
    private var flushedByteCount: Int
    private var buffer: [UInt8] = []
    private static let bufferBytesMax = 256 * 1024

    public var path: String { file.path }

    /// Continues an open file behind its first `byteCount` bytes.
    public init(_ file: any OpenFile, byteCount: Int) {
        self.file = file
        self.byteCount = byteCount
        flushedByteCount = byteCount
    }

    /// Appends bytes; large ones go to the file at once. Returns their offset.
    @discardableResult
    public func append(_ bytes: UnsafeRawBufferPointer) throws(DurableIOError) -> Int {
        let byteOffset = byteCount
        if buffer.count + bytes.count > Self.bufferBytesMax { try flush() }
        if bytes.count > Self.bufferBytesMax {
            try file.write(bytes, atByteOffset: flushedByteCount)
            flushedByteCount += bytes.count
        } else {
            buffer.append(contentsOf: bytes)
        }
        byteCount += bytes.count
        return byteOffset
    }

    @discardableResult
    public func append(_ bytes: [UInt8]) throws(DurableIOError) -> Int {
        try bytes.withUnsafeBufferPointer { (buffer) throws(DurableIOError) -> Int in
            try append(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Hands buffered bytes to the system: readers of the file see them, a power loss may still drop them.
    public func flush() throws(DurableIOError) {
        guard !buffer.isEmpty else { return }
        try file.write(buffer, atByteOffset: flushedByteCount)
        flushedByteCount += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes everything appended durable.
    public func sync() throws(DurableIOError) {
        try flush()
        try file.sync()
    }
}
