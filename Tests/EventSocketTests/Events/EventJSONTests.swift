import EventSocket
import NIOCore
import RecordingsSupport
import Testing

@Suite struct EventJSONTests {
    @Test func aRecordedJSONEventReadsLikeAPlainOne() throws {
        let message = try #require(try Recording("commands").messages.first { $0.hasContentType("text/event-json") })
        let event = try Event(json: ByteBuffer(bytes: message.body))
        #expect(event.isCustom("callcenter::info"))
        #expect(event.value("CC-Action") == "agent-status-change")
        #expect(event.value("CC-Agent-Status") == "On Break")
        #expect(event.timestampMicroseconds == 1_795_386_827_057_422)
    }

    @Test func escapesArraysNumbersAndBody() throws {
        let event = try Event(
            json: ByteBuffer(
                string: #" {"A":"x\ny%41\"\\\/\u4f60\ud83d\ude00","B":["1","2"],"C":12,"D":null,"E":true,"Content-Length":"5","_body":"a\n\nb\t"} "#))
        #expect(event.value("A") == "x\ny%41\"\\/你😀")
        #expect(event.find(HeaderTable(["B"])).array(0) == ["1", "2"])
        #expect(event.int("C") == 12)
        #expect(event.value("D") == nil)
        #expect(event.value("E") == "true")
        #expect(event.body.map { String(buffer: $0) } == "a\n\nb\t")
    }

    @Test func halfASurrogatePairIsRepaired() throws {
        let event = try Event(json: ByteBuffer(string: #"{"A":"\ud83dx","B":"\ude00","C":"\ud83d\u0041","D":"\ud83d\ud83d\ude00"}"#))
        #expect(event.value("A") == "\u{FFFD}x")
        #expect(event.value("B") == "\u{FFFD}")
        #expect(event.value("C") == "\u{FFFD}A")
        #expect(event.value("D") == "\u{FFFD}😀")
    }

    @Test func aMemberThatWouldForgeAHeaderIsLeftOut() throws {
        let event = try Event(json: ByteBuffer(string: #"{"A\nEvent-Name":"X","A: B":"1","":"2","Event-Name":"REAL"}"#))
        #expect(event.name == "REAL")
        var names: [String] = []
        event.forEachHeader { name, _ in names.append(name) }
        #expect(names == ["Event-Name"])
    }

    @Test(arguments: [
        "", "{", "[]", "{}x", "{\"A\"}", "{\"A\":}", "{\"A\":{}}", "{\"A\":[[]]}", "{\"A\":\"x}", "{\"A\":\"\\u12\"}", "{\"A\":\"\\q\"}",
        "{\"A\":\"\\", "{,}",
        "{\"A\":\"1\",}", "\"text\"", "nonsense", "{\"A\":\"1\" \"B\":\"2\"}", String(repeating: "[", count: 100_000),
        String(repeating: "{\"a\":", count: 100_000),
    ])
    func whatIsNoFlatObjectIsRefused(json: String) {
        #expect(throws: EventSocketError.self) { try Event(json: ByteBuffer(string: json)) }
    }
}
