import Columns

/// `format()` and quoting.
enum FormatFunctions: FunctionFamily {
    static let overloads: [ScalarOverload] =
        [
            ScalarOverload("format", [.text], returns: .text),
            ScalarOverload("format", [.exact(.text), .any], lastRepeats: true, returns: { _, _ in .text }),
            ScalarOverload("quote_ident", [.text], returns: .text),
        ]
        + ["quote_literal", "quote_nullable"].map {
            ScalarOverload($0, [.any], returns: { _, _ in .text })
        }

    static func kernel(
        _ function: ScalarFunction, _ context: EvaluationContext
    ) throws(ExecutionError) -> ScalarKernel {
        switch function.name {
        case "format": format
        case "quote_ident": identifier
        default: literal
        }
    }

    private static let identifier: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let views = call.reader(0, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            text.append(SQLQuoting.identifier(views[row].string))
            return true
        }
    }

    private static let literal: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let scratch = TextBuffer(capacity: 64)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if call.isNull(row, 0) {
                text.append("NULL")
            } else {
                scratch.removeAll()
                scratch.append(call.arguments[0], row: call.row(row, 0))
                text.append(SQLQuoting.literal(scratch.string))
            }
            return true
        }
    }

    private static let format: @Sendable (KernelCall) throws(ExecutionError) -> Vector = {
        (call) throws(ExecutionError) in
        let formats = call.reader(0, as: StringView.self)
        return try RowLoop.text(call) { (row, text) throws(ExecutionError) in
            if call.isNull(row, 0) { return false }
            var writer = FormatWriter(call: call, row: row, format: formats[row].string)
            try writer.write(to: text)
            return true
        }
    }
}

/// Names and strings as SQL writes them.
enum SQLQuoting {
    static func identifier(_ name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.enumerated().allSatisfy { index, byte in
                (byte >= 97 && byte <= 122) || byte == 95 || (index > 0 && byte >= 48 && byte <= 57)
            }
        if isPlain, !reserved.contains(name) { return name }
        return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }

    static func literal(_ text: String) -> String {
        var body = ""
        var hasBackslash = false
        for character in text.unicodeScalars {
            if character == "'" || character == "\\" { body.unicodeScalars.append(character) }
            if character == "\\" { hasBackslash = true }
            body.unicodeScalars.append(character)
        }
        return (hasBackslash ? "E'" : "'") + body + "'"
    }

    /// Words that PostgreSQL quotes as names: all of its keywords but the unreserved ones.
    private static let reserved: Set<String> = Set(
        """
        all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean
        both case cast char character check coalesce collate collation column concurrently constraint create
        cross current_catalog current_date current_role current_schema current_time current_timestamp
        current_user dec decimal default deferrable desc distinct do else end except exists extract false
        fetch float for foreign freeze from full grant greatest group grouping having ilike in initially
        inner inout int integer intersect interval into is isnull join lateral leading least left like limit
        localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric
        offset on only or order out outer overlaps overlay placing position precision primary real
        references returning right row select session_user setof similar smallint some substring symmetric
        table tablesample then time timestamp to trailing treat trim true union unique user using values
        varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists
        xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
        """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
}

/// Writes one row of `format()`: `%[position$][-][width]type`.
private struct FormatWriter {
    let call: KernelCall
    let row: Int
    private var rest: Substring.UnicodeScalarView
    private var nextArgument = 1
    private let scratch = TextBuffer(capacity: 64)

    init(call: KernelCall, row: Int, format: String) {
        self.call = call
        self.row = row
        rest = Substring(format).unicodeScalars
    }

    private func failure(_ reason: String) -> ExecutionError { .refused(code: "22023", reason: reason) }

    mutating func write(to text: TextBuffer) throws(ExecutionError) {
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                text.append(String(Character(scalar)))
                continue
            }
            guard let next = rest.first else { throw failure("unterminated format() type specifier") }
            if next == "%" {
                rest.removeFirst()
                text.append(37)
                continue
            }
            try writeOne(to: text)
        }
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = rest.first, digit.value >= 48, digit.value <= 57, value ?? 0 < 100_000_000 {
            value = (value ?? 0) * 10 + Int(digit.value) - 48
            rest.removeFirst()
        }
        return value
    }

    private mutating func writeOne(to text: TextBuffer) throws(ExecutionError) {
        var position: Int?
        var width = number()
        if width != nil, rest.first == "$" {
            rest.removeFirst()
            position = width
            width = nil
            if position == 0 {
                throw failure("format specifies argument 0, but arguments are numbered from 1")
            }
        }
        var isLeft = false
        if width == nil {
            while rest.first == "-" {
                isLeft = true
                rest.removeFirst()
            }
            if rest.first == "*" {
                rest.removeFirst()
                var place: Int?
                if let given = number() {
                    guard rest.popFirst() == "$" else {
                        throw failure("width argument position must be ended by \"$\"")
                    }
                    place = given
                }
                let value = try argument(place).flatMap { Int($0) } ?? 0
                isLeft = isLeft || value < 0
                width = abs(value)
            } else {
                width = number()
            }
        }
        guard let kind = rest.popFirst() else { throw failure("unterminated format() type specifier") }
        guard kind == "s" || kind == "I" || kind == "L" else {
            throw failure("unrecognized format() type specifier \"\(kind)\"")
        }
        let value = try argument(position)
        let shown: String
        switch kind {
        case "I":
            guard let value else {
                throw .refused(code: "22004", reason: "null values cannot be formatted as an SQL identifier")
            }
            shown = SQLQuoting.identifier(value)
        case "L": shown = value.map(SQLQuoting.literal) ?? "NULL"
        default: shown = value ?? ""
        }
        let missing = max(0, min(width ?? 0, TextFunctions.resultBytesMax) - shown.unicodeScalars.count)
        let padding = String(repeating: " ", count: missing)
        text.append(isLeft ? shown + padding : padding + shown)
    }

    /// The text of an argument counted from 1, or of the next one; nil for NULL.
    private mutating func argument(_ position: Int?) throws(ExecutionError) -> String? {
        let number = position ?? nextArgument
        nextArgument = number + 1
        guard number < call.arguments.count else { throw failure("too few arguments for format()") }
        if call.isNull(row, number) { return nil }
        scratch.removeAll()
        scratch.append(call.arguments[number], row: call.row(row, number))
        return scratch.string
    }
}
