import Columns

/// The values of one page of a physical type of fixed width, in order, as raw values (`ValueConversion`).
///
/// Invariant: up to 16 bytes behind `end` are readable.
struct FixedWidthValues {
    private enum Decoder {
        /// Raw values as they are, from an offset.
        case plain(position: Int)
        /// BOOLEAN: a bit a value, the lowest first.
        case bits(nextBit: Int)
        case runs(RunDecoder)
        case deltas(DeltaBinaryDecoder)
        /// The first bytes of all values, then the second ones, and so on.
        case split(next: Int, valueCount: Int)
        /// FIXED_LEN_BYTE_ARRAY as DELTA_BYTE_ARRAY.
        case bytes(ByteArrayValues)
    }

    private let page: VectorBuffer
    private let start: Int
    private let end: Int
    private let place: PagePlace
    private let rawBytes: Int
    private var decoder: Decoder
    private var scratch: VectorBuffer?

    /// - Parameter valuesMax: How many values the page says to hold.
    init(
        _ page: VectorBuffer, _ range: Range<Int>, column: ParquetColumn, encoding: ParquetEncoding,
        valuesMax: Int, place: PagePlace
    ) throws(FileFormatError) {
        self.page = page
        start = range.lowerBound
        end = range.upperBound
        self.place = place
        rawBytes = column.rawBytes
        let isInteger = column.physical == .int32 || column.physical == .int64
        switch (encoding, column.physical) {
        case (.plain, .boolean): decoder = .bits(nextBit: start * 8)
        case (.plain, _): decoder = .plain(position: start)
        case (.rle, .boolean):
            guard range.count >= 4,
                case let length = Int(page.base.loadUnaligned(fromByteOffset: start, as: UInt32.self)),
                length <= range.count - 4
            else { throw place.malformed("length of runs", at: start) }
            decoder = .runs(
                try RunDecoder(
                    page.base, (start + 4)..<(start + 4 + length), bitWidth: 1, place: place))
        case (.deltaBinaryPacked, _) where isInteger:
            decoder = .deltas(
                try DeltaBinaryDecoder(page.base, range, valuesMax: valuesMax, place: place))
        case (.byteStreamSplit, _) where column.physical != .boolean && column.physical != .int96:
            guard range.count % rawBytes == 0 else {
                throw place.malformed("split values of \(rawBytes) bytes", at: start)
            }
            decoder = .split(next: 0, valueCount: range.count / rawBytes)
        case (.deltaByteArray, .fixedBytes):
            decoder = .bytes(
                try ByteArrayValues(
                    page, range, encoding: encoding, valuesMax: valuesMax, isText: false, place: place))
        default: throw place.malformed("encoding \(encoding) of \(column.physical)")
        }
    }

    /// Decodes `count` values.
    /// - Returns: Where the raw values lie, until the next call, with 16 more readable bytes behind them.
    mutating func read(count: Int) throws(FileFormatError) -> UnsafeRawPointer {
        switch decoder {
        case .plain(let position):
            guard count <= (end - position) / rawBytes else {
                throw place.malformed("values end early", at: position)
            }
            decoder = .plain(position: position + count * rawBytes)
            return UnsafeRawPointer(page.base + position)
        case .bits(let nextBit):
            guard count <= end * 8 - nextBit else { throw place.malformed("values end early", at: end) }
            let target = room(count).pointer(as: UInt8.self)
            let base = UnsafeRawPointer(page.base)
            for index in 0..<count {
                let bit = nextBit &+ index
                let byte = base.load(fromByteOffset: bit &>> 3, as: UInt8.self)
                target[index] = (byte &>> UInt8(truncatingIfNeeded: bit & 7)) & 1
            }
            decoder = .bits(nextBit: nextBit + count)
            return UnsafeRawPointer(target)
        case .runs(var runs):
            let words = VectorBuffer(byteCount: (count + 63) / 64 * 8 + 8)
            words.fillWithZeros()
            _ = try runs.readBits(into: words.pointer(as: UInt64.self), from: 0, count: count)
            let target = room(count).pointer(as: UInt8.self)
            let bits = words.pointer(as: UInt8.self)
            for index in 0..<count {
                target[index] = (bits[index &>> 3] &>> UInt8(truncatingIfNeeded: index & 7)) & 1
            }
            decoder = .runs(runs)
            return UnsafeRawPointer(target)
        case .deltas(var deltas):
            let memory = room(count * rawBytes)
            if rawBytes == 8 {
                let target = memory.pointer(as: Int64.self)
                try deltas.read(count: count) { target[$0] = $1 }
            } else {
                let target = memory.pointer(as: Int32.self)
                try deltas.read(count: count) { target[$0] = Int32(truncatingIfNeeded: $1) }
            }
            decoder = .deltas(deltas)
            return UnsafeRawPointer(memory.base)
        case .split(let next, let valueCount):
            guard count <= valueCount - next else { throw place.malformed("values end early", at: end) }
            let memory = room(count * rawBytes)
            unsplit(into: memory.pointer(as: UInt8.self), next, count, valueCount)
            decoder = .split(next: next + count, valueCount: valueCount)
            return UnsafeRawPointer(memory.base)
        case .bytes(var values):
            let memory = room(count * rawBytes)
            try join(&values, into: memory.base, count)
            decoder = .bytes(values)
            return UnsafeRawPointer(memory.base)
        }
    }

    private func unsplit(
        into target: UnsafeMutablePointer<UInt8>, _ next: Int, _ count: Int, _ valueCount: Int
    ) {
        let width = rawBytes
        for byte in 0..<width {
            let stream = (page.base + start + byte * valueCount + next).assumingMemoryBound(to: UInt8.self)
            for index in 0..<count { target[index &* width &+ byte] = stream[index] }
        }
    }

    private func join(
        _ values: inout ByteArrayValues, into target: UnsafeMutableRawPointer, _ count: Int
    ) throws(FileFormatError) {
        let views = VectorBuffer(byteCount: count * MemoryLayout<StringView>.stride)
        let pointer = views.pointer(as: StringView.self)
        let owner = try values.read(into: pointer, count: count)
        for index in 0..<count {
            guard pointer[index].count == rawBytes else {
                throw place.malformed("value of \(pointer[index].count) bytes, not \(rawBytes)")
            }
            pointer[index].withBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                (target + index * rawBytes).copyMemory(from: base, byteCount: rawBytes)
            }
        }
        withExtendedLifetime((views, owner)) {}
    }

    private mutating func room(_ byteCount: Int) -> VectorBuffer {
        if let scratch, scratch.byteCount >= byteCount { return scratch }
        let made = VectorBuffer(byteCount: byteCount)
        scratch = made
        return made
    }
}
