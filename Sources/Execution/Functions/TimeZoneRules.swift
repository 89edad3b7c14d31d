import Columns
import DurableIO

/// The offsets of one time zone from UTC, as the system's database of time zones has them.
///
/// Source: RFC 9636 (TZif, version 2 and later), and POSIX's TZ for times behind the last transition.
struct TimeZoneRules: Sendable {
    /// Seconds since 1970 from which each offset holds, ascending.
    private var transitions: [Int64] = []
    private var offsets: [Int] = []
    private var firstOffset = 0
    private var tail: DaylightRule?

    static let directory = "/usr/share/zoneinfo"
    static let fileBytesMax = 1 << 20

    /// A zone of a fixed distance, in seconds east of UTC.
    init(fixed seconds: Int) { firstOffset = seconds }

    /// A zone by its name: `Europe/Moscow` in any case, an abbreviation such as `MSK`, or POSIX's `+03`,
    /// which counts westwards.
    ///
    /// - Throws: `.invalidArgument` when there is no such zone. Costs the reading of one small file.
    init(named name: String) throws(ExecutionError) {
        let unknown = ExecutionError.refused(code: "22023", reason: "time zone \"\(name)\" not recognized")
        let isNumeric = name.utf8.first.map { $0 == 43 || $0 == 45 } ?? false
        if let offset = Self.fixedOffset(name) {
            firstOffset = isNumeric ? -offset : offset
            return
        }
        let isName = name.utf8.allSatisfy {
            ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == 47
                || $0 == 95
                || $0 == 45 || $0 == 43
        }
        guard isName, !name.isEmpty, name.utf8.count <= 64, !name.hasPrefix("/") else { throw unknown }
        guard let bytes = Self.read(name) ?? Self.read(Self.capitalised(name)) else { throw unknown }
        guard parse(bytes) else { throw unknown }
    }

    private static func fixedOffset(_ name: String) -> Int? {
        do throws(TextReadingError) {
            return try ZoneText.offsetSeconds(of: name)
        } catch {
            return nil
        }
    }

    private static func capitalised(_ name: String) -> String {
        var result = ""
        var isStart = true
        for character in name {
            result += isStart ? character.uppercased() : character.lowercased()
            isStart = character == "/" || character == "_" || character == "-"
        }
        return result
    }

    private static func read(_ name: String) -> [UInt8]? {
        do throws(DurableIOError) {
            let file = try POSIXFileSystem().open("\(directory)/\(name)", .read)
            let count = try file.byteCount()
            guard count >= 44, count <= fileBytesMax else { return nil }
            return try file.readBytes(atByteOffset: 0, byteCount: count)
        } catch {
            return nil
        }
    }

    /// The rules in the bytes of a zone file; nil when they are damaged.
    init?(bytes: [UInt8]) {
        guard parse(bytes) else { return nil }
    }

    private mutating func parse(_ bytes: [UInt8]) -> Bool {
        guard let first = TZifHeader(bytes, at: 0), first.version >= 50 else { return false }
        let start = first.end(timeBytes: 4)
        guard let header = TZifHeader(bytes, at: start), header.end(timeBytes: 8) <= bytes.count else {
            return false
        }
        let times = start + 44
        let indices = times + header.timeCount * 8
        let types = indices + header.timeCount
        func offset(_ type: Int) -> Int? {
            guard type < header.typeCount else { return nil }
            return Int(Int32(truncatingIfNeeded: TZifHeader.number(bytes, types + type * 6, 4)))
        }
        for index in 0..<header.timeCount {
            guard let offset = offset(Int(bytes[indices + index])) else { return false }
            transitions.append(TZifHeader.number(bytes, times + index * 8, 8))
            offsets.append(offset)
        }
        firstOffset = offset(0) ?? 0
        let footer = bytes[header.end(timeBytes: 8)...].dropFirst().prefix { $0 != 10 }
        tail = DaylightRule(String(decoding: footer, as: UTF8.self))
        return true
    }

    /// Seconds east of UTC at a moment given in seconds since 1970.
    func offset(atSeconds moment: Int64) -> Int {
        guard let last = transitions.last else { return tail?.offset(atSeconds: moment) ?? firstOffset }
        if moment >= last { return tail?.offset(atSeconds: moment) ?? offsets[offsets.count - 1] }
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? firstOffset : offsets[low - 1]
    }

    /// The clock of the zone at a moment, both in microseconds; infinity stays.
    func local(fromUTC moment: Int64) -> Int64? {
        if moment == .max || moment == .min { return moment }
        let offset = Int64(offset(atSeconds: Self.seconds(moment))) * 1_000_000
        let (result, overflow) = moment.addingReportingOverflow(offset)
        return overflow ? nil : result
    }

    /// The moment at which the zone's clock shows a time. Of a time that the clock skips or shows twice, the
    /// one before the change or the second one, as PostgreSQL does.
    func utc(fromLocal local: Int64) -> Int64? {
        if local == .max || local == .min { return local }
        let seconds = Self.seconds(local)
        let before = offset(atSeconds: seconds - 86_400)
        let after = offset(atSeconds: seconds + 86_400)
        var chosen = after
        if before != after {
            var low = seconds - 86_400
            var high = seconds + 86_400
            while high - low > 1 {
                let middle = (low + high) / 2
                if offset(atSeconds: middle) == before { low = middle } else { high = middle }
            }
            let isBefore = seconds - Int64(before) < high
            let isAfter = seconds - Int64(after) >= high
            if isBefore != isAfter {
                chosen = isBefore ? before : after
            } else {
                chosen = before < after ? before : after
            }
        }
        let (result, overflow) = local.subtractingReportingOverflow(Int64(chosen) * 1_000_000)
        return overflow ? nil : result
    }

    private static func seconds(_ microseconds: Int64) -> Int64 {
        let whole = microseconds / 1_000_000
        return microseconds % 1_000_000 < 0 ? whole - 1 : whole
    }
}

/// The counts at the head of one block of a TZif file.
private struct TZifHeader {
    let version: UInt8
    let timeCount: Int
    let typeCount: Int
    private let start: Int
    private let otherBytes: Int
    private let leapCount: Int

    init?(_ bytes: [UInt8], at start: Int) {
        guard start >= 0, start + 44 <= bytes.count, bytes[start..<(start + 4)].elementsEqual("TZif".utf8)
        else {
            return nil
        }
        func count(_ index: Int) -> Int { Int(Self.number(bytes, start + 20 + index * 4, 4)) }
        let counts = (0..<6).map(count)
        guard counts.allSatisfy({ $0 >= 0 && $0 <= TimeZoneRules.fileBytesMax }) else { return nil }
        version = bytes[start + 4]
        timeCount = counts[3]
        typeCount = counts[4]
        leapCount = counts[2]
        otherBytes = counts[0] + counts[1] + counts[5]
        self.start = start
        guard end(timeBytes: 4) <= bytes.count else { return nil }
    }

    /// Where the block ends.
    func end(timeBytes: Int) -> Int {
        start + 44 + timeCount * (timeBytes + 1) + typeCount * 6 + leapCount * (timeBytes + 4) + otherBytes
    }

    /// A big-endian signed number of 4 or 8 bytes that lie inside.
    static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int64 {
        var value: UInt64 = 0
        for index in 0..<count { value = value << 8 | UInt64(bytes[offset + index]) }
        return count == 4
            ? Int64(Int32(truncatingIfNeeded: Int64(bitPattern: value))) : Int64(bitPattern: value)
    }
}
