import Foundation
import Testing

@Suite("The walls of the house")
struct ArchitectureTests {
    let sources: [SourceFile]
    let tests: [SourceFile]

    init() throws {
        sources = try SourceTree.files(in: "Sources")
        tests = try SourceTree.files(in: "Tests")
    }

    @Test("every target has a rule and every rule allows only targets above it")
    func rulesFollowTheFlow() {
        var above: Set<String> = ["CIntrinsics", "CZstd", "CLZ4", "CLibpq", "CCurl", "CZlib"]
        for rule in AllowedImports.rules {
            #expect(above.isSuperset(of: rule.inside), "\(rule.target) may import something below it")
            above.insert(rule.target)
        }
        let targets = Set(sources.map(\.target)).subtracting([AllowedImports.composition])
        #expect(targets.subtracting(above).isEmpty, "targets without a rule")
        #expect(targets.count > 10, "the sources were found")
    }

    @Test("a target imports only what its rule allows")
    func importsAreAllowed() {
        let rules = Dictionary(uniqueKeysWithValues: AllowedImports.rules.map { ($0.target, $0) })
        for file in sources {
            guard let rule = rules[file.target] else { continue }
            let allowed = Set(rule.inside + rule.outside)
            for module in file.imports {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test("no file is longer than 500 lines and no line than 110 columns")
    func lengths() {
        for file in sources + tests where !file.isGenerated {
            #expect(file.lines.count <= 501, "\(file.path) has \(file.lines.count) lines")
            for (index, line) in file.linesOfCode where line.count > 110 {
                Issue.record("\(file.path):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test("no function is longer than 70 lines")
    func functionLengths() {
        for file in sources where !file.isGenerated {
            for function in FunctionLengths.of(file) where function.lineCount > 70 {
                Issue.record("\(file.path):\(function.line) \(function.name) has \(function.lineCount) lines")
            }
        }
    }

    @Test("names say what a file holds")
    func noRoomForOddments() {
        let banned = ["Utils", "Util", "Helpers", "Helper", "Common", "Misc", "Manager2"]
        for file in sources + tests {
            for word in banned {
                #expect(!file.name.contains(word), "\(file.path) is named for nothing")
            }
        }
    }

    @Test("nothing is left to do, forced or swallowed")
    func noLooseEnds() {
        let banned = [
            "try" + "!", "FIX" + "ME", "TO" + "DO", "as" + "! ", "catch {" + "}", "fatal" + "Error(",
        ]
        for file in sources {
            for (index, line) in file.lines.enumerated() {
                for word in banned where line.contains(word) {
                    Issue.record("\(file.path):\(index + 1) has \(word)")
                }
            }
        }
    }

    @Test("product SQL lives in queries and the record's migrations, not in clients")
    func topLevelIsAsDesigned() throws {
        let known: Set<String> = [
            "Package.swift", "Sources", "Tests", "storage", "queries", "dashboard", "README.md", "Makefile",
            "compose.yaml", "Dockerfile", "airflow", "Package.resolved", "data",
        ]
        let entries = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path)
        for entry in entries where !entry.hasPrefix(".") {
            #expect(known.contains(entry), "unexpected at the top level: \(entry)")
        }
    }
}
