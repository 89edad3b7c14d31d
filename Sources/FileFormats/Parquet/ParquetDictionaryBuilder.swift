import Columns

/// Finds the distinct raw values of a column chunk and a code for each value.
struct ParquetDictionaryBuilder {
    /// More entries, and codes save little.
    static let entriesMax = 1 << 16
    /// What the entries may take.
    static let bytesMax = 1 << 20
    /// After as many values the share of distinct ones says whether to go on.
    private static let trialCount = 1 << 14

    /// The index of the first value that has each code.
    private(set) var firstValues: [Int] = []
    /// A code a value.
    let codes: VectorBuffer

    /// nil when the values are too different for a dictionary.
    init?(_ packed: ParquetPackedColumn) {
        codes = VectorBuffer(byteCount: packed.valueCount * 4)
        let values = packed.values
        let isDone =
            switch packed.column.physical {
            case .boolean: false
            case .byteArray:
                build(
                    values.pointer(as: StringView.self), packed.valueCount, { Hashing.hash($0) },
                    { $0 == $1 }, { $0.count + 4 })
            default:
                switch packed.column.rawBytes {
                case 4:
                    build(
                        values.pointer(as: UInt32.self), packed.valueCount, { Hashing.hash(UInt64($0)) },
                        { $0 == $1 }, { _ in 4 })
                case 8:
                    build(
                        values.pointer(as: UInt64.self), packed.valueCount, { Hashing.hash($0) },
                        { $0 == $1 }, { _ in 8 })
                default:
                    build(
                        values.pointer(as: UInt128.self), packed.valueCount, { Hashing.hash($0) },
                        { $0 == $1 }, { _ in 16 })
                }
            }
        guard isDone, packed.valueCount > 0 else { return nil }
    }

    @inline(__always)
    private mutating func build<Element: BitwiseCopyable>(
        _ values: UnsafePointer<Element>, _ count: Int, _ hash: (Element) -> UInt64,
        _ areEqual: (Element, Element) -> Bool, _ bytes: (Element) -> Int
    ) -> Bool {
        var mask = 1023
        // A slot holds a code plus one, 0 when it is free.
        var slots = [UInt32](repeating: 0, count: mask + 1)
        let target = codes.pointer(as: UInt32.self)
        var bytesTotal = 0
        for index in 0..<count {
            let value = values[index]
            var slot = Int(truncatingIfNeeded: hash(value)) & mask
            while slots[slot] != 0, !areEqual(values[firstValues[Int(slots[slot]) - 1]], value) {
                slot = (slot &+ 1) & mask
            }
            if slots[slot] == 0 {
                bytesTotal += bytes(value)
                guard firstValues.count < Self.entriesMax, bytesTotal <= Self.bytesMax,
                    index < Self.trialCount || firstValues.count < index / 2
                else { return false }
                firstValues.append(index)
                slots[slot] = UInt32(firstValues.count)
                target[index] = UInt32(firstValues.count - 1)
                if firstValues.count * 2 > mask {
                    mask = mask * 2 + 1
                    slots = [UInt32](repeating: 0, count: mask + 1)
                    for (code, first) in firstValues.enumerated() {
                        var free = Int(truncatingIfNeeded: hash(values[first])) & mask
                        while slots[free] != 0 { free = (free &+ 1) & mask }
                        slots[free] = UInt32(code + 1)
                    }
                }
            } else {
                target[index] = slots[slot] &- 1
            }
        }
        // A dictionary of values that hardly repeat costs more than it saves.
        return firstValues.count <= max(16, count / 2)
    }
}
