import Columns

/// Decodes BYTE_ARRAY values of a page into views of the page's memory, or of memory of their own where the
/// page holds them in parts.
///
/// Invariant: up to 16 bytes behind `end` are readable.
enum ByteArrayDecoder {
    /// A length of 32 bits before each value.
    case plain(position: Int)
    /// All lengths first (DELTA_LENGTH_BYTE_ARRAY).
    case lengths(DeltaBinaryDecoder, position: Int)
    /// What each value shares with the one before it, then the rest of each (DELTA_BYTE_ARRAY).
    case prefixes(DeltaBinaryDecoder, suffixes: DeltaBinaryDecoder, position: Int, PrefixMemory)
}

/// Bytes of values that are put together from parts, of one page.
final class PrefixMemory {
    /// What the values of one page may take: a few bytes can stand for a long value many times over.
    static let bytesMax = 1 << 28
    var last = StringView.empty
    var bytesTotal = 0
    /// Keeps `last`.
    var lastOwner: VectorBuffer?

    init() {}
}

/// The BYTE_ARRAY values of one page, in order.
struct ByteArrayValues {
    private let page: VectorBuffer
    private let end: Int
    private let place: PagePlace
    private var decoder: ByteArrayDecoder
    /// Whether the bytes must be UTF-8.
    private let isText: Bool

    /// - Parameter valuesMax: How many values the page says to hold.
    init(
        _ page: VectorBuffer, _ range: Range<Int>, encoding: ParquetEncoding, valuesMax: Int, isText: Bool,
        place: PagePlace
    ) throws(FileFormatError) {
        self.page = page
        end = range.upperBound
        self.place = place
        self.isText = isText
        switch encoding {
        case .plain: decoder = .plain(position: range.lowerBound)
        case .deltaLengthByteArray:
            let lengths = try DeltaBinaryDecoder(page.base, range, valuesMax: valuesMax, place: place)
            decoder = .lengths(lengths, position: try lengths.endOffset())
        case .deltaByteArray:
            let prefixes = try DeltaBinaryDecoder(page.base, range, valuesMax: valuesMax, place: place)
            let suffixes = try DeltaBinaryDecoder(
                page.base, try prefixes.endOffset()..<end, valuesMax: valuesMax, place: place)
            decoder = .prefixes(
                prefixes, suffixes: suffixes, position: try suffixes.endOffset(), PrefixMemory())
        default: throw place.malformed("encoding \(encoding) of bytes")
        }
    }

    /// Decodes `count` values (at most `DataChunk.capacity` for lengths and prefixes).
    /// - Returns: What keeps the bytes of the views alive.
    mutating func read(
        into target: UnsafeMutablePointer<StringView>, count: Int
    ) throws(FileFormatError) -> VectorBuffer {
        switch decoder {
        case .plain(var position):
            try readPlain(into: target, count: count, &position)
            decoder = .plain(position: position)
            return page
        case .lengths(var lengths, var position):
            try readLengths(into: target, count: count, &lengths, &position)
            decoder = .lengths(lengths, position: position)
            return page
        case .prefixes(var prefixes, var suffixes, var position, let memory):
            let owner = try readPrefixes(into: target, count, &prefixes, &suffixes, &position, memory)
            decoder = .prefixes(prefixes, suffixes: suffixes, position: position, memory)
            return owner
        }
    }

    private func readPlain(
        into target: UnsafeMutablePointer<StringView>, count: Int, _ position: inout Int
    ) throws(FileFormatError) {
        let base = UnsafeRawPointer(page.base)
        let end = end
        var offset = position
        var isRight = true
        for index in 0..<count {
            guard end &- offset >= 4 else { throw place.malformed("values end early", at: offset) }
            let length = Int(base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            offset &+= 4
            guard length <= end &- offset else {
                throw place.malformed("value of \(length) bytes ends early", at: offset)
            }
            target[index] = StringView(reading: base + offset, count: length)
            if isText { isRight = isRight && UTF8Check.isValid(base + offset, count: length) }
            offset &+= length
        }
        guard isRight else { throw place.malformed("text is not UTF-8", at: position) }
        position = offset
    }

    private func readLengths(
        into target: UnsafeMutablePointer<StringView>, count: Int, _ lengths: inout DeltaBinaryDecoder,
        _ position: inout Int
    ) throws(FileFormatError) {
        let base = UnsafeRawPointer(page.base)
        let end = end
        let isText = isText
        var offset = position
        var isInside = true
        var isRight = true
        try lengths.read(count: count) { index, length in
            guard length >= 0, length <= end &- offset else {
                isInside = false
                target[index] = .empty
                return
            }
            target[index] = StringView(reading: base + offset, count: Int(length))
            if isText { isRight = isRight && UTF8Check.isValid(base + offset, count: Int(length)) }
            offset &+= Int(length)
        }
        guard isInside else { throw place.malformed("lengths of values do not fit", at: position) }
        guard isRight else { throw place.malformed("text is not UTF-8", at: position) }
        position = offset
    }

    private func readPrefixes(
        into target: UnsafeMutablePointer<StringView>, _ count: Int, _ prefixes: inout DeltaBinaryDecoder,
        _ suffixes: inout DeltaBinaryDecoder, _ position: inout Int, _ memory: PrefixMemory
    ) throws(FileFormatError) -> VectorBuffer {
        // The lengths first: they say how much memory the values take.
        let shared = VectorBuffer(byteCount: count * 8)
        let own = VectorBuffer(byteCount: count * 8)
        let sharedLengths = shared.pointer(as: Int64.self)
        let ownLengths = own.pointer(as: Int64.self)
        try prefixes.read(count: count) { sharedLengths[$0] = $1 }
        try suffixes.read(count: count) { ownLengths[$0] = $1 }
        var before = memory.last.count
        var total = 0
        var offset = position
        for index in 0..<count {
            let (prefix, suffix) = (sharedLengths[index], ownLengths[index])
            guard prefix >= 0, prefix <= before, suffix >= 0, suffix <= end - offset else {
                throw place.malformed("lengths of values do not fit", at: position)
            }
            before = Int(prefix + suffix)
            offset += Int(suffix)
            total += before
        }
        memory.bytesTotal += total
        guard memory.bytesTotal <= PrefixMemory.bytesMax else {
            throw place.unsupported("page of more than \(PrefixMemory.bytesMax) bytes")
        }
        let made = VectorBuffer(byteCount: total)
        fill(made, target, count, sharedLengths, ownLengths, position, memory.last)
        position = offset
        if count > 0 { memory.last = target[count - 1] }
        withExtendedLifetime((shared, own)) {}
        memory.lastOwner = made
        for index in 0..<count where isText {
            guard
                target[index].withBytes({ bytes in
                    guard let base = bytes.baseAddress else { return true }
                    return String(
                        validating: UnsafeBufferPointer(start: base, count: bytes.count), as: UTF8.self)
                        != nil
                })
            else { throw place.malformed("text is not UTF-8", at: position) }
        }
        return made
    }

    private func fill(
        _ made: VectorBuffer, _ target: UnsafeMutablePointer<StringView>, _ count: Int,
        _ sharedLengths: UnsafeMutablePointer<Int64>, _ ownLengths: UnsafeMutablePointer<Int64>,
        _ position: Int, _ before: StringView
    ) {
        var output = made.base
        var offset = position
        var last = before
        for index in 0..<count {
            let start = output
            let prefix = Int(sharedLengths[index])
            let suffix = Int(ownLengths[index])
            last.withBytes { bytes in
                if let base = bytes.baseAddress { output.copyMemory(from: base, byteCount: prefix) }
            }
            (output + prefix).copyMemory(from: page.base + offset, byteCount: suffix)
            output += prefix + suffix
            offset += suffix
            last = StringView(reading: start, count: prefix + suffix)
            target[index] = last
        }
    }
}

extension StringView {
    /// A view of `count` bytes like `init(_:count:)`, without a call for short ones. Up to 12 bytes behind
    /// `bytes` are readable, whatever `count` is.
    @inline(__always)
    init(reading bytes: UnsafeRawPointer, count: Int) {
        if count <= 12 {
            let first = bytes.loadUnaligned(as: UInt64.self)
            let last = bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
            let prefix = first & StringView.mask(bytes: min(count, 4)) & 0xFFFF_FFFF
            self.init(
                low: UInt64(truncatingIfNeeded: count) | prefix &<< 32,
                high: last & StringView.mask(bytes: max(count &- 4, 0)))
        } else {
            let prefix = UInt64(bytes.loadUnaligned(as: UInt32.self))
            self.init(
                low: UInt64(truncatingIfNeeded: count) | prefix &<< 32,
                high: UInt64(UInt(bitPattern: bytes)))
        }
    }

    /// Ones in the lowest `bytes` bytes, 0...8.
    @inline(__always)
    private static func mask(bytes: Int) -> UInt64 {
        bytes == 0 ? 0 : ~0 &>> UInt64(truncatingIfNeeded: 64 &- bytes &* 8)
    }
}
