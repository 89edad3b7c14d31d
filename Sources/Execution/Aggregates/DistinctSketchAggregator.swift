import Columns
import Glibc

/// APPROX_COUNT_DISTINCT: exact for up to `sparseMax` values a group, then within about 1.6 % from 4 KiB.
/// State: index + 1 of the group's sketch.
///
/// Source: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog", AofA 2007, with linear counting for few values.
final class DistinctSketchAggregator: Aggregator {
    private static let registerBits = 12
    private static let registerCount = 1 << registerBits
    private static let sparseMax = 32

    private struct Sketch {
        /// The hashes of all values, while they are few.
        var hashes: [UInt64] = []
        /// Empty while `hashes` are kept.
        var registers: [UInt8] = []

        @inline(__always) mutating func add(_ hash: UInt64) {
            if !registers.isEmpty { return set(hash) }
            if hashes.contains(hash) { return }
            hashes.append(hash)
            if hashes.count > sparseMax { spread() }
        }

        private mutating func spread() {
            registers = [UInt8](repeating: 0, count: registerCount)
            for hash in hashes { set(hash) }
            hashes = []
        }

        @inline(__always) private mutating func set(_ hash: UInt64) {
            let index = Int(truncatingIfNeeded: hash) & (registerCount &- 1)
            let mask = UInt64(registerCount &- 1)
            let rank = UInt8(truncatingIfNeeded: (hash | mask).leadingZeroBitCount &+ 1)
            if rank > registers[index] { registers[index] = rank }
        }

        mutating func merge(_ other: Sketch) {
            for hash in other.hashes { add(hash) }
            if other.registers.isEmpty { return }
            if registers.isEmpty { spread() }
            for index in registers.indices {
                registers[index] = max(registers[index], other.registers[index])
            }
        }

        var estimate: Int64 {
            if registers.isEmpty { return Int64(hashes.count) }
            let count = Double(registerCount)
            var sum = 0.0
            var zeros = 0
            for register in registers {
                sum += exp2(-Double(register))
                if register == 0 { zeros += 1 }
            }
            let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
            if raw <= 2.5 * count, zeros > 0 { return Int64((count * log(count / Double(zeros))).rounded()) }
            return Int64(raw.rounded())
        }
    }

    private var sketches: [Sketch] = []
    private let hashes = VectorBuffer(byteCount: DataChunk.capacity * 8)

    init() { super.init(stateBytes: 8, type: .bigint) }

    override var ownedBytes: Int {
        sketches.count * 64 + sketches.reduce(0) { $0 + $1.registers.capacity + $1.hashes.capacity * 8 }
    }

    override func update(_ batch: GroupBatch, _ arguments: [Vector]) {
        let hashes = hashes.pointer(as: UInt64.self)
        Self.hash(arguments[0], count: batch.count, into: hashes)
        for row in 0..<batch.count {
            sketches[index(of: batch.state(row, offset))].add(hashes[row])
        }
    }

    private func index(of state: UnsafeMutableRawPointer) -> Int {
        let place = state.assumingMemoryBound(to: Int64.self)
        if place.pointee == 0 {
            sketches.append(Sketch())
            place.pointee = Int64(sketches.count)
        }
        return Int(place.pointee) - 1
    }

    /// Equal values have equal hashes.
    private static func hash(_ vector: Vector, count: Int, into hashes: UnsafeMutablePointer<UInt64>) {
        func fill<Element: BitwiseCopyable>(_: Element.Type, _ hash: (Element) -> UInt64) {
            let values = vector.pointer(as: Element.self)
            for row in 0..<count { hashes[row] = hash(values[row]) }
        }
        switch vector.physical {
        case .bool: fill(UInt8.self) { Hashing.hash(UInt64($0)) }
        case .int16: fill(UInt16.self) { Hashing.hash(UInt64($0)) }
        case .int32: fill(UInt32.self) { Hashing.hash(UInt64($0)) }
        case .int64: fill(UInt64.self) { Hashing.hash($0) }
        case .float32: fill(Float.self) { Hashing.hash(ValueLog.word(Double($0))) }
        case .float64: fill(Double.self) { Hashing.hash(ValueLog.word($0)) }
        case .int128, .uint128: fill(UInt128.self) { Hashing.hash($0) }
        case .interval: fill(Interval.self) { Hashing.hash(UInt128(bitPattern: $0.comparisonKey)) }
        case .string: fill(StringView.self) { Hashing.hash($0) }
        }
    }

    override func combine(
        _ other: Aggregator, _ otherRows: StateRows, count: Int, mapping: UnsafePointer<UInt32>,
        into rows: StateRows
    ) {
        guard let other = other as? DistinctSketchAggregator else {
            preconditionFailure("merged aggregates are alike")
        }
        for group in 0..<count {
            let theirs = otherRows.state(group, other.offset).load(as: Int64.self)
            if theirs == 0 { continue }
            sketches[index(of: rows.state(Int(mapping[group]), offset))].merge(
                other.sketches[Int(theirs) - 1])
        }
    }

    override func results(_ rows: StateRows, _ range: Range<Int>) throws(ExecutionError) -> Vector {
        try AggregateResult.make(type, range) { group -> Int64? in
            let index = rows.state(group, offset).load(as: Int64.self)
            return index == 0 ? 0 : sketches[Int(index) - 1].estimate
        }
    }
}
