import Columns
import Foundation
import Storage
import TableCatalog
import Testing
import WarehouseEngine

/// Times scans of TPC-H's lineitem; meaningful only in a release build. AMBAR_BENCH_LINEITEM names the file
/// `lineitem.tbl`; the store is made beside it, in AMBAR_BENCH_DIRECTORY, and used again when it is there.
@Suite("Speed of scans", .enabled(if: ProcessInfo.processInfo.environment["AMBAR_BENCH_LINEITEM"] != nil))
struct ScanSpeedTests {
    private static let columns: [(String, DataType)] = [
        ("l_orderkey", .bigint), ("l_partkey", .integer), ("l_suppkey", .integer), ("l_linenumber", .integer),
        ("l_quantity", .decimal(precision: 15, scale: 2)),
        ("l_extendedprice", .decimal(precision: 15, scale: 2)),
        ("l_discount", .decimal(precision: 15, scale: 2)), ("l_tax", .decimal(precision: 15, scale: 2)),
        ("l_returnflag", .text), ("l_linestatus", .text), ("l_shipdate", .date), ("l_commitdate", .date),
        ("l_receiptdate", .date), ("l_shipinstruct", .text), ("l_shipmode", .text), ("l_comment", .text),
    ]

    private static let queries: [(String, String)] = [
        ("sum of a BIGINT", "SELECT sum(l_orderkey) FROM lineitem"),
        (
            "TPC-H 6",
            """
            SELECT sum(l_extendedprice * l_discount) FROM lineitem WHERE l_shipdate >= DATE '1994-01-01'
            AND l_shipdate < DATE '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24
            """
        ),
        ("count, dictionary =", "SELECT count(*) FROM lineitem WHERE l_shipmode = 'MAIL'"),
        ("count, dictionary IN", "SELECT count(*) FROM lineitem WHERE l_shipmode IN ('MAIL', 'SHIP', 'AIR')"),
        ("count, packed range", "SELECT count(*) FROM lineitem WHERE l_partkey BETWEEN 1000 AND 90000"),
        ("count, strings LIKE", "SELECT count(*) FROM lineitem WHERE l_comment LIKE '%special%'"),
        (
            "every column",
            """
            SELECT count(*), sum(l_orderkey), sum(l_partkey), sum(l_suppkey), sum(l_linenumber),
            sum(l_quantity), sum(l_extendedprice), sum(l_discount), sum(l_tax),
            sum(octet_length(l_returnflag)), sum(octet_length(l_linestatus)), count(DISTINCT l_shipdate),
            count(DISTINCT l_commitdate), count(DISTINCT l_receiptdate), sum(octet_length(l_shipinstruct)),
            sum(octet_length(l_shipmode)), sum(octet_length(l_comment)) FROM lineitem
            """
        ),
        ("one key", "SELECT sum(l_extendedprice) FROM lineitem WHERE l_partkey = 155190"),
    ]

    @Test("scans of lineitem")
    func lineitem() throws {
        let environment = ProcessInfo.processInfo.environment
        let file = try #require(environment["AMBAR_BENCH_LINEITEM"])
        let directory = environment["AMBAR_BENCH_DIRECTORY"] ?? "/tmp/ambar-bench-lineitem"
        if !FileManager.default.fileExists(atPath: directory) { try Self.load(file, into: directory) }
        let threads = environment["AMBAR_BENCH_THREADS"].flatMap { Int($0) } ?? 1
        let only = environment["AMBAR_BENCH_ONLY"]
        for (name, sql) in Self.queries where only == nil || only == name {
            var times: [Double] = []
            var firstMilliseconds = 0.0
            if environment["AMBAR_BENCH_DISK"] != nil { try Self.dropFromPageCache(directory) }
            let started = ContinuousClock.now
            let warehouse = try Warehouse.open(directory: directory, mode: .readOnly, workerCount: threads)
            var rows = 0
            for _ in 0..<6 {
                let start = Self.processSeconds()
                rows += try warehouse.run(sql).allRows().count
                times.append(Self.processSeconds() - start)
                if times.count == 1 {
                    firstMilliseconds = (ContinuousClock.now - started) / .milliseconds(1)
                }
            }
            let count = Double(warehouse.tables()[0].rowCount)
            let cold = times[0] * 1e9 / count
            let hot = (times.dropFirst().min() ?? 0) * 1e9 / count
            print("\(name): cold \(cold) ns a row, cached \(hot) ns a row of CPU time; \(rows) rows")
            print("  first answer after \(firstMilliseconds) ms")
        }
    }

    /// CPU time of all threads, which neighbours on the machine disturb least.
    private static func processSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func dropFromPageCache(_ directory: String) throws {
        let folder = URL(filePath: directory).appending(path: "data")
        sync()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let descriptor = open(folder.appending(path: name).path, O_RDONLY)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            close(descriptor)
        }
    }

    private static func load(_ file: String, into directory: String) throws {
        let store = try ColumnStore.open(directory: directory)
        let transaction = try store.begin()
        let table = try transaction.createTable(
            TableDefinition(
                name: TableName(name: "lineitem"),
                columns: Schema(columns.map { Field(name: $0.0, type: $0.1) })))
        let data = try Data(contentsOf: URL(filePath: file), options: .alwaysMapped)
        try data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            var builders = columns.map { VectorBuilder(type: $0.1) }
            var rows = 0
            var place = 0
            while place < bytes.count {
                for column in columns.indices {
                    var end = place
                    while bytes[end] != 0x7C { end += 1 }
                    let field = UnsafeRawBufferPointer(rebasing: bytes[place..<end])
                    let text = String(decoding: field, as: UTF8.self)
                    builders[column].append(
                        columns[column].1 == .text
                            ? .text(text) : try TextReader.value(text, as: columns[column].1))
                    place = end + 1
                }
                place += 1
                rows += 1
                if rows == DataChunk.capacity || place >= bytes.count {
                    let chunk = DataChunk(columns: builders.map { $0.finish() }, rowCount: rows)
                    try transaction.append(table, chunk)
                    builders = columns.map { VectorBuilder(type: $0.1) }
                    rows = 0
                }
            }
        }
        _ = try transaction.commit()
    }
}
