import CIntrinsics

/// How the records of a text file end.
enum RecordRule: Hashable, Sendable {
    /// At every line feed.
    case lines
    /// At a line feed outside of quotes; a quote inside quotes is doubled.
    case quoted(quote: UInt8)
    /// At a line feed outside of quotes; inside them `escape` takes the meaning of a quote or of itself away.
    case escapedQuotes(quote: UInt8, escape: UInt8)
    /// At a line feed that no backslash stands before.
    case backslashed
}

/// Finds the last end of a record in bytes that come in runs.
struct RecordScanner {
    private let rule: RecordRule
    private(set) var lineCount = 0
    private var quoteCount = 0
    private var scannedCount = 0
    // For `escapedQuotes`, which is read byte by byte.
    private var isInQuotes = false
    private var isEscaped = false
    private var lastBoundary = 0

    init(_ rule: RecordRule) { self.rule = rule }

    /// Whether the bytes so far end inside quotes.
    var isInsideRecord: Bool {
        switch rule {
        case .lines, .backslashed: false
        case .quoted: quoteCount & 1 != 0
        case .escapedQuotes: isInQuotes
        }
    }

    /// Looks at the bytes between those already scanned and `count`.
    mutating func scan(_ bytes: UnsafePointer<UInt8>, count: Int) {
        let start = scannedCount
        scannedCount = count
        switch rule {
        case .lines, .backslashed:
            lineCount += Self.count(10, bytes + start, count - start)
        case .quoted(let quote):
            lineCount += Self.count(10, bytes + start, count - start)
            quoteCount += Self.count(quote, bytes + start, count - start)
        case .escapedQuotes(let quote, let escape):
            for index in start..<count {
                let byte = bytes[index]
                if byte == 10 { lineCount += 1 }
                if isEscaped {
                    isEscaped = false
                    if byte == quote || byte == escape { continue }
                }
                if isInQuotes && byte == escape {
                    isEscaped = true
                } else if byte == quote {
                    isInQuotes.toggle()
                } else if byte == 10 && !isInQuotes {
                    lastBoundary = index + 1
                }
            }
        }
    }

    /// Bytes up to and with the last line feed that ends a record; 0 if there is none.
    func boundary(_ bytes: UnsafePointer<UInt8>) -> Int {
        switch rule {
        case .lines: return Self.lastLineFeed(bytes, before: scannedCount) + 1
        case .escapedQuotes: return lastBoundary
        case .quoted(let quote):
            var quotesBefore = quoteCount
            var index = scannedCount
            while index > 0 {
                index -= 1
                if bytes[index] == quote { quotesBefore -= 1 }
                if bytes[index] == 10 && quotesBefore & 1 == 0 { return index + 1 }
            }
            return 0
        case .backslashed:
            var end = scannedCount
            while true {
                let lineFeed = Self.lastLineFeed(bytes, before: end)
                guard lineFeed >= 0 else { return 0 }
                var first = lineFeed
                while first > 0 && bytes[first - 1] == 92 { first -= 1 }
                if (lineFeed - first) & 1 == 0 { return lineFeed + 1 }
                end = lineFeed
            }
        }
    }

    private static func lastLineFeed(_ bytes: UnsafePointer<UInt8>, before end: Int) -> Int {
        var index = end - 1
        while index >= 0 && bytes[index] != 10 { index -= 1 }
        return index
    }

    /// How many of `count` bytes are `value`.
    static func count(_ value: UInt8, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var total = 0
        var index = 0
        while index + 64 <= count {
            total &+= ambar_equal_bits64(bytes + index, value).nonzeroBitCount
            index &+= 64
        }
        while index < count {
            if bytes[index] == value { total &+= 1 }
            index &+= 1
        }
        return total
    }
}
