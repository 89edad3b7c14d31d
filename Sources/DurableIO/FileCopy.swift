/// Gives a file that never changes a second name, or a copy where that cannot be.
public enum FileCopy {
    private static let chunkBytes = 1 << 20

    /// Links `target` to `source`, or copies it where the file system cannot link (another device, no hard
    /// links).
    ///
    /// - Returns: Whether it was linked.
    /// - Throws: `.notFound`, `.alreadyExists`, and what `copy` throws.
    public static func linkOrCopy(
        _ source: String, to target: String, on fileSystem: any FileSystem
    ) throws(DurableIOError) -> Bool {
        do {
            try fileSystem.link(source, to: target)
            return true
        } catch .system {
            try copy(source, to: target, on: fileSystem)
            return false
        }
    }

    /// Copies a file and syncs the copy; its name is durable once its directory is synced.
    public static func copy(
        _ source: String, to target: String, on fileSystem: any FileSystem
    ) throws(DurableIOError) {
        let input = try fileSystem.open(source, .read)
        let output = AppendOnlyFile(try fileSystem.open(target, .create), byteCount: 0)
        let byteCount = try input.byteCount()
        var offset = 0
        while offset < byteCount {
            let count = min(chunkBytes, byteCount - offset)
            try output.append(try input.readBytes(atByteOffset: offset, byteCount: count))
            offset += count
        }
        try output.sync()
    }
}
