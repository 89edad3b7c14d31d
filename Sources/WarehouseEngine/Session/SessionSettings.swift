import Columns
import SQLSyntax
import TableCatalog

/// The settings of a session: what was set, over what they are without it.
struct SessionSettings: Sendable {
    /// Canonical texts by name, also of the client's own settings (with a point in their names).
    private(set) var changed: [String: String] = [:]

    private static let customCountMax = 256

    mutating func set(_ change: SetSetting) throws(QueryError) {
        let place = change.name.span.start
        guard let definition = try SettingList.definition(change.name) else {
            let key = change.name.name.lowercased()
            if change.values.isEmpty {
                changed[key] = nil
                return
            }
            guard changed.count < Self.customCountMax || changed[key] != nil else {
                throw QueryError(
                    code: SQLState.programLimitExceeded.rawValue,
                    message: "a session has at most \(Self.customCountMax) settings", position: place)
            }
            let any = SettingDefinition(name: key, kind: .text, standard: "", purpose: "")
            changed[key] = try SettingReader.canonical(change.values, of: any, position: place)
            return
        }
        if change.values.isEmpty {
            changed[definition.name] = nil
        } else {
            changed[definition.name] = try SettingReader.canonical(
                change.values, of: definition, position: change.values[0].span.start)
        }
    }

    mutating func reset(_ name: Identifier?) throws(QueryError) {
        guard let name else {
            changed = [:]
            return
        }
        let definition = try SettingList.definition(name)
        changed[definition?.name ?? name.name.lowercased()] = nil
    }

    /// nil for a setting that was never set.
    func changed(_ name: String) -> String? { changed[name] }

    /// The value as SHOW gives it; settings that the statement's options decide come from them.
    func shown(_ definition: SettingDefinition, _ options: QueryOptions, threads: Int) -> String {
        if let value = changed[definition.name] { return value }
        switch definition.name {
        case "memory_limit": return SettingReader.shownBytes(options.memoryLimitBytes)
        case "threads": return String(min(options.workerCount ?? threads, threads))
        case "statement_timeout":
            guard let limit = options.timeLimit else { return "0" }
            return SettingReader.shownMilliseconds(Int(limit / .milliseconds(1)))
        default: return definition.standard
        }
    }

    /// The options of a statement with what this session has set.
    func applied(to options: QueryOptions) -> QueryOptions {
        var result = options
        if let text = changed["statement_timeout"], let limit = SettingReader.milliseconds(text) {
            let own: Duration? = limit == 0 ? nil : .milliseconds(limit)
            // The limit that whoever opened the session gave can only become shorter.
            result.timeLimit = options.timeLimit.map { min($0, own ?? $0) } ?? own
        }
        if let text = changed["memory_limit"], let bytes = SettingReader.bytes(text) {
            result.memoryLimitBytes = bytes
        }
        if let text = changed["threads"], let count = Int(text) { result.workerCount = count }
        return result
    }

    /// Schemas of names that are given without one: the user's own tables, then the shop's.
    var searchPath: [String] {
        guard let text = changed["search_path"] else { return [TableName.defaultSchema, "shop"] }
        return text.split(separator: ",").map { part in
            var name = part.drop { $0 == " " }
            if name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
            return String(name)
        }.filter { $0 != "$user" && !$0.isEmpty }
    }

    /// Microseconds that the session's wall clock is before UTC.
    var zoneOffset: Int64 {
        (changed["TimeZone"] ?? "Europe/Moscow") == "Europe/Moscow" ? Warehouse.moscowOffset : 0
    }

    /// `public, shop` as a value of `current_setting`; nil for a name that does not exist.
    func value(of name: String, _ options: QueryOptions, threads: Int) -> String? {
        let key = Identifier(name, span: SourceSpan(start: 1, end: 1))
        guard let found = try? SettingList.definition(key) else { return changed[name.lowercased()] }
        return shown(found, options, threads: threads)
    }
}
