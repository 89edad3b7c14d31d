import Columns
import Encodings

/// The form of a chunk in a temporary file. Only the process that wrote it reads it.
///
/// Column by column: a byte that tells the form; for a constant, one value; else the words of the validity
/// mask (if the form says so), then the values. Strings are their lengths in 32 bits each, then their bytes.
enum ChunkCodec {
    private enum Form: UInt8 {
        case flat = 0
        case flatWithNulls = 1
        case constant = 2
        case null = 3
    }

    /// Appends a chunk without a selection.
    static func encode(_ chunk: DataChunk, into target: RawBytes) {
        precondition(chunk.selection == nil, "rows are chosen before they are written")
        for column in chunk.columns { encode(column, into: target) }
    }

    private static func encode(_ column: Vector, into target: RawBytes) {
        if column.form == .constant {
            let form: Form = column.validity == nil ? .constant : .null
            target.append(number: form.rawValue)
            if form == .constant { encodeValues(column, count: 1, validity: nil, into: target) }
            return
        }
        let flat = column.flattened()
        guard let validity = flat.validity, validity.validCount < flat.count else {
            target.append(number: Form.flat.rawValue)
            return encodeValues(flat, count: flat.count, validity: nil, into: target)
        }
        target.append(number: Form.flatWithNulls.rawValue)
        target.append(validity.words, byteCount: ValidityMask.wordCount(for: flat.count) * 8)
        encodeValues(flat, count: flat.count, validity: validity, into: target)
    }

    private static func encodeValues(
        _ column: Vector, count: Int, validity: ValidityMask?, into target: RawBytes
    ) {
        switch column.physical {
        case .bool, .int16, .int32, .int64, .int128, .float32, .float64, .interval, .uint128:
            target.append(column.values.base, byteCount: count * column.physical.byteCount)
        case .string:
            let views = column.pointer(as: StringView.self)
            var total = 0
            for row in 0..<count {
                let length = validity?.isValid(row) ?? true ? views[row].count : 0
                target.append(number: UInt32(truncatingIfNeeded: length))
                total += length
            }
            var bytes = target.extend(byBytes: total)
            for row in 0..<count where validity?.isValid(row) ?? true {
                views[row].withBytes { source in
                    guard let base = source.baseAddress, source.count > 0 else { return }
                    bytes.copyMemory(from: base, byteCount: source.count)
                    bytes += source.count
                }
            }
        }
        withExtendedLifetime(column) {}
    }

    /// - Returns: nil when the bytes are not those of such a chunk.
    static func decode(_ bytes: UnsafeRawBufferPointer, types: [DataType], rowCount: Int) -> DataChunk? {
        guard rowCount >= 0, rowCount <= DataChunk.capacity else { return nil }
        var reader = Reader(bytes: bytes)
        var columns: [Vector] = []
        for type in types {
            guard let column = decode(type, rowCount, &reader) else { return nil }
            columns.append(column)
        }
        return reader.isAtEnd ? DataChunk(columns: columns, rowCount: rowCount) : nil
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var byteOffset = 0

        var isAtEnd: Bool { byteOffset == bytes.count }

        /// The next bytes; nil when there are not so many.
        mutating func take(_ byteCount: Int) -> UnsafeRawPointer? {
            guard byteCount >= 0, byteCount <= bytes.count - byteOffset, let base = bytes.baseAddress else {
                return nil
            }
            defer { byteOffset += byteCount }
            return base + byteOffset
        }
    }

    private static func decode(_ type: DataType, _ rowCount: Int, _ reader: inout Reader) -> Vector? {
        guard let tag = reader.take(1), let form = Form(rawValue: tag.load(as: UInt8.self)) else {
            return nil
        }
        switch form {
        case .null: return Vector.null(type: type, count: rowCount)
        case .constant:
            guard let one = decodeValues(type, 1, nil, &reader) else { return nil }
            return Vector(constant: one.values, type: type, count: rowCount, heap: one.heap)
        case .flat: return decodeValues(type, rowCount, nil, &reader)
        case .flatWithNulls:
            let wordCount = ValidityMask.wordCount(for: rowCount)
            guard let words = reader.take(wordCount * 8) else { return nil }
            let mask = ValidityMask(count: rowCount, allValid: false)
            UnsafeMutableRawPointer(mask.words).copyMemory(from: words, byteCount: wordCount * 8)
            if rowCount > 0 { mask.clearTail() }
            return decodeValues(type, rowCount, mask, &reader)
        }
    }

    private static func decodeValues(
        _ type: DataType, _ count: Int, _ validity: ValidityMask?, _ reader: inout Reader
    ) -> Vector? {
        switch type.physical {
        case .bool, .int16, .int32, .int64, .int128, .float32, .float64, .interval, .uint128:
            let byteCount = count * type.physical.byteCount
            guard let source = reader.take(byteCount) else { return nil }
            let buffer = VectorBuffer(byteCount: byteCount)
            if byteCount > 0 { buffer.base.copyMemory(from: source, byteCount: byteCount) }
            return Vector(flat: buffer, type: type, count: count, validity: validity)
        case .string: return decodeStrings(type, count, validity, &reader)
        }
    }

    private static func decodeStrings(
        _ type: DataType, _ count: Int, _ validity: ValidityMask?, _ reader: inout Reader
    ) -> Vector? {
        guard let lengths = reader.take(count * 4) else { return nil }
        var total = 0
        for row in 0..<count { total += Int(lengths.loadUnaligned(fromByteOffset: row * 4, as: UInt32.self)) }
        guard let source = reader.take(total) else { return nil }
        let heap = StringHeap()
        let target = heap.reserve(total)
        if total > 0 { target.copyMemory(from: source, byteCount: total) }
        let buffer = VectorBuffer(byteCount: count * 16)
        let views = buffer.pointer(as: StringView.self)
        var byteOffset = 0
        for row in 0..<count {
            let length = Int(lengths.loadUnaligned(fromByteOffset: row * 4, as: UInt32.self))
            views[row] = StringView(
                (target + byteOffset).assumingMemoryBound(to: UInt8.self), count: length)
            byteOffset += length
        }
        return Vector(flat: buffer, type: type, count: count, validity: validity, heap: heap)
    }
}
