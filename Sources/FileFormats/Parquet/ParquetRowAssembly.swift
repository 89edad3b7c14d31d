import Columns

/// Puts the values of one vector together from one or more pages: as codes while all pages share the chunk's
/// dictionary and the values are strings, else flat.
struct ParquetRowAssembly {
    let column: ParquetColumn
    let rowCount: Int
    var dictionary: VectorDictionary?
    private var filled = 0
    private var codes: VectorBuffer?
    private var flat: VectorBuffer?
    private var heap: StringHeap?
    private let valueBytes: Int

    init(column: ParquetColumn, rowCount: Int, dictionary: VectorDictionary?) {
        self.column = column
        self.rowCount = rowCount
        self.dictionary = dictionary
        valueBytes = column.type.physical.byteCount
    }

    /// Appends rows of a page, `present` of which have a value.
    mutating func append(
        from page: inout ParquetOpenPage, rowCount: Int, present: Int, mask: ValidityMask?
    ) throws(FileFormatError) {
        defer { filled += rowCount }
        guard present > 0 else { return }
        if page.isDictionaryCoded {
            guard let dictionary else { throw page.place.malformed("codes without a dictionary") }
            if column.type.physical == .string && flat == nil {
                let target = codeBuffer().pointer(as: UInt32.self) + filled
                try Self.readCodes(&page, column, into: target, count: present, below: dictionary.count)
                Self.spread(target, rowCount, present, mask, filled)
                return
            }
            let scratch = VectorBuffer(byteCount: present * 4)
            let picks = scratch.pointer(as: UInt32.self)
            try Self.readCodes(&page, column, into: picks, count: present, below: dictionary.count)
            let target = flatBuffer()
            gather(dictionary, picks, present, into: target)
            withExtendedLifetime(scratch) {}
        } else {
            try readFlat(&page, present)
        }
        spreadFlat(rowCount, present, mask)
    }

    /// The rows so far.
    mutating func finish(validity: ValidityMask?) -> Vector {
        if let codes, flat == nil, let dictionary {
            return Vector(codes: codes, dictionary: dictionary, count: rowCount, validity: validity)
        }
        return Vector(
            flat: flatBuffer(), type: column.type, count: rowCount, validity: validity, heap: heap)
    }

    private mutating func readFlat(
        _ page: inout ParquetOpenPage, _ present: Int
    ) throws(FileFormatError) {
        let place = page.place
        let column = column
        let buffer = flatBuffer()
        let target = buffer.base + filled * valueBytes
        var owner: VectorBuffer?
        let fault = try page.withValues(of: column) { (values) throws(FileFormatError) -> String? in
            switch values {
            case .codes: return "codes in a page of values"
            case .fixed(var fixed):
                let raw = try fixed.read(count: present)
                let fault = column.conversion.convert(
                    raw, count: present, rawBytes: column.rawBytes, into: target)
                values = .fixed(fixed)
                return fault
            case .bytes(var bytes):
                defer { values = .bytes(bytes) }
                if column.conversion == .same {
                    owner = try bytes.read(
                        into: target.assumingMemoryBound(to: StringView.self), count: present)
                    return nil
                }
                let views = VectorBuffer(byteCount: present * column.rawBytes)
                let kept = try bytes.read(into: views.pointer(as: StringView.self), count: present)
                let fault = column.conversion.convert(
                    UnsafeRawPointer(views.base), count: present, rawBytes: column.rawBytes, into: target)
                withExtendedLifetime((views, kept)) {}
                return fault
            }
        }
        if let owner { stringHeap().keep(owner) }
        if let fault { throw place.malformed(fault) }
        withExtendedLifetime(buffer) {}
    }

    private static func readCodes(
        _ page: inout ParquetOpenPage, _ column: ParquetColumn, into target: UnsafeMutablePointer<UInt32>,
        count: Int, below limit: Int
    ) throws(FileFormatError) {
        let place = page.place
        try page.withValues(of: column) { (values) throws(FileFormatError) in
            guard case .codes(var runs) = values else { throw place.malformed("values in a page of codes") }
            try runs.read(target, count: count)
            values = .codes(runs)
        }
        var greatest: UInt32 = 0
        for index in 0..<count { greatest = max(greatest, target[index]) }
        guard Int(greatest) < limit else {
            throw place.malformed("code \(greatest) in a dictionary of \(limit)")
        }
    }

    private mutating func codeBuffer() -> VectorBuffer {
        if let codes { return codes }
        let made = VectorBuffer(byteCount: rowCount * 4)
        made.fillWithZeros()
        codes = made
        return made
    }

    /// The buffer of flat values; codes so far become values.
    private mutating func flatBuffer() -> VectorBuffer {
        if let flat { return flat }
        let made = VectorBuffer(byteCount: rowCount * valueBytes)
        made.fillWithZeros()
        flat = made
        if let codes, let dictionary {
            let target = made.pointer(as: StringView.self)
            let source = codes.pointer(as: UInt32.self)
            let entries = dictionary.entries.pointer(as: StringView.self)
            for row in 0..<filled { target[row] = entries[Int(source[row])] }
            stringHeap().keep(dictionary)
        }
        codes = nil
        return made
    }

    private mutating func stringHeap() -> StringHeap {
        if let heap { return heap }
        let made = StringHeap()
        heap = made
        return made
    }

    private mutating func gather(
        _ dictionary: VectorDictionary, _ picks: UnsafePointer<UInt32>, _ count: Int,
        into buffer: VectorBuffer
    ) {
        let entries = dictionary.entries
        switch valueBytes {
        case 1: Self.pick(entries.pointer(as: UInt8.self), picks, buffer.pointer() + filled, count)
        case 2: Self.pick(entries.pointer(as: UInt16.self), picks, buffer.pointer() + filled, count)
        case 4: Self.pick(entries.pointer(as: UInt32.self), picks, buffer.pointer() + filled, count)
        case 8: Self.pick(entries.pointer(as: UInt64.self), picks, buffer.pointer() + filled, count)
        default:
            Self.pick(entries.pointer(as: StringView.self), picks, buffer.pointer() + filled, count)
            if column.type.physical == .string { stringHeap().keep(dictionary) }
        }
    }

    private static func pick<Element: BitwiseCopyable>(
        _ entries: UnsafePointer<Element>, _ picks: UnsafePointer<UInt32>,
        _ target: UnsafeMutablePointer<Element>, _ count: Int
    ) {
        for index in 0..<count { target[index] = entries[Int(picks[index])] }
    }

    private mutating func spreadFlat(_ rowCount: Int, _ present: Int, _ mask: ValidityMask?) {
        guard present < rowCount else { return }
        let buffer = flatBuffer()
        switch valueBytes {
        case 1: Self.spread(buffer.pointer(as: UInt8.self) + filled, rowCount, present, mask, filled)
        case 2: Self.spread(buffer.pointer(as: UInt16.self) + filled, rowCount, present, mask, filled)
        case 4: Self.spread(buffer.pointer(as: UInt32.self) + filled, rowCount, present, mask, filled)
        case 8: Self.spread(buffer.pointer(as: UInt64.self) + filled, rowCount, present, mask, filled)
        default:
            Self.spread(buffer.pointer(as: UInt128.self) + filled, rowCount, present, mask, filled)
        }
    }

    /// Moves `present` values that stand one behind the other to the rows that have one, from the last one
    /// on; rows without one become 0.
    private static func spread<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ target: UnsafeMutablePointer<Element>, _ rowCount: Int, _ present: Int, _ mask: ValidityMask?,
        _ first: Int
    ) {
        guard let mask, present < rowCount else { return }
        var source = present
        var row = rowCount
        while source < row {
            row &-= 1
            if mask.isValid(first &+ row) {
                source &-= 1
                target[row] = target[source]
            } else {
                target[row] = 0
            }
        }
    }
}
