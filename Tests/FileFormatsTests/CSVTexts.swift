import Columns
import DurableIO
@testable import FileFormats

/// Reads texts through a `CSVSource` as tests want it.
enum CSVTexts {
    struct Result: Equatable {
        var rows: [[String?]] = []
        var rejected: [RejectedRow] = []
        var error: FileFormatError?
    }

    /// All rows in their text form, up to the first error.
    static func read(
        _ bytes: [UInt8], _ columns: [FileColumn], _ options: CSVOptions = CSVOptions(),
        skips: Bool = false, pieceBytes: Int = 1 << 20
    ) -> Result {
        var result = Result()
        do throws(FileFormatError) {
            var options = options
            options.skipsBadRows = skips
            options.pieceBytes = pieceBytes
            let source = try CSVSource(MemoryReader(bytes), columns: columns, options: options)
            while let piece = try source.nextPiece() {
                let decoded = try source.decode(piece)
                result.rejected += decoded.rejected
                for chunk in decoded.chunks {
                    for row in 0..<chunk.rowCount { result.rows.append(chunk.row(row).map(\.text)) }
                }
            }
        } catch {
            result.error = error
        }
        return result
    }

    static func read(
        _ text: String, _ columns: [FileColumn], _ options: CSVOptions = CSVOptions(),
        skips: Bool = false, pieceBytes: Int = 1 << 20
    ) -> Result {
        read(Array(text.utf8), columns, options, skips: skips, pieceBytes: pieceBytes)
    }

    static func texts(_ names: String...) -> [FileColumn] { names.map { FileColumn(name: $0, type: .text) } }

    /// The fields of CSV by a plain loop over characters; nil stands for NULL.
    static func plainRows(_ bytes: [UInt8], delimiter: UInt8 = 44) -> [[String?]] {
        var rows: [[String?]] = []
        var row: [String?] = []
        var field: [UInt8] = []
        var wasQuoted = false
        var isInQuotes = false
        func endField() {
            row.append(field.isEmpty && !wasQuoted ? nil : String(decoding: field, as: UTF8.self))
            field = []
            wasQuoted = false
        }
        for (index, byte) in bytes.enumerated() {
            if byte == 34 {
                // A doubled quote closes and opens again: the second one of a pair is data.
                if isInQuotes || !wasQuoted || bytes[index - 1] != 34 {
                    isInQuotes.toggle()
                } else {
                    isInQuotes = true
                    field.append(34)
                }
                wasQuoted = true
            } else if !isInQuotes && byte == delimiter {
                endField()
            } else if !isInQuotes && byte == 10 {
                if field.last == 13 { field.removeLast() }
                endField()
                rows.append(row)
                row = []
            } else {
                field.append(byte)
            }
        }
        if !row.isEmpty || !field.isEmpty || wasQuoted {
            endField()
            rows.append(row)
        }
        return rows
    }
}

/// Repeatable random numbers (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
