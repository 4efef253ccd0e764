import CallCenter
import EventSocket
import NIOCore
import RecordingsSupport
import Testing

@Suite struct SwitchEventTests {
    private func events(_ recording: String) throws -> [SwitchEvent] {
        try Recording(recording).events.compactMap { SwitchEvent($0) }
    }

    private func callCenter(_ recording: String) throws -> [CallCenterEvent] {
        try self.events(recording).compactMap { if case .callCenter(let event, _) = $0.content { event } else { nil } }
    }

    private static func event(_ headers: [(String, String)]) -> Event {
        Event(plain: ByteBuffer(string: headers.map { "\($0): \($1)\n" }.joined() + "\n"))
    }

    private static let stamp = [("Core-UUID", "core"), ("Event-Date-Timestamp", "1000000"), ("Event-Sequence", "7")]

    @Test func theActionsOfAnAnsweredCall() throws {
        var member = CallCenterEvent.Member(
            uuid: "e6ff649e-3b29-4449-926f-99075ada9f54", session: "c21cf556-e04e-469f-9a7f-d14a655129b4", queue: "support@default")
        member.callerNumber = "13800138000"
        member.callerName = "Alice Liddell"
        var offered = member
        offered.dnis = "7000"
        var started = offered
        started.joinedAt = Timestamp(seconds: 1_795_386_829)
        var ended = started
        ended.dnis = nil
        let leg = "eedce356-d3b4-4917-ae28-0a8189fa7293"
        let called = Timestamp(seconds: 1_795_386_830)
        #expect(
            try self.callCenter("answered") == [
                .agentAdded(agent: "1001@default", type: "Callback"),
                .agentContactChanged(agent: "1001@default", contact: "[call_timeout=10]sofia/internal/1001@127.0.0.1:6001"),
                .agentStatusChanged(agent: "1001@default", .available),
                .agentStateChanged(agent: "1001@default", .waiting),
                .memberStarted(member),
                .membersCount(queue: "support@default", 1),
                .agentStateChanged(agent: "1001@default", .receiving),
                .agentOffering(agent: "1001@default", offered),
                .bridgeStarted(agent: "1001@default", leg: leg, calledAt: called, started),
                .membersCount(queue: "support@default", 1),
                .agentStateChanged(agent: "1001@default", .inAQueueCall),
                .bridgeEnded(agent: "1001@default", leg: leg, calledAt: called, ended),
                .memberEnded(.terminated, agent: "1001@default", ended),
                .agentStateChanged(agent: "1001@default", .waiting),
            ])
    }

    @Test func aNameThatHoldsPercentColonAndQuotes() throws {
        let names = try self.callCenter("answered_utf8_name").compactMap {
            if case .agentOffering(_, let member) = $0 { member.callerName } else { nil }
        }
        #expect(names == [try Recording("answered_utf8_name").events.compactMap { $0.value("CC-Member-CID-Name") }.first])
        #expect(names.first?.contains("%") == true)
    }

    @Test func failuresCarryTheirCause() throws {
        let causes = try self.callCenter("ring_all").compactMap {
            if case .bridgeFailed(let agent, let cause, _, _) = $0 { "\(agent) \(cause)" } else { nil }
        }
        #expect(causes == ["1002@default LOSE_RACE", "1003@default LOSE_RACE"])
    }

    @Test(arguments: [
        ("abandoned_waiting", CallCenterEvent.MemberEnd.cancelled(.breakOut)), ("queue_timeout", .cancelled(.noAgentTimeout)),
        ("answered", .terminated),
    ]) func membersEnd(recording: String, expected: CallCenterEvent.MemberEnd) throws {
        let ends = try self.callCenter(recording).compactMap { if case .memberEnded(let end, _, _) = $0 { end } else { nil } }
        #expect(ends == [expected])
    }

    @Test func comingBackIsAnActionOfItsOwn() throws {
        let sessions = try self.callCenter("abandoned_then_resumed").compactMap { event -> String? in
            switch event {
            case .memberStarted(let member): "started \(member.uuid.prefix(4)) \(member.session.prefix(4))"
            case .memberResumed(let member): "resumed \(member.uuid.prefix(4)) \(member.session.prefix(4))"
            default: nil
            }
        }
        #expect(sessions.count == 2)
        #expect(sessions[0].hasPrefix("started"))
        #expect(sessions[1].hasPrefix("resumed"))
        // The member is the same one, its channel is not.
        #expect(sessions[0].split(separator: " ")[1] == sessions[1].split(separator: " ")[1])
        #expect(sessions[0].split(separator: " ")[2] != sessions[1].split(separator: " ")[2])
    }

    @Test func theLimitOfMissedCalls() throws {
        #expect(try self.callCenter("no_answer_to_break").contains(.agentMaxNoAnswer(agent: "1001@default", count: 2, status: .onBreak)))
    }

    @Test func readingBackIsNoChange() throws {
        let raw = try Recording("commands").events.compactMap { $0.value("CC-Action") }
        #expect(raw.contains("agent-status-get"))
        for event in try self.callCenter("commands") {
            if case .unknown(let action) = event { Issue.record("\(action) came through") }
        }
        #expect(try self.callCenter("commands").contains(.agentStatusChanged(agent: "1001@default", .other("available"))))
    }

    @Test func anActionOfTomorrowIsKept() throws {
        let event = Self.event([("Event-Name", "CUSTOM"), ("Event-Subclass", "callcenter%3A%3Ainfo"), ("CC-Action", "agent-blink")] + Self.stamp)
        let decoded = try #require(SwitchEvent(event))
        guard case .callCenter(.unknown(action: "agent-blink"), channel: nil) = decoded.content else {
            Issue.record("\(decoded.content)")
            return
        }
        #expect(decoded.at.microseconds == 1_000_000)
        #expect(decoded.sequence == 7)
        #expect(decoded.coreUUID == "core")
    }

    @Test func theChannelsOfAnAnsweredCall() throws {
        let channels = try self.events("answered").compactMap { event -> String? in
            guard case .channel(let channel, let facts) = event.content else { return nil }
            return "\(channel) \(facts.uuid.prefix(4)) \(facts.agentSide?.agent ?? "-") \(facts.hangupDisposition ?? "-")"
        }
        #expect(
            channels == [
                "create c21c - -", "answer c21c - -", "create eedc 1001@default -", "progress eedc 1001@default -", "answer eedc 1001@default -",
                "bridge c21c - -", "hangup c21c - -", "hangup eedc 1001@default -", "unbridge c21c - recv_bye", "hangupComplete c21c - recv_bye",
                "hangupComplete eedc 1001@default send_bye", "destroy c21c - recv_bye", "destroy eedc 1001@default send_bye",
            ])
    }

    @Test func factsOfACallersLeg() throws {
        let facts = try #require(
            try self.events("answered").compactMap { if case .channel(.bridge, let facts) = $0.content { facts } else { nil } }.first)
        #expect(facts.direction == .inbound)
        #expect(facts.name == "sofia/internal/13800138000@127.0.0.1:5555")
        #expect(facts.destination == "7000")
        #expect(facts.sipToUser == "7000")
        #expect(facts.callerNumber == "13800138000")
        #expect(facts.callerName == "Alice Liddell")
        #expect(facts.createdAt?.microseconds == 1_795_386_829_997_389)
        #expect(facts.bridge?.a.hasPrefix("c21c") == true)
        #expect(facts.bridge?.b.hasPrefix("eedc") == true)
        #expect(facts.isOfCallCenter)
        #expect(facts.agentSide == nil)
        #expect(facts.profile == "internal")
        // Of two transfers the newest.
        #expect(facts.lastTransfer?.kind == .bridge)
        #expect(facts.lastTransfer?.target == "eedce356-d3b4-4917-ae28-0a8189fa7293")
        #expect(facts.lastTransfer?.at?.microseconds == 1_795_386_831_000_000)
    }

    @Test(arguments: [
        ("1795387019:ff54:bl_xfer:7001/default/XML", Transfer.Kind.blind, "7001" as String?),
        ("ARRAY::1:a:bl_xfer:7000/default/XML|:2:b:uuid_br:leg", .bridge, "leg"),
        ("1:a:att_xfer:x/y", .attended, nil), ("1:a:something:x", .other, nil),
    ]) func transfers(history: String, kind: Transfer.Kind, target: String?) {
        #expect(Transfer(history: history)?.kind == kind)
        #expect(Transfer(history: history)?.target == target)
    }

    @Test(arguments: ["", "x", "ARRAY::", "1:2:3"]) func noTransfer(history: String) {
        #expect(Transfer(history: history) == nil)
    }

    /// A variable may be named like a header (freeswitch-facts, seen 16).
    @Test func aVariableNamedLikeAHeaderIsNotTheHeader() throws {
        let leg = try #require(try Recording("answered").events.first { $0.value("variable_Event-Name") == "REQUEST_PARAMS" })
        let decoded = try #require(SwitchEvent(leg))
        guard case .channel(.create, _) = decoded.content else {
            Issue.record("\(decoded.content)")
            return
        }
        #expect(decoded.sequence == 622)
    }

    @Test func registrations() throws {
        let found = try self.events("registration").compactMap {
            if case .registration(let event) = $0.content { "\(event.change) \(event.user)@\(event.host ?? "-")" } else { nil }
        }
        #expect(found == ["registered 1001@127.0.0.1", "unregistered 1001@127.0.0.1"])
    }

    @Test func theNodeItself() throws {
        func kinds(_ recording: String) throws -> [String] {
            try self.events(recording).compactMap { event in
                switch event.content {
                case .shutdown: "shutdown"
                case .callCenterLoaded: "loaded"
                case .callCenterUnloaded: "unloaded"
                case .tick: "tick"
                case .callCenter, .channel, .registration: nil
                }
            }
        }
        #expect(try kinds("node_shutdown") == ["shutdown", "unloaded"])
        #expect(try kinds("module_reload_during_call") == ["unloaded", "loaded", "tick"])
        #expect(try kinds("heartbeat") == ["tick"])
        #expect(try kinds("resync_mid_call.second_client") == ["tick", "tick"])
        #expect(try self.events("background_jobs").isEmpty)
    }

    @Test(arguments: [
        [("Event-Name", "CHANNEL_CREATE")], [("Event-Name", "CHANNEL_CREATE"), ("Unique-ID", "")],
        [("Event-Name", "CUSTOM"), ("Event-Subclass", "callcenter::info")],
        [("Event-Name", "CUSTOM"), ("Event-Subclass", "callcenter::info"), ("CC-Action", "agent-offering"), ("CC-Agent", "x")],
        [("Event-Name", "CUSTOM"), ("Event-Subclass", "callcenter::info"), ("CC-Action", "agent-status-change"), ("CC-Agent", "x")],
        [("Event-Name", "CUSTOM"), ("Event-Subclass", "sofia::register")], [("Event-Name", "DTMF")], [],
    ]) func whatLacksWhatItIsAboutIsNobodys(headers: [(String, String)]) {
        #expect(SwitchEvent(Self.event(headers + Self.stamp)) == nil)
    }

    @Test(arguments: ["", "-5", "0", "99999999999999999999", "abc"]) func aTimeThatIsNoneIsNobodys(time: String) {
        let event = Self.event([("Event-Name", "HEARTBEAT"), ("Core-UUID", "core"), ("Event-Date-Timestamp", time)])
        #expect(SwitchEvent(event) == nil)
    }
}
