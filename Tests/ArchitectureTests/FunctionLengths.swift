/// Lengths of functions and initialisers, found by their indentation (the formatter keeps it exact).
enum FunctionLengths {
    struct Function {
        var name: String
        var line: Int
        var lineCount: Int
    }

    static func of(_ file: SourceFile) -> [Function] {
        var found: [Function] = []
        for (index, line) in file.lines.enumerated() {
            let trimmed = line.drop { $0 == " " }
            guard isDeclaration(trimmed), let end = closingLine(in: file.lines, from: index, line: line)
            else {
                continue
            }
            found.append(
                Function(name: String(trimmed.prefix(60)), line: index + 1, lineCount: end - index + 1))
        }
        return found
    }

    private static func isDeclaration(_ line: Substring) -> Bool {
        guard !line.hasPrefix("//") else { return false }
        let words = line.split(whereSeparator: { " (<".contains($0) })
        let modifiers: Set<Substring> = [
            "public", "private", "fileprivate", "internal", "package", "static", "final", "override",
            "mutating",
            "nonisolated", "class", "convenience", "required", "borrowing", "consuming", "isolated",
        ]
        guard let first = words.first(where: { !modifiers.contains($0) && !$0.hasPrefix("@") }) else {
            return false
        }
        return first == "func" || first == "init" || first == "init?" || first == "deinit"
    }

    /// The first line below that closes a block at the declaration's own depth; nil for a one-liner.
    private static func closingLine(in lines: [String], from start: Int, line: String) -> Int? {
        let indentation = line.prefix { $0 == " " }
        if line.hasSuffix("}") { return nil }
        for index in (start + 1)..<max(start + 1, lines.count) where lines[index].hasPrefix(indentation + "}")
        {
            return index
        }
        return nil
    }
}
