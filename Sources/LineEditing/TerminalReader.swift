import Glibc

/// Reads edited lines from a terminal. The terminal is in raw mode only while a line is read, so that Ctrl-C
/// during a statement is the signal it always was.
public struct TerminalReader {
    /// The lines read so far are here, for a file of history.
    public private(set) var editor: LineEditor

    private let input: Int32
    private let output: Int32
    private let width: (String) -> Int
    /// The row of the cursor, counted from the row of the prompt.
    private var cursorRow = 0

    /// - Parameters:
    ///   - input: An open terminal to read from.
    ///   - output: The same terminal, to write to.
    ///   - history: Lines of earlier sessions, oldest first.
    ///   - width: Columns that a text takes on the terminal.
    public init(input: Int32, output: Int32, history: [String], width: @escaping (String) -> Int) {
        self.input = input
        self.output = output
        self.width = width
        editor = LineEditor(history: history)
    }

    /// The next line, an interrupt (Ctrl-C), or the end (Ctrl-D on an empty line, or a terminal that is
    /// gone).
    public mutating func read(prompt: String) -> LineEditor.Outcome {
        var cooked = termios()
        guard tcgetattr(input, &cooked) == 0 else { return .ended }
        var raw = cooked
        cfmakeraw(&raw)
        guard tcsetattr(input, TCSADRAIN, &raw) == 0 else { return .ended }
        write("\u{1B}[?2004h")
        defer {
            write("\u{1B}[?2004l\r\n")
            tcsetattr(input, TCSADRAIN, &cooked)
        }
        cursorRow = 0
        draw(prompt)
        var decoder = KeyDecoder()
        while let byte = nextByte() {
            guard let key = decoder.feed(byte) else { continue }
            if key == .clearScreen {
                write("\u{1B}[H\u{1B}[2J")
                cursorRow = 0
            }
            if key == .enter || key == .interrupt {
                _ = editor.press(.end)
                draw(prompt)
            }
            let outcome = editor.press(key)
            guard outcome == .editing else { return outcome }
            draw(prompt)
        }
        return .ended
    }

    private func nextByte() -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = Glibc.read(input, &byte, 1)
            if count == 1 { return byte }
            // A changed window size interrupts the read.
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    /// Columns of the terminal; 80 where it does not tell.
    private var columnCount: Int {
        var size = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private mutating func draw(_ prompt: String) {
        let columns = columnCount
        let shownPrompt = editor.searched.map { "(search: \($0)) " } ?? prompt
        var drawn = "\r"
        if cursorRow > 0 { drawn += "\u{1B}[\(cursorRow)A" }
        drawn += "\u{1B}[J"
        let end = place(after: shownPrompt + editor.text, columns: columns)
        drawn += (shownPrompt + editor.text).replacing("\n", with: "\r\n")
        // A terminal leaves the cursor on the last column until more comes; the line feed makes the row
        // count true.
        if end.column == 0, end.row > 0, !editor.text.hasSuffix("\n") { drawn += "\r\n" }
        let cursor = place(after: shownPrompt + editor.textBeforeCursor, columns: columns)
        drawn += "\r"
        if end.row > cursor.row { drawn += "\u{1B}[\(end.row - cursor.row)A" }
        if cursor.column > 0 { drawn += "\u{1B}[\(cursor.column)C" }
        cursorRow = cursor.row
        write(drawn)
    }

    private func place(after text: String, columns: Int) -> (row: Int, column: Int) {
        var row = 0
        var column = 0
        for character in text {
            if character == "\n" {
                row += 1
                column = 0
                continue
            }
            let taken = width(String(character))
            if column + taken > columns {
                row += 1
                column = 0
            }
            column += taken
            if column == columns {
                row += 1
                column = 0
            }
        }
        return (row, column)
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if errno == EINTR { continue }
                return
            }
            rest = rest.dropFirst(count)
        }
    }
}
