/// One line being edited: keys go in, text and cursor come out. No clock, no input, no output.
///
/// The unit is the character a reader sees (grapheme cluster): a letter with its accents, or an emoji of
/// several scalars, moves and vanishes as one.
public struct LineEditor: Sendable {
    public enum Outcome: Equatable, Sendable { case editing, submitted(String), interrupted, ended }

    /// Lines that are remembered; the oldest go first.
    public static let historyLinesMax = 1_000

    public private(set) var history: [String]
    /// What Ctrl-R looks for, or nil outside of a search.
    public private(set) var searched: String?

    private var characters: [Character] = []
    /// In `0...characters.count`.
    private var cursor = 0
    /// Place in `history`; its count stands for the line that is being written.
    private var place: Int
    private var draft: [Character] = []
    private var killed: [Character] = []

    public init(history: [String] = []) {
        self.history = Array(history.suffix(Self.historyLinesMax))
        place = self.history.count
    }

    public var text: String { String(characters) }
    public var textBeforeCursor: String { String(characters[..<cursor]) }

    public mutating func press(_ key: Key) -> Outcome {
        if searched != nil, search(key) { return .editing }
        switch key {
        case .text(let text), .pasted(let text): insert(text)
        case .enter: return submit()
        case .interrupt:
            clear()
            return .interrupted
        case .endOfInput:
            if characters.isEmpty { return .ended }
            remove(cursor..<min(cursor + 1, characters.count))
        case .backspace: remove(max(cursor - 1, 0)..<cursor)
        case .delete: remove(cursor..<min(cursor + 1, characters.count))
        case .left: cursor = max(cursor - 1, 0)
        case .right: cursor = min(cursor + 1, characters.count)
        case .home: cursor = 0
        case .end: cursor = characters.count
        case .wordLeft: cursor = wordStart
        case .wordRight: cursor = wordEnd
        case .up: recall(place - 1)
        case .down: recall(place + 1)
        case .killWord: kill(wordStart..<cursor)
        case .killToStart: kill(0..<cursor)
        case .killToEnd: kill(cursor..<characters.count)
        case .yank: insert(String(killed))
        case .searchBack: searched = ""
        case .clearScreen, .ignored: break
        }
        return .editing
    }

    private mutating func clear() {
        characters = []
        cursor = 0
        place = history.count
        searched = nil
    }

    private mutating func submit() -> Outcome {
        let line = text
        if !line.allSatisfy(\.isWhitespace), history.last != line {
            history.append(line)
            if history.count > Self.historyLinesMax { history.removeFirst() }
        }
        clear()
        return .submitted(line)
    }

    private mutating func insert(_ text: String) {
        // An accent that comes alone joins the letter before it, so the count is taken from the whole.
        let before = String(characters[..<cursor]) + text
        let after = characters[cursor...]
        let joined = Array(before)
        cursor = joined.count
        characters = joined + after
    }

    private mutating func remove(_ range: Range<Int>) {
        characters.removeSubrange(range)
        cursor = range.lowerBound
    }

    private mutating func kill(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        killed = Array(characters[range])
        remove(range)
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    private var wordStart: Int {
        var index = cursor
        while index > 0, !Self.isWord(characters[index - 1]) { index -= 1 }
        while index > 0, Self.isWord(characters[index - 1]) { index -= 1 }
        return index
    }

    private var wordEnd: Int {
        var index = cursor
        while index < characters.count, !Self.isWord(characters[index]) { index += 1 }
        while index < characters.count, Self.isWord(characters[index]) { index += 1 }
        return index
    }

    private mutating func recall(_ wanted: Int) {
        guard (0...history.count).contains(wanted) else { return }
        if place == history.count { draft = characters }
        place = wanted
        characters = wanted == history.count ? draft : Array(history[wanted])
        cursor = characters.count
    }

    /// Whether the search used the key up; any other key ends the search and keeps the line found.
    private mutating func search(_ key: Key) -> Bool {
        switch key {
        case .text(let text): searched = (searched ?? "") + text
        case .backspace: searched = String((searched ?? "").dropLast())
        case .searchBack:
            find(before: place)
            return true
        default:
            searched = nil
            return false
        }
        find(before: history.count)
        return true
    }

    private mutating func find(before limit: Int) {
        guard let searched, !searched.isEmpty,
            let found = history[..<limit].lastIndex(where: { $0.contains(searched) })
        else { return }
        recall(found)
    }
}
