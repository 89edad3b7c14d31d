import Columns
import Encodings

/// Random numbers that are the same for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Hashing.hash(state)
    }
}

/// Shapes of data that lead to every encoding.
enum Shape: UInt64, CaseIterable, Sendable {
    case constant, narrow, wide, runs, fewValues, ascending, extremes, allNull, unique
}

/// A column of plain values, which is the twin that decoded segments are compared with.
struct PlainColumn {
    var type: DataType
    var values: [Value]

    init(type: DataType, shape: Shape, rowCount: Int, nullShare: UInt64, seed: UInt64) {
        self.type = type
        var generator = SeededGenerator(seed)
        var current: Int64 = 0
        values = []
        for row in 0..<rowCount {
            switch shape {
            case .constant, .allNull: current = 42
            case .narrow: current = Int64(generator.next() % 100) - 50
            case .wide: current = Int64(truncatingIfNeeded: generator.next())
            case .runs: if generator.next() % 40 == 0 { current = Int64(generator.next() % 1_000_000) }
            case .fewValues: current = Int64(truncatingIfNeeded: Hashing.hash(generator.next() % 50))
            case .ascending: current = Int64(row) * 3 + 1_000_000_000_000
            case .extremes: current = [Int64.min, .max, 0, -1, 1][Int(generator.next() % 5)]
            case .unique: current = Int64(truncatingIfNeeded: Hashing.hash(UInt64(row)))
            }
            let isNull = shape == .allNull || (nullShare > 0 && generator.next() % nullShare == 0)
            values.append(isNull ? .null : Self.value(current, type: type, shape: shape))
        }
    }

    private static func value(_ number: Int64, type: DataType, shape: Shape) -> Value {
        switch type {
        case .boolean: return .boolean(number & 1 == 1)
        case .smallint: return .smallint(Int16(truncatingIfNeeded: number))
        case .integer: return .integer(Int32(truncatingIfNeeded: number))
        case .bigint: return .bigint(number)
        case .real: return .real(Float(number) / 7)
        case .doublePrecision:
            if shape == .extremes { return .doublePrecision(number == 0 ? -0.0 : Double(number) * 1e290) }
            return .doublePrecision(Double(number) / 3)
        case .decimal(let precision, let scale):
            let unscaled = precision > 18 && shape == .wide ? Int128(number) << 60 : Int128(number)
            return .decimal(unscaled: unscaled, scale: scale)
        case .date: return .date(Int32(truncatingIfNeeded: number))
        case .timestamp: return .timestamp(number)
        case .timestampTZ: return .timestampTZ(number)
        case .time: return .time(number)
        case .array(let element): return .array("{}", of: element)
        case .interval:
            return .interval(Interval(months: Int32(truncatingIfNeeded: number), microseconds: number))
        case .uuid: return .uuid(UInt128(UInt64(bitPattern: number)) << 64 | 7)
        case .text, .json:
            let text: String
            switch shape {
            case .extremes:
                text =
                    [
                        "", "twelve bytes", "thirteen byte", String(repeating: "я", count: 3000),
                        "\u{0}\u{1}",
                    ][Int(UInt64(bitPattern: number) % 5)]
            default: text = "строка \(number)"
            }
            return type == .json ? .json(text) : .text(text)
        }
    }

    /// Calls `body` with the column in the form that encoders read.
    func withColumn<Result>(_ body: (ColumnValues) throws -> Result) rethrows -> Result {
        let builder = VectorBuilder(type: type, capacity: max(1, values.count))
        for value in values { builder.append(value) }
        let vector = builder.finish()
        var ends: [UInt32] = []
        var bytes: [UInt8] = []
        if type.physical == .string {
            for row in 0..<vector.count {
                if !vector.isNull(row) {
                    vector.pointer(as: StringView.self)[row].withBytes { bytes.append(contentsOf: $0) }
                }
                ends.append(UInt32(bytes.count))
            }
        }
        // Encoders read up to a vector register beyond the end.
        bytes.append(contentsOf: [UInt8](repeating: 0, count: 64))
        return try ends.withUnsafeBufferPointer { ends in
            try bytes.withUnsafeBufferPointer { bytes in
                guard let endBase = ends.baseAddress ?? UnsafePointer(bitPattern: 64),
                    let byteBase = bytes.baseAddress
                else { preconditionFailure("buffers of tests have addresses") }
                return try body(
                    ColumnValues(
                        physical: type.physical, rowCount: values.count, fixed: vector.values.base,
                        validity: vector.validity.map { UnsafePointer($0.words) }, stringEnds: endBase,
                        stringBytes: byteBase))
            }
        }
    }

    static let types: [DataType] = [
        .boolean, .smallint, .integer, .bigint, .real, .doublePrecision, .decimal(precision: 18, scale: 2),
        .decimal(precision: 38, scale: 4), .date, .timestamp, .interval, .text, .uuid, .json,
    ]
}

extension EncodedSegment {
    /// Every value, vector by vector.
    func allValues() -> [Value] {
        let scratch = DecodeScratch(physical: type.physical)
        return (0..<vectorCount).flatMap { vector in
            let decoded = decode(vector: vector, tableDictionary: nil, scratch: scratch)
            return (0..<decoded.count).map { decoded.value(at: $0) }
        }
    }
}
