import Testing

@testable import Columns

@Suite("Values as text")
struct TextTests {
    static let decimal = DataType.decimal(precision: 18, scale: 2)

    @Test(
        "what PostgreSQL prints, read and printed again",
        arguments: [
            (DataType.bigint, "-9223372036854775808"), (.bigint, "0"), (.smallint, "-32768"),
            (TextTests.decimal, "-0.05"), (TextTests.decimal, "1234567890123456.78"),
            (.decimal(precision: 38, scale: 10), "1234567890123456789012345678.0123456789"),
            (.doublePrecision, "0.1"), (.doublePrecision, "1e+15"), (.doublePrecision, "123456789012345"),
            (.doublePrecision, "1e-05"), (.doublePrecision, "0.0001"), (.doublePrecision, "-1.5e-300"),
            (.doublePrecision, "NaN"), (.doublePrecision, "-Infinity"), (.doublePrecision, "100"),
            (.real, "1e+06"), (.real, "0.1"), (.real, "123456"),
            (.date, "2024-02-29"), (.date, "0001-01-01"), (.date, "0044-03-15 BC"), (.date, "infinity"),
            (.date, "12345-01-01"), (.date, "5874897-12-31"), (.date, "4713-11-24 BC"),
            (.timestamp, "2024-02-29 23:59:59.999999"), (.timestamp, "1969-12-31 23:59:59.5"),
            (.timestamp, "2000-01-01 00:00:00"), (.timestamp, "-infinity"),
            (.interval, "1 year 2 mons 3 days 04:05:06.7"), (.interval, "-1 days +02:03:00"),
            (.interval, "00:00:00"),
            (.interval, "-00:00:01"), (.interval, "2 days"),
            (.uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), (.boolean, "t"), (.text, "Ёлка"),
        ])
    func roundTrip(type: DataType, text: String) throws {
        let value = try TextReader.value(text, as: type)
        #expect(value.text == text)
        let vector = Vector.constant(value, type: type, count: 3)
        #expect(vector.value(at: 2).text == text)
        let buffer = TextBuffer()
        buffer.append(vector, row: 1)
        #expect(buffer.string == text)
    }

    @Test(
        "other spellings of a value",
        arguments: [
            (TextTests.decimal, " 1.005 ", "1.01"), (TextTests.decimal, "-1.005", "-1.01"),
            (TextTests.decimal, "1e3", "1000.00"), (TextTests.decimal, ".5", "0.50"),
            (TextTests.decimal, "5.", "5.00"),
            (.decimal(precision: 5, scale: 0), "2.5", "3"),
            (.decimal(precision: 20, scale: 3), "3.13e+5", "313000.000"),
            (.date, "20240229", "2024-02-29"), (.date, "2024-02-29 12:00:00", "2024-02-29"),
            (.date, "2024/2/9", "2024-02-09"),
            (.timestamp, "2024-02-29T12:30", "2024-02-29 12:30:00"),
            (.timestamp, "2024-02-29 12:30:00+03", "2024-02-29 12:30:00"),
            (.timestamp, "2024-02-29 12:30:00.1234567Z", "2024-02-29 12:30:00.123457"),
            (.timestamp, "2024-02-29 24:00:00", "2024-03-01 00:00:00"),
            (.interval, "1 month ago", "-1 mons"), (.interval, "1.5 days", "1 day 12:00:00"),
            (.interval, "2 weeks", "14 days"),
            (.interval, "90 minutes", "01:30:00"), (.interval, "1 day -01:00", "1 day -01:00:00"),
            (.boolean, "TRUE", "t"), (.boolean, "off", "f"), (.boolean, "0", "f"),
            (.uuid, "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ])
    func spellings(type: DataType, text: String, expected: String) throws {
        #expect(try TextReader.value(text, as: type).text == expected)
    }

    @Test(
        "what is no value",
        arguments: [
            (DataType.integer, "12x", TextReadingError.malformed), (.integer, "", .malformed),
            (.integer, "-", .malformed),
            (.integer, "2147483648", .outOfRange), (.bigint, "9223372036854775808", .outOfRange),
            (TextTests.decimal, "12345678901234567", .outOfRange), (TextTests.decimal, "1.2.3", .malformed),
            (TextTests.decimal, "1e400", .outOfRange), (TextTests.decimal, "e5", .malformed),
            (.doublePrecision, "1e400", .outOfRange), (.doublePrecision, "0x10", .malformed),
            (.date, "2023-02-29", .outOfRange), (.date, "2023-13-01", .outOfRange),
            (.date, "soon", .malformed),
            (.timestamp, "2023-01-01 25:00:00", .outOfRange),
            (.timestamp, "2023-01-01 12:00 lunch", .malformed),
            (.interval, "one day", .malformed), (.interval, "5 parsecs", .malformed),
            (.boolean, "maybe", .malformed),
            (.uuid, "a0eebc99", .malformed), (.uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11ff", .malformed),
        ])
    func noValue(type: DataType, text: String, error: TextReadingError) {
        #expect(throws: error) { try TextReader.value(text, as: type) }
    }

    @Test("every day of 800 years goes to a civil date and back")
    func calendar() {
        for day in stride(from: -146_097, through: 146_097, by: 1) {
            let civil = CivilCalendar.civil(fromDays: day)
            #expect(CivilCalendar.days(year: civil.year, month: civil.month, day: civil.day) == day)
        }
        #expect(CivilCalendar.civil(fromDays: 0) == CivilCalendar.Day(year: 1970, month: 1, day: 1))
    }
}
