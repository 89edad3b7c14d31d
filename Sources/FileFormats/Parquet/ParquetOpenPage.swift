import Columns

/// A data page whose rows are being read.
struct ParquetOpenPage {
    enum Values {
        case codes(RunDecoder)
        case fixed(FixedWidthValues)
        case bytes(ByteArrayValues)
    }

    let page: ParquetPage
    let encoding: ParquetEncoding
    private(set) var rowsLeft: Int
    private var levels: LevelDecoder
    private let valueRange: Range<Int>
    private var values: Values?

    var isDictionaryCoded: Bool { encoding == .rleDictionary || encoding == .plainDictionary }
    var place: PagePlace { page.place }

    /// - Parameter column: The column that the page belongs to.
    init(_ page: ParquetPage, column: ParquetColumn) throws(FileFormatError) {
        self.page = page
        let header = page.header
        let place = page.place
        guard let encoding = ParquetEncoding(rawValue: header.encoding) else {
            throw place.unsupported("encoding \(header.encoding)")
        }
        self.encoding = encoding
        rowsLeft = header.valueCount
        var start = page.range.lowerBound
        levels = .allPresent
        if header.kind == .dataV2 {
            start += header.repetitionBytes
            if column.isOptional {
                levels = .runs(
                    try RunDecoder(
                        page.memory.base, start..<(start + header.definitionBytes), bitWidth: 1,
                        place: place))
            }
            start += header.definitionBytes
        } else if column.isOptional {
            switch ParquetEncoding(rawValue: header.definitionEncoding) {
            case .rle:
                guard page.range.count >= 4,
                    case let length = Int(
                        page.memory.base.loadUnaligned(fromByteOffset: start, as: UInt32.self)),
                    length <= page.range.count - 4
                else { throw place.malformed("length of levels") }
                levels = .runs(
                    try RunDecoder(
                        page.memory.base, (start + 4)..<(start + 4 + length), bitWidth: 1, place: place))
                start += 4 + length
            case .bitPacked:
                let byteCount = (header.valueCount + 7) / 8
                guard byteCount <= page.range.count else { throw place.malformed("levels end early") }
                levels = .packed(
                    base: UnsafeRawPointer(page.memory.base), end: start + byteCount, nextBit: start * 8,
                    place: place)
                start += byteCount
            default: throw place.unsupported("encoding \(header.definitionEncoding) of levels")
            }
        }
        valueRange = start..<page.range.upperBound
    }

    /// Takes `count` rows: sets the bits of those with a value.
    /// - Returns: How many have one.
    mutating func takeRows(
        _ count: Int, into words: UnsafeMutablePointer<UInt64>?, from first: Int
    ) throws(FileFormatError) -> Int {
        rowsLeft -= count
        guard let words else { return count }
        return try levels.read(into: words, from: first, count: count)
    }

    /// The decoder of the page's values. Made at the first value: pages of NULLs may have no bytes for it.
    mutating func withValues<Result>(
        of column: ParquetColumn, _ body: (inout Values) throws(FileFormatError) -> Result
    ) throws(FileFormatError) -> Result {
        var opened: Values
        if let values { opened = values } else { opened = try open(column) }
        values = nil
        defer { values = opened }
        return try body(&opened)
    }

    private func open(_ column: ParquetColumn) throws(FileFormatError) -> Values {
        if isDictionaryCoded {
            guard !valueRange.isEmpty else { throw place.malformed("page without codes") }
            let bitWidth = page.memory.base.load(fromByteOffset: valueRange.lowerBound, as: UInt8.self)
            return .codes(
                try RunDecoder(
                    page.memory.base, (valueRange.lowerBound + 1)..<valueRange.upperBound,
                    bitWidth: Int(bitWidth), place: place))
        }
        if column.physical == .byteArray {
            return .bytes(
                try ByteArrayValues(
                    page.memory, valueRange, encoding: encoding, valuesMax: page.header.valueCount,
                    isText: column.type == .text || column.type == .json, place: place))
        }
        return .fixed(
            try FixedWidthValues(
                page.memory, valueRange, column: column, encoding: encoding,
                valuesMax: page.header.valueCount, place: place))
    }
}
