import Foundation
import Moysklad
import SystemOfRecord

/// Numbers, moments and references of the API in the units of the record. A number that does not fit its
/// column is an error that names the field.
enum RecordConversions {
    /// The record's numbers have up to 18 digits.
    private static let unitsMax: Int64 = 999_999_999_999_999_999

    /// Kopecks as currency units with four digits after the point.
    static func money(_ kopecks: ExactDecimal, _ field: String) throws(MoyskladError) -> FixedPoint {
        try fixed(kopecks.shifted(by: -2), scale: 4, field)
    }

    static func money(_ kopecks: ExactDecimal?, _ field: String) throws(MoyskladError) -> FixedPoint? {
        guard let kopecks else { return nil }
        let amount: FixedPoint = try money(kopecks, field)
        return amount
    }

    /// Kopecks as currency units with eight digits after the point, for the price of one unit.
    static func price(_ kopecks: ExactDecimal, _ field: String) throws(MoyskladError) -> FixedPoint {
        try fixed(kopecks.shifted(by: -2), scale: 8, field)
    }

    static func quantity(_ number: ExactDecimal?, _ field: String) throws(MoyskladError) -> FixedPoint? {
        guard let number else { return nil }
        return try fixed(number, scale: 6, field)
    }

    static func fixed(_ number: ExactDecimal, scale: Int, _ field: String) throws(MoyskladError) -> FixedPoint
    {
        guard let units = number.units(scale: scale), abs(units) <= unitsMax else {
            throw .field(path: field, reason: "the number is too large to be kept: \(number)")
        }
        return FixedPoint(units: units, scale: scale)
    }

    static func moment(_ moment: LocalMoment?) -> RecordMoment? {
        moment.map { RecordMoment(microseconds: $0.microseconds) }
    }

    static func reference(_ reference: MoyskladReference?) -> RecordReference? {
        reference.map { RecordReference(uid: $0.id, type: $0.type) }
    }

    /// Nil for an empty text.
    static func filled(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text
    }
}
