import Columns

/// An aggregate over the frame of each row.
struct WindowAggregates {
    let function: AggregateFunction
    let rows: WindowRows
    let frames: WindowFrames
    /// The arguments of the rows that count, and how many of those come before each row.
    private let arguments: [Vector]
    private let before: [Int]

    init(
        _ function: AggregateFunction, _ arguments: [Vector], filter: Vector?, _ rows: WindowRows,
        _ frames: WindowFrames
    ) {
        self.function = function
        self.rows = rows
        self.frames = frames
        let chosen = filter?.pointer(as: UInt8.self)
        var counted: [Int] = []
        var before = [0]
        before.reserveCapacity(rows.count + 1)
        for row in 0..<rows.count {
            let isChosen = chosen.map { $0[row] != 0 && !(filter?.isNull(row) ?? false) } ?? true
            if isChosen, arguments.allSatisfy({ !$0.isNull(row) }) { counted.append(row) }
            before.append(counted.count)
        }
        self.before = before
        let selection = SelectionVector(counted)
        self.arguments = arguments.map { $0.gathered(selection).flattened() }
        withExtendedLifetime(filter) {}
    }

    private var count: Int { before[rows.count] }

    /// The frame in terms of the rows that count.
    @inline(__always) private func pieces(_ row: Int) -> (Range<Int>, Range<Int>, Range<Int>) {
        let (first, middle, last) = frames.pieces(row)
        return (counted(first), counted(middle), counted(last))
    }

    @inline(__always) private func counted(_ range: Range<Int>) -> Range<Int> {
        before[range.lowerBound]..<before[range.upperBound]
    }

    func results(_ context: QueryContext) throws(ExecutionError) -> Vector {
        switch function.name {
        case "count":
            return try AggregateResult.make(.bigint, 0..<rows.count) { row in
                let (first, middle, last) = pieces(row)
                return Int64(first.count + middle.count + last.count)
            }
        case "sum", "avg":
            let type = function.parameterTypes[0]
            if type != .interval, !type.isFloatingPoint { return try exactSums() }
        case "min", "bool_and", "every": return extremes(isMaximum: false)
        case "max", "bool_or": return extremes(isMaximum: true)
        case "any_value": return picked(Array(0..<count), isMaximum: false)
        default: break
        }
        return try replayed(context)
    }

    /// Sums of whole numbers and decimals as differences of running sums.
    private func exactSums() throws(ExecutionError) -> Vector {
        let vector = arguments[0]
        var sums: [Int128] = [0]
        sums.reserveCapacity(count + 1)
        var total: Int128 = 0
        for row in 0..<count {
            // Wraps around at worst: differences are right as long as they fit.
            total &+=
                vector.physical == .int128
                ? vector.pointer(as: Int128.self)[row] : Int128(vector.wholeNumber(at: row))
            sums.append(total)
        }
        let type = function.returnType
        let argumentScale = function.parameterTypes[0].scale
        func sum(_ row: Int) -> (Int128, Int) {
            let (first, middle, last) = pieces(row)
            func part(_ range: Range<Int>) -> Int128 { sums[range.upperBound] &- sums[range.lowerBound] }
            return (part(first) &+ part(middle) &+ part(last), first.count + middle.count + last.count)
        }
        if type.physical == .int64 {
            return try AggregateResult.make(type, 0..<rows.count) { (row) throws(ExecutionError) -> Int64? in
                let (sum, count) = sum(row)
                if count == 0 { return nil }
                guard let narrow = Int64(exactly: sum) else { throw .numericOverflow(type: type) }
                return narrow
            }
        }
        let isAverage = function.name == "avg"
        return try AggregateResult.make(type, 0..<rows.count) { (row) throws(ExecutionError) -> Int128? in
            let (sum, count) = sum(row)
            if count == 0 { return nil }
            if isAverage {
                let exponent = type.scale - argumentScale
                guard let mean = WideDecimal.divide(sum, by: Int128(count), exponent: exponent) else {
                    throw .numericOverflow(type: type)
                }
                return mean
            }
            guard DecimalMath.fits(sum, precision: DataType.decimalPrecisionMax) else {
                throw .numericOverflow(type: type)
            }
            return sum
        }
    }

    /// MIN and MAX by the places that the values have when sorted.
    private func extremes(isMaximum: Bool) -> Vector {
        let key = SortKey(.column(0, arguments[0].type), nullsFirst: false)
        let order = SortKeys(arguments, [key], rowCount: count).sortedRows()
        var places = [Int](repeating: 0, count: count)
        for (place, row) in order.enumerated() { places[Int(row)] = place }
        return picked(places, isMaximum: isMaximum)
    }

    /// The argument whose place is the least, or the greatest, in each frame.
    private func picked(_ places: [Int], isMaximum: Bool) -> Vector {
        let keys = isMaximum ? places.map { count - 1 - $0 } : places
        var rowAt = [Int](repeating: -1, count: count)
        for (row, key) in keys.enumerated() { rowAt[key] = row }
        let tree = LeastTree(keys)
        var sources = [Int](repeating: -1, count: rows.count)
        for row in 0..<rows.count {
            let (first, middle, last) = pieces(row)
            let least = min(tree.least(first), min(tree.least(middle), tree.least(last)))
            if least < count { sources[row] = rowAt[least] }
        }
        return ValueFunctions.gather([arguments[0]], sources)
    }

    /// Any aggregate: a frame that only grows is continued, every other is computed anew.
    private func replayed(_ context: QueryContext) throws(ExecutionError) -> Vector {
        let call = AggregateCall(function: function, arguments: [])
        var results: [Vector] = []
        var sources = [Int](repeating: -1, count: rows.count)
        var known: (Range<Int>, Range<Int>, Range<Int>)?
        var aggregator = try AggregatorFactory.make(call, isGrouped: false)
        var state = Self.emptyState(aggregator)
        for row in 0..<rows.count {
            let wanted = pieces(row)
            if let last = known, last == wanted {
                sources[row] = results.count - 1
                continue
            }
            if row % DataChunk.capacity == 0 { try context.checkpoint() }
            var done = wanted.0.lowerBound
            if let last = known, last.1.isEmpty, last.2.isEmpty,
                last.0.lowerBound == wanted.0.lowerBound, last.0.upperBound <= wanted.0.upperBound
            {
                done = last.0.upperBound
            } else {
                aggregator = try AggregatorFactory.make(call, isGrouped: false)
                state = Self.emptyState(aggregator)
            }
            let stateRows = StateRows(rows: state.base, stride: aggregator.stateBytes)
            for piece in [done..<wanted.0.upperBound, wanted.1, wanted.2] {
                var start = piece.lowerBound
                while start < piece.upperBound {
                    let end = min(start + DataChunk.capacity, piece.upperBound)
                    let slices = arguments.map { $0.slice(start..<end) }
                    try aggregator.updateAll(stateRows, slices, count: end - start)
                    start = end
                }
            }
            results.append(try aggregator.results(stateRows, 0..<1).flattened())
            sources[row] = results.count - 1
            known = wanted
        }
        withExtendedLifetime(state) {}
        if results.isEmpty { return Vector.null(type: function.returnType, count: rows.count).flattened() }
        let all = VectorConcatenation.concatenate(results, type: function.returnType)
        return ValueFunctions.gather([all], sources)
    }

    private static func emptyState(_ aggregator: Aggregator) -> VectorBuffer {
        let state = VectorBuffer(byteCount: max(aggregator.stateBytes, 8))
        state.fillWithZeros()
        return state
    }
}

/// The least number of any range, in O(log n).
struct LeastTree {
    private let count: Int
    private var nodes: [Int]

    init(_ numbers: [Int]) {
        count = numbers.count
        nodes = [Int](repeating: .max, count: count) + numbers
        for node in stride(from: count - 1, to: 0, by: -1) {
            nodes[node] = min(nodes[2 * node], nodes[2 * node + 1])
        }
    }

    /// `Int.max` for no numbers.
    func least(_ range: Range<Int>) -> Int {
        var low = range.lowerBound + count
        var high = range.upperBound + count
        var least = Int.max
        while low < high {
            if low & 1 == 1 {
                least = min(least, nodes[low])
                low += 1
            }
            if high & 1 == 1 {
                high -= 1
                least = min(least, nodes[high])
            }
            low >>= 1
            high >>= 1
        }
        return least
    }
}
