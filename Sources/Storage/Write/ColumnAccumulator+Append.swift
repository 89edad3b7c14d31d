import Columns
import Encodings

extension ColumnAccumulator {
    /// Appends rows of `vector`.
    ///
    /// - Parameters:
    ///   - selection: The rows that exist; nil for all.
    ///   - range: Which of the rows that exist.
    ///
    /// One copy of the whole range where neither a selection nor codes stand between; about 0.2 ns a number,
    /// 3 ns a string.
    func append(_ vector: Vector, selection: SelectionVector?, range: Range<Int>) {
        let rows = selection.map { UnsafePointer($0.rows + range.lowerBound) }
        appendValidity(vector, rows: rows, range: range)
        if type.physical == .string {
            appendStrings(vector, rows: rows, range: range)
        } else {
            appendFixed(vector, rows: rows, range: range)
        }
        count += range.count
        withExtendedLifetime((vector, selection?.buffer)) {}
    }

    // MARK: - NULLs

    private func appendValidity(_ vector: Vector, rows: UnsafePointer<UInt32>?, range: Range<Int>) {
        guard let mask = vector.validity else {
            if nullCount > 0 { appendBits(count: range.count) { _ in ~0 } }
            return
        }
        if nullCount == 0 {
            validity = [UInt64](repeating: ~0, count: (count + 63) / 64)
            if count % 64 != 0 { validity[validity.count - 1] = (1 << UInt64(count % 64)) - 1 }
        }
        let words = UnsafePointer(mask.words)
        if vector.form == .constant {
            appendBits(count: range.count) { _ in 0 }
            return
        }
        let before = nullCount
        if let rows {
            appendBits(count: range.count) { first in
                var word: UInt64 = 0
                for index in first..<min(first + 64, range.count) {
                    let row = Int(rows[index])
                    let bit = words[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1
                    word |= bit &<< UInt64(truncatingIfNeeded: index &- first)
                }
                return word
            }
        } else {
            // A mask has a word of slack behind its last.
            let shift = UInt64(truncatingIfNeeded: range.lowerBound & 63)
            appendBits(count: range.count) { first in
                let start = (range.lowerBound + first) >> 6
                if shift == 0 { return words[start] }
                return words[start] &>> shift | words[start + 1] &<< (64 - shift)
            }
        }
        // With no NULL in sight a bitmap would only cost.
        if nullCount == before && nullCount == 0 { validity = [] }
    }

    /// Appends `count` bits, which `word` gives 64 at a time, and counts the zeros among them.
    @inline(__always) private func appendBits(count added: Int, _ word: (Int) -> UInt64) {
        let wordCount = (count + added + 63) / 64
        if validity.count < wordCount {
            validity.append(contentsOf: repeatElement(0, count: wordCount - validity.count))
        }
        let shift = UInt64(truncatingIfNeeded: count & 63)
        var ones = 0
        var first = 0
        validity.withUnsafeMutableBufferPointer { validity in
            while first < added {
                let valid = min(64, added - first)
                let bits = word(first) & (valid == 64 ? ~0 : (1 &<< UInt64(valid)) &- 1)
                ones += bits.nonzeroBitCount
                let target = (count + first) >> 6
                validity[target] |= bits &<< shift
                if shift != 0, target + 1 < wordCount { validity[target + 1] |= bits &>> (64 - shift) }
                first += 64
            }
        }
        nullCount += added - ones
    }

    // MARK: - Values of one width

    private func appendFixed(_ vector: Vector, rows: UnsafePointer<UInt32>?, range: Range<Int>) {
        let width = type.physical.byteCount
        let target = fixed.extend(byBytes: range.count * width)
        if vector.form == .flat && rows == nil {
            target.copyMemory(
                from: vector.values.base + range.lowerBound * width, byteCount: range.count * width)
        } else {
            switch width {
            case 1: gather(vector, rows, range, target.assumingMemoryBound(to: UInt8.self))
            case 2: gather(vector, rows, range, target.assumingMemoryBound(to: UInt16.self))
            case 4: gather(vector, rows, range, target.assumingMemoryBound(to: UInt32.self))
            case 8: gather(vector, rows, range, target.assumingMemoryBound(to: UInt64.self))
            default: gather(vector, rows, range, target.assumingMemoryBound(to: UInt128.self))
            }
        }
        if vector.validity != nil && nullCount > 0 { zeroNulls(target, width: width, count: range.count) }
    }

    /// Values that stand behind codes, a constant or a selection.
    private func gather<Element: BitwiseCopyable>(
        _ vector: Vector, _ rows: UnsafePointer<UInt32>?, _ range: Range<Int>,
        _ target: UnsafeMutablePointer<Element>
    ) {
        let values = UnsafePointer((vector.dictionary?.entries ?? vector).pointer(as: Element.self))
        switch vector.form {
        case .constant: target.update(repeating: values[0], count: range.count)
        case .flat:
            guard let rows else { return }
            for index in 0..<range.count { target[index] = values[Int(rows[index])] }
        case .dictionary:
            let codes = UnsafePointer(vector.values.pointer(as: UInt32.self))
            if let rows {
                for index in 0..<range.count { target[index] = values[Int(codes[Int(rows[index])])] }
            } else {
                for index in 0..<range.count { target[index] = values[Int(codes[range.lowerBound &+ index])] }
            }
        }
    }

    /// Zeroes the slots of NULLs among the `added` rows behind the last one.
    private func zeroNulls(_ target: UnsafeMutableRawPointer, width: Int, count added: Int) {
        validity.withUnsafeBufferPointer { validity in
            for index in 0..<added {
                let row = count &+ index
                if validity[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1 == 0 {
                    (target + index &* width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
                }
            }
        }
    }

    // MARK: - Strings

    private func appendStrings(_ vector: Vector, rows: UnsafePointer<UInt32>?, range: Range<Int>) {
        let views = UnsafePointer((vector.dictionary?.entries ?? vector).pointer(as: StringView.self))
        let hasNulls = vector.validity != nil && nullCount > 0
        switch vector.form {
        case .flat:
            if let rows {
                copy(views, range.count, hasNulls) { Int(rows[$0]) }
            } else {
                copy(views + range.lowerBound, range.count, hasNulls) { $0 }
            }
        case .constant: copy(views, range.count, hasNulls) { _ in 0 }
        case .dictionary:
            let codes = UnsafePointer(vector.values.pointer(as: UInt32.self))
            if let rows {
                copy(views, range.count, hasNulls) { Int(codes[Int(rows[$0])]) }
            } else {
                copy(views, range.count, hasNulls) { Int(codes[range.lowerBound &+ $0]) }
            }
        }
    }

    /// Copies `added` strings: first how long they are, then into one stretch of bytes.
    @inline(__always) private func copy(
        _ views: UnsafePointer<StringView>, _ added: Int, _ hasNulls: Bool, _ place: (Int) -> Int
    ) {
        var total = bytes.count
        let start = total
        let ends = ends.extend(byBytes: added &* 4).assumingMemoryBound(to: UInt32.self)
        if hasNulls {
            for index in 0..<added {
                if isValid(count &+ index) { total &+= Int(views[place(index)].low & 0xFFFF_FFFF) }
                ends[index] = UInt32(truncatingIfNeeded: total)
            }
        } else {
            for index in 0..<added {
                total &+= Int(views[place(index)].low & 0xFFFF_FFFF)
                ends[index] = UInt32(truncatingIfNeeded: total)
            }
        }
        // Short strings are stored by whole words: what spills over is overwritten, or is slack.
        let target = bytes.extend(byBytes: total - start) - start
        var from = start
        for index in 0..<added {
            let end = Int(ends[index])
            defer { from = end }
            let length = end &- from
            if length == 0 { continue }
            let view = views[place(index)]
            if length <= StringView.inlineBytesMax {
                (target + from).storeBytes(of: UInt32(truncatingIfNeeded: view.low &>> 32), as: UInt32.self)
                (target + from).storeBytes(of: view.high, toByteOffset: 4, as: UInt64.self)
            } else if let source = UnsafeRawPointer(bitPattern: UInt(view.high)) {
                (target + from).copyMemory(from: source, byteCount: length)
            }
        }
    }

    private func isValid(_ row: Int) -> Bool {
        validity[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1 != 0
    }
}
