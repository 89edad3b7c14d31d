/// What one press on a terminal's keyboard means to the editor.
public enum Key: Equatable, Sendable {
    case text(String)
    /// Text between the marks of a bracketed paste; its line ends do not submit.
    case pasted(String)
    case enter, backspace, delete
    case left, right, up, down, home, end, wordLeft, wordRight
    case killWord, killToStart, killToEnd, yank
    case searchBack, clearScreen, interrupt, endOfInput
    /// A key without a meaning here.
    case ignored
}
