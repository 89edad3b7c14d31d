import Columns

/// A memory form with SQL's order: total, so that sorting, grouping and comparing agree.
protocol SQLComparable: BitwiseCopyable {
    static func same(_ left: Self, _ right: Self) -> Bool
    static func before(_ left: Self, _ right: Self) -> Bool
}

extension SQLComparable where Self: Comparable {
    @inline(__always) static func same(_ left: Self, _ right: Self) -> Bool { left == right }
    @inline(__always) static func before(_ left: Self, _ right: Self) -> Bool { left < right }
}

extension UInt8: SQLComparable {}
extension Int16: SQLComparable {}
extension Int32: SQLComparable {}
extension Int64: SQLComparable {}
extension Int128: SQLComparable {}
extension UInt128: SQLComparable {}

/// NaN is equal to itself and greater than every other number, as in PostgreSQL.
extension SQLComparable where Self: BinaryFloatingPoint {
    @inline(__always) static func sameNumber(_ left: Self, _ right: Self) -> Bool {
        let bothNaN =
            unsafeBitCast(left != left, to: UInt8.self) & unsafeBitCast(right != right, to: UInt8.self)
        return unsafeBitCast(left == right, to: UInt8.self) | bothNaN != 0
    }

    @inline(__always) static func numberBefore(_ left: Self, _ right: Self) -> Bool {
        let onlyRightNaN =
            unsafeBitCast(left == left, to: UInt8.self) & unsafeBitCast(right != right, to: UInt8.self)
        return unsafeBitCast(left < right, to: UInt8.self) | onlyRightNaN != 0
    }
}

extension Float: SQLComparable {
    @inline(__always) static func same(_ left: Float, _ right: Float) -> Bool { sameNumber(left, right) }
    @inline(__always) static func before(_ left: Float, _ right: Float) -> Bool { numberBefore(left, right) }
}

extension Double: SQLComparable {
    @inline(__always) static func same(_ left: Double, _ right: Double) -> Bool { sameNumber(left, right) }
    @inline(__always) static func before(_ left: Double, _ right: Double) -> Bool {
        numberBefore(left, right)
    }
}

extension Interval: SQLComparable {
    @inline(__always) static func same(_ left: Interval, _ right: Interval) -> Bool {
        left.comparisonKey == right.comparisonKey
    }
    @inline(__always) static func before(_ left: Interval, _ right: Interval) -> Bool {
        left.comparisonKey < right.comparisonKey
    }
}

extension StringView: SQLComparable {
    @inline(__always) static func same(_ left: StringView, _ right: StringView) -> Bool { left == right }
    @inline(__always) static func before(_ left: StringView, _ right: StringView) -> Bool {
        compare(left, right) < 0
    }
}
