import Testing

@testable import Columns

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Hashing.hash(state)
    }
}

@Suite("Vectors, selections and hashes")
struct VectorTests {
    static let types: [DataType] = [
        .boolean, .smallint, .integer, .bigint, .real, .doublePrecision, .decimal(precision: 10, scale: 2),
        .decimal(precision: 30, scale: 2), .date, .timestamp, .timestampTZ, .time, .interval, .text, .uuid,
        .json, .array(of: .integer),
    ]

    static func value(_ type: DataType, _ number: Int) -> Value {
        switch type {
        case .boolean: .boolean(number % 2 == 0)
        case .smallint: .smallint(Int16(truncatingIfNeeded: number))
        case .integer: .integer(Int32(truncatingIfNeeded: number))
        case .bigint: .bigint(Int64(number) << 33)
        case .real: .real(Float(number) / 2)
        case .doublePrecision: .doublePrecision(Double(number) / 3)
        case .decimal(_, let scale): .decimal(unscaled: Int128(number), scale: scale)
        case .date: .date(Int32(truncatingIfNeeded: number))
        case .timestamp: .timestamp(Int64(number) * 1_000_003)
        case .timestampTZ: .timestampTZ(Int64(number) * 1_000_003)
        case .time: .time(Int64(number))
        case .array(let element): .array("{\(number)}", of: element)
        case .interval: .interval(Interval(months: 1, days: Int32(truncatingIfNeeded: number)))
        case .text: .text(number % 2 == 0 ? "short \(number)" : "a text that does not fit a view: \(number)")
        case .json: .json("{\"number\": \(number)}")
        case .uuid: .uuid(UInt128(UInt64(bitPattern: Int64(number))) << 40)
        }
    }

    /// Flat, constant and dictionary vectors of a type with the values that they should show.
    static func forms(_ type: DataType, count: Int) -> [(Vector, [Value])] {
        let values = (0..<count).map { $0 % 5 == 3 ? Value.null : value(type, $0 - 7) }
        let builder = VectorBuilder(type: type, capacity: max(count, 1))
        for value in values { builder.append(value) }
        let entries = VectorBuilder(type: type, capacity: 4)
        for number in 0..<4 { entries.append(value(type, number)) }
        let codes = VectorBuffer(byteCount: count * 4)
        let mask = ValidityMask(count: count, allValid: true)
        for row in 0..<count {
            codes.pointer(as: UInt32.self)[row] = UInt32(row % 4)
            if row % 7 == 2 { mask.setNull(row) }
        }
        let dictionary = VectorDictionary(entries: entries.finish())
        return [
            (builder.finish(), values),
            (
                .constant(value(type, 9), type: type, count: count),
                Array(repeating: value(type, 9), count: count)
            ),
            (.constant(.null, type: type, count: count), Array(repeating: .null, count: count)),
            (
                Vector(codes: codes, dictionary: dictionary, count: count, validity: mask),
                (0..<count).map { $0 % 7 == 2 ? .null : value(type, $0 % 4) }
            ),
        ]
    }

    static func values(_ vector: Vector) -> [Value] { (0..<vector.count).map { vector.value(at: $0) } }

    @Test("gathering, slicing and flattening keep values and NULLs in every form", arguments: types)
    func forms(type: DataType) {
        for count in [1, 64, 65, 200] {
            for (vector, values) in Self.forms(type, count: count) {
                #expect(Self.values(vector) == values)
                #expect(Self.values(vector.flattened()) == values)
                #expect(vector.flattened().form == .flat)
                let rows = (0..<count).filter { $0 % 3 != 1 }
                #expect(Self.values(vector.gathered(SelectionVector(rows))) == rows.map { values[$0] })
                #expect(Self.values(vector.slice(count / 3..<count)) == Array(values[(count / 3)...]))
                #expect(Self.values(vector.slice(0..<0)).isEmpty)
            }
        }
    }

    @Test("a bitmap becomes the rows of its set bits", arguments: 0..<40 as Range<UInt64>)
    func selections(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let count = [0, 1, 7, 8, 63, 64, 65, 2_047, 2_048][Int(seed) % 9]
        let mask = ValidityMask(count: count, allValid: false)
        let share = [0, 1, 50, 99, 100][Int(seed) % 5]
        var expected: [UInt32] = []
        for row in 0..<count where Int.random(in: 0..<100, using: &random) < share {
            mask.setValid(row)
            expected.append(UInt32(row))
        }
        let selection = SelectionVector(bitmap: mask.words, rowCount: count)
        #expect((0..<selection.count).map { selection.rows[$0] } == expected)
        #expect(mask.validCount == expected.count)
        #expect(mask.nullCount == count - expected.count)
    }

    @Test("masks know their rows, and their intersection is of both")
    func masks() {
        let first = ValidityMask(count: 130, allValid: true)
        let second = ValidityMask(count: 130, allValid: true)
        for row in stride(from: 0, to: 130, by: 3) { first.setNull(row) }
        for row in stride(from: 0, to: 130, by: 5) { second.setNull(row) }
        let both = ValidityMask.intersection(first, second)
        for row in 0..<130 { #expect(both?.isValid(row) == (row % 3 != 0 && row % 5 != 0)) }
        #expect(ValidityMask.intersection(first, nil) === first)
        #expect(ValidityMask.intersection(nil, nil) == nil)
        let odd = ValidityMask(count: 70, allValid: true)
        #expect(odd.words[1] == 63 && odd.validCount == 70)
    }

    @Test("string views compare and hash as their bytes do")
    func views() {
        let texts = [
            "", "a", "ab", "abcd", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn", "abcz", "ё",
            "ёлка и ель",
        ]
        let heap = StringHeap()
        for first in texts {
            for second in texts {
                let left = heap.add(first)
                let right = heap.add(second)
                #expect((left == right) == (first == second))
                let order = StringView.compare(left, right)
                let isBefore = first.utf8.lexicographicallyPrecedes(second.utf8)
                #expect(order < 0 ? isBefore : order == 0 ? first == second : !isBefore && first != second)
            }
            let view = heap.add(first)
            #expect(view.string == first)
            let bytes = Array(first.utf8)
            #expect(bytes.withUnsafeBufferPointer { Hashing.hash($0) } == Hashing.hash(view))
        }
        #expect(Hashing.hash(UInt64(1)) != Hashing.hash(UInt64(2)))
        #expect(Hashing.combine(1, 2) != Hashing.combine(2, 1))
    }

    @Test("a chunk with a selection shows its rows, compacted or not")
    func chunks() {
        let builder = DataChunkBuilder(types: [.integer, .text])
        for row in 0..<100 {
            builder.append([.integer(Int32(row)), row % 9 == 0 ? .null : .text("row \(row)")])
        }
        let whole = builder.finish()
        let chosen = DataChunk(
            columns: whole.columns, rowCount: 100,
            selection: SelectionVector((0..<100).filter { $0 % 4 == 0 }))
        let compact = chosen.compacted()
        #expect(compact.selection == nil && compact.rowCount == 25 && chosen.selectedCount == 25)
        for row in 0..<25 {
            #expect(chosen.row(row) == compact.row(row) && compact.row(row) == whole.row(row * 4))
        }
        let swapped = chosen.projected([1, 0])
        #expect(swapped.row(1) == Array(chosen.row(1).reversed()))
    }

    @Test("buffers that are given up and taken again never overlap")
    func buffers() {
        var random = SeededGenerator(state: 5)
        var held: [(VectorBuffer, UInt8)] = []
        for round in 0..<2_000 {
            let byteCount = Int.random(in: 0..<40_000, using: &random)
            let buffer = VectorBuffer(byteCount: byteCount)
            #expect(UInt(bitPattern: buffer.base) % UInt(VectorBuffer.alignment) == 0)
            let mark = UInt8(truncatingIfNeeded: round)
            let size = byteCount + VectorBuffer.slackBytes
            buffer.base.initializeMemory(as: UInt8.self, repeating: mark, count: size)
            held.append((buffer, mark))
            if held.count > 20 {
                let (old, oldMark) = held.remove(at: Int.random(in: 0..<held.count, using: &random))
                let bytes = UnsafeBufferPointer(
                    start: old.pointer(as: UInt8.self), count: old.byteCount + VectorBuffer.slackBytes)
                #expect(bytes.allSatisfy { $0 == oldMark })
            }
        }
    }
}
