import CallCenter
import Foundation
import ScreenPop
import Testing

@Suite struct EncodingTests {
    static let time = Timestamp(microseconds: 1_795_386_830_037_390)

    static var full: Pop {
        var pop = Pop(id: "p-0123456789abcdef0123456789abcdef", kind: .queue, agent: "1001@default", node: "fs1", offeredAt: Self.time)
        pop.version = 3
        pop.state = .ended
        pop.queue = "support@default"
        pop.caller = Pop.Caller(number: "+8613900139000", name: "王小明")
        pop.dialed = "7000"
        pop.callUUID = "c21cf556-e04e-469f-9a7f-d14a655129b4"
        pop.memberUUID = "e6ff649e-3b29-4449-926f-99075ada9f54"
        pop.agentCallUUID = "eedce356-d3b4-4917-ae28-0a8189fa7293"
        pop.joinedAt = Timestamp(microseconds: 1_795_386_829_997_000)
        pop.answeredAt = Timestamp(microseconds: 1_795_386_831_277_000)
        pop.bridgedAt = Timestamp(microseconds: 1_795_386_831_297_000)
        pop.heldAt = Timestamp(microseconds: 1_795_386_832_000_000)
        pop.endedAt = Timestamp(microseconds: 1_795_386_834_057_000)
        pop.waitSeconds = 0
        pop.endReason = .transferred
        pop.endedBy = .agent
        pop.transferredTo = "7001"
        pop.attributes = ["ivr_choice": "billing", "crm_id": "crm-4711"]
        pop.url = "https://crm.example.org/?id=crm-4711"
        pop.history = [Pop.HistoryEntry(at: Self.time, agent: "1002@default", queue: "support@default", endReason: .noAnswer)]
        return pop
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func popAsInTheContract() {
        #expect(
            self.text(Self.full.json) == #"""
                {"id":"p-0123456789abcdef0123456789abcdef","version":3,"kind":"queue","state":"ended","provisional":false,"agent":"1001@default",\#
                "node":"fs1","queue":"support@default","caller":{"number":"+8613900139000","name":"王小明"},"dialed":"7000",\#
                "callUUID":"c21cf556-e04e-469f-9a7f-d14a655129b4","memberUUID":"e6ff649e-3b29-4449-926f-99075ada9f54",\#
                "agentCallUUID":"eedce356-d3b4-4917-ae28-0a8189fa7293","joinedAt":"2026-11-22T22:33:49.997Z",\#
                "offeredAt":"2026-11-22T22:33:50.037Z","answeredAt":"2026-11-22T22:33:51.277Z","bridgedAt":"2026-11-22T22:33:51.297Z",\#
                "heldAt":"2026-11-22T22:33:52.000Z","endedAt":"2026-11-22T22:33:54.057Z","waitSeconds":0,"endReason":"transferred",\#
                "endedBy":"agent","transferredTo":"7001","attributes":{"crm_id":"crm-4711","ivr_choice":"billing"},\#
                "history":[{"at":"2026-11-22T22:33:50.037Z","agent":"1002@default","queue":"support@default","endReason":"no-answer"}],\#
                "url":"https://crm.example.org/?id=crm-4711","matches":[]}
                """#)
    }

    @Test func unknownValuesAreNull() {
        var pop = Pop(id: "p-1", kind: .direct, agent: "1001@default", node: "fs1", offeredAt: Self.time)
        pop.caller.name = ""
        #expect(
            self.text(pop.json) == #"""
                {"id":"p-1","version":1,"kind":"direct","state":"offered","provisional":false,"agent":"1001@default","node":"fs1","queue":null,\#
                "caller":{"number":null,"name":null},"dialed":null,"callUUID":null,"memberUUID":null,"agentCallUUID":null,"joinedAt":null,\#
                "offeredAt":"2026-11-22T22:33:50.037Z","answeredAt":null,"bridgedAt":null,"heldAt":null,"endedAt":null,"waitSeconds":null,\#
                "endReason":null,"endedBy":null,"transferredTo":null,"attributes":{},"history":[],"url":null,"matches":[]}
                """#)
    }

    @Test func popComesBack() {
        var expected = Self.full
        // Milliseconds are what the contract keeps.
        expected.offeredAt = Timestamp(microseconds: 1_795_386_830_037_000)
        expected.history[0].at = expected.offeredAt
        #expect(Pop(json: Self.full.json) == expected)
    }

    @Test(arguments: [#"{}"#, "", "[]", #"{"id":"p-1"}"#]) func noPopIsGuessed(json: String) {
        #expect(Pop(json: json.utf8) == nil)
    }

    @Test func aReasonOutsideTheListIsNoPop() {
        let json = self.text(Self.full.json).replacing(#""endReason":"transferred""#, with: #""endReason":"bored""#)
        #expect(Pop(json: json.utf8) == nil)
    }

    @Test func controlCharactersAreEscapedAndEveryTextComesBack() throws {
        let all = String(String.UnicodeScalarView((0..<0x800).compactMap { Unicode.Scalar($0) })) + "\u{2028}\u{2029}\u{10FFFF}\u{FEFF}"
        var writer = JSONWriter()
        writer.object { $0.member("text", all) }
        #expect(!writer.bytes.contains { $0 < 0x20 })
        #expect(try JSONDecoder().decode([String: String].self, from: Data(writer.bytes)) == ["text": all])
        var short = JSONWriter()
        short.value("a\u{0}\"\\\n\r\t\u{1F}\u{7F}/")
        #expect(self.text(short.bytes) == #""a\u0000\"\\\n\r\t\u001f\u007f/""#)
    }

    @Test func messagesBeginWithTheirType() throws {
        let changes: [(Change, String, agent: String?, queue: String?)] = [
            (.pop(.offered, Self.full), #"{"type":"pop.offered","agent":"1001@default","pop":{"id":"#, "1001@default", "support@default"),
            (
                .agent(AgentRecord(name: "1001@default", node: "fs1")),
                #"{"type":"agent.state","agent":"1001@default","agentState":{"name":"1001@default","node":"fs1","type":"Callback","contact":null,"#,
                "1001@default", nil
            ),
            (
                .queue(QueueRecord(name: "support@default", node: "fs1")),
                #"{"type":"queue.stats","queue":"support@default","stats":{"name":"support@default","node":"fs1","strategy":null,"waiting":0,"#,
                nil, "support@default"
            ),
            (
                .memberJoined(MemberRecord(uuid: "m", queue: "support@default", node: "fs1", joinedAt: Self.time)),
                #"{"type":"member.joined","queue":"support@default","member":{"uuid":"m","callUUID":null,"#, nil, "support@default"
            ),
            (
                .configuration(Change.Configuration(what: .agentAdded, node: "fs1", agent: "1001@default")),
                #"{"type":"config.changed","what":"agent-added","node":"fs1","agent":"1001@default","queue":null,"source":"external","by":null}"#,
                "1001@default", nil
            ),
            (
                .system(Change.System(what: .resync, part: "freeswitch", node: "fs1", detail: "gap", at: Self.time)),
                #"{"type":"system.resync","part":"freeswitch","node":"fs1","detail":"gap","at":"2026-11-22T22:33:50.037Z"}"#, nil, nil
            ),
        ]
        for (change, start, agent, queue) in changes {
            let message = try #require(change.message)
            #expect(self.text(message.json).hasPrefix(start))
            #expect(self.text(message.json).hasPrefix(#"{"type":"\#(message.type)","#))
            #expect(message.agent == agent)
            #expect(message.queue == queue)
            _ = try JSONSerialization.jsonObject(with: Data(message.json))
        }
        #expect(Change.currentPop(agent: "1001@default", nil).message == nil)
        #expect(Change.agentRemoved("1001@default").message == nil)
    }

    @Test func agentAsTheContractReturnsIt() {
        var agent = AgentRecord(name: "1001@default", node: "fs1")
        agent.contact = "[call_timeout=10]sofia/internal/1001@127.0.0.1:6001"
        agent.status = .onBreak
        agent.normalized = .notReady
        agent.reason = "lunch"
        agent.statusChangedAt = Self.time
        agent.pops = ["p-2", "p-1"]
        agent.tiers = [AgentRecord.Tier(queue: "support@default", level: 1, position: 2, state: "Ready")]
        let json = self.text(agent.json)
        #expect(json.contains(#""contact":{"sofia":{"profile":"internal","address":"1001@127.0.0.1:6001"},"callTimeout":10,"warning":"#))
        #expect(
            json.contains(
                #""status":"On Break","state":"Waiting","normalized":"notReady","reason":"lunch","statusChangedAt":"2026-11-22T22:33:50.037Z","#))
        #expect(
            json.hasSuffix(
                #""pop":"p-2","pops":["p-2","p-1"],"queues":[{"queue":"support@default","level":1,"position":2,"state":"Ready"}],"pending":null}"#))
    }
}
