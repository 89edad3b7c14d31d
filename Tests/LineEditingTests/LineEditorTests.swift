import LineEditing
import Testing

@Suite("line editing") struct LineEditorTests {
    private func keys(_ bytes: [UInt8]) -> [Key] {
        var decoder = KeyDecoder()
        return bytes.compactMap { decoder.feed($0) }
    }

    private func edited(_ typed: String, history: [String] = []) -> LineEditor {
        var editor = LineEditor(history: history)
        for key in keys(Array(typed.utf8)) { _ = editor.press(key) }
        return editor
    }

    @Test("bytes become keys") func decoding() {
        #expect(
            keys(Array("a\u{1B}[D\u{1B}[1;5C\u{1B}[3~\r".utf8)) == [
                .text("a"), .left, .wordRight, .delete, .enter,
            ])
        #expect(keys(Array("ж漢😀".utf8)) == [.text("ж"), .text("漢"), .text("😀")])
        #expect(keys([0xD0, 0x41]) == [.text("A")])
    }

    @Test("a paste keeps its line ends and does not submit") func pasting() {
        #expect(keys(Array("\u{1B}[200~SELECT\r\n1;\u{1B}[201~".utf8)) == [.pasted("SELECT\n1;")])
    }

    @Test("any bytes decode without a trap", arguments: 1...50 as ClosedRange<UInt64>)
    func anyBytes(seed: UInt64) {
        var state = seed
        var decoder = KeyDecoder()
        var editor = LineEditor(history: ["SELECT 1", "выручка"])
        for _ in 0..<2_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if let key = decoder.feed(UInt8(truncatingIfNeeded: state >> 33)) { _ = editor.press(key) }
            #expect(editor.text.unicodeScalars.starts(with: editor.textBeforeCursor.unicodeScalars))
        }
    }

    @Test("words, kills and moves") func moves() {
        #expect(edited("SELECT цена\u{17}1").text == "SELECT 1")
        #expect(edited("abc\u{01}x").text == "xabc")
        #expect(edited("abc def\u{1B}b\u{0B}\u{01}\u{19}").text == "defabc ")
        #expect(edited("abc\u{1B}[D\u{7F}").text == "ac")
    }

    @Test("an accent joins its letter and goes with it") func combining() {
        #expect(edited("xе\u{308}").text == "xе\u{308}")
        #expect(edited("xе\u{308}\u{7F}").text == "x")
    }

    @Test("history goes back, and forward to the line being written") func history() {
        let lines = ["SELECT 1", "SELECT 2"]
        #expect(edited("\u{1B}[A\u{1B}[A", history: lines).text == "SELECT 1")
        #expect(edited("now\u{1B}[A\u{1B}[B", history: lines).text == "now")
        #expect(edited("\u{12}CT 1", history: lines).text == "SELECT 1")
        #expect(edited("\u{12}SEL\u{12}", history: lines).text == "SELECT 1")
    }

    @Test("lines are submitted and remembered once, up to the limit") func submission() {
        var editor = LineEditor()
        _ = editor.press(.text("a"))
        #expect(editor.press(.enter) == .submitted("a"))
        #expect(editor.press(.endOfInput) == .ended)
        for number in 0..<LineEditor.historyLinesMax + 5 {
            _ = editor.press(.text("\(number)"))
            _ = editor.press(.enter)
        }
        #expect(editor.history.count == LineEditor.historyLinesMax)
        #expect(editor.history.first == "5")
    }
}
