import CZlib

/// Bodies as the API sends them.
enum Gzip {
    /// Level 1: the answers are large and go over a loopback or a fast line.
    private static let level: Int32 = 1
    /// The largest window, and 16 for gzip's frame.
    private static let windowBits: Int32 = 15 + 16

    /// Nil when zlib refuses, which only a lack of memory makes it do.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(
                &stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, zlibVersion(), size) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        guard let inputCount = UInt32(exactly: bytes.count) else { return nil }
        let capacity = Int(deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        var isComplete = false
        let output = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = inputCount
                stream.next_out = buffer.baseAddress
                stream.avail_out = UInt32(clamping: capacity)
                isComplete = deflate(&stream, Z_FINISH) == Z_STREAM_END
            }
            count = capacity - Int(stream.avail_out)
        }
        return isComplete ? output : nil
    }
}
