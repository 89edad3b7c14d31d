import Columns
import Testing

@testable import Execution

@Suite("Choosing functions")
struct FunctionCatalogTests {
    static let money = DataType.decimal(precision: 15, scale: 2)

    @Test(
        "operators take the types that PostgreSQL gives them",
        arguments: [
            (
                "+", [ArgumentType.known(.smallint), .known(.integer)], [DataType.integer, .integer],
                DataType.integer
            ),
            ("+", [.known(.integer), .unknown], [.integer, .integer], .integer),
            ("*", [.known(money), .known(money)], [money, money], .decimal(precision: 30, scale: 4)),
            (
                "*", [.known(money), .known(.integer)], [money, .decimal(precision: 10, scale: 0)],
                .decimal(precision: 25, scale: 2)
            ),
            (
                "-", [.known(.integer), .known(money)], [.decimal(precision: 10, scale: 0), money],
                .decimal(precision: 16, scale: 2)
            ),
            ("/", [.known(money), .known(money)], [money, money], .decimal(precision: 38, scale: 20)),
            ("/", [.known(money), .known(.real)], [.doublePrecision, .doublePrecision], .doublePrecision),
            ("+", [.known(.date), .known(.integer)], [.date, .integer], .date),
            ("-", [.known(.date), .known(.date)], [.date, .date], .integer),
            ("-", [.known(.date), .known(.interval)], [.timestamp, .interval], .timestamp),
            ("-", [.known(.timestamp), .known(.date)], [.timestamp, .timestamp], .interval),
            ("||", [.known(.integer), .unknown], [.text, .text], .text),
            ("-", [.known(.bigint)], [.bigint], .bigint),
            ("~~", [.known(.text), .unknown], [.text, .text], .boolean),
            ("->>", [.known(.json), .unknown], [.json, .text], .text),
        ])
    func operators(name: String, arguments: [ArgumentType], types: [DataType], result: DataType) throws {
        let function = try FunctionCatalog.resolveScalar(name: name, arguments: arguments)
        #expect(function.parameterTypes == types)
        #expect(function.returnType == result)
    }

    @Test("a constant can decide the type of the result")
    func constants() throws {
        let arguments = [ArgumentType.known(.decimal(precision: 38, scale: 16)), .known(.integer)]
        let two = try FunctionCatalog.resolveScalar(
            name: "round", arguments: arguments, constants: [nil, .integer(2)])
        #expect(two.returnType == .decimal(precision: 25, scale: 2))
        let year = try FunctionCatalog.resolveScalar(
            name: "extract", arguments: [.unknown, .known(.date)], constants: [.text("year"), nil])
        #expect(year.returnType == .decimal(precision: 18, scale: 0))
        #expect(year.parameterTypes == [.text, .date])
    }

    @Test("functions convert their arguments")
    func functions() throws {
        let trunc = try FunctionCatalog.resolveScalar(
            name: "date_trunc", arguments: [.unknown, .known(.date)])
        #expect(trunc.parameterTypes == [.text, .timestampTZ])
        let round = try FunctionCatalog.resolveScalar(name: "round", arguments: [.known(.integer)])
        #expect(round.returnType == .doublePrecision)
        let least = try FunctionCatalog.resolveScalar(
            name: "least", arguments: [.known(.integer), .unknown, .known(.bigint)])
        #expect(least.parameterTypes == [.bigint, .bigint, .bigint])
        let concat = try FunctionCatalog.resolveScalar(
            name: "concat", arguments: [.known(.integer), .unknown, .known(.date)])
        #expect(concat.parameterTypes == [.integer, .text, .date])
    }

    @Test("a mistake names what is near or what there is")
    func mistakes() {
        #expect(throws: FunctionResolutionError.unknownName(nearMatches: ["lower"])) {
            try FunctionCatalog.resolveScalar(name: "lowr", arguments: [.known(.text)])
        }
        #expect(throws: FunctionResolutionError.noMatch(signatures: ["lower(TEXT)"])) {
            try FunctionCatalog.resolveScalar(name: "lower", arguments: [.known(.date)])
        }
        #expect(throws: FunctionResolutionError.noMatch(signatures: ["sum(number)", "sum(INTERVAL)"])) {
            try FunctionCatalog.resolveAggregate(name: "sum", arguments: [.known(.text)])
        }
    }

    @Test(
        "aggregates have PostgreSQL's result types",
        arguments: [
            ("sum", DataType.integer, DataType.bigint), ("sum", .bigint, .decimal(precision: 38, scale: 0)),
            ("sum", money, .decimal(precision: 38, scale: 2)), ("sum", .real, .real),
            ("avg", .integer, .decimal(precision: 38, scale: 20)),
            ("avg", .doublePrecision, .doublePrecision),
            ("min", .text, .text), ("max", .timestamp, .timestamp), ("count", .uuid, .bigint),
            ("stddev", money, .decimal(precision: 38, scale: 16)), ("bool_or", .boolean, .boolean),
        ])
    func aggregates(name: String, argument: DataType, result: DataType) throws {
        let function = try FunctionCatalog.resolveAggregate(name: name, arguments: [.known(argument)])
        #expect(function.returnType == result)
    }

    @Test("every resolved function is found again by its types")
    func overloadsAreFound() throws {
        for name in FunctionCatalog.scalarNames.sorted() {
            for arguments in [
                [], [ArgumentType.unknown], [.unknown, .unknown], [.known(.text), .known(.integer)],
            ] {
                guard let function = try? FunctionCatalog.resolveScalar(name: name, arguments: arguments)
                else {
                    continue
                }
                #expect(FunctionCatalog.overload(of: function)?.name == name)
            }
        }
    }

    @Test("common types")
    func commonTypes() {
        #expect(
            TypeCoercion.commonType([.known(.integer), .unknown, .known(.doublePrecision)])
                == .doublePrecision)
        #expect(TypeCoercion.commonType([.unknown, .unknown]) == .text)
        #expect(TypeCoercion.commonType([.known(.date), .known(.timestamp)]) == .timestamp)
        #expect(TypeCoercion.commonType([.known(.date), .known(.integer)]) == nil)
        #expect(
            TypeCoercion.commonType([.known(Self.money), .known(.bigint)])
                == .decimal(precision: 21, scale: 2))
        #expect(!TypeCoercion.canCast(from: .bigint, to: .integer, context: .implicit))
        #expect(TypeCoercion.canCast(from: .bigint, to: .integer, context: .assignment))
        #expect(!TypeCoercion.canCast(from: .uuid, to: .integer, context: .explicit))
    }
}
