import Foundation

/// The places in a data directory.
struct DataDirectory: Sendable {
    let path: String

    /// Makes the directory if it is not there.
    ///
    /// - Throws: `CommandFailure` naming the path.
    init(preparing path: String) throws {
        let absolute = URL(filePath: path).standardizedFileURL.path
        do {
            try FileManager.default.createDirectory(atPath: absolute, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure("cannot make the data directory \(absolute): \(error.localizedDescription)")
        }
        self.path = absolute
    }

    /// A directory that must be there.
    init(existing path: String) throws {
        let absolute = URL(filePath: path).standardizedFileURL.path
        guard FileManager.default.fileExists(atPath: absolute) else {
            throw CommandFailure(
                "there is no data directory \(absolute); `ambar serve --data \(path)` makes one")
        }
        self.path = absolute
    }

    /// The column store.
    var store: String { path + "/store" }
}

/// Files that come with the program: beside it, above it (in a checkout), or where `AMBAR_HOME` says.
enum ProgramFiles {
    /// - Parameter name: Relative to the checkout, for example `storage/record/migrations`.
    static func directory(_ name: String, home: String?) throws -> String {
        var candidates: [String] = home.map { [$0] } ?? []
        var folder = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        if let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folder = URL(filePath: executable)
        }
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            candidates.append(folder.path)
            candidates.append(folder.appending(path: "share/ambar").path)
        }
        candidates.append(FileManager.default.currentDirectoryPath)
        for candidate in candidates where FileManager.default.fileExists(atPath: candidate + "/" + name) {
            return candidate + "/" + name
        }
        throw CommandFailure("cannot find \(name); set AMBAR_HOME to the directory that holds it")
    }
}
