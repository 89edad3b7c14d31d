/// Fills one flat vector row by row.
///
/// Invariants: at most `capacity` rows; after `finish` the builder is empty and starts a new buffer, so
/// finished vectors are never written again.
public final class VectorBuilder {
    public let type: DataType
    public let physical: PhysicalType
    public let capacity: Int
    public private(set) var count = 0
    private var buffer: VectorBuffer
    private var validity: ValidityMask?
    private var heap: StringHeap?

    public init(type: DataType, capacity: Int = DataChunk.capacity) {
        precondition(capacity >= 1, "a builder has room for a row")
        self.type = type
        physical = type.physical
        self.capacity = capacity
        buffer = VectorBuffer(byteCount: capacity * physical.byteCount)
    }

    public var isFull: Bool { count == capacity }

    /// Appends a value whose memory form is `Element`; the caller knows the physical type.
    @inline(__always) public func append<Element: BitwiseCopyable>(raw value: Element) {
        precondition(
            count < capacity && MemoryLayout<Element>.stride == physical.byteCount, "room for one more row")
        buffer.pointer(as: Element.self)[count] = value
        count &+= 1
    }

    public func append(bytes: UnsafeBufferPointer<UInt8>) { append(raw: stringHeap().add(bytes)) }

    public func append(string: String) { append(raw: stringHeap().add(string)) }

    /// Appends a copy of the viewed string.
    public func append(view: StringView) { append(raw: stringHeap().add(view)) }

    public func appendNull() {
        precondition(count < capacity, "room for one more row")
        let mask = validity ?? ValidityMask(count: capacity, allValid: true)
        validity = mask
        mask.setNull(count)
        (buffer.base + count * physical.byteCount).initializeMemory(
            as: UInt8.self, repeating: 0, count: physical.byteCount)
        count += 1
    }

    /// Appends a value of this builder's type, or NULL. A value of another type is a mistake of the caller.
    public func append(_ value: Value) {
        switch value {
        case .null: appendNull()
        case .boolean(let bool): append(raw: UInt8(bool ? 1 : 0))
        case .smallint(let number): append(raw: number)
        case .integer(let number), .date(let number): append(raw: number)
        case .bigint(let number), .timestamp(let number), .timestampTZ(let number), .time(let number):
            append(raw: number)
        case .real(let number): append(raw: number)
        case .doublePrecision(let number): append(raw: number)
        case .decimal(let unscaled, let scale):
            precondition(scale == type.scale, "a decimal has the scale of its column")
            if physical == .int64 {
                append(raw: Int64(unscaled))
            } else {
                append(raw: unscaled)
            }
        case .interval(let interval): append(raw: interval)
        case .text(let string), .json(let string), .array(let string, _): append(string: string)
        case .uuid(let uuid): append(raw: uuid)
        }
    }

    /// The rows so far as a vector; the builder starts anew.
    public func finish() -> Vector {
        var mask: ValidityMask?
        if let validity {
            let trimmed = ValidityMask(count: count, allValid: false)
            trimmed.words.update(from: validity.words, count: ValidityMask.wordCount(for: count))
            if count > 0 { trimmed.clearTail() }
            mask = trimmed
        }
        let vector = Vector(flat: buffer, type: type, count: count, validity: mask, heap: heap)
        buffer = VectorBuffer(byteCount: capacity * physical.byteCount)
        validity = nil
        heap = nil
        count = 0
        return vector
    }

    private func stringHeap() -> StringHeap {
        if let heap { return heap }
        let made = StringHeap()
        heap = made
        return made
    }
}
