/// Replaces a whole file so that after a crash either the old or the new content is there.
public enum AtomicReplace {
    /// What the name of a half-written file ends with; left behind by a crash, it may be removed.
    public static let temporarySuffix = ".new"

    /// Writes `bytes` beside `path`, syncs them, renames them over `path` and syncs the directory.
    ///
    /// - Returns: The new file, open for reading and writing.
    public static func write(
        _ bytes: [UInt8], to path: String, in directory: String, on fileSystem: any FileSystem
    ) throws(DurableIOError) -> any OpenFile {
        let temporary = path + temporarySuffix
        if try fileSystem.exists(temporary) { try fileSystem.remove(temporary) }
        let file = try fileSystem.open(temporary, .create)
        try file.write(bytes, atByteOffset: 0)
        try file.sync()
        try fileSystem.rename(temporary, to: path)
        try fileSystem.syncDirectory(directory)
        return try fileSystem.open(path, .readWrite)
    }
}
