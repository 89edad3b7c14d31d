import Columns

/// Puts a vector together from rows of several others.
enum RowMerge {
    /// Row `r` of the result is row `r` of `sources[choice[r]]`; a choice beyond the sources is NULL. Sources
    /// have the type and the count of the result. O(rows), one allocation.
    static func merge(_ sources: [Vector], choosing choice: [UInt8], type: DataType) -> Vector {
        let count = choice.count
        let flats = sources.map { $0.flattened() }
        let heap = type.physical == .string ? StringHeap(keeping: flats) : nil
        let buffer = VectorBuffer(byteCount: count * type.physical.byteCount)
        switch type.physical.byteCount {
        case 1: copy(flats, choice, buffer.pointer(as: UInt8.self))
        case 2: copy(flats, choice, buffer.pointer(as: UInt16.self))
        case 4: copy(flats, choice, buffer.pointer(as: UInt32.self))
        case 8: copy(flats, choice, buffer.pointer(as: UInt64.self))
        default: copy(flats, choice, buffer.pointer(as: StringView.self))
        }
        var validity: ValidityMask?
        if flats.contains(where: { $0.validity != nil }) || choice.contains(where: { Int($0) >= flats.count })
        {
            let mask = ValidityMask(count: count, allValid: true)
            for row in 0..<count {
                let source = Int(choice[row])
                if source >= flats.count || flats[source].isNull(row) { mask.setNull(row) }
            }
            validity = mask
        }
        return Vector(flat: buffer, type: type, count: count, validity: validity, heap: heap)
    }

    private static func copy<Element: BitwiseCopyable>(
        _ sources: [Vector], _ choice: [UInt8], _ target: UnsafeMutablePointer<Element>
    ) {
        let zeros = VectorBuffer(byteCount: choice.count * MemoryLayout<Element>.stride)
        zeros.fillWithZeros()
        let bases = sources.map { $0.pointer(as: Element.self) } + [zeros.pointer(as: Element.self)]
        choice.withUnsafeBufferPointer { choice in
            bases.withUnsafeBufferPointer { bases in
                for row in 0..<choice.count {
                    target[row] = bases[min(Int(choice[row]), bases.count &- 1)][row]
                }
            }
        }
    }
}

/// Puts vectors one behind the other.
enum VectorConcatenation {
    /// The rows as codes, when all parts share one dictionary.
    private static func concatenateCodes(_ parts: [Vector]) -> Vector? {
        guard var dictionary = parts.first?.dictionary else { return nil }
        for part in parts {
            guard let other = part.dictionary else { return nil }
            let isSame =
                other === dictionary || (other.identity != 0 && other.identity == dictionary.identity)
            guard isSame else { return nil }
            if other.count > dictionary.count { dictionary = other }
        }
        let total = parts.reduce(0) { $0 + $1.count }
        let buffer = VectorBuffer(byteCount: total * 4)
        var validity: ValidityMask?
        var start = 0
        for part in parts {
            (buffer.base + start * 4).copyMemory(from: part.values.base, byteCount: part.count * 4)
            addNulls(of: part, at: start, total: total, &validity)
            start += part.count
        }
        return Vector(codes: buffer, dictionary: dictionary, count: total, validity: validity)
    }

    private static func addNulls(of part: Vector, at start: Int, total: Int, _ validity: inout ValidityMask?)
    {
        guard let mask = part.validity else { return }
        let all = validity ?? ValidityMask(count: total, allValid: true)
        validity = all
        for row in 0..<part.count where !mask.isValid(row) { all.setNull(start + row) }
    }

    /// All rows of the parts in order: codes when they share a dictionary, flat otherwise. O(rows).
    static func concatenate(_ parts: [Vector], type: DataType) -> Vector {
        if parts.count == 1, parts[0].form != .constant { return parts[0] }
        if let codes = concatenateCodes(parts) { return codes }
        let width = type.physical.byteCount
        let total = parts.reduce(0) { $0 + $1.count }
        let buffer = VectorBuffer(byteCount: total * width)
        var validity: ValidityMask?
        var heap: StringHeap?
        var start = 0
        for part in parts {
            let flat = part.flattened()
            (buffer.base + start * width).copyMemory(from: flat.values.base, byteCount: flat.count * width)
            addNulls(of: flat, at: start, total: total, &validity)
            if type.physical == .string {
                let keeping = heap ?? StringHeap()
                heap = keeping
                if let owner = flat.heap { keeping.keep(owner) }
            }
            start += flat.count
        }
        return Vector(flat: buffer, type: type, count: total, validity: validity, heap: heap)
    }
}
