import CZlib
import CZstd
import Columns

/// Writes the pages of one column chunk.
struct ParquetChunkWriter {
    /// Rows of one data page, so that a reader can leave pages out.
    static let pageRows = 20_480

    /// What the footer says about a written chunk.
    struct Written {
        var dictionaryPageOffset: Int?
        var dataPageOffset = 0
        var compressedBytes = 0
        var decompressedBytes = 0
        var encodings: [ParquetEncoding] = []
        var valueCount = 0
        var statistics: ParquetStatistics
    }

    let packed: ParquetPackedColumn
    let compression: ParquetOptions.Compression
    let zstd: OpaquePointer?
    /// Where the chunk begins in the file.
    let byteOffset: Int
    private let page = TextBuffer(capacity: 1 << 16)
    private(set) var output = TextBuffer(capacity: 1 << 16)

    init(
        _ packed: ParquetPackedColumn, _ compression: ParquetOptions.Compression, zstd: OpaquePointer?,
        byteOffset: Int
    ) {
        self.packed = packed
        self.compression = compression
        self.zstd = zstd
        self.byteOffset = byteOffset
    }

    /// Encodes all pages into `output`.
    func write() throws(FileFormatError) -> Written {
        var written = Written(statistics: ParquetStatistics(packed))
        written.valueCount = packed.rowCount
        let dictionary = ParquetDictionaryBuilder(packed)
        let encoding: ParquetEncoding =
            dictionary != nil ? .rleDictionary : isAscending ? .deltaBinaryPacked : .plain
        written.encodings = [.rle, encoding]
        if let dictionary {
            written.encodings.append(.plain)
            written.dictionaryPageOffset = byteOffset
            try writeDictionary(dictionary, &written)
        }
        written.dataPageOffset = byteOffset + output.count
        var firstRow = 0
        var firstValue = 0
        while firstRow < packed.rowCount {
            let rows = firstRow..<min(firstRow + Self.pageRows, packed.rowCount)
            page.removeAll()
            var present = 0
            for row in rows where packed.validity.isValid(row) { present += 1 }
            ParquetPageEncoder.appendLevels(packed.validity, rows, present: present, to: page)
            encode(firstValue..<(firstValue + present), encoding, dictionary)
            try writePage(kind: .data, valueCount: rows.count, encoding, &written)
            firstRow = rows.upperBound
            firstValue += present
        }
        return written
    }

    /// Whether the values are whole numbers that never fall, such as keys in the order of their making.
    private var isAscending: Bool {
        switch packed.column.physical {
        case .int32:
            let values = packed.values.pointer(as: Int32.self)
            return (1..<max(1, packed.valueCount)).allSatisfy { values[$0 - 1] <= values[$0] }
        case .int64:
            let values = packed.values.pointer(as: Int64.self)
            return (1..<max(1, packed.valueCount)).allSatisfy { values[$0 - 1] <= values[$0] }
        default: return false
        }
    }

    private func encode(
        _ values: Range<Int>, _ encoding: ParquetEncoding, _ dictionary: ParquetDictionaryBuilder?
    ) {
        if let dictionary {
            let bitWidth = max(1, Int.bitWidth - (dictionary.firstValues.count - 1).leadingZeroBitCount)
            ParquetPageEncoder.appendCodes(
                dictionary.codes.pointer(as: UInt32.self) + values.lowerBound, count: values.count,
                bitWidth: bitWidth, to: page)
        } else if encoding == .deltaBinaryPacked && packed.column.physical == .int32 {
            let source = packed.values.pointer(as: Int32.self) + values.lowerBound
            ParquetPageEncoder.appendDeltas(count: values.count, to: page) { Int64(source[$0]) }
        } else if encoding == .deltaBinaryPacked {
            let source = packed.values.pointer(as: Int64.self) + values.lowerBound
            ParquetPageEncoder.appendDeltas(count: values.count, to: page) { source[$0] }
        } else {
            ParquetPageEncoder.appendPlain(packed, values, to: page)
        }
    }

    private func writeDictionary(
        _ dictionary: ParquetDictionaryBuilder, _ written: inout Written
    ) throws(FileFormatError) {
        page.removeAll()
        for value in dictionary.firstValues {
            ParquetPageEncoder.appendPlain(packed, value..<(value + 1), to: page)
        }
        try writePage(kind: .dictionary, valueCount: dictionary.firstValues.count, .plain, &written)
    }

    private func writePage(
        kind: ParquetPageHeader.Kind, valueCount: Int, _ encoding: ParquetEncoding, _ written: inout Written
    ) throws(FileFormatError) {
        guard page.count <= Int(Int32.max) else {
            throw .invalidRequest("values of column \(packed.column.name) are too long for a Parquet page")
        }
        let raw = UnsafeRawBufferPointer(page.bytes)
        let space = TextBuffer(capacity: 64)
        let body: UnsafeRawBufferPointer
        if case .zstd(let level) = compression, let zstd {
            let bound = ZSTD_compressBound(raw.count)
            let target = space.reserve(bound)
            let count = ZSTD_compressCCtx(zstd, target, bound, raw.baseAddress, raw.count, Int32(level))
            guard ZSTD_isError(count) == 0 else { throw .invalidRequest("zstd cannot compress a page") }
            space.advance(count)
            body = UnsafeRawBufferPointer(space.bytes)
        } else {
            body = raw
        }
        let crc = crc32_z(0, body.baseAddress?.assumingMemoryBound(to: UInt8.self), body.count)
        var header = ThriftWriter()
        header.structureElement { page in
            page.int32(1, kind.rawValue)
            page.int32(2, raw.count)
            page.int32(3, body.count)
            page.int32(4, Int(Int32(bitPattern: UInt32(truncatingIfNeeded: crc))))
            page.structure(kind == .data ? 5 : 7) {
                $0.int32(1, valueCount)
                $0.int32(2, encoding.rawValue)
                guard kind == .data else { return }
                $0.int32(3, ParquetEncoding.rle.rawValue)
                $0.int32(4, ParquetEncoding.rle.rawValue)
            }
        }
        header.bytes.withUnsafeBufferPointer { output.append($0) }
        output.append(body.bindMemory(to: UInt8.self))
        written.compressedBytes += header.bytes.count + body.count
        written.decompressedBytes += header.bytes.count + raw.count
        withExtendedLifetime((page, space)) {}
    }
}
