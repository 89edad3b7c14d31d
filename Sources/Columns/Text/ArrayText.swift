/// Arrays in PostgreSQL's text form (its manual, "Array Input and Output Syntax"): `{1,2,NULL,"a b"}`.
///
/// A value of an array type always has the one spelling that `TextBuffer.append(array:)` writes: no spaces,
/// quotes only where they are needed, elements in their type's text form.
public struct ArrayText: Hashable, Sendable {
    /// Elements in each dimension, outermost first; empty when there are no elements.
    public var dimensions: [Int]
    /// The texts of all elements, the last dimension running fastest; nil for NULL.
    public var elements: [[UInt8]?]

    /// Dimensions of an array at most, as in PostgreSQL.
    public static let dimensionsMax = 6

    public init(dimensions: [Int], elements: [[UInt8]?]) {
        precondition(
            dimensions.reduce(1, *) == elements.count || (dimensions.isEmpty && elements.isEmpty),
            "the dimensions count the elements")
        self.dimensions = dimensions
        self.elements = elements
    }

    /// An array of one dimension.
    public init(_ elements: [[UInt8]?]) {
        self.init(dimensions: elements.isEmpty ? [] : [elements.count], elements: elements)
    }

    /// Takes a text apart, any spelling. O(bytes).
    ///
    /// - Throws: `.malformed` for what is no array, or one whose rows differ in length.
    public init(reading bytes: UnsafeBufferPointer<UInt8>) throws(TextReadingError) {
        var reader = ArrayReader(TextReader.trimmed(bytes))
        try reader.readAll()
        self.init(dimensions: reader.dimensions, elements: reader.elements)
    }

    /// The spelling of the array that its values have, with each element read and printed as `element`.
    ///
    /// - Throws: `.malformed`, `.outOfRange` for an element that is no value of the type.
    public static func canonical(
        _ bytes: UnsafeBufferPointer<UInt8>, of element: DataType
    ) throws(TextReadingError) -> String {
        var array = try ArrayText(reading: bytes)
        if element != .text {
            for index in array.elements.indices {
                guard let text = array.elements[index] else { continue }
                let value = try TextReader.value(String(decoding: text, as: UTF8.self), as: element)
                array.elements[index] = value.text.map { Array($0.utf8) }
            }
        }
        let buffer = TextBuffer(capacity: bytes.count + 16)
        buffer.append(array: array)
        return buffer.string
    }
}

/// Reads one array from its text.
private struct ArrayReader {
    private let bytes: Slice<UnsafeBufferPointer<UInt8>>
    private var position: Int
    private var depth = 0
    /// Parts so far of the open braces, outermost first.
    private var counts: [Int] = []
    private(set) var dimensions: [Int] = []
    private(set) var elements: [[UInt8]?] = []
    /// How deep the elements lie; 0 before the first.
    private var elementDepth = 0

    init(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 32 || (byte >= 9 && byte <= 13) { position += 1 }
    }

    mutating func readAll() throws(TextReadingError) {
        guard current == 123 else { throw .malformed }
        try open()
        while depth > 0 {
            skipSpace()
            switch current {
            case 123: try open()
            case 125 where counts.last == 0: try close()
            default:
                try element()
                try behindPart()
            }
        }
        skipSpace()
        guard current == nil else { throw .malformed }
        if elements.isEmpty { dimensions = [] }
    }

    private mutating func open() throws(TextReadingError) {
        position += 1
        depth += 1
        guard depth <= ArrayText.dimensionsMax, elementDepth == 0 || depth <= elementDepth else {
            throw .malformed
        }
        counts.append(0)
        if dimensions.count < depth { dimensions.append(-1) }
    }

    /// A comma, after which another part comes, or the closing braces of what is complete.
    private mutating func behindPart() throws(TextReadingError) {
        counts[depth - 1] += 1
        while depth > 0 {
            skipSpace()
            if current == 44 {
                position += 1
                return
            }
            guard current == 125 else { throw .malformed }
            try close()
            return
        }
    }

    private mutating func close() throws(TextReadingError) {
        position += 1
        let count = counts.removeLast()
        if dimensions[depth - 1] < 0 { dimensions[depth - 1] = count }
        guard dimensions[depth - 1] == count else { throw .malformed }
        depth -= 1
        if depth > 0 { try behindPart() }
    }

    private mutating func element() throws(TextReadingError) {
        if elementDepth == 0 { elementDepth = depth }
        guard elementDepth == depth, dimensions.count == depth else { throw .malformed }
        if current == 34 {
            elements.append(try quoted())
            return
        }
        var text: [UInt8] = []
        var keptCount = 0
        var isEscaped = false
        while let byte = current, byte != 44, byte != 125 {
            guard byte != 123, byte != 34 else { throw .malformed }
            position += 1
            if byte == 92 {
                guard let next = current else { throw .malformed }
                position += 1
                text.append(next)
                keptCount = text.count
                isEscaped = true
                continue
            }
            text.append(byte)
            if !(byte == 32 || (byte >= 9 && byte <= 13)) { keptCount = text.count }
        }
        text.removeLast(text.count - keptCount)
        guard !text.isEmpty else { throw .malformed }
        let isNull = !isEscaped && text.count == 4 && text.map { $0 & 0xDF } == [78, 85, 76, 76]
        elements.append(isNull ? nil : text)
    }

    private mutating func quoted() throws(TextReadingError) -> [UInt8] {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            if byte == 34 { return text }
            if byte == 92 {
                guard let next = current else { throw .malformed }
                position += 1
                text.append(next)
            } else {
                text.append(byte)
            }
        }
        throw .malformed
    }
}

extension TextBuffer {
    /// Appends an array in its one spelling.
    public func append(array: ArrayText) {
        if array.elements.isEmpty { return append("{}") }
        var strides: [Int] = []
        var stride = 1
        for count in array.dimensions.reversed() {
            stride *= count
            strides.append(stride)
        }
        for (index, element) in array.elements.enumerated() {
            if index > 0 { append(44) }
            for stride in strides where index % stride == 0 { append(123) }
            append(arrayElement: element)
            for stride in strides where (index + 1) % stride == 0 { append(125) }
        }
    }

    /// Appends one element as it stands in an array, in quotes where it needs them; nil is NULL.
    public func append(arrayElement element: [UInt8]?) {
        guard let element else { return append("NULL") }
        element.withUnsafeBufferPointer { append(arrayElement: $0) }
    }

    public func append(arrayElement text: UnsafeBufferPointer<UInt8>) {
        let isNullWord = text.count == 4 && text.map { $0 & 0xDF } == [78, 85, 76, 76]
        let needsQuotes =
            text.isEmpty || isNullWord
            || text.contains {
                $0 == 34 || $0 == 92 || $0 == 123 || $0 == 125 || $0 == 44 || $0 == 32
                    || ($0 >= 9 && $0 <= 13)
            }
        guard needsQuotes else { return append(text) }
        append(34)
        for byte in text {
            if byte == 34 || byte == 92 { append(92) }
            append(byte)
        }
        append(34)
    }
}
