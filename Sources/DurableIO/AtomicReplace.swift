/// Replaces a whole file so that after a crash either the old or the new content is there.
public enum AtomicReplace {
    /// What the name of a half-written file ends with; left behind by a crash, it may be removed.
    public static let temporarySuffix = ".new"

    /// Writes `bytes` beside `path` and syncs them. When this fails, `path` is as before.
    public static func stage(
        _ bytes: [UInt8], for path: String, on fileSystem: any FileSystem
    ) throws(DurableIOError) {
        let temporary = path + temporarySuffix
        if try fileSystem.exists(temporary) { try fileSystem.remove(temporary) }
        let file = try fileSystem.open(temporary, .create)
        try file.write(bytes, atByteOffset: 0)
        try file.sync()
    }

    /// Renames what `stage` wrote over `path` and syncs the directory. When this fails, which of the two
    /// contents will be there is not known.
    ///
    /// - Returns: The new file, open for reading and writing.
    public static func swap(
        _ path: String, in directory: String, on fileSystem: any FileSystem
    ) throws(DurableIOError) -> any OpenFile {
        try fileSystem.rename(path + temporarySuffix, to: path)
        try fileSystem.syncDirectory(directory)
        return try fileSystem.open(path, .readWrite)
    }

    /// Both steps.
    public static func write(
        _ bytes: [UInt8], to path: String, in directory: String, on fileSystem: any FileSystem
    ) throws(DurableIOError) -> any OpenFile {
        try stage(bytes, for: path, on: fileSystem)
        return try swap(path, in: directory, on: fileSystem)
    }
}
