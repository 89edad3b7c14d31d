import Columns
import Execution
import SQLSyntax

/// The names that an expression may use: what FROM made, and the scope of the query around it.
final class Scope {
    struct Relation {
        var schema: String?
        var name: String
        var columns: [VisibleColumn]
    }

    struct VisibleColumn {
        var name: String
        var expression: Expression
    }

    let parent: Scope?
    /// What a qualified name looks in.
    private(set) var relations: [Relation] = []
    /// What a bare name looks in and `*` stands for; a column that a join merges is here once.
    private(set) var visible: [VisibleColumn] = []

    init(parent: Scope?) { self.parent = parent }

    /// - Throws: `duplicateAlias`.
    func add(_ relation: Relation, position: Int?) throws(SQLError) {
        try checkDuplicate(relation, position: position)
        relations.append(relation)
        visible += relation.columns
    }

    /// Takes over the names of another scope, as a join does.
    func merge(_ other: Scope, position: Int?) throws(SQLError) {
        for relation in other.relations {
            try checkDuplicate(relation, position: position)
            relations.append(relation)
        }
        visible += other.visible
    }

    /// Only tables without aliases have schemas, which tell two of one name apart.
    private func isSame(_ first: String?, _ second: String?) -> Bool {
        first == nil || second == nil || first == second
    }

    private func checkDuplicate(_ relation: Relation, position: Int?) throws(SQLError) {
        guard !relation.name.isEmpty else { return }
        for known in relations where known.name == relation.name && isSame(known.schema, relation.schema) {
            throw SQLError(
                .duplicateAlias, "table name \"\(relation.name)\" specified more than once",
                position: position)
        }
    }

    /// A scope in which a LATERAL item sees what stands before it.
    func extended(by other: Scope) -> Scope {
        let scope = Scope(parent: parent)
        scope.relations = relations + other.relations
        scope.visible = visible + other.visible
        return scope
    }

    /// Puts merged columns first and takes the columns that they stand for out of sight.
    func mergeColumns(_ merged: [VisibleColumn], hiding names: Set<String>) {
        visible = merged + visible.filter { !names.contains($0.name) }
    }

    /// Hides all relations behind one name, as `(a JOIN b) AS c` does.
    func rename(_ name: String, columns: [VisibleColumn]) {
        relations = [Relation(schema: nil, name: name, columns: columns)]
        visible = columns
    }

    func visibleColumns(named name: String) -> [VisibleColumn] { visible.filter { $0.name == name } }

    func relation(schema: String?, name: String) -> Relation? {
        relations.first { $0.name == name && (schema == nil || $0.schema == schema) }
    }
}

extension Scope {
    /// The column of a name of one to three parts, here or in a scope around.
    func resolve(_ parts: [Identifier]) throws(SQLError) -> Expression {
        let span = parts.first?.span ?? SourceSpan(start: 1, end: 1)
        if parts.count == 1 { return try resolve(bare: parts[0]) }
        guard let column = parts.last, parts.count <= 3 else { throw missingRelation(parts, span: span) }
        let table = parts[parts.count - 2].name
        let schema = parts.count == 3 ? parts[0].name : nil
        var scope: Scope? = self
        while let current = scope {
            if let relation = current.relation(schema: schema, name: table) {
                let found = relation.columns.filter { $0.name == column.name }
                if found.count == 1 { return found[0].expression }
                let shown = parts.map(\.name).joined(separator: ".")
                if found.count > 1 { throw ambiguous(shown, span: span) }
                throw SQLError(
                    .undefinedColumn, "column \(shown) does not exist", position: span.start,
                    hint: hint(for: column.name, among: relation.columns.map(\.name)))
            }
            scope = current.parent
        }
        throw missingRelation(Array(parts.dropLast()), span: span)
    }

    private func resolve(bare name: Identifier) throws(SQLError) -> Expression {
        var scope: Scope? = self
        while let current = scope {
            let found = current.visibleColumns(named: name.name)
            if found.count == 1 { return found[0].expression }
            if found.count > 1 { throw ambiguous(name.name, span: name.span) }
            scope = current.parent
        }
        var names: [String] = []
        scope = self
        while let current = scope {
            names += current.visible.map(\.name)
            scope = current.parent
        }
        if isRelation(name.name) {
            throw SQLError(
                .featureNotSupported, "a row of \"\(name.name)\" as one value is not supported",
                position: name.span.start, hint: "name its columns, or use \(name.name).*")
        }
        throw SQLError(
            .undefinedColumn, "column \"\(name.name)\" does not exist", position: name.span.start,
            hint: hint(for: name.name, among: names))
    }

    private func isRelation(_ name: String) -> Bool {
        relation(schema: nil, name: name) != nil || (parent?.isRelation(name) ?? false)
    }

    private func ambiguous(_ name: String, span: SourceSpan) -> SQLError {
        SQLError(.ambiguousColumn, "column reference \"\(name)\" is ambiguous", position: span.start)
    }

    private func missingRelation(_ parts: [Identifier], span: SourceSpan) -> SQLError {
        let name = parts.map(\.name).joined(separator: ".")
        var names: [String] = []
        var scope: Scope? = self
        while let current = scope {
            names += current.relations.map(\.name)
            scope = current.parent
        }
        return SQLError(
            .undefinedTable, "missing FROM-clause entry for table \"\(name)\"", position: span.start,
            hint: hint(for: parts.last?.name ?? "", among: names))
    }
}

/// `did you mean "revenue"?`, or nil if no name is near.
func hint(for name: String, among names: [String]) -> String? {
    let near = NearNames.of(name, among: Set(names))
    guard !near.isEmpty else { return nil }
    return "did you mean " + near.map { "\"\($0)\"" }.joined(separator: " or ") + "?"
}
