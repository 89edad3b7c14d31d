import Foundation
import LineEditing

/// The lines of earlier sessions, in a file that only its owner reads. A history that cannot be read or kept
/// is no reason to refuse work: the shell then starts with none.
struct ShellHistory {
    private let url: URL

    init() {
        let environment = ProcessInfo.processInfo.environment
        let state =
            environment["XDG_STATE_HOME"].map { URL(fileURLWithPath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".local/state")
        url = state.appending(path: "ambar/sql_history")
    }

    /// Oldest first; a line break inside an entry is kept as `\n`.
    func load() -> [String] {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").suffix(LineEditor.historyLinesMax).map { line in
            var entry = ""
            var isEscaped = false
            for character in line {
                if isEscaped {
                    entry.append(character == "n" ? "\n" : character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else {
                    entry.append(character)
                }
            }
            return entry
        }
    }

    func save(_ lines: [String]) {
        let text = lines.map {
            $0.replacing("\\", with: "\\\\").replacing("\n", with: "\\n") + "\n"
        }.joined()
        let files = FileManager.default
        try? files.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        _ = files.createFile(
            atPath: url.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    }
}
