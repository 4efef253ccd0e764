import Foundation
import Logging
import Testing

@testable import screenpop

@Suite struct LogLineTests {
    private let time = Date(timeIntervalSince1970: 1_795_388_079.5)

    @Test func aLineHasTimeLevelLabelMessageAndMetadata() {
        let line = LineLogHandler.line(
            time: self.time, level: .warning, label: "node", message: "lost", metadata: ["why": "connection reset", "attempt": "3"])
        #expect(line == "2026-11-22T22:54:39.500Z warning node: lost attempt=3 why=\"connection reset\"")
    }

    @Test func nothingFromOutsideMakesALineOfItsOwn() {
        let line = LineLogHandler.line(
            time: self.time, level: .info, label: "node", message: "a\nb\r\u{1B}[31m\u{2028}", metadata: ["name": "x\ny \"z\" \u{0}"])
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{2028}" })
        #expect(line.hasSuffix(#"node: a\nb\r\u{1B}[31m\u{2028} name="x\ny \"z\" \u{0}""#))
    }

    @Test func namesOfAllLanguagesStayReadable() {
        #expect(LineLogHandler.escaped("王小明 Łódź") == "王小明 Łódź")
    }
}

@Suite struct TableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        let table = Table(header: ["AGENT", "IS"], rows: [["1001@default", "ready"], ["2", "a\nb"]])
        #expect(table.lines == ["AGENT         IS", "1001@default  ready", "2             a\\nb"])
    }
}

@Suite struct AdminTokenTests {
    @Test func eachIsLongAndNew() {
        let tokens = Set((0..<100).map { _ in AdminToken.make() })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { $0.utf8.count == 43 && $0.utf8.allSatisfy { (0x30...0x7A).contains($0) } })
    }
}
