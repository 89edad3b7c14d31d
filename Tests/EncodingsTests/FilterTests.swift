import CIntrinsics
import Columns
import Encodings
import Testing

/// Tests of segments against the comparison of decoded values, row by row.
@Suite("Filters on encoded segments")
struct FilterTests {
    static let comparisons: [ValueTest.Comparison] = [
        .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .isIn, .isNull, .isNotNull,
        .beginsWith, .contains, .endsWith,
    ]

    @Test(
        "every comparison passes the rows that comparing values passes",
        arguments: PlainColumn.types, Shape.allCases)
    func againstValues(type: DataType, shape: Shape) throws {
        for seed: UInt64 in 0..<3 {
            let rowCount = [1, 2049, 2300][Int(seed)]
            var plain = PlainColumn(
                type: type, shape: shape, rowCount: rowCount, nullShare: seed == 1 ? 0 : 5, seed: seed)
            if type.isFloatingPoint { addSpecialNumbers(to: &plain, seed: seed) }
            let bytes = RawBytes()
            try plain.withColumn { _ = try SegmentEncoder().encode($0, to: bytes) }
            let segment = try EncodedSegment(reading: bytes.bytes, type: type)
            var generator = SeededGenerator(seed &+ 77)
            for comparison in Self.comparisons {
                for _ in 0..<2 {
                    let constants = Self.constants(comparison, plain, &generator)
                    guard let test = ValueTest(comparison, constants, type: type) else {
                        #expect(type.physical != .string || constants.isEmpty)
                        continue
                    }
                    let found = passing(segment, test, &generator)
                    let twin = plain.values.map { ValueOrder.passes($0, comparison, constants) }
                    #expect(
                        found.result == zip(twin, found.offered).map { $0 && $1 },
                        "\(type) \(shape) \(seed) \(comparison) \(constants) \(segment.encoding)")
                }
            }
        }
    }

    @Test("two tests of one column merged pass what both pass", arguments: PlainColumn.types)
    func merged(type: DataType) throws {
        for seed: UInt64 in 0..<20 {
            var generator = SeededGenerator(seed)
            let shape = Shape.allCases[Int(generator.next() % 9)]
            let plain = PlainColumn(type: type, shape: shape, rowCount: 900, nullShare: 7, seed: seed)
            let bytes = RawBytes()
            try plain.withColumn { _ = try SegmentEncoder().encode($0, to: bytes) }
            let segment = try EncodedSegment(reading: bytes.bytes, type: type)
            let pair = (0..<2).map { _ in Self.comparisons[Int(generator.next() % 9)] }
            let constants = pair.map { Self.constants($0, plain, &generator) }
            guard let first = ValueTest(pair[0], constants[0], type: type),
                let second = ValueTest(pair[1], constants[1], type: type),
                let both = first.merged(with: second)
            else { continue }
            let found = passing(segment, both, &generator)
            let twin = plain.values.map {
                ValueOrder.passes($0, pair[0], constants[0]) && ValueOrder.passes($0, pair[1], constants[1])
            }
            #expect(
                found.result == zip(twin, found.offered).map { $0 && $1 },
                "\(type) \(seed) \(pair) \(constants)")
        }
    }

    @Test("chosen rows decode to what the whole vector holds", arguments: PlainColumn.types, Shape.allCases)
    func chosenRows(type: DataType, shape: Shape) throws {
        let plain = PlainColumn(type: type, shape: shape, rowCount: 2600, nullShare: 4, seed: 11)
        let bytes = RawBytes()
        try plain.withColumn { _ = try SegmentEncoder().encode($0, to: bytes) }
        let segment = try EncodedSegment(reading: bytes.bytes, type: type)
        let scratch = DecodeScratch(physical: type.physical)
        var generator = SeededGenerator(5)
        for vector in 0..<segment.vectorCount {
            for share: UInt64 in [1, 3, 40, 5000] {
                let rows = (0..<segment.rowCount(ofVector: vector)).filter { _ in
                    generator.next() % share == 0
                }
                let selection = SelectionVector(rows)
                let chosen = segment.decode(
                    vector: vector, rows: selection, tableDictionary: nil, scratch: scratch)
                #expect(chosen.count == rows.count)
                let values = rows.indices.map { chosen.value(at: $0) }
                #expect(values == rows.map { plain.values[vector * 2048 + $0] }, "\(type) \(shape)")
            }
        }
    }

    @Test("values of another type make no test")
    func otherTypes() {
        #expect(ValueTest(.equal, [.text("1")], type: .bigint) == nil)
        #expect(ValueTest(.equal, [.bigint(1)], type: .text) == nil)
        #expect(
            ValueTest(.equal, [.decimal(unscaled: 1, scale: 3)], type: .decimal(precision: 9, scale: 2))
                == nil)
        #expect(ValueTest(.contains, [.bigint(1)], type: .bigint) == nil)
        #expect(ValueTest(.less, [.bigint(1), .bigint(2)], type: .bigint) == nil)
        #expect(ValueTest(.isNull, [.bigint(1)], type: .bigint) == nil)
        #expect(ValueTest(.equal, [.smallint(1)], type: .bigint) != nil)
    }

    @Test("bits of bytes are those of the plain loop")
    func lowBits() {
        var generator = SeededGenerator(3)
        for _ in 0..<50 {
            let bytes = (0..<64).map { _ in UInt8(generator.next() & 1) }
            var expected: UInt64 = 0
            for (index, byte) in bytes.enumerated() { expected |= UInt64(byte) << UInt64(index) }
            #expect(bytes.withUnsafeBufferPointer { $0.baseAddress.map { ambar_low_bits64($0) } } == expected)
        }
    }

    /// The rows that the filter leaves of a random choice of rows, vector by vector.
    private func passing(
        _ segment: EncodedSegment, _ test: ValueTest, _ generator: inout SeededGenerator
    ) -> (result: [Bool], offered: [Bool]) {
        let filter = SegmentFilter(
            segment, test, tableDictionary: nil, tableAnswers: TableCodeAnswers(),
            decodeScratch: DecodeScratch(physical: segment.type.physical), scratch: FilterScratch())
        let rows = RowBitmap()
        var result: [Bool] = []
        var offered: [Bool] = []
        for vector in 0..<segment.vectorCount {
            let count = segment.rowCount(ofVector: vector)
            let removed = (0..<33).map { _ in generator.next() & generator.next() }
            removed.withUnsafeBufferPointer { words in
                if let base = words.baseAddress { rows.fill(rowCount: count, without: base) }
            }
            offered += (0..<count).map { removed[$0 / 64] >> UInt64($0 % 64) & 1 == 0 }
            filter.narrow(rows, vector: vector)
            #expect(!filter.passesNothing || rows.count == 0)
            result += (0..<count).map { rows.words[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
            #expect(rows.count == rows.selection().count)
        }
        return (result, offered)
    }

    private func addSpecialNumbers(to plain: inout PlainColumn, seed: UInt64) {
        let special: [Double] = [.nan, -.nan, 0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude]
        for (index, number) in special.enumerated() where index < plain.values.count {
            let row = (index * 131 + Int(seed)) % plain.values.count
            plain.values[row] = plain.type == .real ? .real(Float(number)) : .doublePrecision(number)
        }
    }

    /// Constants that rows have, and some that none has.
    private static func constants(
        _ comparison: ValueTest.Comparison, _ plain: PlainColumn, _ generator: inout SeededGenerator
    ) -> [Value] {
        func one() -> Value {
            let row = Int(generator.next() % UInt64(plain.values.count))
            if generator.next() % 4 > 0, !plain.values[row].isNull { return plain.values[row] }
            let other = PlainColumn(
                type: plain.type, shape: Shape.allCases[Int(generator.next() % 7)], rowCount: 1, nullShare: 0,
                seed: generator.next())
            return other.values[0]
        }
        switch comparison {
        case .isNull, .isNotNull: return []
        case .isIn:
            let list = (0..<Int(1 + generator.next() % 20)).map { _ in one() }
            return generator.next() % 3 == 0 ? list + [.null] : list
        case .beginsWith, .contains, .endsWith:
            guard let text = one().stringValue else { return [one()] }
            let scalars = Array(text.unicodeScalars)
            let from = scalars.isEmpty ? 0 : Int(generator.next() % UInt64(scalars.count))
            let part: [Unicode.Scalar] =
                switch comparison {
                case .beginsWith: Array(scalars[..<from])
                case .endsWith: Array(scalars[from...])
                default: Array(scalars[from...].prefix(3))
                }
            var string = ""
            string.unicodeScalars.append(contentsOf: part)
            return [.text(string)]
        default: return [one()]
        }
    }
}

/// Comparisons of values as SQL defines them, one pair at a time.
enum ValueOrder {
    static func passes(_ value: Value, _ comparison: ValueTest.Comparison, _ constants: [Value]) -> Bool {
        switch comparison {
        case .isNull: return value.isNull
        case .isNotNull: return !value.isNull
        default: break
        }
        guard !value.isNull, let constant = constants.first else { return false }
        let order = constant.isNull ? 2 : compare(value, constant)
        switch comparison {
        case .equal: return order == 0
        case .notEqual: return order != 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        case .greaterOrEqual: return order >= 0
        case .isIn: return constants.contains { !$0.isNull && compare(value, $0) == 0 }
        case .beginsWith: return bytes(value).starts(with: bytes(constant))
        case .endsWith: return bytes(value).reversed().starts(with: bytes(constant).reversed())
        case .contains:
            let all = bytes(value)
            let part = bytes(constant)
            return part.isEmpty
                || all.indices.contains { all[$0...].starts(with: part) }
        case .isNull, .isNotNull: return false
        }
    }

    private static func bytes(_ value: Value) -> [UInt8] { Array((value.stringValue ?? "").utf8) }

    private static func compare(_ left: Value, _ right: Value) -> Int {
        func order<Number: Comparable>(_ left: Number, _ right: Number) -> Int {
            left < right ? -1 : left > right ? 1 : 0
        }
        func numbers(_ left: Double, _ right: Double) -> Int {
            if left.isNaN || right.isNaN { return order(left.isNaN ? 1 : 0, right.isNaN ? 1 : 0) }
            return order(left, right)
        }
        switch (left, right) {
        case (.boolean(let left), .boolean(let right)): return order(left ? 1 : 0, right ? 1 : 0)
        case (.real(let left), .real(let right)): return numbers(Double(left), Double(right))
        case (.doublePrecision(let left), .doublePrecision(let right)): return numbers(left, right)
        case (.decimal(let left, _), .decimal(let right, _)): return order(left, right)
        case (.interval(let left), .interval(let right)):
            return order(left.comparisonKey, right.comparisonKey)
        case (.uuid(let left), .uuid(let right)): return order(left, right)
        case (.text, _), (.json, _):
            let (first, second) = (bytes(left), bytes(right))
            return first == second ? 0 : first.lexicographicallyPrecedes(second) ? -1 : 1
        default: return order(left.integerValue ?? 0, right.integerValue ?? 0)
        }
    }
}
