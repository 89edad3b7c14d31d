import Columns

/// Strings of symbols: their lengths, the byte at which each vector's codes start, the table of symbols and
/// the codes. A vector's codes are decoded as a whole. `storage/FORMAT.md`, "Symbols".
struct SymbolEncoding {
    static let symbolBytes = 9

    private let lengths: PackedStream
    private let starts: UnsafePointer<UInt32>
    private let codes: UnsafePointer<UInt8>
    /// For each of 256 codes the symbol and its length; 0 for a code without a symbol.
    private let symbols: [UInt64]
    private let symbolLengths: [UInt8]

    /// Appends the table: each symbol's length and 8 bytes.
    static func encode(_ table: SymbolTable, to target: RawBytes) {
        for (symbol, length) in zip(table.symbols, table.lengths) {
            target.append(number: length)
            target.append(number: symbol)
        }
    }

    /// Checks that the codes of every vector have symbols and make strings of its lengths.
    init(
        lengths: PackedStream, starts: UnsafeRawBufferPointer, table: UnsafeRawBufferPointer,
        codes: UnsafeRawBufferPointer
    ) throws(EncodingError) {
        let vectors = PackedStream.vectorCount(rows: lengths.rowCount)
        guard let startBase = starts.baseAddress, starts.count == (vectors + 1) * 4,
            let codeBase = codes.baseAddress
        else { throw .truncated(what: "string starts") }
        self.lengths = lengths
        self.starts = startBase.assumingMemoryBound(to: UInt32.self)
        self.codes = codeBase.assumingMemoryBound(to: UInt8.self)
        (symbols, symbolLengths) = try Self.symbols(table)
        let scratch = UnsafeMutablePointer<Int64>.allocate(capacity: DataChunk.capacity)
        defer { scratch.deallocate() }
        var total = 0
        for vector in 0..<vectors {
            let start = Int(self.starts[vector])
            let end = Int(self.starts[vector + 1])
            guard start <= end, end <= codes.count else { throw .malformed(what: "string start", value: end) }
            let byteCount = try decodedBytes(start..<end)
            lengths.unpack(vector: vector, into: scratch)
            var left = Int64(byteCount)
            for row in 0..<lengths.length(of: vector) {
                guard scratch[row] >= 0, scratch[row] <= left else {
                    throw .malformed(what: "string length", value: Int(scratch[row]))
                }
                left -= scratch[row]
            }
            guard left == 0 else { throw .malformed(what: "string bytes", value: byteCount) }
            total += byteCount
        }
        guard total <= SegmentHeader.blockBytesMax else { throw .tooLarge(what: "strings", bytes: total) }
    }

    private static func symbols(
        _ table: UnsafeRawBufferPointer
    ) throws(EncodingError) -> ([UInt64], [UInt8]) {
        let count = table.count / symbolBytes
        guard table.count == count * symbolBytes, count <= SymbolTable.symbolCountMax else {
            throw .malformed(what: "symbol table", value: table.count)
        }
        var symbols = [UInt64](repeating: 0, count: 256)
        var lengths = [UInt8](repeating: 0, count: 256)
        for code in 0..<count {
            let length = table[code * symbolBytes]
            guard length >= 1, length <= SymbolTable.symbolBytesMax else {
                throw .malformed(what: "length of a symbol", value: Int(length))
            }
            lengths[code] = length
            symbols[code] = table.loadUnaligned(fromByteOffset: code * symbolBytes + 1, as: UInt64.self)
        }
        return (symbols, lengths)
    }

    /// The bytes that codes stand for.
    private func decodedBytes(_ range: Range<Int>) throws(EncodingError) -> Int {
        var total = 0
        var position = range.lowerBound
        while position < range.upperBound {
            let code = codes[position]
            if code == SymbolTable.escape {
                guard position + 1 < range.upperBound else { throw .truncated(what: "symbols") }
                total += 1
                position += 2
            } else {
                let length = symbolLengths[Int(code)]
                guard length > 0 else { throw .malformed(what: "symbol", value: Int(code)) }
                total += Int(length)
                position += 1
            }
        }
        return total
    }

    /// Writes views of a vector's strings.
    ///
    /// - Returns: The memory that the views point into.
    ///
    /// About 0.5 ns a byte of text.
    func decode(
        vector: Int, into output: UnsafeMutablePointer<StringView>, scratch: UnsafeMutablePointer<Int64>
    ) -> VectorBuffer {
        lengths.unpack(vector: vector, into: scratch)
        let count = lengths.length(of: vector)
        var byteCount = 0
        for row in 0..<count { byteCount &+= Int(scratch[row]) }
        let text = VectorBuffer(byteCount: byteCount)
        expand(vector: vector, into: text.base)
        var next = UnsafePointer(text.pointer(as: UInt8.self))
        for row in 0..<count {
            output[row] = StringEncoding.view(next, count: Int(scratch[row]))
            next += Int(scratch[row])
        }
        return text
    }

    /// Writes the text of a vector; up to 7 bytes behind it are written too.
    private func expand(vector: Int, into text: UnsafeMutableRawPointer) {
        symbols.withUnsafeBufferPointer { symbols in
            symbolLengths.withUnsafeBufferPointer { lengths in
                var target = text
                var position = Int(starts[vector])
                let end = Int(starts[vector &+ 1])
                while position < end {
                    let code = codes[position]
                    if code == SymbolTable.escape {
                        target.storeBytes(of: codes[position &+ 1], as: UInt8.self)
                        target += 1
                        position &+= 2
                    } else {
                        target.storeBytes(of: symbols[Int(code)], as: UInt64.self)
                        target += Int(lengths[Int(code)])
                        position &+= 1
                    }
                }
            }
        }
    }

    /// Whether row `row` is that string. Decodes its vector: O(2,048).
    func equals(_ expected: StringView, at row: Int) -> Bool {
        let index = row % DataChunk.capacity
        guard lengths.value(at: row) == Int64(expected.count) else { return false }
        let views = VectorBuffer(byteCount: DataChunk.capacity * MemoryLayout<StringView>.stride)
        let scratch = VectorBuffer(byteCount: DataChunk.capacity * 8)
        let output = views.pointer(as: StringView.self)
        let text = decode(vector: row / DataChunk.capacity, into: output, scratch: scratch.pointer())
        return withExtendedLifetime((text, views)) { output[index] == expected }
    }
}
