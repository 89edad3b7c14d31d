import Columns
import DurableIO
import Encodings
import TableCatalog

/// Reads one row group from its file, past all caches, and compares what the footer says with the values.
struct RowGroupVerifier {
    private let job: StoreVerifier.Job
    private(set) var faults: [StorageFault] = []
    private(set) var bytesRead = 0
    private(set) var segments = 0

    private var group: RowGroup { job.group }

    init(_ job: StoreVerifier.Job) { self.job = job }

    mutating func run() {
        verifyDeletions()
        let footer: RowGroupFooter
        do throws(StorageError) {
            footer = try group.readFooter()
        } catch {
            fail(group.footerOffset, nil, error)
            return
        }
        bytesRead += group.footerBytes
        for (column, summary) in footer.columns.enumerated() where summary.isStored {
            do throws(StorageError) {
                try verify(column, summary)
            } catch {
                fail(summary.byteOffset, column, error)
            }
        }
    }

    private mutating func verifyDeletions() {
        guard let deletes = job.deletes else { return }
        if deletes.count >= group.rowCount { fail(group.footerOffset, nil, "every row is deleted") }
        guard let block = deletes.block else { return }
        bytesRead += block.byteCount
        do throws(StorageError) {
            _ = try deletes.read()
        } catch {
            var reason = error.description
            if case .damagedFile(_, _, let cause) = error { reason = cause }
            faults.append(
                StorageFault(
                    path: block.file.path, byteOffset: block.byteOffset, table: job.definition.name,
                    column: nil, reason: reason))
        }
    }

    private mutating func fail(_ byteOffset: Int, _ column: Int?, _ reason: String) {
        faults.append(
            StorageFault(
                path: group.file.path, byteOffset: byteOffset, table: job.definition.name,
                column: column.map { job.definition.columns[$0].name }, reason: reason))
    }

    private mutating func fail(_ byteOffset: Int, _ column: Int?, _ error: StorageError) {
        if case .damagedFile(_, let offset, let reason) = error {
            fail(offset, column, reason)
        } else {
            fail(byteOffset, column, error.description)
        }
    }

    private mutating func verify(_ column: Int, _ summary: SegmentSummary) throws(StorageError) {
        let field = job.definition.columns[column]
        let segment = try group.readSegment(summary, type: field.type, buffer: RawBytes(capacity: 1 << 16))
        segments += 1
        bytesRead += summary.byteCount
        if segment.encoding != summary.encoding { fail(summary.byteOffset, column, "encoding differs") }
        let dictionary = job.dictionaries[column]
        guard segment.tableEntryCount <= dictionary?.count ?? 0 else {
            return fail(summary.byteOffset, column, "codes beyond the table's dictionary")
        }
        let values = ColumnAccumulator(type: field.type)
        let scratch = DecodeScratch(physical: field.type.physical)
        for vector in 0..<segment.vectorCount {
            let decoded = segment.decode(
                vector: vector, tableDictionary: dictionary?.vector, scratch: scratch)
            values.append(decoded, selection: nil, range: 0..<decoded.count)
        }
        let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: segment.rowCount)
        defer { hashes.deallocate() }
        let actual: ColumnSummary
        do {
            actual = try values.withValues { (values) throws(EncodingError) in
                ColumnSummary(values, scratch: hashes)
            }
        } catch {
            return fail(summary.byteOffset, column, error.description)
        }
        if actual.zone.nullCount > 0 && !field.isNullable {
            fail(summary.byteOffset, column, "NULL in a column that must not be NULL")
        }
        compare(actual, with: summary, column)
        bytesRead += summary.bloomBytes
        guard let filter = try group.readBloomFilter(summary) else { return }
        if !actual.hashes.allSatisfy({ filter.mayContain($0) }) {
            fail(summary.bloomOffset, column, "Bloom filter leaves out a value")
        }
    }

    private mutating func compare(_ actual: ColumnSummary, with summary: SegmentSummary, _ column: Int) {
        if actual.zone != summary.zone {
            fail(group.footerOffset, column, "zone map of the segment differs from its values")
        }
        for (vector, zone) in actual.vectorZones.enumerated()
        where summary.vectorZones.indices.contains(vector) && summary.vectorZones[vector] != zone {
            fail(group.footerOffset, column, "zone map of vector \(vector) differs from its values")
        }
        if actual.sketch != summary.sketch {
            fail(group.footerOffset, column, "distinct sketch differs from the values")
        }
    }
}

extension DataFile {
    /// Checks the header as it is in the file now.
    func headerFault() -> StorageFault? {
        close()
        do throws(StorageError) {
            _ = try opened()
            return nil
        } catch {
            var reason = error.description
            if case .damagedFile(_, _, let cause) = error { reason = cause }
            return StorageFault(path: path, byteOffset: 0, table: nil, column: nil, reason: reason)
        }
    }
}
