import Foundation
import Logging
import ScreenPopHTTP
import ScreenPopService
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

@Suite struct DemoPeopleTests {
    @Test func everybodyHasALogInAndATokenOfTheirOwnAndIsToldWhichPageItOpens() {
        let people = DemoPeople(agents: (1001...1010).map { "\($0)@default" })
        #expect(people.users.map(\.name) == (1001...1006).map { "\($0)@default" } + ["supervisor", "admin"])
        #expect(people.users.allSatisfy { $0.role == .supervisor || $0.role == .admin || $0.agent == $0.name })
        let tokens = Set(people.users.compactMap(\.token?.text.text))
        let passwords = Set(people.users.map(\.password))
        #expect(tokens.count == people.users.count && passwords.count == people.users.count)
        #expect(tokens.isDisjoint(with: DemoPeople(agents: ["1001@default"]).users.compactMap(\.token?.text.text)))

        let lines = people.lines("http://h:1")
        let first = people.users[0]
        #expect(lines[0] == "agent 1001@default: http://h:1/#token=\(first.token?.text.text ?? "") - 王芳's desktop: pops, and the buttons for them")
        #expect(lines[1] == "log-in: agent 1001@default, password \(first.password)")
        #expect(lines[2].contains("Anna Schmidt's desktop"))
        #expect(lines.contains { $0.hasPrefix("supervisor: http://h:1/wallboard#token=") })
        #expect(lines.contains { $0.hasPrefix("admin: http://h:1/admin#token=") })
        #expect(lines.count == 2 * people.users.count)
    }
}

@Suite struct ImportVerdictTests {
    @Test(arguments: [
        (0, 0, true, "nothing to change: all is as the file says"), (0, 0, false, "nothing to change: all is as the file says"),
        (1, 0, true, "one change would be made; nothing has been changed, leave out --plan to make it"),
        (3, 0, true, "3 changes would be made; nothing has been changed, leave out --plan to make them"), (3, 3, false, "3 changes made"),
        (3, 2, false, "2 of 3 changes made"),
    ])
    func aPlanIsSaidToBeOne(changes: Int, applied: Int, isPlan: Bool, text: String) {
        #expect(Import.verdict(changes: changes, applied: applied, isPlan: isPlan) == text)
    }
}
