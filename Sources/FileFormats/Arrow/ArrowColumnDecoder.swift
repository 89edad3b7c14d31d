import Columns
import DurableIO

/// Decodes one column of a batch into vectors. Owned by one thread.
struct ArrowColumnDecoder {
    let file: any OpenFile
    let field: ArrowField
    let batch: ArrowBatch
    /// Index of the column's first buffer in the batch.
    let firstPart: Int
    /// How many buffers of text a column of views has.
    let viewBufferCount: Int
    let node: ArrowBatch.Node
    let decompressor: Decompressor

    private var place: PagePlace {
        PagePlace(file: file.path, column: field.name, byteOffset: batch.bodyOffset)
    }

    /// All rows, in vectors of `DataChunk.capacity` rows; text with a dictionary stays codes.
    func vectors(dictionary: ArrowDictionary?) throws(FileFormatError) -> [Vector] {
        guard node.rowCount == batch.rowCount, node.nullCount >= -1 else {
            throw place.malformed("column of \(node.rowCount) rows in a batch of \(batch.rowCount)")
        }
        guard let type = field.type else { throw .unsupported(file: file.path, what: field.why) }
        if case .nothing = field.layout, field.dictionaryID == nil {
            // One value for all rows: the number of rows is bounded by nothing in the file.
            let value = VectorBuffer(byteCount: type.physical.byteCount)
            value.fillWithZeros()
            return slices { Vector(constant: value, type: type, count: $0.count, isNull: true) }
        }
        let validity = try buffer(0)
        if node.nullCount != 0 && batch.rowCount > 0 && validity.byteCount > 0 {
            guard validity.byteCount >= (batch.rowCount + 7) / 8 else {
                throw place.malformed("validity of \(validity.byteCount) bytes")
            }
        }
        let hasMask = node.nullCount != 0 && validity.byteCount > 0
        let mask: (Range<Int>) -> ValidityMask? = { rows in
            hasMask ? Self.mask(validity, rows) : nil
        }
        let values = try buffer(1)
        if field.dictionaryID != nil {
            guard let dictionary else { throw place.malformed("codes without a dictionary") }
            return try codes(values, dictionary, mask)
        }
        switch field.layout {
        case .nothing: return []
        case .bits:
            try require(values, (batch.rowCount + 7) / 8)
            return slices { rows in Self.bits(values, rows, mask(rows)) }
        case .fixed(let rawBytes, let conversion):
            try require(values, batch.rowCount * rawBytes)
            return try fixed(values, type, rawBytes, conversion, mask)
        case .text(let isLarge):
            let bytes = try buffer(2)
            return try text(values, bytes, type, isLarge: isLarge, mask)
        case .textViews: return try views(values, type, mask)
        }
    }

    private func slices(_ body: (Range<Int>) -> Vector) -> [Vector] {
        stride(from: 0, to: batch.rowCount, by: DataChunk.capacity).map { first in
            body(first..<min(first + DataChunk.capacity, batch.rowCount))
        }
    }

    private func require(_ buffer: VectorBuffer, _ byteCount: Int) throws(FileFormatError) {
        guard buffer.byteCount >= byteCount else {
            throw place.malformed("buffer of \(buffer.byteCount) bytes for \(batch.rowCount) rows")
        }
    }

    /// Reads and decompresses a buffer of the column.
    private func buffer(_ index: Int) throws(FileFormatError) -> VectorBuffer {
        let part = batch.parts[firstPart + index]
        let stored = VectorBuffer(byteCount: part.byteCount)
        do {
            try file.readFully(
                into: UnsafeMutableRawBufferPointer(start: stored.base, count: part.byteCount),
                atByteOffset: batch.bodyOffset + part.byteOffset)
        } catch { throw .files(error) }
        guard batch.codec != .uncompressed, part.byteCount > 0 else { return stored }
        let place = PagePlace(
            file: file.path, column: field.name, byteOffset: batch.bodyOffset + part.byteOffset)
        guard part.byteCount >= 8 else { throw place.malformed("compressed buffer without a size") }
        let size = Int(stored.base.loadUnaligned(as: Int64.self))
        let body = UnsafeRawBufferPointer(start: stored.base + 8, count: part.byteCount - 8)
        if size == -1 {
            return VectorBuffer(borrowing: stored.base + 8, byteCount: body.count, owner: stored)
        }
        guard size >= 0, size <= Codec.decompressedBytesMax else {
            throw place.malformed("buffer of \(size) bytes")
        }
        let made = VectorBuffer(byteCount: size)
        if size > 0 {
            try decompressor.decompress(
                body, by: batch.codec,
                into: UnsafeMutableRawBufferPointer(start: made.base, count: size), place: place)
        }
        return made
    }

    private static func mask(_ bits: VectorBuffer, _ rows: Range<Int>) -> ValidityMask? {
        let mask = ValidityMask(count: rows.count, allValid: false)
        UnsafeMutableRawPointer(mask.words).copyMemory(
            from: bits.base + rows.lowerBound / 8, byteCount: (rows.count + 7) / 8)
        mask.clearTail()
        return mask.validCount == rows.count ? nil : mask
    }

    private static func nulls(_ type: DataType, _ count: Int) -> Vector {
        let values = VectorBuffer(byteCount: count * type.physical.byteCount)
        values.fillWithZeros()
        let mask = ValidityMask(count: count, allValid: false)
        return Vector(flat: values, type: type, count: count, validity: mask)
    }

    private static func bits(_ source: VectorBuffer, _ rows: Range<Int>, _ mask: ValidityMask?) -> Vector {
        let values = VectorBuffer(byteCount: rows.count)
        let target = values.pointer(as: UInt8.self)
        let bytes = source.pointer(as: UInt8.self) + rows.lowerBound / 8
        for index in 0..<rows.count {
            target[index] = (bytes[index &>> 3] &>> UInt8(truncatingIfNeeded: index & 7)) & 1
        }
        return Vector(flat: values, type: .boolean, count: rows.count, validity: mask)
    }

    private func fixed(
        _ source: VectorBuffer, _ type: DataType, _ rawBytes: Int, _ conversion: ValueConversion,
        _ mask: (Range<Int>) -> ValidityMask?
    ) throws(FileFormatError) -> [Vector] {
        var fault: String?
        let vectors = slices { rows in
            let valid = mask(rows)
            let values = VectorBuffer(byteCount: rows.count * type.physical.byteCount)
            var raw = UnsafeRawPointer(source.base + rows.lowerBound * rawBytes)
            var cleared: VectorBuffer?
            if let valid, conversion != .same {
                // What lies under a NULL means nothing and must not be found wrong.
                let copy = VectorBuffer(byteCount: rows.count * rawBytes)
                copy.base.copyMemory(from: raw, byteCount: rows.count * rawBytes)
                for row in 0..<rows.count where !valid.isValid(row) {
                    (copy.base + row * rawBytes).initializeMemory(
                        as: UInt8.self, repeating: 0, count: rawBytes)
                }
                raw = UnsafeRawPointer(copy.base)
                cleared = copy
            }
            if let found = conversion.convert(raw, count: rows.count, rawBytes: rawBytes, into: values.base) {
                fault = found
            }
            withExtendedLifetime((cleared, source)) {}
            return Vector(flat: values, type: type, count: rows.count, validity: valid)
        }
        if let fault { throw place.malformed(fault) }
        return vectors
    }

    private func text(
        _ offsets: VectorBuffer, _ bytes: VectorBuffer, _ type: DataType, isLarge: Bool,
        _ mask: (Range<Int>) -> ValidityMask?
    ) throws(FileFormatError) -> [Vector] {
        // A batch without rows may leave its offsets out.
        guard batch.rowCount > 0 else { return [] }
        try require(offsets, (batch.rowCount + 1) * (isLarge ? 8 : 4))
        let small = offsets.pointer(as: Int32.self)
        let large = offsets.pointer(as: Int64.self)
        var isInside = true
        var isRight = true
        let vectors = slices { rows in
            let valid = mask(rows)
            let values = VectorBuffer(byteCount: rows.count * 16)
            let target = values.pointer(as: StringView.self)
            for (index, row) in rows.enumerated() {
                let first = isLarge ? Int(large[row]) : Int(small[row])
                let last = isLarge ? Int(large[row + 1]) : Int(small[row + 1])
                guard first >= 0, first <= last, last <= bytes.byteCount else {
                    isInside = false
                    target[index] = .empty
                    continue
                }
                if let valid, !valid.isValid(index) {
                    target[index] = .empty
                    continue
                }
                target[index] = StringView(reading: bytes.base + first, count: last - first)
                isRight = isRight && UTF8Check.isValid(bytes.base + first, count: last - first)
            }
            return Vector(
                flat: values, type: type, count: rows.count, validity: valid,
                heap: StringHeap(keeping: [bytes]))
        }
        withExtendedLifetime(offsets) {}
        guard isInside else { throw place.malformed("offsets of text") }
        guard isRight else { throw place.malformed("text is not UTF-8") }
        return vectors
    }

    private func views(
        _ source: VectorBuffer, _ type: DataType, _ mask: (Range<Int>) -> ValidityMask?
    ) throws(FileFormatError) -> [Vector] {
        try require(source, batch.rowCount * 16)
        var buffers: [VectorBuffer] = []
        for index in 0..<viewBufferCount { buffers.append(try buffer(2 + index)) }
        var isRight = true
        let vectors = slices { rows in
            let valid = mask(rows)
            let values = VectorBuffer(byteCount: rows.count * 16)
            let target = values.pointer(as: StringView.self)
            for (index, row) in rows.enumerated() {
                let view = UnsafeRawPointer(source.base + row * 16)
                let count = Int(view.loadUnaligned(as: Int32.self))
                target[index] = .empty
                if let valid, !valid.isValid(index) { continue }
                var start = view + 4
                if count > 12 {
                    let number = Int(view.loadUnaligned(fromByteOffset: 8, as: Int32.self))
                    let offset = Int(view.loadUnaligned(fromByteOffset: 12, as: Int32.self))
                    guard number >= 0, number < buffers.count, offset >= 0,
                        offset <= buffers[number].byteCount - count
                    else {
                        isRight = false
                        continue
                    }
                    start = UnsafeRawPointer(buffers[number].base + offset)
                }
                guard count >= 0, UTF8Check.isValid(start, count: count) else {
                    isRight = false
                    continue
                }
                target[index] = StringView(reading: start, count: count)
            }
            return Vector(
                flat: values, type: type, count: rows.count, validity: valid,
                heap: StringHeap(keeping: buffers + [source]))
        }
        guard isRight else { throw place.malformed("views of text, or text is not UTF-8") }
        return vectors
    }

    private func codes(
        _ source: VectorBuffer, _ dictionary: ArrowDictionary, _ mask: (Range<Int>) -> ValidityMask?
    ) throws(FileFormatError) -> [Vector] {
        try require(source, batch.rowCount * field.codeBytes)
        let limit = dictionary.entries.count
        var isRight = true
        let vectors = slices { rows in
            let valid = ValidityMask(count: rows.count, allValid: true)
            if let mask = mask(rows) {
                valid.words.update(from: mask.words, count: ValidityMask.wordCount(for: rows.count))
            }
            let codes = VectorBuffer(byteCount: rows.count * 4)
            let target = codes.pointer(as: UInt32.self)
            for (index, row) in rows.enumerated() {
                target[index] = 0
                guard valid.isValid(index) else { continue }
                guard let code = readCode(source.base + row * field.codeBytes), code < limit else {
                    isRight = false
                    continue
                }
                target[index] = UInt32(truncatingIfNeeded: code)
                if let entries = dictionary.validity, !entries.isValid(code) { valid.setNull(index) }
            }
            let nulls = valid.nullCount
            if nulls == rows.count { return Self.nulls(dictionary.entries.entries.type, rows.count) }
            let vector = Vector(
                codes: codes, dictionary: dictionary.entries, count: rows.count,
                validity: nulls == 0 ? nil : valid)
            return vector.physical == .string ? vector : vector.flattened()
        }
        guard isRight else { throw place.malformed("code outside of its dictionary of \(limit)") }
        return vectors
    }

    /// A code; nil when it is negative or larger than any dictionary.
    private func readCode(_ start: UnsafeMutableRawPointer) -> Int? {
        let number: Int64
        switch (field.codeBytes, field.areCodesSigned) {
        case (1, true): number = Int64(start.load(as: Int8.self))
        case (1, false): number = Int64(start.load(as: UInt8.self))
        case (2, true): number = Int64(start.loadUnaligned(as: Int16.self))
        case (2, false): number = Int64(start.loadUnaligned(as: UInt16.self))
        case (4, true): number = Int64(start.loadUnaligned(as: Int32.self))
        case (4, false): number = Int64(start.loadUnaligned(as: UInt32.self))
        default: number = start.loadUnaligned(as: Int64.self)
        }
        return number >= 0 ? Int(number) : nil
    }
}

/// The values behind codes; an entry may be NULL.
struct ArrowDictionary: Sendable {
    let entries: VectorDictionary
    let validity: ValidityMask?

    /// - Parameter vectors: The entries in order, flat.
    init(_ vectors: [Vector], type: DataType) {
        let count = vectors.reduce(0) { $0 + $1.count }
        let width = type.physical.byteCount
        let values = VectorBuffer(byteCount: count * width)
        let mask = ValidityMask(count: count, allValid: true)
        let heap = StringHeap()
        var first = 0
        for vector in vectors {
            (values.base + first * width).copyMemory(
                from: vector.values.base, byteCount: vector.count * width)
            heap.keep(vector)
            for row in 0..<vector.count where vector.isNull(row) { mask.setNull(first + row) }
            first += vector.count
        }
        entries = VectorDictionary(entries: Vector(flat: values, type: type, count: count, heap: heap))
        validity = mask.nullCount == 0 ? nil : mask
    }
}
