import FileFormats
import Testing

@Suite("errors of files")
struct ErrorTests {
    @Test("a bad row names its file, line and column")
    func badRow() {
        let error = FileFormatError.badRow(
            file: "sales.csv", line: 7, column: "price", code: "22P02", reason: "not a number: 12,5")
        #expect("\(error)" == "not a number: 12,5 (sales.csv, line 7, column price)")
    }
}
