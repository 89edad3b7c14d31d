import Columns

/// Decodes dictionary pages.
enum ParquetDictionary {
    /// The values of a dictionary page, converted to the column's type.
    static func read(
        _ page: ParquetPage, column: ParquetColumn
    ) throws(FileFormatError) -> VectorDictionary {
        let place = page.place
        let count = page.header.valueCount
        guard
            page.header.encoding == ParquetEncoding.plain.rawValue
                || page.header.encoding == ParquetEncoding.plainDictionary.rawValue
        else { throw place.unsupported("encoding \(page.header.encoding) of a dictionary") }
        // Each entry takes bytes, so the page bounds what is allocated.
        let entryBytes = column.physical == .byteArray ? 4 : column.rawBytes
        guard column.physical != .boolean, count <= page.range.count / entryBytes else {
            throw place.malformed("dictionary of \(count) entries in \(page.range.count) bytes")
        }
        let values = VectorBuffer(byteCount: count * column.type.physical.byteCount)
        var heap: StringHeap?
        var fault: String?
        if column.physical == .byteArray {
            var bytes = try ByteArrayValues(
                page.memory, page.range, encoding: .plain, valuesMax: count,
                isText: column.type == .text || column.type == .json, place: place)
            if column.conversion == .same {
                let owner = try bytes.read(into: values.pointer(as: StringView.self), count: count)
                heap = StringHeap(keeping: [owner])
            } else {
                let views = VectorBuffer(byteCount: count * column.rawBytes)
                let owner = try bytes.read(into: views.pointer(as: StringView.self), count: count)
                fault = column.conversion.convert(
                    UnsafeRawPointer(views.base), count: count, rawBytes: column.rawBytes,
                    into: values.base)
                withExtendedLifetime((views, owner)) {}
            }
        } else {
            fault = column.conversion.convert(
                UnsafeRawPointer(page.memory.base + page.range.lowerBound), count: count,
                rawBytes: column.rawBytes, into: values.base)
        }
        if let fault { throw place.malformed(fault) }
        return VectorDictionary(
            entries: Vector(flat: values, type: column.type, count: count, heap: heap))
    }
}
