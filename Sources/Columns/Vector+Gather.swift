extension Vector {
    /// The chosen rows as a new vector of `selection.count` rows: codes stay codes, a constant stays a
    /// constant. O(selection.count), one allocation.
    public func gathered(_ selection: SelectionVector) -> Vector {
        let rows = selection.rows
        let rowCount = selection.count
        switch form {
        case .constant:
            return Vector(constant: values, type: type, count: rowCount, isNull: validity != nil, heap: heap)
        case .dictionary:
            guard let dictionary else { preconditionFailure("a dictionary vector has a dictionary") }
            let codes = Self.gather(values.pointer(as: UInt32.self), rows, rowCount)
            return Vector(
                codes: codes, dictionary: dictionary, count: rowCount,
                validity: gatheredValidity(rows, rowCount))
        case .flat:
            return Vector(
                flat: gatheredValues(rows, rowCount), type: type, count: rowCount,
                validity: gatheredValidity(rows, rowCount), heap: heap)
        }
    }

    /// The same rows in flat form (itself if it is). O(count).
    public func flattened() -> Vector {
        switch form {
        case .flat: return self
        case .constant:
            let rows = VectorBuffer(byteCount: count * 4)
            rows.fillWithZeros()
            let one = Vector(flat: values, type: type, count: 1, heap: heap)
            let repeated = one.gatheredValues(rows.pointer(as: UInt32.self), count)
            let mask = validity == nil ? nil : ValidityMask(count: count, allValid: false)
            return Vector(flat: repeated, type: type, count: count, validity: mask, heap: heap)
        case .dictionary:
            guard let dictionary else { preconditionFailure("a dictionary vector has a dictionary") }
            let entries = dictionary.entries
            let result = entries.gatheredValues(values.pointer(as: UInt32.self), count)
            return Vector(
                flat: result, type: type, count: count, validity: validity,
                heap: entries.physical == .string ? StringHeap(keeping: [dictionary]) : nil)
        }
    }

    /// Rows `range` as a new vector. O(range.count).
    public func slice(_ range: Range<Int>) -> Vector {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a slice lies inside its vector")
        if range == 0..<count { return self }
        let rows = VectorBuffer(byteCount: range.count * 4)
        let pointer = rows.pointer(as: UInt32.self)
        for index in 0..<range.count {
            pointer[index] = UInt32(truncatingIfNeeded: range.lowerBound &+ index)
        }
        return gathered(SelectionVector(buffer: rows, count: range.count))
    }

    func gatheredValues(_ rows: UnsafePointer<UInt32>, _ rowCount: Int) -> VectorBuffer {
        switch physical.byteCount {
        case 1: Self.gather(values.pointer(as: UInt8.self), rows, rowCount)
        case 2: Self.gather(values.pointer(as: UInt16.self), rows, rowCount)
        case 4: Self.gather(values.pointer(as: UInt32.self), rows, rowCount)
        case 8: Self.gather(values.pointer(as: UInt64.self), rows, rowCount)
        default: Self.gather(values.pointer(as: StringView.self), rows, rowCount)
        }
    }

    private func gatheredValidity(_ rows: UnsafePointer<UInt32>, _ rowCount: Int) -> ValidityMask? {
        guard let validity else { return nil }
        let result = ValidityMask(count: rowCount, allValid: false)
        for index in 0..<rowCount where validity.isValid(Int(rows[index])) { result.setValid(index) }
        return result
    }

    private static func gather<Element: BitwiseCopyable>(
        _ source: UnsafePointer<Element>, _ rows: UnsafePointer<UInt32>, _ rowCount: Int
    ) -> VectorBuffer {
        let buffer = VectorBuffer(byteCount: rowCount &* MemoryLayout<Element>.stride)
        let target = buffer.pointer(as: Element.self)
        for index in 0..<rowCount { target[index] = source[Int(rows[index])] }
        return buffer
    }
}
