import Columns

/// Encodes the rows of one data page (version 1): levels, then values.
enum ParquetPageEncoder {
    /// Appends the definition levels of rows, a bit a row: one run when all are equal, else packed bits.
    static func appendLevels(_ validity: ValidityMask, _ rows: Range<Int>, present: Int, to page: TextBuffer)
    {
        var body: [UInt8] = []
        if present == rows.count || present == 0 {
            appendVariable(UInt64(rows.count) << 1, to: &body)
            body.append(present == 0 ? 0 : 1)
        } else {
            let groups = (rows.count + 7) / 8
            appendVariable(UInt64(groups) << 1 | 1, to: &body)
            let start = body.count
            body += [UInt8](repeating: 0, count: groups)
            for (index, row) in rows.enumerated() where validity.isValid(row) {
                body[start + index >> 3] |= 1 << UInt8(index & 7)
            }
        }
        append(UInt32(body.count), to: page)
        append(body, to: page)
    }

    /// Appends codes behind their width: one run when all are equal, else packed bits.
    static func appendCodes(
        _ codes: UnsafePointer<UInt32>, count: Int, bitWidth: Int, to page: TextBuffer
    ) {
        page.append(UInt8(bitWidth))
        guard count > 0 else { return }
        var head: [UInt8] = []
        if (0..<count).allSatisfy({ codes[$0] == codes[0] }) {
            appendVariable(UInt64(count) << 1, to: &head)
            append(head, to: page)
            var code = codes[0]
            for _ in 0..<((bitWidth + 7) / 8) {
                page.append(UInt8(truncatingIfNeeded: code))
                code >>= 8
            }
            return
        }
        let groups = (count + 7) / 8
        appendVariable(UInt64(groups) << 1 | 1, to: &head)
        append(head, to: page)
        appendPacked(count: groups * 8, bitWidth: bitWidth, to: page) { index in
            index < count ? UInt64(codes[index]) : 0
        }
    }

    /// Appends `count` numbers (a multiple of 8) of `bitWidth` bits, the lowest bits first.
    private static func appendPacked(
        count: Int, bitWidth: Int, to page: TextBuffer, _ number: (Int) -> UInt64
    ) {
        let byteCount = count * bitWidth / 8
        let target = page.reserve(byteCount)
        var written = 0
        var pending: UInt128 = 0
        var pendingBits = 0
        for index in 0..<count {
            pending |= UInt128(number(index)) &<< UInt128(pendingBits)
            pendingBits += bitWidth
            while pendingBits >= 8 {
                target[written] = UInt8(truncatingIfNeeded: pending)
                written &+= 1
                pending &>>= 8
                pendingBits &-= 8
            }
        }
        page.advance(byteCount)
    }

    /// Appends values as they are.
    static func appendPlain(_ packed: ParquetPackedColumn, _ values: Range<Int>, to page: TextBuffer) {
        switch packed.column.physical {
        case .boolean:
            let source = packed.values.pointer(as: UInt8.self)
            var byte: UInt8 = 0
            for (index, value) in values.enumerated() {
                byte |= source[value] << UInt8(index & 7)
                if index & 7 == 7 {
                    page.append(byte)
                    byte = 0
                }
            }
            if values.count & 7 != 0 { page.append(byte) }
        case .byteArray:
            let source = packed.values.pointer(as: StringView.self)
            for value in values { appendString(source[value], to: page) }
        default:
            let width = packed.column.rawBytes
            let source = packed.values.pointer(as: UInt8.self) + values.lowerBound * width
            page.append(UnsafeBufferPointer(start: source, count: values.count * width))
        }
    }

    static func appendString(_ view: StringView, to page: TextBuffer) {
        append(UInt32(view.count), to: page)
        view.withBytes { page.append($0) }
    }

    /// Appends whole numbers as DELTA_BINARY_PACKED: blocks of 128 differences in 4 miniblocks.
    static func appendDeltas(count: Int, to page: TextBuffer, _ number: (Int) -> Int64) {
        var head: [UInt8] = []
        for part in [128, 4, UInt64(count)] { appendVariable(part, to: &head) }
        appendVariable(zigzag(count > 0 ? number(0) : 0), to: &head)
        append(head, to: page)
        var next = 1
        while next < count {
            let length = min(128, count - next)
            let deltas = (next..<(next + length)).map { number($0) &- number($0 - 1) }
            let least = deltas.reduce(Int64.max) { min($0, $1) }
            var head: [UInt8] = []
            appendVariable(zigzag(least), to: &head)
            let widths = (0..<4).map { miniblock -> Int in
                var all: UInt64 = 0
                for index in stride(from: miniblock * 32, to: min(length, miniblock * 32 + 32), by: 1) {
                    all |= UInt64(bitPattern: deltas[index] &- least)
                }
                return 64 - all.leadingZeroBitCount
            }
            head += widths.map { UInt8($0) }
            append(head, to: page)
            for (miniblock, width) in widths.enumerated() where miniblock * 32 < length {
                appendPacked(count: 32, bitWidth: width, to: page) { index in
                    let place = miniblock * 32 + index
                    return place < length ? UInt64(bitPattern: deltas[place] &- least) : 0
                }
            }
            next += length
        }
    }

    private static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: number << 1 ^ number >> 63) }

    private static func appendVariable(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func append(_ bytes: [UInt8], to page: TextBuffer) {
        bytes.withUnsafeBufferPointer { page.append($0) }
    }

    private static func append(_ number: UInt32, to page: TextBuffer) {
        for shift in [0, 8, 16, 24] as [UInt32] { page.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
