import Foundation

/// A number of the record: whole units of 10^-scale.
public struct FixedPoint: Sendable, Hashable {
    public var units: Int64
    /// Digits after the point, in 0...18.
    public var scale: Int

    /// units × 10^-scale.
    public init(units: Int64, scale: Int) {
        precondition(scale >= 0 && scale <= 18, "a column of the record has up to 18 digits")
        self.units = units
        self.scale = scale
    }
}

/// A moment on the account's clock, without zone.
public struct RecordMoment: Sendable, Hashable {
    /// Microseconds since 1970-01-01 00:00:00 on that clock.
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }
}

/// Points at a row of another table by Moysklad's id.
public struct RecordReference: Sendable, Hashable {
    public var uid: UUID
    /// The type code, which a row created for it keeps until the object comes.
    public var type: String

    public init(uid: UUID, type: String) {
        self.uid = uid
        self.type = type
    }
}
