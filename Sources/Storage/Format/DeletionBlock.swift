import DurableIO

/// Where the deleted rows of a row group lie in a data file (`storage/FORMAT.md`, "Deletion block").
struct DeletionBlock: Sendable {
    static let magic: UInt32 = 0x3156_4441  // "ADV1"
    static let headerBytes = 20
    /// A bitmap of a full row group, with header and checksum.
    static let byteCountMax = headerBytes + RowGroup.rowCountMax / 8 + 4

    var file: DataFile
    var byteOffset: Int
    var byteCount: Int
    /// Rows that the block says are deleted.
    var deletedCount: Int

    func isSame(as other: DeletionBlock) -> Bool {
        file.id == other.file.id && byteOffset == other.byteOffset
    }

    /// The bytes of a block.
    static func encoded(_ rows: DeletionVector, of group: RowGroupID) -> [UInt8] {
        var writer = BinaryWriter()
        // Two bytes a row, or a bit for every row of the group.
        let isList = rows.count * 2 < rows.words.count * 8
        writer.write(magic)
        writer.write(group.rawValue)
        writer.write(UInt32(rows.rowCount))
        writer.write(UInt32(rows.count))
        writer.write(UInt32(isList ? 0 : 1))
        if isList {
            for row in rows.rows { writer.write(row) }
        } else {
            for word in rows.words { writer.write(word) }
        }
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    /// Reads the block. Errors: `.files`, and `.damagedFile` with file and offset.
    func read(rowGroup: RowGroupID, rowCount: Int) throws(StorageError) -> [UInt64] {
        let bytes = try file.bytes(atByteOffset: byteOffset, byteCount: byteCount)
        do throws(ReadingError) {
            let words = try Self.words(bytes, rowGroup: rowGroup, rowCount: rowCount)
            guard words.reduce(0, { $0 + $1.nonzeroBitCount }) == deletedCount else {
                throw ReadingError(reason: "count of deleted rows differs")
            }
            return words
        } catch {
            throw .damagedFile(path: file.path, byteOffset: byteOffset, reason: error.reason)
        }
    }

    private struct ReadingError: Error { var reason: String }

    private static func words(
        _ bytes: [UInt8], rowGroup: RowGroupID, rowCount: Int
    ) throws(ReadingError) -> [UInt64] {
        guard bytes.count >= headerBytes + 4 else { throw ReadingError(reason: "deletion block is short") }
        var reader = BinaryReader(bytes[..<(bytes.count - 4)])
        var tail = BinaryReader(bytes[(bytes.count - 4)...])
        do throws(BinaryReaderError) {
            guard try tail.read(UInt32.self) == CRC32C.checksum(bytes[..<(bytes.count - 4)]) else {
                throw BinaryReaderError.truncated(byteOffset: bytes.count)
            }
        } catch { throw ReadingError(reason: "checksum of the deletion block does not match") }
        var words = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
        do throws(BinaryReaderError) {
            let start = [try reader.read(UInt32.self), try reader.read(), try reader.read()]
            let isOurs = start == [magic, rowGroup.rawValue, UInt32(rowCount)]
            let count = Int(try reader.read(UInt32.self))
            let form = try reader.read(UInt32.self)
            guard isOurs, form <= 1, count <= rowCount else {
                throw BinaryReaderError.numberTooLarge(byteOffset: 0)
            }
            if form == 0 {
                for _ in 0..<count {
                    let row = Int(try reader.read(UInt16.self))
                    guard row < rowCount else { throw BinaryReaderError.numberTooLarge(byteOffset: 0) }
                    words[row >> 6] |= 1 << UInt64(row & 63)
                }
            } else {
                for index in words.indices { words[index] = try reader.read() }
                let tail = rowCount % 64
                guard tail == 0 || words[words.count - 1] >> UInt64(tail) == 0 else {
                    throw BinaryReaderError.numberTooLarge(byteOffset: 0)
                }
            }
            guard reader.isAtEnd else { throw BinaryReaderError.numberTooLarge(byteOffset: 0) }
        } catch { throw ReadingError(reason: "not the deletion block of row group \(rowGroup.rawValue)") }
        return words
    }
}
