import Glibc
import LineEditing
import Testing

@Suite("a pseudo-terminal") struct TerminalReaderTests {
    @Test("typed bytes become an edited line, and the terminal is as before") func line() {
        var outer: Int32 = -1
        var inner: Int32 = -1
        guard openpty(&outer, &inner, nil, nil, nil) == 0 else {
            Issue.record("no pseudo-terminal")
            return
        }
        defer {
            close(outer)
            close(inner)
        }
        // Raw from the start, so that the bytes written ahead are not edited by the terminal itself.
        var settings = termios()
        tcgetattr(inner, &settings)
        cfmakeraw(&settings)
        tcsetattr(inner, TCSANOW, &settings)
        let typed = Array("SELECT ценаx\u{7F}\u{01}\u{1B}[200~-- a\n\u{1B}[201~\r\u{04}".utf8)
        #expect(write(outer, typed, typed.count) == typed.count)
        var reader = TerminalReader(input: inner, output: inner, history: []) { $0.count }
        #expect(reader.read(prompt: "> ") == .submitted("-- a\nSELECT цена"))
        #expect(reader.editor.history == ["-- a\nSELECT цена"])
        #expect(reader.read(prompt: "> ") == .ended)
        var after = termios()
        tcgetattr(inner, &after)
        #expect(after.c_lflag == settings.c_lflag)
    }
}
