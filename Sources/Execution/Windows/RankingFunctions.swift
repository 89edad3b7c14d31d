import Columns

/// Functions of a row's place in its partition.
enum RankingFunctions {
    static func numbers(_ function: WindowFunction, _ rows: WindowRows) -> Vector {
        let buffer = VectorBuffer(byteCount: max(rows.count, 1) * 8)
        let target = buffer.pointer(as: Int64.self)
        for range in rows.ranges {
            var dense: Int64 = 0
            for row in range {
                let peers = rows.peerStart[row]
                if peers == row { dense &+= 1 }
                switch function {
                case .rowNumber: target[row] = Int64(row &- range.lowerBound &+ 1)
                case .denseRank: target[row] = dense
                default: target[row] = Int64(peers &- range.lowerBound &+ 1)
                }
            }
        }
        return Vector(flat: buffer, type: .bigint, count: rows.count)
    }

    static func fractions(_ function: WindowFunction, _ rows: WindowRows) -> Vector {
        let buffer = VectorBuffer(byteCount: max(rows.count, 1) * 8)
        let target = buffer.pointer(as: Double.self)
        for range in rows.ranges {
            for row in range {
                if function == .cumeDist {
                    target[row] = Double(rows.peerEnd[row] - range.lowerBound) / Double(range.count)
                } else {
                    let before = Double(rows.peerStart[row] - range.lowerBound)
                    target[row] = range.count == 1 ? 0 : before / Double(range.count - 1)
                }
            }
        }
        return Vector(flat: buffer, type: .doublePrecision, count: rows.count)
    }

    /// The first rows of a partition say into how many parts it is cut.
    ///
    /// - Throws: `.refused` with 22014 for a number below 1.
    static func ntile(_ parts: Vector, _ rows: WindowRows) throws(ExecutionError) -> Vector {
        let buffer = VectorBuffer(byteCount: max(rows.count, 1) * 4)
        buffer.fillWithZeros()
        let target = buffer.pointer(as: Int32.self)
        let validity = ValidityMask(count: rows.count, allValid: true)
        let wanted = parts.pointer(as: Int64.self)
        for range in rows.ranges {
            guard let first = range.first(where: { !parts.isNull($0) }) else {
                for row in range { validity.setNull(row) }
                continue
            }
            for row in range.lowerBound..<first { validity.setNull(row) }
            if wanted[first] <= 0 {
                throw .refused(code: "22014", reason: "argument of ntile must be greater than zero")
            }
            let count = Int(min(wanted[first], Int64(range.count)))
            let (size, larger) = range.count.quotientAndRemainder(dividingBy: count)
            for row in range.lowerBound..<range.upperBound {
                let place = row - first
                if place < 0 { continue }
                let inLarger = larger * (size + 1)
                let part = place < inLarger ? place / (size + 1) : larger + (place - inLarger) / size
                target[row] = Int32(truncatingIfNeeded: part + 1)
            }
        }
        return Vector(flat: buffer, type: .integer, count: rows.count, validity: validity)
    }
}
