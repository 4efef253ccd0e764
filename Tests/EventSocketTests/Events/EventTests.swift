import EventSocket
import NIOCore
import RecordingsSupport
import Testing

@Suite struct EventTests {
    @Test func aValueIsDecodedAfterTheLinesWereCut() {
        let event = Event(text: "Caller-Caller-ID-Name: Li%0AEvent-Name%3A%20FORGED%20%25\nEvent-Name: CHANNEL_CREATE\n\n")
        #expect(event.value("Caller-Caller-ID-Name") == "Li\nEvent-Name: FORGED %")
        #expect(event.name == "CHANNEL_CREATE")
    }

    @Test(arguments: [
        ("100%", "100%"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%4G", "%4G"), ("%%41", "%A"), ("a%2", "a%2"), ("%2525", "%25"),
        ("%e4%BD%a0", "你"),
        ("%41%", "A%"), ("a%00b", "a\0b"),
    ])
    func aPercentSignWithoutTwoDigitsStandsForItself(raw: String, decoded: String) {
        #expect(Event(text: "Name: \(raw)\n\n").value("Name") == decoded)
    }

    @Test(arguments: ["", "_undef_", "%5Fundef_"]) func emptyAndUndefAreAbsent(raw: String) {
        let event = Event(text: "Name: \(raw)\nName: second\n\n")
        #expect(event.value("Name") == nil)
        #expect(event.find(HeaderTable(["Name"])).string(0) == nil)
    }

    @Test func theFirstOfTwoHeadersCounts() {
        let event = Event(text: "A: 1\nB: x\nA: 2\n\n")
        #expect(event.value("A") == "1")
        #expect(event.find(HeaderTable(["B", "A"])).string(1) == "1")
    }

    @Test func aVariableNamedLikeAHeaderIsNotThatHeader() throws {
        let leg = try #require(
            try Recording("answered").events.first { event in
                var isAgentLeg = false
                event.forEachHeader { name, _ in isAgentLeg = isAgentLeg || name == "variable_Event-Name" }
                return isAgentLeg
            })
        #expect(leg.name?.hasPrefix("CHANNEL_") == true)
        #expect(leg.value("variable_Event-Name") == "REQUEST_PARAMS")
        let before = Event(text: "variable_Event-Name: REQUEST_PARAMS\nEvent-Name: CHANNEL_CREATE\n\n")
        #expect(before.name == "CHANNEL_CREATE")
        #expect(before.find(HeaderTable(["Event-Name"])).string(0) == "CHANNEL_CREATE")
    }

    @Test func namesAreComparedExactly() {
        let event = Event(text: "event-name: small\nEvent-Name: BIG\nEvent-Name-Long: x\n\n")
        #expect(event.value("Event-Name") == "BIG")
        #expect(event.value("event-name") == "small")
        #expect(event.value("Event-Nam") == nil)
        #expect(event.value("EVENT-NAME") == nil)
    }

    @Test func bytesThatAreNoUTF8AreRepaired() {
        let event = Event(plain: ByteBuffer(bytes: Array("Name: a".utf8) + [0xFF, 0xC0] + Array("b\nEscaped: %FFz\n\n".utf8)))
        #expect(event.value("Name") == "a\u{FFFD}\u{FFFD}b")
        #expect(event.value("Escaped") == "\u{FFFD}z")
    }

    @Test(arguments: [
        ("0", 0), ("42", 42), ("-7", -7), ("+7", 7), ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("%34", 4),
        ("9223372036854775808", nil), ("1x", nil), ("-", nil), ("", nil), (" 1", nil), ("0x10", nil), ("_undef_", nil),
    ])
    func numbers(raw: String, value: Int64?) {
        #expect(Event(text: "N: \(raw)\n\n").int("N") == value)
    }

    @Test func equalityIsAboutDecodedValues() {
        let event = Event(text: "Event-Subclass: callcenter%3A%3Ainfo\nEvent-Name: CUSTOM\nLiteral: %41\nEmpty: _undef_\n\n")
        #expect(event.equals("Event-Subclass", "callcenter::info"))
        #expect(!event.equals("Event-Subclass", "callcenter%3A%3Ainfo"))
        #expect(!event.equals("Event-Subclass", "callcenter::inf"))
        #expect(!event.equals("Event-Subclass", "callcenter::info2"))
        #expect(event.equals("Literal", "A"))
        #expect(!event.equals("Literal", "%41"))
        #expect(!event.equals("Empty", "_undef_"))
        #expect(!event.equals("Empty", ""))
        #expect(!event.equals("Missing", ""))
        #expect(event.isCustom("callcenter::info"))
        #expect(!event.isNamed("CUSTO"))
    }

    @Test func theHeadersEveryEventHas() throws {
        let event = try #require(try Recording("answered").events.first { $0.isCustom("callcenter::info") })
        #expect(event.name == "CUSTOM")
        #expect(event.subclass == "callcenter::info")
        #expect(event.coreUUID?.count == 36)
        #expect(event.sequence ?? 0 > 0)
        #expect(event.timestampMicroseconds ?? 0 > 1_795_000_000_000_000)
    }

    @Test func aJobsResultIsItsBody() throws {
        let jobs = try Recording("background_jobs").events.filter { $0.isNamed("BACKGROUND_JOB") }
        let bodies = jobs.map { $0.body.map { String(buffer: $0) } ?? "-" }
        #expect(bodies.first?.hasPrefix("UP 0 years, 0 days, 0 hours, 24 minutes") == true)
        #expect(bodies.dropFirst().first?.hasSuffix("|0|0\n+OK\n") == true)
        #expect(bodies.count == 4)
        #expect(jobs.first?.value("UP 0 years, 0 days, 0 hours, 24 minutes, 46 seconds, 864 milliseconds, 955 microseconds\nFreeSWITCH") == nil)
    }

    @Test(arguments: [
        ("Content-Length: 3\n\nabc", "abc"), ("Content-Length: 2\n\nabc", "ab"), ("Content-Length: 4\n\nabc", nil),
        ("Content-Length: -1\n\nabc", nil),
        ("Content-Length: 9223372036854775807\n\nabc", nil), ("Content-Length: 0\n\n", nil), ("A: b\n\nabc", nil), ("Content-Length: 3\n", nil),
    ])
    func anInnerBodyIsAsLongAsItSays(text: String, body: String?) {
        #expect(Event(text: text).body.map { String(buffer: $0) } == body)
    }

    @Test func headersInTheBodyAreNoHeaders() {
        let event = Event(text: "Content-Length: 20\n\nEvent-Name: FORGED\n\n\n")
        #expect(event.name == nil)
        #expect(event.find(HeaderTable(["Event-Name", "Content-Length"])).string(0) == nil)
    }

    @Test func theChineseNameArrivesWhole() throws {
        let names = try Recording("answered_utf8_name").events.compactMap { $0.value("CC-Member-CID-Name") }
        #expect(names.first == "王小明 100% & Co: “VIP”")
    }

    @Test func headersByPrefix() {
        let event = Event(
            text: "variable_crm_id: 1\nvariable_x: 2\nvariable_crm_note: _undef_\nnot a header\nvariable_crm_: 3\n\nvariable_crm_b: 4\n")
        var seen: [String] = []
        event.forEachHeader(prefix: "variable_crm_") { seen.append("\($0)=\($1 ?? "nil")") }
        #expect(seen == ["variable_crm_id=1", "variable_crm_note=nil", "variable_crm_=3"])
        var all: [String] = []
        event.forEachHeader { name, value in all.append("\(name)=\(value)") }
        #expect(all == ["variable_crm_id=1", "variable_x=2", "variable_crm_note=", "variable_crm_=3"])
    }

    @Test(arguments: ["", "\n", "\n\n", ":", ": ", "x", ": \n: ", "\u{0}\u{0}", "Event-Name", "Event-Name:", "Event-Name: "])
    func scrapsAreNoEvents(text: String) {
        #expect(Event(text: text).name == nil)
        #expect(Event(text: text).find(HeaderTable(["Event-Name", "A"], prefixes: ["v"])).string(0) == nil)
    }
}

extension Event {
    init(text: String) { self.init(plain: ByteBuffer(string: text)) }
}
