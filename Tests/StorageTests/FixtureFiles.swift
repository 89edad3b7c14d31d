import DurableIO

/// Files of a fixture, read and written whole.
enum FixtureFiles {
    private static let fileSystem = POSIXFileSystem()

    static func bytes(_ path: String) throws -> [UInt8] {
        let file = try fileSystem.open(path, .read)
        return try file.readBytes(atByteOffset: 0, byteCount: try file.byteCount())
    }

    static func lines(_ path: String) throws -> [String] {
        String(decoding: try bytes(path), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        try fileSystem.makeDirectory(FilePath.parent(of: path))
        if try fileSystem.exists(path) { try fileSystem.remove(path) }
        try fileSystem.open(path, .create).write(bytes, atByteOffset: 0)
    }

    static func write(_ lines: [String], to path: String) throws {
        try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    }

    /// The manifest and the data files of a store, by their names in its directory.
    static func contents(of store: String) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        let names = try fileSystem.list(store)
        if names.contains("MANIFEST") { contents["MANIFEST"] = try bytes(store + "/MANIFEST") }
        if names.contains("data") {
            for name in try fileSystem.list(store + "/data") {
                contents["data/" + name] = try bytes(store + "/data/" + name)
            }
        }
        return contents
    }

    /// Makes a store of such contents, in place of the one that is there.
    static func place(_ contents: [String: [UInt8]], in store: String) throws {
        if try fileSystem.exists(store) {
            for name in try self.contents(of: store).keys where contents[name] == nil {
                try fileSystem.remove(store + "/" + name)
            }
        }
        for (name, bytes) in contents { try write(bytes, to: store + "/" + name) }
    }
}
