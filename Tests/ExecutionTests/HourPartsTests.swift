import Columns
import Testing

@testable import Execution

@Suite("Hours and minutes of timestamps")
struct HourPartsTests {
    @Test(
        "are those of the calendar at every moment, before 1970 and at the ends of time too", arguments: 0..<3
    )
    func everyMoment(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let day = CivilCalendar.microsecondsPerDay
        var moments: [Int64] = [0, -1, 1, day, -day, day - 1, -day - 1, .max - 1, .min + day, 3_600_000_000]
        for _ in 0..<2_000 { moments.append(Int64.random(in: (.min + day)...(.max - 1), using: &random)) }
        for (field, name) in [(DateField.hour, "hour"), (.minute, "minute")] {
            let exact = moments.withUnsafeBufferPointer { source in
                source.baseAddress.flatMap {
                    HourParts.values(
                        field, of: $0, count: moments.count, type: .bigint, factor: 1, validity: nil)
                }
            }
            let decimal = moments.withUnsafeBufferPointer { source in
                source.baseAddress.flatMap {
                    HourParts.values(
                        field, of: $0, count: moments.count, type: .doublePrecision, factor: nil,
                        validity: nil)
                }
            }
            let whole = try #require(exact, "\(name)")
            let floating = try #require(decimal, "\(name)")
            for (row, moment) in moments.enumerated() {
                let time = CivilCalendar.split(timestamp: moment).microseconds
                let wanted = field == .hour ? time / 3_600_000_000 : time / 60_000_000 % 60
                #expect(whole.wholeNumber(at: row) == wanted)
                #expect(floating.pointer(as: Double.self)[row] == Double(wanted))
            }
            withExtendedLifetime((whole, floating)) {}
        }
    }

    @Test("infinite moments and other fields are left to the general way")
    func left() {
        for (field, moments) in [(DateField.hour, [Int64.max, 5]), (.hour, [.min, 5]), (.second, [5, 6])] {
            let isTaken = moments.withUnsafeBufferPointer { source in
                source.baseAddress.flatMap {
                    HourParts.values(field, of: $0, count: 2, type: .bigint, factor: 1, validity: nil)
                } != nil
            }
            #expect(!isTaken)
        }
    }
}
