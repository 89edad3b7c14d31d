import Columns
import DurableIO
import Encodings

/// What a reader knows about a column of a row group before it reads the segment.
struct SegmentSummary: Sendable {
    /// From the start of the file.
    var byteOffset: Int
    var byteCount: Int
    var encoding: SegmentEncoding
    /// Bytes of the Bloom filter, which lies behind the segment; 0 when there is none.
    var bloomBytes: Int
    /// Over the whole segment.
    var zone: Zone
    /// One a vector.
    var vectorZones: [Zone]
    var sketch: DistinctSketch
    var distribution: ValueDistribution

    /// Where the Bloom filter begins, if there is one.
    var bloomOffset: Int { byteOffset + byteCount }
}

/// The directory of a row group, written behind its segments (`storage/FORMAT.md`, "Row group footer").
struct RowGroupFooter: Sendable {
    static let magic: UInt32 = 0x3147_5241  // "ARG1"

    var rowCount: Int
    var columns: [SegmentSummary]

    init(rowCount: Int, columns: [SegmentSummary]) {
        self.rowCount = rowCount
        self.columns = columns
    }

    func encoded() -> [UInt8] {
        var writer = BinaryWriter()
        writer.write(Self.magic)
        writer.write(UInt32(rowCount))
        writer.write(UInt32(columns.count))
        for column in columns {
            writer.write(UInt64(column.byteOffset))
            writer.write(UInt32(column.byteCount))
            writer.write(column.encoding.rawValue)
            writer.write(UInt32(column.bloomBytes))
            let sketch = column.sketch.bytes
            let distribution = column.distribution.bytes(from: column.zone.minimum)
            writer.write(UInt16(sketch.count))
            writer.write(UInt16(distribution.count))
            writer.writeRaw(sketch)
            Self.write(column.zone, to: &writer)
            writer.writeRaw(distribution)
            // One vector has the zone of its segment.
            if column.vectorZones.count > 1 {
                for zone in column.vectorZones { Self.write(zone, to: &writer) }
            }
        }
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    private static func write(_ zone: Zone, to writer: inout BinaryWriter) {
        writer.write(UInt32(zone.nullCount))
        guard zone.hasValues else { return }
        // Most keys fit eight bytes: the byte in front tells.
        let isWide = Int64(exactly: zone.minimum) == nil || Int64(exactly: zone.maximum) == nil
        writer.write(UInt8(isWide ? 16 : 8))
        if isWide {
            writer.write(zone.minimum)
            writer.write(zone.maximum)
        } else {
            writer.write(Int64(truncatingIfNeeded: zone.minimum))
            writer.write(Int64(truncatingIfNeeded: zone.maximum))
        }
    }

    /// Why bytes are no footer.
    enum ReadingError: Error {
        case bytes(BinaryReaderError)
        case malformed(String)
    }

    /// Reads a footer of `columnCount` columns and `rowCount` rows whose segments lie in the first `limit`
    /// bytes of the file.
    init(_ bytes: [UInt8], columnCount: Int, rowCount: Int, limit: Int) throws(ReadingError) {
        guard bytes.count > 16 else { throw .malformed("footer is too short") }
        var tail = BinaryReader(bytes[(bytes.count - 4)...])
        var reader = BinaryReader(bytes[..<(bytes.count - 4)])
        self.rowCount = rowCount
        columns = []
        guard try Self.number(&tail, UInt32.self) == CRC32C.checksum(bytes[..<(bytes.count - 4)]) else {
            throw .malformed("footer checksum does not match")
        }
        guard try Self.number(&reader, UInt32.self) == Self.magic else { throw .malformed("not a footer") }
        guard try Self.number(&reader, UInt32.self) == UInt32(rowCount) else {
            throw .malformed("row count differs")
        }
        guard try Self.number(&reader, UInt32.self) == UInt32(columnCount) else {
            throw .malformed("column count differs")
        }
        for _ in 0..<columnCount {
            columns.append(try Self.column(&reader, rowCount: rowCount, limit: limit))
        }
        guard reader.isAtEnd else { throw .malformed("footer is too long") }
    }

    private static func column(
        _ reader: inout BinaryReader, rowCount: Int, limit: Int
    ) throws(ReadingError) -> SegmentSummary {
        let byteOffset = try number(&reader, UInt64.self)
        let byteCount = try number(&reader, UInt32.self)
        guard byteOffset <= UInt64(limit), UInt64(byteCount) <= UInt64(limit) - byteOffset else {
            throw .malformed("segment lies outside its file")
        }
        guard let encoding = SegmentEncoding(rawValue: try number(&reader, UInt8.self)) else {
            throw .malformed("unknown encoding")
        }
        let bloomBytes = try number(&reader, UInt32.self)
        guard UInt64(bloomBytes) <= UInt64(limit) - byteOffset - UInt64(byteCount) else {
            throw .malformed("Bloom filter lies outside its file")
        }
        let sketchBytes = Int(try number(&reader, UInt16.self))
        let distributionBytes = Int(try number(&reader, UInt16.self))
        guard let sketch = DistinctSketch(try bytes(&reader, sketchBytes)) else { throw .malformed("sketch") }
        let zone = try zone(&reader, rowCount: rowCount)
        guard let distribution = ValueDistribution(try bytes(&reader, distributionBytes), zone: zone) else {
            throw .malformed("distribution")
        }
        var vectorZones = [zone]
        if rowCount > DataChunk.capacity {
            vectorZones = []
            var start = 0
            while start < rowCount {
                let count = min(DataChunk.capacity, rowCount - start)
                vectorZones.append(try Self.zone(&reader, rowCount: count))
                start += count
            }
        }
        return SegmentSummary(
            byteOffset: Int(byteOffset), byteCount: Int(byteCount), encoding: encoding,
            bloomBytes: Int(bloomBytes), zone: zone, vectorZones: vectorZones, sketch: sketch,
            distribution: distribution)
    }

    private static func bytes(
        _ reader: inout BinaryReader, _ count: Int
    ) throws(ReadingError) -> ArraySlice<UInt8> {
        do { return try reader.readRaw(count) } catch { throw .bytes(error) }
    }

    private static func zone(_ reader: inout BinaryReader, rowCount: Int) throws(ReadingError) -> Zone {
        let nullCount = Int(try number(&reader, UInt32.self))
        guard nullCount <= rowCount else { throw .malformed("more NULLs than rows") }
        var zone = Zone(rowCount: rowCount, nullCount: nullCount, minimum: .max, maximum: .min)
        guard zone.hasValues else { return zone }
        switch try number(&reader, UInt8.self) {
        case 8:
            zone.minimum = Int128(try number(&reader, Int64.self))
            zone.maximum = Int128(try number(&reader, Int64.self))
        case 16:
            zone.minimum = try number(&reader, Int128.self)
            zone.maximum = try number(&reader, Int128.self)
        default: throw .malformed("width of a zone")
        }
        guard zone.minimum <= zone.maximum else { throw .malformed("zone without order") }
        return zone
    }

    private static func number<Number: FixedWidthInteger>(
        _ reader: inout BinaryReader, _ type: Number.Type
    ) throws(ReadingError) -> Number {
        do { return try reader.read(type) } catch { throw .bytes(error) }
    }
}
