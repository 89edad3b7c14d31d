import Columns

/// A condition on the values of one column, with its constants turned into the order of the column's type
/// once, so that segments can be tested in their encoded form.
///
/// The answers are those of SQL's comparisons: NULL passes nothing but `isNull`; NaN equals NaN and is
/// greater than every other number; −0 equals 0; strings are compared byte by byte.
public struct ValueTest: Sendable {
    public enum Comparison: Hashable, Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
        /// Equal to one of the values.
        case isIn
        case isNull, isNotNull
        /// Of strings: the value is the beginning, a part or the end of the row's string.
        case beginsWith, contains, endsWith
    }

    enum Form: Sendable {
        case isNull
        case isNotNull
        /// No row passes.
        case never
        /// Whole numbers of up to 64 bits, booleans, dates, times, and floating-point numbers by `OrderKey`.
        case words(KeySet<Int64>)
        /// Wide decimals, uuids and intervals by `OrderKey`.
        case wide(KeySet<Int128>)
        case strings(StringTest)
    }

    public let type: DataType
    let form: Form

    /// - Parameter values: One; any number for `isIn`, where NULLs add nothing; none for the NULL tests.
    /// - Returns: nil when a value is not of the column's type (an integer of another width is), or the
    ///   comparison is none of that type.
    public init?(_ comparison: Comparison, _ values: [Value], type: DataType) {
        self.type = type
        switch comparison {
        case .isNull, .isNotNull:
            guard values.isEmpty else { return nil }
            form = comparison == .isNull ? .isNull : .isNotNull
            return
        case .isIn: break
        default: guard values.count == 1 else { return nil }
        }
        let present = values.filter { !$0.isNull }
        guard !present.isEmpty else {
            form = .never
            return
        }
        if type.physical == .string {
            let texts = present.compactMap(\.stringValue)
            guard texts.count == present.count, let test = StringTest(comparison, texts) else { return nil }
            form = .strings(test)
            return
        }
        var keys: [Int128] = []
        for value in present {
            guard let key = OrderKey.key(of: value, type: type) else { return nil }
            keys.append(key)
        }
        guard let set = KeyAnswer(comparison, keys, within: OrderKey.range(of: type)) else { return nil }
        switch set {
        case .none: form = .never
        case .all: form = .isNotNull
        case .some(let keys): form = OrderKey.isWide(type) ? .wide(keys) : .words(keys.narrowed)
        }
    }

    private init(type: DataType, form: Form) {
        self.type = type
        self.form = form
    }

    /// One test in place of two of the same column; nil when there is none that is as cheap.
    public func merged(with other: ValueTest) -> ValueTest? {
        guard type == other.type else { return nil }
        switch (form, other.form) {
        case (.isNull, _), (_, .isNull): return nil
        case (.never, _), (_, .isNotNull): return self
        case (_, .never), (.isNotNull, _): return other
        case (.words(let first), .words(let second)):
            return first.intersection(second).map { both in
                ValueTest(type: type, form: both.map { .words($0) } ?? .never)
            }
        case (.wide(let first), .wide(let second)):
            return first.intersection(second).map { both in
                ValueTest(type: type, form: both.map { .wide($0) } ?? .never)
            }
        case (.strings(let first), .strings(let second)):
            return first.intersection(second).map { ValueTest(type: type, form: .strings($0)) }
        default: return nil
        }
    }
}
