import Columns

/// Functions that give the value of another row.
enum ValueFunctions {
    /// lag and lead: the value `distance` rows away in the partition, else the default, else NULL.
    static func shifted(
        _ value: Vector, _ distance: Vector?, _ fallback: Vector?, isBack: Bool, _ rows: WindowRows
    ) -> Vector {
        var sources = [Int](repeating: -1, count: rows.count)
        let distances = distance?.pointer(as: Int64.self)
        for range in rows.ranges {
            for row in range {
                var offset: Int64 = 1
                if let distance, let distances {
                    // NULL for a distance of NULL.
                    if distance.isNull(row) { continue }
                    offset = distances[row]
                }
                let limit = Int64(rows.count) + 1
                let steps = Int(min(max(offset, -limit), limit))
                let place = isBack ? row - steps : row + steps
                if range.contains(place) {
                    sources[row] = place
                } else if fallback != nil {
                    sources[row] = rows.count + row
                }
            }
        }
        return gather(fallback.map { [value, $0] } ?? [value], sources)
    }

    /// first_value, last_value and nth_value.
    ///
    /// - Throws: `.refused` with 22016 for a number below 1.
    static func framed(
        _ function: WindowFunction, _ value: Vector, _ number: Vector?, _ frames: WindowFrames,
        _ rows: WindowRows
    ) throws(ExecutionError) -> Vector {
        var sources = [Int](repeating: -1, count: rows.count)
        let numbers = number?.pointer(as: Int64.self)
        for row in 0..<rows.count {
            let (first, middle, last) = frames.pieces(row)
            var nth: Int64 = 1
            if let number, let numbers {
                if number.isNull(row) { continue }
                nth = numbers[row]
                if nth <= 0 {
                    throw .refused(code: "22016", reason: "argument of nth_value must be greater than zero")
                }
            }
            let total = first.count + middle.count + last.count
            if nth > Int64(total) { continue }
            let place = function == .lastValue ? total - 1 : Int(nth) - 1
            if place < first.count {
                sources[row] = first.lowerBound + place
            } else if place < first.count + middle.count {
                sources[row] = middle.lowerBound + place - first.count
            } else {
                sources[row] = last.lowerBound + place - first.count - middle.count
            }
        }
        return gather([value], sources)
    }

    /// The rows of the parts, one behind the other, that `sources` numbers; NULL where it is negative.
    static func gather(_ parts: [Vector], _ sources: [Int]) -> Vector {
        let type = parts[0].type
        let total = parts.reduce(0) { $0 + $1.count }
        let all = VectorConcatenation.concatenate(
            parts.map { $0.flattened() } + [Vector.null(type: type, count: 1).flattened()], type: type)
        let buffer = VectorBuffer(byteCount: max(sources.count, 1) * 4)
        let target = buffer.pointer(as: UInt32.self)
        for (row, source) in sources.enumerated() {
            target[row] = UInt32(truncatingIfNeeded: source < 0 ? total : source)
        }
        return all.gathered(SelectionVector(buffer: buffer, count: sources.count))
    }
}
