import Columns
import Testing

@testable import Execution

/// Shorthand for expressions in tests.
enum Make {
    static func text(_ value: String) -> Expression { .constant(.text(value), .text) }
    static func integer(_ value: Int32) -> Expression { .constant(.integer(value), .integer) }

    /// A constant from its text.
    static func value(_ text: String?, _ type: DataType) throws -> Expression {
        .constant(try text.map { try TextReader.value($0, as: type) } ?? .null, type)
    }

    /// A call with the casts that the binder would make.
    static func call(_ name: String, _ arguments: [Expression]) throws -> Expression {
        let constants = arguments.map { argument -> Value? in
            if case .constant(let value, _) = argument { value } else { nil }
        }
        let function = try FunctionCatalog.resolveScalar(
            name: name, arguments: arguments.map { .known($0.type) }, constants: constants)
        let cast = zip(arguments, function.parameterTypes).map {
            $0.type == $1 ? $0 : Expression.cast($0, $1)
        }
        return .call(function, cast)
    }
}

@Suite("Expressions")
struct ExpressionTests {
    static let context = EvaluationContext(statementTimestamp: 1_700_000_000_000_000)

    /// Evaluates as a constant, as a flat column and as dictionary codes; all must agree.
    static func evaluate(_ expression: Expression) throws -> String? {
        let compiler = ExpressionCompiler(context: context)
        let one = DataChunk(columns: [], rowCount: 1)
        return try compiler.compile(expression).evaluate(one).value(at: 0).text
    }

    static func vary(_ name: String, _ arguments: [(String?, DataType)]) throws -> Set<String> {
        let constants = try arguments.map { try Make.value($0.0, $0.1) }
        var results: Set<String> = [try evaluate(Make.call(name, constants)) ?? "NULL"]
        // The same with each argument in turn as a column, whose other rows are NULL.
        for index in constants.indices {
            var mixed = constants
            mixed[index] = .column(0, arguments[index].1)
            guard case .constant(let value, let type) = constants[index] else { continue }
            guard case .call(let fixed, _) = try Make.call(name, constants) else { continue }
            let cast = zip(mixed, fixed.parameterTypes).map { $0.type == $1 ? $0 : Expression.cast($0, $1) }
            let table = TestTable(types: [type], rows: [[.null], [value], [.null]])
            for chunk in table.chunks() + table.chunks(usesDictionaries: true) {
                let node = try ExpressionCompiler(context: context).compile(.call(fixed, cast))
                results.insert(try node.evaluate(chunk).value(at: 1).text ?? "NULL")
            }
        }
        return results
    }

    typealias Sample = (name: String, arguments: [(String?, DataType)], expected: String)

    static let money = DataType.decimal(precision: 15, scale: 2)

    static let arithmetic: [Sample] = [
        ("+", [("1", .integer), ("2", .integer)], "3"), ("-", [("5", .bigint)], "-5"),
        ("/", [("7", .integer), ("-2", .integer)], "-3"), ("%", [("-7", .integer), ("2", .integer)], "-1"),
        ("%", [("-9223372036854775808", .bigint), ("-1", .bigint)], "0"),
        ("+", [("1.10", money), ("2", .integer)], "3.10"),
        ("*", [("1.10", money), ("-2.05", money)], "-2.2550"),
        ("/", [("1.00", money), ("3.00", money)], "0.33333333333333333333"),
        ("/", [("2.00", money), ("-3", .integer)], "-0.66666666666666666667"),
        ("%", [("5.50", money), ("2", .integer)], "1.50"),
        ("/", [("7.5", .doublePrecision), ("2", .integer)], "3.75"),
        ("^", [("2", .integer), ("10", .integer)], "1024"), ("&", [("6", .integer), ("3", .integer)], "2"),
        ("#", [("6", .integer), ("3", .integer)], "5"), ("<<", [("1", .integer), ("4", .integer)], "16"),
        (
            "*",
            [
                ("9999999999999999.5", .decimal(precision: 38, scale: 16)),
                ("2", .decimal(precision: 38, scale: 16)),
            ],
            "19999999999999999"
        ),
        ("abs", [("-1.5", money)], "1.50"),
        ("round", [("2.345", .decimal(precision: 5, scale: 3)), ("2", .integer)], "2.35"),
        ("round", [("-2.5", .decimal(precision: 5, scale: 1))], "-3"),
        ("round", [("2.5", .doublePrecision)], "2"),
        ("round", [("1250", .decimal(precision: 5, scale: 0)), ("-2", .integer)], "1300"),
        ("trunc", [("-2.99", money)], "-2"), ("floor", [("-2.01", money)], "-3"),
        ("ceil", [("2.01", money)], "3"),
        ("sqrt", [("9", .integer)], "3"), ("mod", [("10", .bigint), ("4", .bigint)], "2"),
        ("sign", [("-3.2", money)], "-1"),
        ("power", [("2", .doublePrecision), ("0.5", .doublePrecision)], "1.4142135623730951"),
        ("gcd", [("12", .integer), ("18", .integer)], "6"),
        ("lcm", [("4", .integer), ("6", .integer)], "12"),
        ("div", [("7.5", money), ("2", .integer)], "3"),
        (
            "width_bucket",
            [
                ("5.35", .doublePrecision), ("0.024", .doublePrecision), ("10.06", .doublePrecision),
                ("5", .integer),
            ], "3"
        ),
        ("greatest", [("1", .integer), (nil, .integer), ("3", .integer)], "3"),
        ("least", [("b", .text), ("a", .text)], "a"),
        ("nullif", [("1", .integer), ("1", .integer)], "NULL"),
        ("nullif", [("1", .integer), ("2", .integer)], "1"),
    ]

    static let text: [Sample] = [
        ("lower", [("ПрИвет Ab", .text)], "привет ab"), ("upper", [("straße", .text)], "STRAßE"),
        ("initcap", [("hi THOMAS o'neil", .text)], "Hi Thomas O'Neil"), ("length", [("Ёлка", .text)], "4"),
        ("octet_length", [("Ёлка", .text)], "8"),
        ("substring", [("Thomas", .text), ("2", .integer), ("3", .integer)], "hom"),
        ("substring", [("Ёлочка", .text), ("0", .integer), ("3", .integer)], "Ёл"),
        ("substr", [("alphabet", .text), ("3", .integer)], "phabet"),
        ("left", [("abcde", .text), ("-2", .integer)], "abc"),
        ("right", [("abcde", .text), ("2", .integer)], "de"),
        ("lpad", [("hi", .text), ("5", .integer), ("xy", .text)], "xyxhi"),
        ("rpad", [("hello", .text), ("3", .integer)], "hel"),
        ("btrim", [("xyxtrimyyx", .text), ("xyz", .text)], "trim"), ("ltrim", [("  a ", .text)], "a "),
        ("replace", [("abcdefabcdef", .text), ("cd", .text), ("XX", .text)], "abXXefabXXef"),
        ("position", [("высокий", .text), ("ок", .text)], "4"),
        ("strpos", [("high", .text), ("zz", .text)], "0"),
        ("concat", [("a", .text), (nil, .text), ("b", .text)], "ab"),
        ("concat_ws", [(",", .text), ("a", .text), (nil, .text), ("b", .text)], "a,b"),
        ("||", [("a", .text), ("5", .integer)], "a5"),
        ("split_part", [("a~@~b~@~c", .text), ("~@~", .text), ("2", .integer)], "b"),
        ("split_part", [("a,b,c", .text), (",", .text), ("-1", .integer)], "c"),
        ("repeat", [("Pg", .text), ("3", .integer)], "PgPgPg"),
        ("reverse", [("абв", .text)], "вба"),
        ("translate", [("12345", .text), ("143", .text), ("ax", .text)], "a2x5"),
        ("overlay", [("Txxxxas", .text), ("hom", .text), ("2", .integer), ("4", .integer)], "Thomas"),
        ("starts_with", [("alphabet", .text), ("alph", .text)], "t"), ("ascii", [("Ё", .text)], "1025"),
        ("chr", [("1025", .integer)], "Ё"),
        ("to_hex", [("255", .bigint)], "ff"),
        ("~~", [("Ёлочка", .text), ("_лоч%", .text)], "t"), ("~~", [("abc", .text), ("a%b", .text)], "f"),
        ("~~", [("a%c", .text), ("a\\%c", .text)], "t"), ("~~", [("abc", .text), ("%", .text)], "t"),
        ("~~", [("aXbXc", .text), ("a%X_", .text)], "t"), ("!~~", [("abc", .text), ("abc", .text)], "f"),
        ("~~*", [("МОСКВА", .text), ("моск%", .text)], "t"),
        ("~~", [("a%", .text), ("a!%", .text), ("!", .text)], "t"),
        ("~", [("abcd", .text), ("^a.*d$", .text)], "t"), ("~*", [("ABCD", .text), ("b(c|x)", .text)], "t"),
        ("!~", [("abc", .text), ("\\d", .text)], "t"),
        ("~", [("x12", .text), ("[[:digit:]]{2,}", .text)], "t"),
        ("~", [("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", .text), ("^(a+)+$", .text)], "f"),
        ("similar_to", [("abc", .text), ("%(b|d)%", .text)], "t"),
        ("similar_to", [("abc", .text), ("(b|c)%", .text)], "f"),
        (
            "regexp_replace", [("foobarbaz", .text), ("b(..)", .text), ("X\\1Y", .text), ("g", .text)],
            "fooXarYXazY"
        ),
        ("regexp_replace", [("foobarbaz", .text), ("b..", .text), ("X", .text)], "fooXbaz"),
        ("substring", [("foobar", .text), ("o(.)b", .text)], "o"),
        ("regexp_count", [("abab", .text), ("a", .text)], "2"),
        ("regexp_substr", [("xaabx", .text), ("a*b|a", .text)], "aab"),
        ("->>", [(#"{"a": {"b": "ё\n"}, "c": [1, null, "x"]}"#, .json), ("c", .text)], "[1, null, \"x\"]"),
        ("->", [(#"[10, {"k": 1}]"#, .json), ("-1", .integer)], #"{"k": 1}"#),
        ("->>", [(#"{"a": null}"#, .json), ("a", .text)], "NULL"),
        ("->>", [(#"{"a": "\u0451\"q"}"#, .json), ("a", .text)], "ё\"q"),
        ("json_typeof", [("[1]", .json)], "array"),
    ]

    static let time: [Sample] = [
        ("+", [("2024-02-28", .date), ("2", .integer)], "2024-03-01"),
        ("-", [("2024-03-01", .date), ("2024-02-01", .date)], "29"),
        ("+", [("2024-01-31", .date), ("1 month", .interval)], "2024-02-29 00:00:00"),
        ("-", [("2024-03-31 12:00:00", .timestamp), ("1 month 1 day", .interval)], "2024-02-28 12:00:00"),
        ("-", [("2024-03-02 01:00:00", .timestamp), ("2024-03-01 00:30:00", .timestamp)], "1 day 00:30:00"),
        ("*", [("1 month", .interval), ("1.5", .doublePrecision)], "1 mon 15 days"),
        ("/", [("1 day", .interval), ("2", .integer)], "12:00:00"),
        ("-", [("1 day", .interval)], "-1 days"),
        ("date_trunc", [("month", .text), ("2024-02-29 13:14:15", .timestamp)], "2024-02-01 00:00:00"),
        ("date_trunc", [("week", .text), ("2024-03-03", .date)], "2024-02-26 00:00:00+00"),
        ("date_trunc", [("quarter", .text), ("1969-12-31 23:00:00", .timestamp)], "1969-10-01 00:00:00"),
        ("date_trunc", [("hour", .text), ("1969-12-31 23:59:59.5", .timestamp)], "1969-12-31 23:00:00"),
        ("date_trunc", [("century", .text), ("2000-06-01", .date)], "1901-01-01 00:00:00+00"),
        ("date_trunc", [("year", .text), ("250000-05-05 00:00:00", .timestamp)], "250000-01-01 00:00:00"),
        ("extract", [("year", .text), ("2024-02-29", .date)], "2024"),
        ("extract", [("dow", .text), ("2024-03-03", .date)], "0"),
        ("extract", [("isodow", .text), ("2024-03-03", .date)], "7"),
        ("extract", [("week", .text), ("2021-01-03", .date)], "53"),
        ("extract", [("isoyear", .text), ("2021-01-03", .date)], "2020"),
        ("extract", [("doy", .text), ("2024-12-31", .date)], "366"),
        ("extract", [("second", .text), ("2024-01-01 00:00:05.25", .timestamp)], "5.250000"),
        ("extract", [("epoch", .text), ("2000-01-01", .date)], "946684800.000000"),
        ("extract", [("quarter", .text), ("2024-05-01", .timestamp)], "2"),
        ("extract", [("hour", .text), ("49:10:00", .interval)], "49"),
        ("date_part", [("month", .text), ("2024-05-01", .timestamp)], "5"),
        ("date_part", [("epoch", .text), ("1 year 1 day", .interval)], "31644000"),
        ("age", [("2001-04-10", .timestamp), ("1957-06-13", .timestamp)], "43 years 9 mons 27 days"),
        ("make_date", [("2024", .integer), ("2", .integer), ("29", .integer)], "2024-02-29"),
        (
            "make_timestamp",
            [
                ("2013", .integer), ("7", .integer), ("15", .integer), ("8", .integer), ("15", .integer),
                ("23.5", .doublePrecision),
            ], "2013-07-15 08:15:23.5"
        ),
        ("time_bucket", [("7 days", .interval), ("2024-03-03 12:00:00", .timestamp)], "2024-02-26 00:00:00"),
        (
            "date_bin",
            [("15 minutes", .interval), ("2020-02-11 15:44:17", .timestamp), ("2001-01-01", .timestamp)],
            "2020-02-11 15:30:00"
        ),
        (
            "to_char",
            [("2024-03-05 14:07:09", .timestamp), ("YYYY-MM-DD HH24:MI:SS, FMMonth DDth, Dy", .text)],
            "2024-03-05 14:07:09, March 05th, Tue"
        ),
        (
            "to_char", [("2024-03-05 14:07:09", .timestamp), ("HH12:MI PM \"week\" IW Q", .text)],
            "02:07 PM week 10 1"
        ),
        (
            "to_char", [("1234567.891", .decimal(precision: 12, scale: 3)), ("FM9,999,990.00", .text)],
            "1,234,567.89"
        ),
        ("to_char", [("-12", .integer), ("S999", .text)], " -12"),
        ("to_char", [("5", .integer), ("000", .text)], " 005"),
        ("to_date", [("05 Dec 2000", .text), ("DD Mon YYYY", .text)], "2000-12-05"),
        (
            "to_timestamp", [("2024-03-05 14:07:09.25", .text), ("YYYY-MM-DD HH24:MI:SS.US", .text)],
            "2024-03-05 14:07:09.25+00"
        ),
        ("to_timestamp", [("1.5", .doublePrecision)], "1970-01-01 00:00:01.5+00"),
        ("justify_interval", [("1 mon -1 hour", .interval)], "29 days 23:00:00"),
        ("isfinite", [("infinity", .timestamp)], "f"),
        ("+", [("infinity", .timestamp), ("1 day", .interval)], "infinity"),
    ]

    @Test("functions give PostgreSQL's answers, whatever form their arguments have", arguments: 0..<3)
    func functions(family: Int) throws {
        for sample in [Self.arithmetic, Self.text, Self.time][family] {
            let results = try Self.vary(sample.name, sample.arguments)
            #expect(results == [sample.expected], "\(sample.name) \(sample.arguments)")
        }
    }

    @Test("statement time is one for the whole statement")
    func clock() throws {
        #expect(try Self.evaluate(Make.call("now", [])) == "2023-11-14 22:13:20")
        #expect(try Self.evaluate(Make.call("current_date", [])) == "2023-11-14")
    }

    @Test(
        "errors name what is wrong",
        arguments: [
            ("/", [("1", DataType.integer), ("0", .integer)], ExecutionError.divisionByZero),
            ("%", [("1.5", money), ("0.00", money)], .divisionByZero),
            ("/", [("1", .doublePrecision), ("0", .doublePrecision)], .divisionByZero),
            ("+", [("2147483647", .integer), ("1", .integer)], .numericOverflow(type: .integer)),
            ("*", [("9223372036854775807", .bigint), ("2", .bigint)], .numericOverflow(type: .bigint)),
            ("-", [("-32768", .smallint)], .numericOverflow(type: .smallint)),
            ("/", [("-9223372036854775808", .bigint), ("-1", .bigint)], .numericOverflow(type: .bigint)),
            (
                "*", [("1e300", .doublePrecision), ("1e300", .doublePrecision)],
                .numericOverflow(type: .doublePrecision)
            ),
            ("+", [("5874897-12-31", .date), ("1", .integer)], .dateTimeOverflow(type: .date)),
            (
                "date_trunc", [("fortnight", .text), ("2024-01-01", .timestamp)],
                .invalidArgument(function: "date_trunc", reason: "unit \"fortnight\" not recognized")
            ),
            (
                "~", [("a", .text), ("a(", .text)],
                .invalidPattern(pattern: "a(", reason: "parentheses () not balanced")
            ),
            ("~~", [("a", .text), ("a\\", .text)], .invalidEscape(pattern: "a\\")),
            (
                "sqrt", [("-1", .doublePrecision)],
                .refused(code: "2201F", reason: "cannot take square root of a negative number")
            ),
            (
                "make_date", [("2023", .integer), ("2", .integer), ("29", .integer)],
                .dateTimeOverflow(type: .date)
            ),
        ])
    func errors(name: String, arguments: [(String, DataType)], error: ExecutionError) throws {
        let call = try Make.call(name, try arguments.map { try Make.value($0.0, $0.1) })
        #expect(throws: error) { try Self.evaluate(call) }
    }
}
