import Testing

@testable import ScreenPopHTTP

@Suite struct CSVTests {
    @Test func `fields are read as RFC 4180 writes them`() throws {
        let text = "\u{FEFF}a,\"b,c\",\"d \"\"e\"\"\"\r\n\r\n\"two\r\nlines\",,\"\"\nlast,x,y"
        #expect(
            try CSVReader.records(in: text.utf8) == [
                .init(line: 1, fields: ["a", "b,c", "d \"e\""]), .init(line: 3, fields: ["two\r\nlines", "", ""]),
                .init(line: 5, fields: ["last", "x", "y"]),
            ])
        #expect(try CSVReader.records(in: "a,b\r\n".utf8).count == 1)
        #expect(try CSVReader.records(in: "".utf8).isEmpty)
    }

    @Test(arguments: [
        ("a\n\"b", 2, "a quote is not closed"), ("\"a\"b", 1, "something follows the closing quote"),
        ("x\ny\nab\"c\"", 3, "a quote in a field that does not begin with one"), ("a\rb", 1, "a carriage return without a line feed"),
    ])
    func `what is no CSV is refused by its line`(text: String, line: Int, reason: String) {
        #expect(throws: CSVReader.Malformed(line: line, reason: reason)) { try CSVReader.records(in: text.utf8) }
        #expect(throws: CSVReader.Malformed(line: 1, reason: "not UTF-8")) { try CSVReader.records(in: [0xFF]) }
    }

    @Test func `what is written is read as it was, and no cell is a formula`() throws {
        // Everything that means something, in all orders of three.
        let parts = ["=", "+", "-", "@", "'", "\"", ",", "\r", "\n", "\t", "x", "＝", ""]
        var cells: [String] = []
        for a in parts { for b in parts { for c in parts { cells.append(a + b + c) } } }
        var writer = CSVWriter()
        for cell in cells { writer.record(["k", SpreadsheetGuard.guarded(cell)]) }
        let read = try CSVReader.records(in: writer.text.utf8)
        #expect(read.map { SpreadsheetGuard.unguarded($0.fields[1]) } == cells)
        for record in read {
            guard let first = record.fields[1].unicodeScalars.first else { continue }
            #expect(!"=+-@\t\r\n＝".unicodeScalars.contains(first))
        }
    }
}
