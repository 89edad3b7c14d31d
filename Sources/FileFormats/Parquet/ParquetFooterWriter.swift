/// Builds the structure `FileMetaData` of a written file.
enum ParquetFooterWriter {
    private static let structure: UInt8 = 12
    private static let integer: UInt8 = 5
    private static let binary: UInt8 = 8

    static func bytes(
        columns: [ParquetOutputColumn], rowGroups: [(rowCount: Int, columns: [ParquetChunkWriter.Written])],
        rowCount: Int, codec: Int
    ) -> [UInt8] {
        var writer = ThriftWriter()
        writer.structureElement { file in
            file.int32(1, 2)
            file.list(2, count: columns.count + 1, of: structure)
            file.structureElement { root in
                root.text(4, "schema")
                root.int32(5, columns.count)
            }
            for column in columns { column.writeSchema(&file) }
            file.int64(3, rowCount)
            file.list(4, count: rowGroups.count, of: structure)
            for group in rowGroups { write(group.columns, group.rowCount, columns, codec, &file) }
            file.text(6, "ambar")
            // The order of each column is that of its type, which gives the bounds their meaning.
            file.list(7, count: columns.count, of: structure)
            for _ in columns { file.structureElement { $0.structure(1) { _ in } } }
        }
        return writer.bytes
    }

    private static func write(
        _ chunks: [ParquetChunkWriter.Written], _ rowCount: Int, _ columns: [ParquetOutputColumn],
        _ codec: Int, _ file: inout ThriftWriter
    ) {
        file.structureElement { group in
            group.list(1, count: chunks.count, of: structure)
            for (chunk, column) in zip(chunks, columns) {
                group.structureElement { element in
                    element.int64(2, chunk.dictionaryPageOffset ?? chunk.dataPageOffset)
                    element.structure(3) { write(chunk, column, codec, &$0) }
                }
            }
            group.int64(2, chunks.reduce(0) { $0 + $1.decompressedBytes })
            group.int64(3, rowCount)
            if let first = chunks.first {
                group.int64(5, first.dictionaryPageOffset ?? first.dataPageOffset)
            }
            group.int64(6, chunks.reduce(0) { $0 + $1.compressedBytes })
        }
    }

    private static func write(
        _ chunk: ParquetChunkWriter.Written, _ column: ParquetOutputColumn, _ codec: Int,
        _ data: inout ThriftWriter
    ) {
        data.int32(1, column.physical.rawValue)
        data.list(2, count: chunk.encodings.count, of: integer)
        for encoding in chunk.encodings { data.integerElement(encoding.rawValue) }
        data.list(3, count: 1, of: binary)
        data.binaryElement(Array(column.name.utf8))
        data.int32(4, codec)
        data.int64(5, chunk.valueCount)
        data.int64(6, chunk.decompressedBytes)
        data.int64(7, chunk.compressedBytes)
        data.int64(9, chunk.dataPageOffset)
        if let offset = chunk.dictionaryPageOffset { data.int64(11, offset) }
        data.structure(12) { chunk.statistics.write(&$0) }
    }
}
