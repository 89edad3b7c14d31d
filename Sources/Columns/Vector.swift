/// The values of one column for the rows of one chunk.
///
/// Three forms, decided once a chunk by whoever reads it:
/// - `flat`: `values` holds `count` values of the physical type;
/// - `constant`: `values` holds one value that stands for every row, `validity` (if any) one bit;
/// - `dictionary`: `values` holds `count` codes (`UInt32`) into `dictionary.entries`.
///
/// Invariants: all parts are read-only once the vector exists; slots of NULL rows hold some legal bytes
/// (zero, or a legal code) that may be read but mean nothing; every code is below the dictionary's entry
/// count; `heap` keeps the bytes of string views alive.
public final class Vector: @unchecked Sendable {
    public enum Form: UInt8, Sendable { case flat, constant, dictionary }

    public let type: DataType
    public let physical: PhysicalType
    public let form: Form
    public let count: Int
    public let values: VectorBuffer
    /// nil when no row is NULL.
    public let validity: ValidityMask?
    public let dictionary: VectorDictionary?
    public let heap: StringHeap?

    /// A vector of `count` values in `values`.
    public init(
        flat values: VectorBuffer, type: DataType, count: Int, validity: ValidityMask? = nil,
        heap: StringHeap? = nil
    ) {
        precondition(count * type.physical.byteCount <= values.byteCount, "a flat vector fills its buffer")
        precondition(validity.map { $0.count == count } ?? true, "a validity mask has a bit a row")
        self.type = type
        physical = type.physical
        form = .flat
        self.count = count
        self.values = values
        self.validity = validity
        dictionary = nil
        self.heap = heap
    }

    /// A vector of `count` codes in `codes`, each below `dictionary.count` also where the row is NULL.
    public init(codes: VectorBuffer, dictionary: VectorDictionary, count: Int, validity: ValidityMask? = nil)
    {
        precondition(count * 4 <= codes.byteCount, "codes are 32 bits")
        precondition(validity.map { $0.count == count } ?? true, "a validity mask has a bit a row")
        type = dictionary.entries.type
        physical = dictionary.entries.physical
        form = .dictionary
        self.count = count
        values = codes
        self.validity = validity
        self.dictionary = dictionary
        heap = nil
    }

    /// A vector of `count` rows that all hold the one value in `value`, or NULL when `isNull`.
    public init(
        constant value: VectorBuffer, type: DataType, count: Int, isNull: Bool = false,
        heap: StringHeap? = nil
    ) {
        precondition(type.physical.byteCount <= value.byteCount, "a constant vector holds one value")
        self.type = type
        physical = type.physical
        form = .constant
        self.count = count
        values = value
        validity = isNull ? ValidityMask(count: 1, allValid: false) : nil
        dictionary = nil
        self.heap = heap
    }

    /// The same rows under another type of the same physical form (DATE as INTEGER, JSON as TEXT).
    public func retyped(as type: DataType) -> Vector {
        precondition(type.physical == physical, "only the name of the type changes")
        switch form {
        case .flat: return Vector(flat: values, type: type, count: count, validity: validity, heap: heap)
        case .constant:
            return Vector(constant: values, type: type, count: count, isNull: validity != nil, heap: heap)
        case .dictionary: return flattened().retyped(as: type)
        }
    }

    /// Whether the row is NULL. For edges and tests; kernels read the mask.
    @inlinable public func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        return !validity.isValid(form == .constant ? 0 : row)
    }

    /// Pointer to the values (flat, constant) or entries (dictionary) as `Element`.
    @inlinable public func pointer<Element: BitwiseCopyable>(
        as type: Element.Type = Element.self
    ) -> UnsafeMutablePointer<Element> {
        values.pointer(as: Element.self)
    }

    /// The index into the value buffer, or into the dictionary's entries, that stands for `row`.
    @inlinable public func valueIndex(_ row: Int) -> Int {
        switch form {
        case .flat: row
        case .constant: 0
        case .dictionary: Int(values.pointer(as: UInt32.self)[row])
        }
    }
}

/// The distinct values behind the codes of dictionary vectors.
public final class VectorDictionary: @unchecked Sendable {
    /// A flat vector without NULLs; its count is the number of codes.
    public let entries: Vector
    /// Not 0 for a table-level dictionary: vectors whose dictionaries have the same identity use the same
    /// code for the same value (a later one may have more entries). 0 promises nothing beyond this object.
    public let identity: UInt64

    public init(entries: Vector, identity: UInt64 = 0) {
        precondition(entries.form == .flat && entries.validity == nil, "entries are flat and not NULL")
        self.entries = entries
        self.identity = identity
    }

    public var count: Int { entries.count }
}
