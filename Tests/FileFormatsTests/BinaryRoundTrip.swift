import Columns
import DurableIO
import FileFormats

/// Keeps written bytes in memory.
final class BinarySink: ByteSink {
    private(set) var bytes: [UInt8] = []
    private(set) var isFinished = false

    func write(_ part: UnsafeRawBufferPointer) throws(FileFormatError) { bytes += part }
    func finish() throws(FileFormatError) { isFinished = true }
}

/// Bytes as a file that can only be read.
final class BinaryFile: OpenFile, Sendable {
    let path = "memory"
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, atByteOffset byteOffset: Int
    ) throws(DurableIOError) -> Int {
        guard byteOffset >= 0, byteOffset < bytes.count else { return 0 }
        let count = min(buffer.count, bytes.count - byteOffset)
        buffer.copyBytes(from: bytes[byteOffset..<(byteOffset + count)])
        return count
    }

    func write(_ part: UnsafeRawBufferPointer, atByteOffset byteOffset: Int) throws(DurableIOError) {
        throw .system(operation: "write", path: path, errno: 30)
    }

    func truncate(toByteCount byteCount: Int) throws(DurableIOError) {
        throw .system(operation: "truncate", path: path, errno: 30)
    }

    func byteCount() throws(DurableIOError) -> Int { bytes.count }
    func sync() throws(DurableIOError) {}
}

/// Tables of all types, the same for the same seed.
struct RandomTable {
    static let columns: [FileColumn] = [
        FileColumn(name: "flag", type: .boolean), FileColumn(name: "small", type: .smallint),
        FileColumn(name: "number", type: .integer), FileColumn(name: "big", type: .bigint),
        FileColumn(name: "single", type: .real), FileColumn(name: "double", type: .doublePrecision),
        FileColumn(name: "price", type: .decimal(precision: 7, scale: 2)),
        FileColumn(name: "sum", type: .decimal(precision: 18, scale: 4)),
        FileColumn(name: "huge", type: .decimal(precision: 38, scale: 10)),
        FileColumn(name: "day", type: .date), FileColumn(name: "moment", type: .timestamp),
        FileColumn(name: "text", type: .text), FileColumn(name: "key", type: .uuid),
        FileColumn(name: "document", type: .json), FileColumn(name: "nothing", type: .text),
        FileColumn(name: "rising", type: .bigint), FileColumn(name: "channel", type: .text),
        FileColumn(name: "дни", type: .interval),
    ]

    let chunks: [DataChunk]

    /// - Parameter nullShare: One value in as many is NULL; 0 for none.
    init(seed: UInt64, rowCount: Int, nullShare: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        let ten38 = (0..<38).reduce(Int128(1)) { product, _ in product * 10 }
        func value(_ type: DataType, _ column: Int, _ row: Int) -> Value {
            let number = random()
            switch (column, type) {
            case (14, _): return .null
            case (15, _): return .bigint(Int64(row) * 3 - 50_000)
            case (16, _): return .text(["касса", "сайт", "a marketplace of others"][Int(number % 3)])
            case (_, .boolean): return .boolean(number & 1 == 1)
            case (_, .smallint): return .smallint(Int16(truncatingIfNeeded: number))
            case (_, .integer): return .integer(Int32(truncatingIfNeeded: number))
            case (_, .bigint): return .bigint(Int64(bitPattern: number))
            case (_, .real): return .real(Float(Int32(truncatingIfNeeded: number)) / 7)
            case (_, .doublePrecision): return .doublePrecision(Double(Int64(bitPattern: number)) / 3)
            case (_, .decimal(let precision, let scale)):
                let limit = precision == 38 ? ten38 : precision == 7 ? 10_000_000 : 1_000_000_000_000_000_000
                let unscaled = Int128(truncatingIfNeeded: UInt128(number) << 64 | UInt128(random())) % limit
                return .decimal(unscaled: unscaled, scale: scale)
            case (_, .date): return .date(Int32(truncatingIfNeeded: number) % 700_000)
            case (_, .timestamp): return .timestamp(Int64(bitPattern: number) >> 8)
            case (_, .timestampTZ): return .timestampTZ(Int64(bitPattern: number) >> 8)
            case (_, .time): return .time(Int64(number % 86_400_000_000))
            case (_, .array(let element)): return .array("{}", of: element)
            case (_, .interval):
                return .interval(
                    Interval(
                        months: Int32(number % 100) - 50, days: Int32(row % 60) - 30,
                        microseconds: Int64(row) - 700))
            case (_, .uuid): return .uuid(UInt128(number) << 64 | UInt128(random()))
            case (_, .json): return .json("{\"n\": \(number % 1000)}")
            case (_, .text): return .text(String(repeating: "я\(number % 100)", count: Int(number % 9)))
            }
        }
        var made: [DataChunk] = []
        let builder = DataChunkBuilder(types: Self.columns.map(\.type))
        for row in 0..<rowCount {
            builder.append(
                Self.columns.enumerated().map { index, column in
                    nullShare > 0 && random() % nullShare == 0 ? .null : value(column.type, index, row)
                })
            if builder.isFull || random() % 1000 == 0 { made.append(builder.finish()) }
        }
        if builder.rowCount > 0 { made.append(builder.finish()) }
        chunks = made
    }

    /// The rows as texts. Intervals as the text that files hold.
    var rows: [[String]] {
        chunks.flatMap { chunk in
            (0..<chunk.rowCount).map { row in
                zip(chunk.row(row), chunk.columns).map { value, vector in
                    guard case .interval = value else { return BinaryFixtures.text(value) }
                    let buffer = TextBuffer(capacity: 32)
                    buffer.append(vector, row: row)
                    return String(decoding: buffer.bytes, as: UTF8.self)
                }
            }
        }
    }
}
