import Foundation

/// The package's Swift sources as text.
struct SourceFile {
    /// From the package's root, for example `Sources/Storage/Manifest.swift`.
    var path: String
    var lines: [String]

    var target: String { String(path.split(separator: "/")[1]) }
    var name: String { String(path.split(separator: "/").last ?? "") }
    /// Tables that a program wrote are exempt from limits of length, and say so on their first line.
    var isGenerated: Bool { lines.first?.hasPrefix("// Generated") == true }

    /// The lines that a limit of width applies to: in tests, those with strings are data.
    var linesOfCode: [(index: Int, line: String)] {
        var isInString = false
        var code: [(index: Int, line: String)] = []
        for (index, line) in lines.enumerated() {
            let quotes = line.components(separatedBy: "\"\"\"").count - 1
            let isData = path.hasPrefix("Tests/") && (isInString || line.contains("\""))
            if quotes % 2 == 1 { isInString.toggle() }
            if !isData { code.append((index, line)) }
        }
        return code
    }

    /// Module names of the file's import declarations.
    var imports: [String] {
        lines.compactMap { line in
            var words = line.split(separator: " ").map(String.init)
            while let first = words.first,
                first.hasPrefix("@") || ["public", "package", "internal"].contains(first)
            {
                words.removeFirst()
            }
            guard words.first == "import", words.count >= 2 else { return nil }
            let kinds = ["struct", "class", "enum", "func", "protocol", "var", "let", "typealias"]
            let module = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
            return module.split(separator: ".").first.map(String.init)
        }
    }
}

enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func files(in folder: String) throws -> [SourceFile] {
        let base = root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else {
            return []
        }
        var files: [SourceFile] = []
        for case let url as URL in walk where url.pathExtension == "swift" {
            let text = try String(contentsOf: url, encoding: .utf8)
            let path = String(url.standardizedFileURL.path.dropFirst(root.standardizedFileURL.path.count + 1))
            files.append(SourceFile(path: path, lines: text.components(separatedBy: "\n")))
        }
        return files.sorted { $0.path < $1.path }
    }
}
