#if canImport(Glibc)
    import Glibc
#endif

/// Decodes the raw Snappy format: a length, then literals and copies from what was decoded.
///
/// Source: "Snappy compressed format description", github.com/google/snappy, format_description.txt.
enum SnappyDecoder {
    /// Fills `target`; false when `source` is damaged or does not decode to exactly `target.count` bytes.
    static func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        guard let start = source.baseAddress else { return false }
        var position = 0
        guard readLength(start, source.count, &position) == target.count else { return false }
        guard let output = target.baseAddress else { return position == source.count }
        var made = 0
        while position < source.count {
            let tag = Int(start.load(fromByteOffset: position, as: UInt8.self))
            position += 1
            if tag & 3 == 0 {
                var length = tag >> 2 + 1
                if length > 60 {
                    let width = length - 60
                    guard width <= source.count - position else { return false }
                    length = littleEndian(start + position, width) + 1
                    position += width
                }
                guard length <= source.count - position, length <= target.count - made else { return false }
                memcpy(output + made, start + position, length)
                position += length
                made += length
                continue
            }
            let length: Int
            let distance: Int
            switch tag & 3 {
            case 1:
                guard position < source.count else { return false }
                length = (tag >> 2) & 7 + 4
                distance = (tag >> 5) << 8 | littleEndian(start + position, 1)
                position += 1
            case 2:
                guard source.count - position >= 2 else { return false }
                length = tag >> 2 + 1
                distance = littleEndian(start + position, 2)
                position += 2
            default:
                guard source.count - position >= 4 else { return false }
                length = tag >> 2 + 1
                distance = littleEndian(start + position, 4)
                position += 4
            }
            guard distance > 0, distance <= made, length <= target.count - made else { return false }
            repeatBytes(output + made, distance: distance, length: length, room: target.count - made)
            made += length
        }
        return made == target.count
    }

    private static func readLength(_ start: UnsafeRawPointer, _ count: Int, _ position: inout Int) -> Int? {
        var length = 0
        var shift = 0
        while position < count, shift <= 28 {
            let byte = Int(start.load(fromByteOffset: position, as: UInt8.self))
            position += 1
            length |= (byte & 0x7F) << shift
            if byte < 0x80 { return length }
            shift += 7
        }
        return nil
    }

    @inline(__always)
    private static func littleEndian(_ start: UnsafeRawPointer, _ width: Int) -> Int {
        var number = 0
        for index in 0..<width {
            number |= Int(start.load(fromByteOffset: index, as: UInt8.self)) << (8 * index)
        }
        return number
    }

    /// Copies `length` bytes from `distance` bytes before `target`; the two may overlap, which repeats them.
    @inline(__always)
    private static func repeatBytes(
        _ target: UnsafeMutableRawPointer, distance: Int, length: Int, room: Int
    ) {
        let origin = target - distance
        if distance >= 8 && room >= length + 8 {
            var done = 0
            while done < length {
                let word = (origin + done).loadUnaligned(as: UInt64.self)
                (target + done).storeBytes(of: word, as: UInt64.self)
                done &+= 8
            }
        } else {
            for index in 0..<length {
                target.storeBytes(
                    of: origin.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index,
                    as: UInt8.self)
            }
        }
    }
}
