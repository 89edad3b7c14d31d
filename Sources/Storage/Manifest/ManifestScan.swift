import DurableIO

/// Reads the records of a manifest and tells a torn end from damage.
///
/// A crash while the last record is being written leaves its bytes short, or, on file systems that make the
/// file longer before they fill it, whole sectors of zeros. Anything else that fails a checksum is damage: a
/// flipped bit in the last record is not mistaken for a commit that never was.
struct ManifestScan {
    let bytes: [UInt8]
    let path: String

    struct End {
        var byteCount: Int
        /// Where the records end that the last rewriting of the manifest made.
        var checkpointBytes: Int
        /// Where the last record is when it is one that was appended; else empty, at the end.
        var lastCommit: Range<Int>
    }

    /// - Parameter apply: Takes a record and where it ends; returns why it does not fit, or nil.
    func run(_ apply: (ManifestRecord, Int) -> String?) throws(StorageError) -> End {
        var offset = ManifestLog.headerBytes
        var checkpointBytes = offset
        var version: UInt64?
        var lastCommit = offset..<offset
        while offset < bytes.count {
            let end = offset
            offset = ManifestLog.recordStart(after: end)
            guard let frame = try frame(at: offset) else {
                offset = end
                break
            }
            let record: ManifestRecord
            do {
                record = try ManifestRecord(bytes[frame.payload])
            } catch {
                throw .damagedManifest(
                    path: path, byteOffset: offset, reason: "record does not parse (\(error))")
            }
            guard record.version == frame.version else {
                throw .damagedManifest(
                    path: path, byteOffset: offset, reason: "version of the record differs")
            }
            let isFirstCommit = checkpointBytes == end
            if let reason = Self.misfit(record, after: version, isFirstCommit: isFirstCommit)
                ?? apply(record, frame.payload.upperBound)
            {
                throw .damagedManifest(path: path, byteOffset: offset, reason: reason)
            }
            version = frame.version
            lastCommit = offset..<frame.payload.upperBound
            offset = frame.payload.upperBound
            if record.kind != .commit {
                checkpointBytes = offset
                lastCommit = offset..<offset
            }
        }
        // The first record is written before the file has its name: it cannot be torn.
        guard version != nil else {
            throw .damagedManifest(path: path, byteOffset: offset, reason: "no whole record")
        }
        return End(byteCount: offset, checkpointBytes: checkpointBytes, lastCommit: lastCommit)
    }

    /// Why a record cannot come after the version `last`, or nil. Records of several commits come before
    /// those of one.
    private static func misfit(
        _ record: ManifestRecord, after last: UInt64?, isFirstCommit: Bool
    ) -> String? {
        guard let last else {
            return record.kind == .checkpoint ? nil : "the first record is no checkpoint"
        }
        guard record.previous == last else { return "version \(record.previous) is not the one before" }
        switch record.kind {
        case .checkpoint: return "a second checkpoint"
        case .commit: return record.version == last &+ 1 ? nil : "version \(record.version) follows \(last)"
        case .merged:
            if !isFirstCommit { return "commits merged behind single ones" }
            return record.version > last ? nil : "version \(record.version) follows \(last)"
        }
    }

    private struct Frame {
        var version: UInt64
        var payload: Range<Int>
    }

    /// The record at `offset`, or nil when it was torn by a crash.
    private func frame(at offset: Int) throws(StorageError) -> Frame? {
        let headerEnd = offset + ManifestLog.recordHeaderBytes
        guard headerEnd <= bytes.count else { return nil }
        guard integer(at: offset + 16, bytes: 4) == UInt64(CRC32C.checksum(bytes[offset..<(offset + 16)]))
        else {
            if hasZeroSector(from: offset) { return nil }
            throw .damagedManifest(
                path: path, byteOffset: offset, reason: "record header checksum does not match")
        }
        let length = Int(integer(at: offset, bytes: 4))
        let version = integer(at: offset + 4, bytes: 8)
        guard length <= ManifestLog.recordBytesMax else {
            throw .damagedManifest(path: path, byteOffset: offset, reason: "record is too long")
        }
        guard length <= bytes.count - headerEnd else { return nil }
        let payload = headerEnd..<(headerEnd + length)
        guard integer(at: offset + 12, bytes: 4) == UInt64(CRC32C.checksum(bytes[payload])) else {
            if payload.upperBound == bytes.count && hasZeroSector(from: offset) { return nil }
            throw .damagedManifest(path: path, byteOffset: offset, reason: "record checksum does not match")
        }
        return Frame(version: version, payload: payload)
    }

    private func integer(at offset: Int, bytes count: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in (0..<count).reversed() { number = number << 8 | UInt64(bytes[offset + index]) }
        return number
    }

    /// Whether some sector from `start` to the end of the file (or what of it belongs there) is all zeros.
    /// Whole records do not look so: the header lies in one sector, the last byte is a mark, and deleted
    /// rows, the only payload with long runs of one bit, are written with a mask.
    private func hasZeroSector(from start: Int) -> Bool {
        var offset = start
        while offset < bytes.count {
            let end = min(bytes.count, (offset / ManifestLog.sectorBytes + 1) * ManifestLog.sectorBytes)
            if bytes[offset..<end].allSatisfy({ $0 == 0 }) { return true }
            offset = end
        }
        return false
    }
}
