import Foundation

/// Reads the typed fields of one JSON object. Absent and null are the same; what is present must have the
/// right type, otherwise the error names the field by its path.
public struct ObjectReader: Sendable {
    /// The object.
    public let value: JSONValue
    private let path: String

    /// - Parameter path: The object's own place, for errors; empty for the root.
    /// - Throws: `MoyskladError.field` if the value is no object.
    public init(_ value: JSONValue, path: String = "") throws(MoyskladError) {
        guard value.kind == .object else {
            throw .field(
                path: path.isEmpty ? "object" : path, reason: "an object was expected, not \(value.kind)")
        }
        self.value = value
        self.path = path
    }

    /// The path of a field, for errors.
    public func place(_ key: StaticString) -> String { path.isEmpty ? "\(key)" : "\(path).\(key)" }

    private func mismatch(_ key: StaticString, _ expected: String, _ found: JSONValue) -> MoyskladError {
        .field(path: place(key), reason: "\(expected) was expected, not \(found.kind)")
    }

    /// Text; a number is taken by its digits.
    public func string(_ key: StaticString) throws(MoyskladError) -> String? {
        guard let found = value[key] else { return nil }
        if let text = found.string { return text }
        guard let digits = found.numberText else { throw mismatch(key, "a string", found) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// A number with all its digits; a string that holds one is taken, too.
    public func decimal(_ key: StaticString) throws(MoyskladError) -> ExactDecimal? {
        guard let found = value[key] else { return nil }
        let digits = found.numberText ?? found.string.map { Array($0.utf8)[...] }
        guard let digits else { throw mismatch(key, "a number", found) }
        guard let number = ExactDecimal(digits) else {
            let text = String(decoding: digits.prefix(60), as: UTF8.self)
            throw .field(path: place(key), reason: "not a number that can be kept exactly: \(text)")
        }
        return number
    }

    /// A whole number, which may be written as `20.0`.
    public func integer(_ key: StaticString) throws(MoyskladError) -> Int64? {
        guard let number = try decimal(key) else { return nil }
        guard let whole = number.wholeNumber else {
            throw .field(path: place(key), reason: "not a whole number of 64 bits: \(number)")
        }
        return whole
    }

    /// A truth value.
    public func bool(_ key: StaticString) throws(MoyskladError) -> Bool? {
        guard let found = value[key] else { return nil }
        guard let truth = found.bool else { throw mismatch(key, "true or false", found) }
        return truth
    }

    /// A moment on the account's clock; an empty string is none.
    public func moment(_ key: StaticString) throws(MoyskladError) -> LocalMoment? {
        guard let found = value[key] else { return nil }
        guard let text = found.string else { throw mismatch(key, "a date", found) }
        if text.isEmpty { return nil }
        guard let moment = LocalMoment(text.utf8) else {
            throw .field(path: place(key), reason: "not a date: \(text.prefix(60))")
        }
        return moment
    }

    /// A UUID.
    public func identifier(_ key: StaticString) throws(MoyskladError) -> UUID? {
        guard let found = value[key] else { return nil }
        guard found.kind == .string else { throw mismatch(key, "a UUID", found) }
        guard let id = UUID(hyphenated: found.content) else {
            throw .field(path: place(key), reason: "not a UUID: \((found.string ?? "").prefix(60))")
        }
        return id
    }

    /// A reference to another object, bare or expanded; nil also if its href does not end in an id.
    public func reference(_ key: StaticString) throws(MoyskladError) -> MoyskladReference? {
        guard let found = value[key] else { return nil }
        guard found.kind == .object else { throw mismatch(key, "a reference", found) }
        return Self.reference(of: found)
    }

    /// The object that a value with a `meta` points at.
    static func reference(of value: JSONValue) -> MoyskladReference? {
        guard let meta = value["meta"], let href = meta["href"], href.kind == .string else { return nil }
        return MoyskladReference(href: href.content, type: meta["type"]?.string)
    }

    /// A nested object.
    public func object(_ key: StaticString) throws(MoyskladError) -> ObjectReader? {
        guard let found = value[key] else { return nil }
        return try ObjectReader(found, path: place(key))
    }

    /// The objects of a list: an array, or the rows of a collection.
    public func objects(_ key: StaticString) throws(MoyskladError) -> [ObjectReader] {
        guard let found = value[key] else { return [] }
        let rows = found.kind == .object ? found["rows"] : found
        guard let rows else { return [] }
        guard rows.kind == .array else { throw mismatch(key, "a list", found) }
        var readers: [ObjectReader] = []
        for (index, row) in rows.elements.enumerated() {
            readers.append(try ObjectReader(row, path: "\(place(key))[\(index)]"))
        }
        return readers
    }

    /// The texts of an array of strings.
    public func strings(_ key: StaticString) throws(MoyskladError) -> [String] {
        guard let found = value[key] else { return [] }
        guard found.kind == .array else { throw mismatch(key, "a list", found) }
        return found.elements.compactMap(\.string)
    }

    /// A value's JSON as it was sent; nil if it is absent or an empty list.
    public func json(_ key: StaticString) -> String? {
        guard let found = value[key] else { return nil }
        if found.kind == .array, found.elements.isEmpty { return nil }
        return String(decoding: found.content, as: UTF8.self)
    }
}
