/// Physical types of Parquet.
enum ParquetPhysicalType: Int, Sendable, Hashable {
    case boolean = 0
    case int32 = 1
    case int64 = 2
    case int96 = 3
    case float = 4
    case double = 5
    case byteArray = 6
    case fixedBytes = 7
}

/// Encodings of pages and levels.
enum ParquetEncoding: Int, Sendable, Hashable {
    case plain = 0
    case plainDictionary = 2
    case rle = 3
    case bitPacked = 4
    case deltaBinaryPacked = 5
    case deltaLengthByteArray = 6
    case deltaByteArray = 7
    case rleDictionary = 8
    case byteStreamSplit = 9
}

enum ParquetTimeUnit: Int, Sendable, Hashable {
    case milliseconds = 1
    case microseconds = 2
    case nanoseconds = 3
}

/// What values mean, from the logical type or, in older files, the converted type.
enum ParquetMeaning: Sendable, Hashable {
    case none
    case text
    case json
    case decimal(precision: Int, scale: Int)
    case date
    case time
    case timestamp(ParquetTimeUnit, isAdjustedToUTC: Bool)
    case integer(bitWidth: Int, isSigned: Bool)
    case null
    case uuid
    case float16
    case interval
    /// A meaning that is not read, with its name.
    case other(String)
}

/// One node of the schema: a group (`childCount` set) or a column.
struct ParquetSchemaElement: Sendable, Hashable {
    enum Repetition: Int, Sendable { case required = 0, optional = 1, repeated = 2 }

    var physical: ParquetPhysicalType?
    var typeLength = 0
    var repetition = Repetition.required
    var name = ""
    var childCount: Int?
    var convertedType: Int?
    var meaning = ParquetMeaning.none
    var scale = 0
    var precision = 0
}

/// Where the pages of one column of one row group lie.
struct ParquetColumnChunk: Sendable, Hashable {
    var path: [String] = []
    var physical = ParquetPhysicalType.boolean
    var codec = 0
    var valueCount = 0
    var compressedBytes = 0
    var dataPageOffset = 0
    var dictionaryPageOffset: Int?
    /// Set when the pages lie in another file.
    var externalFile: String?
    var isEncrypted = false

    /// Where the first page begins. Some writers give 0 for a missing dictionary.
    var firstPageOffset: Int {
        guard let dictionaryPageOffset, dictionaryPageOffset > 0 else { return dataPageOffset }
        return min(dictionaryPageOffset, dataPageOffset)
    }
}

struct ParquetRowGroup: Sendable, Hashable {
    var columns: [ParquetColumnChunk] = []
    var rowCount = 0
}

/// What the footer of a file says.
struct ParquetMetadata: Sendable, Hashable {
    /// The root group first, then depth first.
    var schema: [ParquetSchemaElement] = []
    var rowCount = 0
    var rowGroups: [ParquetRowGroup] = []
    var createdBy = ""
    var isEncrypted = false
}

/// What stands before every page.
struct ParquetPageHeader: Sendable, Hashable {
    enum Kind: Int, Sendable { case data = 0, index = 1, dictionary = 2, dataV2 = 3 }

    var kind = Kind.index
    var decompressedBytes = 0
    var compressedBytes = 0
    var crc: UInt32?
    /// Values with NULLs; for flat columns rows.
    var valueCount = 0
    var encoding = 0
    var definitionEncoding = ParquetEncoding.rle.rawValue
    var definitionBytes = 0
    var repetitionBytes = 0
    /// Pages of version 2 may leave their values uncompressed.
    var isCompressed = true
}
