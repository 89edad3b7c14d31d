import Columns

extension EncodedSegment {
    /// Decodes chosen rows of one vector alone, for a scan in which few rows of a vector are left.
    ///
    /// - Parameter rows: Ascending, within the vector.
    /// - Returns: `rows.count` values, as `decode` and then gathering would give them.
    ///
    /// 2 to 4 ns a row for forms with random access; the others decode the whole vector.
    public func decode(
        vector: Int, rows: SelectionVector, tableDictionary: VectorDictionary?, scratch: DecodeScratch
    ) -> Vector {
        precondition(vector >= 0 && vector < vectorCount, "a vector of this segment")
        let count = rows.count
        let start = vector &* DataChunk.capacity
        let width = type.physical.byteCount
        let mask = validityMask(start: start, rows)
        switch form {
        case .plain(let values):
            let buffer = scratch.pool.take()
            Self.gather(
                values + start &* width, rows.rows, count: count, width: width, into: buffer.base)
            return Vector(flat: buffer, type: type, count: count, validity: mask)
        case .packed(let stream):
            stream.unpack(vector: vector, rows: rows, into: scratch.words)
            let buffer = scratch.pool.take()
            WordColumn.narrow(scratch.words, count: count, physical: type.physical, into: buffer.base)
            if type == .boolean {
                let bytes = buffer.pointer(as: UInt8.self)
                // Whatever a damaged stream says, a boolean is 0 or 1.
                for index in 0..<count { bytes[index] &= 1 }
            }
            return Vector(flat: buffer, type: type, count: count, validity: mask)
        case .wordDictionary(let entries, let codes):
            codes.unpack(vector: vector, rows: rows, into: scratch.words)
            for index in 0..<count { scratch.codes[index] = UInt32(truncatingIfNeeded: scratch.words[index]) }
            let buffer = scratch.pool.take()
            Self.gather(entries, scratch.codes, count: count, width: width, into: buffer.base)
            return Vector(flat: buffer, type: type, count: count, validity: mask)
        case .stringDictionary(let dictionary, let codes):
            return coded(codes, dictionary, vector, rows, mask, scratch)
        case .tableDictionary(let codes):
            guard let tableDictionary, tableDictionary.count >= tableEntryCount else {
                preconditionFailure("the reader checks the dictionary before it decodes")
            }
            return coded(codes, tableDictionary, vector, rows, mask, scratch)
        default:
            return decode(vector: vector, tableDictionary: tableDictionary, scratch: scratch).gathered(rows)
        }
    }

    private func coded(
        _ codes: PackedStream, _ dictionary: VectorDictionary, _ vector: Int, _ rows: SelectionVector,
        _ mask: ValidityMask?, _ scratch: DecodeScratch
    ) -> Vector {
        codes.unpack(vector: vector, rows: rows, into: scratch.words)
        let buffer = scratch.codePool.take()
        let output = buffer.pointer(as: UInt32.self)
        for index in 0..<rows.count { output[index] = UInt32(truncatingIfNeeded: scratch.words[index]) }
        return Vector(codes: buffer, dictionary: dictionary, count: rows.count, validity: mask)
    }

    private func validityMask(start: Int, _ rows: SelectionVector) -> ValidityMask? {
        guard validity != nil else { return nil }
        let mask = ValidityMask(count: rows.count, allValid: false)
        var valid = 0
        for index in 0..<rows.count where isValid(start &+ Int(rows.rows[index])) {
            mask.setValid(index)
            valid &+= 1
        }
        return valid == rows.count ? nil : mask
    }
}

extension PackedStream {
    /// Writes the values of chosen rows of a vector. `output` has room for 2,048.
    func unpack(vector: Int, rows: SelectionVector, into output: UnsafeMutablePointer<Int64>) {
        let shape = shape(of: vector)
        let count = rows.count
        precondition(count == 0 || Int(rows.rows[count - 1]) < length(of: vector), "rows of this vector")
        if shape.order > 0 {
            // Rows ascend, so that each is moved to where a row before it was.
            unpack(vector: vector, into: output)
            for index in 0..<count { output[index] = output[Int(rows.rows[index])] }
            return
        }
        let base = Int64(bitPattern: shape.base)
        guard shape.width > 0 else { return output.update(repeating: base, count: count) }
        let words = words(shape)
        for index in 0..<count {
            let quotient = BitPacking.value(words, index: Int(rows.rows[index]), width: shape.width)
            output[index] = base &+ Int64(bitPattern: quotient &* factor)
        }
    }
}
