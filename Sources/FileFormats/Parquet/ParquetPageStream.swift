import CZlib
import Columns
import DurableIO

/// One page as it lies in memory: decompressed, or a part of what was read from the file.
struct ParquetPage {
    var header: ParquetPageHeader
    /// At least `VectorBuffer.slackBytes` bytes behind `range` are readable.
    var memory: VectorBuffer
    var range: Range<Int>
    var place: PagePlace
}

/// Reads the pages of one column chunk from the file, one behind the other. Owned by one thread.
final class ParquetPageStream {
    /// Read in one go when pages are read one after the other.
    private static let readAheadBytes = 1 << 19
    /// Read in one go to look at a header only.
    private static let headerBytes = 1 << 12
    /// A header may hold two long strings as its bounds.
    private static let headerBytesMax = 1 << 24

    private let file: any OpenFile
    private let column: ParquetColumn
    private let codec: Codec
    private let decompressor: Decompressor
    private let end: Int
    private var offset: Int
    private var window: VectorBuffer?
    private var windowStart = 0

    /// - Parameter range: The bytes of the chunk in the file.
    init(
        file: any OpenFile, range: Range<Int>, column: ParquetColumn, codec: Codec,
        decompressor: Decompressor
    ) {
        self.file = file
        self.column = column
        self.codec = codec
        self.decompressor = decompressor
        offset = range.lowerBound
        end = range.upperBound
    }

    private func place(_ byteOffset: Int) -> PagePlace {
        PagePlace(file: file.path, column: column.name, byteOffset: byteOffset)
    }

    /// The header of the next page, nil at the end of the chunk. `readPage` or `skipPage` must follow.
    func nextHeader(isSkipping: Bool) throws(FileFormatError) -> ParquetPageHeader? {
        guard offset < end else { return nil }
        var wanted = min(Self.headerBytes, end - offset)
        while true {
            let memory = try load(wanted, isSkipping: isSkipping)
            var reader = ThriftReader(memory)
            do {
                let header = try ParquetPageHeader(&reader)
                offset += reader.position
                guard header.compressedBytes <= end - offset else {
                    throw place(offset).malformed("page of \(header.compressedBytes) bytes ends early")
                }
                return header
            } catch let error as FileFormatError {
                throw error
            } catch ThriftFault.malformed(let reason, let at) {
                throw place(offset).malformed("page header: \(reason)", at: at)
            } catch {
                guard wanted < min(Self.headerBytesMax, end - offset) else {
                    throw place(offset).malformed("page header ends early")
                }
                wanted = min(wanted * 16, min(Self.headerBytesMax, end - offset))
            }
        }
    }

    func skipPage(_ header: ParquetPageHeader) { offset += header.compressedBytes }

    /// Reads, checks and decompresses the page behind the header.
    func readPage(_ header: ParquetPageHeader) throws(FileFormatError) -> ParquetPage {
        let place = place(offset)
        guard header.decompressedBytes <= Codec.decompressedBytesMax else {
            throw place.unsupported("page of \(header.decompressedBytes) bytes")
        }
        let body = try load(header.compressedBytes, isSkipping: false)
        offset += header.compressedBytes
        if let crc = header.crc {
            let computed = crc32_z(0, body.baseAddress?.assumingMemoryBound(to: UInt8.self), body.count)
            guard UInt32(truncatingIfNeeded: computed) == crc else {
                throw place.malformed("checksum of a page does not match")
            }
        }
        let levelBytes = header.kind == .dataV2 ? header.repetitionBytes + header.definitionBytes : 0
        guard levelBytes <= header.compressedBytes, levelBytes <= header.decompressedBytes else {
            throw place.malformed("levels of \(levelBytes) bytes are longer than their page")
        }
        if codec == .uncompressed || !header.isCompressed {
            guard header.compressedBytes == header.decompressedBytes, let window else {
                throw place.malformed("uncompressed page of two sizes")
            }
            let start = place.byteOffset - windowStart
            return ParquetPage(
                header: header, memory: window, range: start..<(start + header.compressedBytes), place: place)
        }
        let memory = VectorBuffer(byteCount: header.decompressedBytes)
        let target = UnsafeMutableRawBufferPointer(start: memory.base, count: header.decompressedBytes)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[..<levelBytes]))
        let values = UnsafeMutableRawBufferPointer(rebasing: target[levelBytes...])
        if !(values.isEmpty && body.count == levelBytes) {
            try decompressor.decompress(
                UnsafeRawBufferPointer(rebasing: body[levelBytes...]), by: codec, into: values, place: place)
        }
        return ParquetPage(
            header: header, memory: memory, range: 0..<header.decompressedBytes, place: place)
    }

    /// `count` bytes from `offset`, which lie in `window` until the next call.
    private func load(_ count: Int, isSkipping: Bool) throws(FileFormatError) -> UnsafeRawBufferPointer {
        if let window, offset >= windowStart, offset - windowStart + count <= window.byteCount {
            return UnsafeRawBufferPointer(start: window.base + (offset - windowStart), count: count)
        }
        let ahead = isSkipping ? Self.headerBytes : Self.readAheadBytes
        let byteCount = max(count, min(ahead, end - offset))
        let made = VectorBuffer(byteCount: byteCount)
        do {
            try file.readFully(
                into: UnsafeMutableRawBufferPointer(start: made.base, count: byteCount),
                atByteOffset: offset)
        } catch { throw .files(error) }
        window = made
        windowStart = offset
        return UnsafeRawBufferPointer(start: made.base, count: count)
    }
}
