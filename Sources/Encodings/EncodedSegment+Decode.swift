import Columns

extension EncodedSegment {
    /// Rows of one vector of the segment: 2,048, fewer in the last.
    public func rowCount(ofVector vector: Int) -> Int {
        min(DataChunk.capacity, rowCount &- vector &* DataChunk.capacity)
    }

    /// Decodes one vector: flat, constant, or codes where the segment has them. The result stays valid for as
    /// long as it is held; its buffer is reused once it is not.
    ///
    /// - Parameters:
    ///   - tableDictionary: The table's dictionary of the column, with at least `tableEntryCount` entries;
    ///     unused by other forms.
    ///
    /// 0.1 to 0.3 ns a number, 1 to 2 ns a string; no allocation of values in the steady state.
    public func decode(vector: Int, tableDictionary: VectorDictionary?, scratch: DecodeScratch) -> Vector {
        precondition(vector >= 0 && vector < vectorCount, "a vector of this segment")
        let count = rowCount(ofVector: vector)
        let mask = validityMask(vector: vector, count: count)
        switch form {
        case .allNull:
            let zero = VectorBuffer(byteCount: type.physical.byteCount)
            zero.fillWithZeros()
            return Vector(constant: zero, type: type, count: count, isNull: true)
        case .constant(let value):
            let one = VectorBuffer(borrowing: value, byteCount: type.physical.byteCount, owner: memory)
            return spread(one, count: count, mask: mask, heap: nil)
        case .constantString(let view):
            let one = VectorBuffer(byteCount: MemoryLayout<StringView>.stride)
            one.pointer(as: StringView.self)[0] = view
            return spread(one, count: count, mask: mask, heap: heap)
        case .plain(let values):
            let width = type.physical.byteCount
            let start = vector &* DataChunk.capacity &* width
            let borrowed = VectorBuffer(borrowing: values + start, byteCount: count &* width, owner: memory)
            return Vector(flat: borrowed, type: type, count: count, validity: mask)
        case .packed(let stream):
            let buffer = scratch.pool.take()
            unpack(stream, vector: vector, count: count, into: buffer, scratch: scratch)
            return Vector(flat: buffer, type: type, count: count, validity: mask)
        case .runs(let runs):
            let buffer = scratch.pool.take()
            runs.decode(vector: vector, count: count, into: scratch.words)
            WordColumn.narrow(scratch.words, count: count, physical: type.physical, into: buffer.base)
            return Vector(flat: buffer, type: type, count: count, validity: mask)
        case .wordDictionary(let entries, let codes):
            codes.unpackLow32(vector: vector, into: scratch.codes, scratch: scratch.words)
            let buffer = scratch.pool.take()
            Self.gather(
                entries, scratch.codes, count: count, width: type.physical.byteCount, into: buffer.base)
            return Vector(flat: buffer, type: type, count: count, validity: mask)
        case .stringDictionary(let dictionary, let codes):
            return coded(codes, dictionary, vector: vector, count: count, mask: mask, scratch: scratch)
        case .tableDictionary(let codes):
            guard let tableDictionary, tableDictionary.count >= tableEntryCount else {
                preconditionFailure("the reader checks the dictionary before it decodes")
            }
            return coded(codes, tableDictionary, vector: vector, count: count, mask: mask, scratch: scratch)
        case .strings(let strings):
            let buffer = scratch.pool.take()
            strings.decode(
                vector: vector, into: buffer.pointer(as: StringView.self), scratch: scratch.codes,
                wide: scratch.words)
            return Vector(flat: buffer, type: type, count: count, validity: mask, heap: heap)
        case .uuidText(let uuids):
            let buffer = scratch.pool.take()
            let text = uuids.decode(vector: vector, count: count, into: buffer.pointer(as: StringView.self))
            return Vector(
                flat: buffer, type: type, count: count, validity: mask, heap: StringHeap(keeping: [text]))
        case .symbols(let symbols):
            let buffer = scratch.pool.take()
            let text = symbols.decode(
                vector: vector, into: buffer.pointer(as: StringView.self), scratch: scratch.words)
            return Vector(
                flat: buffer, type: type, count: count, validity: mask, heap: StringHeap(keeping: [text]))
        case .decimalScaled(let scaled):
            let buffer = scratch.pool.take()
            decode(scaled, vector: vector, count: count, into: buffer, scratch: scratch)
            return Vector(flat: buffer, type: type, count: count, validity: mask)
        case .stringRuns(let entries, let rows):
            let buffer = scratch.pool.take()
            spread(entries, rows, vector: vector, count: count, into: buffer)
            return Vector(flat: buffer, type: type, count: count, validity: mask, heap: heap)
        }
    }

    private func spread(
        _ entries: Vector, _ rows: RunRows, vector: Int, count: Int, into buffer: VectorBuffer
    ) {
        let output = buffer.pointer(as: StringView.self)
        let views = entries.pointer(as: StringView.self)
        rows.spread(UnsafePointer(views), vector: vector, count: count, into: output)
    }

    private func coded(
        _ codes: PackedStream, _ dictionary: VectorDictionary, vector: Int, count: Int, mask: ValidityMask?,
        scratch: DecodeScratch
    ) -> Vector {
        let buffer = scratch.codePool.take()
        codes.unpackLow32(vector: vector, into: buffer.pointer(as: UInt32.self), scratch: scratch.words)
        return Vector(codes: buffer, dictionary: dictionary, count: count, validity: mask)
    }

    private func spread(_ one: VectorBuffer, count: Int, mask: ValidityMask?, heap: StringHeap?) -> Vector {
        let constant = Vector(constant: one, type: type, count: count, heap: heap)
        guard let mask else { return constant }
        return Vector(flat: constant.flattened().values, type: type, count: count, validity: mask, heap: heap)
    }

    private func unpack(
        _ stream: PackedStream, vector: Int, count: Int, into buffer: VectorBuffer, scratch: DecodeScratch
    ) {
        switch type.physical.byteCount {
        case 8: stream.unpack(vector: vector, into: buffer.pointer(as: Int64.self))
        case 4:
            stream.unpackLow32(vector: vector, into: buffer.pointer(as: UInt32.self), scratch: scratch.words)
        case 2:
            stream.unpackLow32(vector: vector, into: scratch.codes, scratch: scratch.words)
            let output = buffer.pointer(as: UInt16.self)
            for row in 0..<count { output[row] = UInt16(truncatingIfNeeded: scratch.codes[row]) }
        case 1:
            stream.unpackLow32(vector: vector, into: scratch.codes, scratch: scratch.words)
            let output = buffer.pointer(as: UInt8.self)
            // Whatever a damaged stream says, a boolean is 0 or 1.
            for row in 0..<count { output[row] = UInt8(truncatingIfNeeded: scratch.codes[row]) & 1 }
        default:
            stream.unpack(vector: vector, into: scratch.words)
            WordColumn.narrow(scratch.words, count: count, physical: type.physical, into: buffer.base)
        }
    }

    private func decode(
        _ scaled: DecimalScaledEncoding, vector: Int, count: Int, into buffer: VectorBuffer,
        scratch: DecodeScratch
    ) {
        if type.physical == .float64 {
            scaled.decode(vector: vector, into: buffer.pointer(as: Double.self), scratch: scratch.words)
            return
        }
        let numbers = VectorBuffer(byteCount: DataChunk.capacity * 8)
        scaled.decode(vector: vector, into: numbers.pointer(as: Double.self), scratch: scratch.words)
        let source = numbers.pointer(as: Double.self)
        let output = buffer.pointer(as: Float.self)
        for row in 0..<count { output[row] = Float(source[row]) }
        withExtendedLifetime(numbers) {}
    }

    private func validityMask(vector: Int, count: Int) -> ValidityMask? {
        guard let validity else { return nil }
        let words = validity + vector &* (DataChunk.capacity / 64)
        let wordCount = ValidityMask.wordCount(for: count)
        var valid = 0
        for word in 0..<wordCount { valid &+= words[word].nonzeroBitCount }
        if valid == count { return nil }
        let mask = ValidityMask(count: count, allValid: false)
        mask.words.update(from: words, count: wordCount)
        return mask
    }

    static func gather(
        _ entries: UnsafeRawPointer, _ codes: UnsafePointer<UInt32>, count: Int, width: Int,
        into output: UnsafeMutableRawPointer
    ) {
        switch width {
        case 1: gather(entries, codes, count, output, UInt8.self)
        case 2: gather(entries, codes, count, output, UInt16.self)
        case 4: gather(entries, codes, count, output, UInt32.self)
        case 8: gather(entries, codes, count, output, UInt64.self)
        default: gather(entries, codes, count, output, UInt128.self)
        }
    }

    private static func gather<Element: BitwiseCopyable>(
        _ entries: UnsafeRawPointer, _ codes: UnsafePointer<UInt32>, _ count: Int,
        _ output: UnsafeMutableRawPointer,
        _ type: Element.Type
    ) {
        let source = entries.assumingMemoryBound(to: Element.self)
        let target = output.assumingMemoryBound(to: Element.self)
        for row in 0..<count { target[row] = source[Int(codes[row])] }
    }
}
