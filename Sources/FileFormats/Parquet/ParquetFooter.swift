import DurableIO

/// The end of a Parquet file: metadata, their length and the magic number.
struct ParquetFooter {
    var metadata: ParquetMetadata
    var file: String
    /// Where the metadata begin.
    var byteOffset: Int

    /// Rows of one row group.
    static let rowGroupRowsMax = 1 << 34

    /// Reads the footer. Costs two reads and memory for the footer, which is not larger than the file.
    static func read(_ file: any OpenFile) throws(FileFormatError) -> ParquetFooter {
        let path = file.path
        let bytes: [UInt8]
        let start: Int
        do {
            let size = try file.byteCount()
            guard size >= 12 else {
                throw FileFormatError.malformed(file: path, byteOffset: 0, reason: "too short for Parquet")
            }
            let tail = try file.readBytes(atByteOffset: size - 8, byteCount: 8)
            guard tail[4...].elementsEqual("PAR1".utf8) else {
                if tail[4...].elementsEqual("PARE".utf8) {
                    throw FileFormatError.unsupported(file: path, what: "encrypted Parquet")
                }
                throw FileFormatError.malformed(
                    file: path, byteOffset: size - 4, reason: "no Parquet magic number at the end")
            }
            let length = Int(tail[0]) | Int(tail[1]) << 8 | Int(tail[2]) << 16 | Int(tail[3]) << 24
            guard length <= size - 12 else {
                throw FileFormatError.malformed(
                    file: path, byteOffset: size - 8, reason: "footer of \(length) bytes")
            }
            start = size - 8 - length
            bytes = try file.readBytes(atByteOffset: start, byteCount: length)
        } catch let error as FileFormatError {
            throw error
        } catch let error as DurableIOError {
            throw .files(error)
        } catch {
            throw .invalidRequest("\(error)")
        }
        let place = PagePlace(file: path, byteOffset: start)
        let metadata = try parse(bytes, place)
        guard !metadata.isEncrypted else { throw .unsupported(file: path, what: "encrypted Parquet") }
        return ParquetFooter(metadata: metadata, file: path, byteOffset: start)
    }

    private static func parse(
        _ bytes: [UInt8], _ place: PagePlace
    ) throws(FileFormatError) -> ParquetMetadata {
        let parsed = bytes.withUnsafeBytes { buffer -> Result<ParquetMetadata, ThriftFault> in
            var reader = ThriftReader(buffer)
            do throws(ThriftFault) {
                return .success(try ParquetMetadata(&reader))
            } catch {
                return .failure(error)
            }
        }
        switch parsed {
        case .success(let metadata): return metadata
        case .failure(.malformed(let reason, let at)): throw place.malformed("footer: \(reason)", at: at)
        case .failure(.truncated): throw place.malformed("footer ends early", at: bytes.count)
        }
    }

    /// Checks what a row group says about the columns that are read.
    func check(_ group: ParquetRowGroup, columns: [ParquetColumn]) throws(FileFormatError) {
        guard group.rowCount >= 0, group.rowCount <= Self.rowGroupRowsMax else {
            throw damaged("row group of \(group.rowCount) rows")
        }
        for column in columns {
            guard column.leafIndex < group.columns.count else {
                throw damaged("row group without column \(column.name)")
            }
            let chunk = group.columns[column.leafIndex]
            guard !chunk.isEncrypted else {
                throw .unsupported(file: file, what: "encrypted column \(column.name)")
            }
            guard chunk.externalFile == nil else {
                throw .unsupported(file: file, what: "pages in another file, column \(column.name)")
            }
            guard chunk.path == [column.name], chunk.physical == column.physical else {
                throw damaged("row group has another column in place of \(column.name)")
            }
            guard chunk.valueCount == group.rowCount else {
                throw damaged("\(chunk.valueCount) values in \(group.rowCount) rows, column \(column.name)")
            }
            guard chunk.firstPageOffset >= 0, chunk.firstPageOffset <= byteOffset,
                chunk.compressedBytes >= 0, chunk.compressedBytes <= byteOffset
            else { throw damaged("place of column \(column.name)") }
        }
    }

    private func damaged(_ reason: String) -> FileFormatError {
        .malformed(file: file, byteOffset: byteOffset, reason: reason)
    }
}
