import CZlib

/// Decodes gzip members and zlib streams (RFC 1950 and 1952) by zlib.
enum GzipDecoder {
    /// Fills `target`; false when `source` is damaged or does not decode to exactly `target.count` bytes.
    /// Several members may follow each other.
    static func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        guard let start = source.baseAddress, source.count <= Int(UInt32.max) else { return false }
        guard target.count < Int(UInt32.max) else { return false }
        var stream = z_stream()
        // 15 bits of window, 32 to take gzip and zlib headers alike.
        let opened = inflateInit2_(&stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { return false }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(
            mutating: start.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(source.count)
        var nothing: UInt8 = 0
        return withUnsafeMutablePointer(to: &nothing) { empty in
            let output = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.next_out = output ?? empty
            stream.avail_out = UInt32(target.count)
            while true {
                let inputBefore = stream.avail_in
                let outputBefore = stream.avail_out
                let result = inflate(&stream, Z_NO_FLUSH)
                if result == Z_STREAM_END {
                    if stream.avail_in == 0 { return stream.avail_out == 0 }
                    guard inflateReset(&stream) == Z_OK else { return false }
                    continue
                }
                guard result == Z_OK else { return false }
                if stream.avail_in == inputBefore && stream.avail_out == outputBefore { return false }
            }
        }
    }
}
