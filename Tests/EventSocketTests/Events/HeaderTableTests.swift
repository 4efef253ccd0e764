import EventSocket
import NIOCore
import RecordingsSupport
import Testing

@Suite struct HeaderTableTests {
    /// Reads an event the slow way: lines, first `: `, first of duplicates.
    private static func read(_ text: String) -> [String: String] {
        var headers: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { break }
            guard let colon = line.firstRange(of: ": ") else { continue }
            let name = String(line[..<colon.lowerBound])
            if headers[name] == nil { headers[name] = String(line[colon.upperBound...]) }
        }
        return headers
    }

    @Test func findsInEveryRecordedEventWhatASlowReaderFinds() throws {
        var allNames: Set<String> = []
        let events = try ["answered", "ring_all", "background_jobs", "user_variables", "heartbeat"].flatMap { try Recording($0).events }
        for event in events { event.forEachHeader { name, _ in allNames.insert(name) } }
        let names = allNames.sorted()
        #expect(names.count > 64)
        // Small tables keep places inline, the table of all names spills; tables of many shapes give keys of many lengths.
        let tables = stride(from: 0, to: names.count, by: 7).map { Array(names[$0..<min($0 + 7, names.count)]) } + [names, ["Unique-ID"], ["Absent"]]
        for names in tables {
            let table = HeaderTable(names)
            for event in events {
                let expected = Self.read(String(buffer: event.bytes))
                let matches = event.find(table)
                for (slot, name) in names.enumerated() {
                    let raw = expected[name].flatMap { $0.isEmpty || $0 == "_undef_" ? nil : $0 }
                    #expect(matches.string(slot) == raw.map { Event(text: "X: \($0)\n\n").value("X") ?? "" }, "\(name)")
                    #expect(matches.isPresent(slot) == (raw != nil))
                }
            }
        }
    }

    @Test func prefixesAreCollectedInTheSamePass() throws {
        let table = HeaderTable(["Event-Name", "variable_ivr_choice"], prefixes: ["variable_sip_h_", "variable_crm_"])
        let event = try #require(
            try Recording("user_variables").events.first { $0.value("variable_ivr_choice") != nil && $0.value("variable_sip_h_X-CRM-Id") != nil })
        let matches = event.find(table)
        #expect(matches.string(1) == "sales")
        var prefixed: [String] = []
        matches.forEachPrefixed { slot, name, value in prefixed.append("\(slot) \(name)=\(value ?? "nil")") }
        #expect(prefixed == ["0 variable_sip_h_X-CRM-Id=crm-1"])
    }

    @Test func anExactNameAndAPrefixMayBothFitALine() {
        let table = HeaderTable(["variable_crm_id"], prefixes: ["variable_crm_", "variable_"])
        let matches = Event(text: "variable_crm_id: 7\nvariable_b: 8\nvariable_crm_id: 9\n\n").find(table)
        #expect(matches.string(0) == "7")
        var prefixed: [String] = []
        matches.forEachPrefixed { slot, name, value in prefixed.append("\(slot) \(name)=\(value ?? "nil")") }
        #expect(prefixed.sorted() == ["0 variable_crm_id=7", "0 variable_crm_id=9", "1 variable_b=8", "1 variable_crm_id=7", "1 variable_crm_id=9"])
    }

    @Test func shortNamesAndShortEvents() {
        let table = HeaderTable(["A", "BB", "Unique-ID", ""])
        let matches = Event(text: "BB: 2\nA: 1").find(table)
        #expect(matches.string(0) == "1")
        #expect(matches.string(1) == "2")
        #expect(matches.string(2) == nil)
        #expect(matches.int(1) == 2)
        #expect(Event(text: "A: 1\n").find(table).string(0) == "1")
        #expect(Event(text: "A:").find(table).string(0) == nil)
        #expect(Event(text: "").find(HeaderTable([])).string(0) == nil)
    }

    @Test func slotsOutsideTheTableAreEmpty() {
        let matches = Event(text: "A: 1\n\n").find(HeaderTable(["A"]))
        #expect(matches.string(1) == nil)
        #expect(matches.string(64) == nil)
        #expect(matches.string(-1) == nil)
    }

    @Test(arguments: [
        ("ARRAY::a|:b", ["a", "b"]), ("ARRAY::a", ["a"]), ("ARRAY::", [""]), ("ARRAY::|:", ["", ""]), ("ARRAY::a|b|:c:|", ["a|b", "c:|"]),
        ("plain", ["plain"]),
        ("", []), ("_undef_", []), ("ARRAY%3A%3A7000%7C%3A7000", ["7000", "7000"]),
    ])
    func arrays(raw: String, elements: [String]) {
        #expect(Event(text: "A: \(raw)\n\n").find(HeaderTable(["A"])).array(0) == elements)
    }

    @Test func aBombOfArrayElementsIsBounded() {
        let matches = Event(text: "A: ARRAY::\(String(repeating: "|:", count: 100_000))\n\n").find(HeaderTable(["A"]))
        #expect(matches.array(0).count == 4_000)
    }
}
