import Columns
import DurableIO

/// A dictionary or record batch: where it lies and what its metadata say.
struct ArrowBatch: Sendable {
    struct Node: Sendable {
        var rowCount: Int
        var nullCount: Int
    }

    /// Where a buffer begins behind the metadata, and its length.
    struct Part: Sendable {
        var byteOffset: Int
        var byteCount: Int
    }

    var rowCount = 0
    var nodes: [Node] = []
    var parts: [Part] = []
    var codec = Codec.uncompressed
    /// How many buffers of text each column of views has.
    var viewBufferCounts: [Int] = []
    /// Where the buffers begin in the file.
    var bodyOffset = 0
    var bodyBytes = 0
    /// Set for dictionaries.
    var dictionaryID: Int?
    var isDelta = false

    /// Rows of one batch.
    static let rowsMax = 1 << 26
}

/// One message of an Arrow stream or file.
enum ArrowMessage {
    case schema([ArrowField])
    case batch(ArrowBatch)
    case end
}

/// Reads messages at given places of a file.
struct ArrowMessageReader {
    let file: any OpenFile
    let fileBytes: Int

    /// Metadata of one message.
    static let metadataBytesMax = 1 << 26

    func place(_ byteOffset: Int) -> PagePlace { PagePlace(file: file.path, byteOffset: byteOffset) }

    /// Reads the message at `byteOffset`.
    /// - Returns: The message, and where the next one begins.
    func read(at byteOffset: Int) throws(FileFormatError) -> (ArrowMessage, next: Int) {
        let place = place(byteOffset)
        guard fileBytes - byteOffset >= 4 else { throw place.malformed("message ends early") }
        var prefix = try bytes(byteOffset, 4)
        var start = byteOffset + 4
        // Older writers leave the mark out.
        if prefix == [0xFF, 0xFF, 0xFF, 0xFF] {
            guard fileBytes - byteOffset >= 8 else { throw place.malformed("message ends early") }
            prefix = try bytes(byteOffset + 4, 4)
            start += 4
        }
        let length = Int(prefix[0]) | Int(prefix[1]) << 8 | Int(prefix[2]) << 16 | Int(prefix[3]) << 24
        if length == 0 { return (.end, start) }
        guard length <= Self.metadataBytesMax, length <= fileBytes - start else {
            throw place.malformed("message of \(length) bytes")
        }
        let metadata = try bytes(start, length)
        let bodyOffset = start + length
        let parsed = metadata.withUnsafeBytes { buffer -> Result<(ArrowMessage?, Int), FlatFault> in
            do throws(FlatFault) {
                return .success(try Self.parse(buffer, bodyOffset: bodyOffset))
            } catch {
                return .failure(error)
            }
        }
        switch parsed {
        case .failure(let fault):
            throw self.place(start).malformed("Arrow message", at: max(0, min(length, fault.byteOffset)))
        case .success(let (message, bodyBytes)):
            guard let message else { throw place.unsupported("kind of Arrow message") }
            guard bodyBytes >= 0, bodyBytes <= fileBytes - bodyOffset else {
                throw place.malformed("body of \(bodyBytes) bytes")
            }
            if case .batch(let batch) = message { try check(batch, place) }
            return (message, bodyOffset + bodyBytes)
        }
    }

    func bytes(_ byteOffset: Int, _ count: Int) throws(FileFormatError) -> [UInt8] {
        do {
            return try file.readBytes(atByteOffset: byteOffset, byteCount: count)
        } catch { throw .files(error) }
    }

    private func check(_ batch: ArrowBatch, _ place: PagePlace) throws(FileFormatError) {
        guard batch.rowCount >= 0, batch.rowCount <= ArrowBatch.rowsMax else {
            throw place.malformed("batch of \(batch.rowCount) rows")
        }
        for part in batch.parts {
            guard part.byteOffset >= 0, part.byteCount >= 0, part.byteOffset <= batch.bodyBytes,
                part.byteCount <= batch.bodyBytes - part.byteOffset
            else { throw place.malformed("buffer of \(part.byteCount) bytes at \(part.byteOffset)") }
        }
    }

    private static func parse(
        _ buffer: UnsafeRawBufferPointer, bodyOffset: Int
    ) throws(FlatFault) -> (ArrowMessage?, Int) {
        let message = try FlatTable(root: buffer)
        let kind: UInt8 = try message.number(1, default: 0)
        let bodyBytes = Int(try message.number(3, default: Int64(0)))
        guard let header = try message.table(2) else { throw FlatFault(byteOffset: 0) }
        switch kind {
        case 1: return (.schema(try fields(header)), bodyBytes)
        case 2:
            guard let data = try header.table(1) else { throw FlatFault(byteOffset: 0) }
            var batch = try batch(data)
            batch.dictionaryID = Int(try header.number(0, default: Int64(0)))
            batch.isDelta = try header.boolean(2)
            (batch.bodyOffset, batch.bodyBytes) = (bodyOffset, bodyBytes)
            return (.batch(batch), bodyBytes)
        case 3:
            var batch = try batch(header)
            (batch.bodyOffset, batch.bodyBytes) = (bodyOffset, bodyBytes)
            return (.batch(batch), bodyBytes)
        default: return (nil, bodyBytes)
        }
    }

    /// The fields of a schema; big-endian data are no fields that can be read.
    static func fields(_ schema: FlatTable) throws(FlatFault) -> [ArrowField] {
        let isBigEndian = try schema.number(0, default: Int16(0)) != 0
        var fields: [ArrowField] = []
        for field in try schema.tables(1) {
            var made = try ArrowField(field)
            if isBigEndian {
                made.type = nil
                made.why = "big-endian Arrow data, column \(made.name)"
            }
            fields.append(made)
        }
        return fields
    }

    private static func batch(_ table: FlatTable) throws(FlatFault) -> ArrowBatch {
        var batch = ArrowBatch()
        batch.rowCount = Int(try table.number(0, default: Int64(0)))
        let nodes = try table.words(1, wordsOfElement: 2)
        for index in stride(from: 0, to: nodes.count, by: 2) {
            batch.nodes.append(ArrowBatch.Node(rowCount: nodes[index], nullCount: nodes[index + 1]))
        }
        let parts = try table.words(2, wordsOfElement: 2)
        for index in stride(from: 0, to: parts.count, by: 2) {
            batch.parts.append(ArrowBatch.Part(byteOffset: parts[index], byteCount: parts[index + 1]))
        }
        if let compression = try table.table(3) {
            batch.codec = try compression.number(0, default: Int8(0)) == 0 ? .lz4Frame : .zstd
        }
        batch.viewBufferCounts = try table.words(4, wordsOfElement: 1)
        return batch
    }
}
