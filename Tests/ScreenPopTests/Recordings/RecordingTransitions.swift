import CallCenter
import ScreenPop
import Testing

/// The way of each pop, step by step. An `updated` between offer and answer is the agent's leg, one after the answer the bridge.
@Suite struct RecordingTransitions {
    private static let talk = ["offered", "updated", "answered", "updated", "ended"]
    private static let missed = ["offered", "updated", "ended"]

    @Test(arguments: [
        ("answered", "1001@default", [talk]),
        ("ivr_then_queue", "1001@default", [talk]),
        ("agent_leg_killed", "1001@default", [talk]),
        ("two_members_one_agent", "1001@default", [talk, talk]),
        ("abandoned_ringing", "1001@default", [missed]),
        ("busy_agent", "1001@default", [missed, missed]),
        ("no_answer_to_break", "1001@default", [missed, missed]),
        ("agent_logs_out_while_ringing", "1001@default", [missed]),
        ("rejected_then_second_agent", "1001@default", [missed]),
        ("rejected_then_second_agent", "1002@default", [talk]),
        ("ring_all", "1001@default", [talk]),
        ("ring_all", "1002@default", [missed]),
        ("ring_all", "1003@default", [missed]),
        // Hold and retrieve between bridge and transfer.
        ("hold_and_blind_transfer", "1001@default", [["offered", "updated", "answered", "updated", "updated", "updated", "ended"]]),
        ("hold_and_blind_transfer", "1002@default", [talk]),
        ("attended_transfer", "1001@default", [talk]),
        // The standing leg is named with the answer, not before.
        ("uuid_standby", "1077@default", [["offered", "answered", "updated", "ended"]]),
        // A direct call knows its leg from the start.
        ("direct_answered", "1001@default", [["offered", "answered", "updated", "ended"]]),
        ("direct_busy", "1001@default", [["offered", "ended"]]),
        ("direct_no_answer", "1001@default", [["offered", "ended"]]),
        ("outbound_answered", "1001@default", [["offered", "answered", "updated", "ended"]]),
    ]) func ways(recording: String, agent: String, expected: [[String]]) throws {
        let play = try Play(recording)
        let ways = play.pops.filter { $0.agent == agent }.map { pop in
            play.changes.compactMap { change -> String? in
                guard case .pop(let transition, let step) = change, step.id == pop.id else { return nil }
                return String(transition.rawValue.dropFirst(4))
            }
        }
        #expect(ways == expected)
    }

    @Test(arguments: [
        ("answered", ["loggedOut", "ready", "reserved", "talking", "ready"]),
        // On Demand leaves the agent Idle, who then gets no calls.
        ("agent_hangs_up_on_demand", ["loggedOut", "ready", "reserved", "talking", "notReady"]),
        ("agent_logs_out_while_ringing", ["loggedOut", "ready", "reserved", "loggedOut"]),
        ("no_answer_to_break", ["loggedOut", "ready", "reserved", "ready", "reserved", "notReady"]),
        ("hold_and_blind_transfer", ["loggedOut", "ready", "reserved", "talking", "hold", "talking", "ready"]),
        // On Break while talking is still talking, and shows when the call is over.
        ("status_change_while_talking", ["loggedOut", "ready", "reserved", "talking", "notReady", "ready"]),
        ("direct_busy", ["loggedOut", "ready", "reserved", "ready"]),
        ("direct_answered", ["loggedOut", "ready", "reserved", "talking", "ready"]),
        ("outbound_answered", ["loggedOut", "ready", "reserved", "talking", "ready"]),
        ("commands", ["loggedOut", "ready", "notReady", "talking"]),
    ]) func states(recording: String, expected: [String]) throws {
        #expect(try Play(recording).states(of: "1001@default") == expected)
    }

    @Test(arguments: [
        ("answered", ["support@default completed-caller"]),
        ("agent_hangs_up_on_demand", ["support@default completed-agent"]),
        ("abandoned_waiting", ["support@default caller-abandoned"]),
        // Left, came back within the time the queue allows, left again.
        ("abandoned_then_resumed", ["support@default caller-abandoned", "support@default caller-abandoned"]),
        ("queue_timeout", ["sales@default no-agent-timeout"]),
        ("hold_and_blind_transfer", ["support@default transferred", "sales@default completed-caller"]),
        ("attended_transfer", ["support@default transferred"]),
        ("ring_all", ["sales@default completed-caller"]),
        ("busy_agent", ["support@default caller-abandoned"]),
        ("direct_answered", []),
    ]) func members(recording: String, expected: [String]) throws {
        let play = try Play(recording)
        let left = play.changes.compactMap { change -> String? in
            if case .memberLeft(let member) = change { "\(member.queue) \(member.leaveReason?.rawValue ?? "-")" } else { nil }
        }
        #expect(left == expected)
        #expect(play.members.count == expected.count)
    }

    @Test func answeredInFull() throws {
        let pop = try #require(try Play("answered").pops.first)
        var expected = Pop(
            id: pop.id, kind: .queue, agent: "1001@default", node: "fs1", offeredAt: Timestamp(microseconds: 1_795_386_830_037_390))
        expected.version = 5
        expected.state = .ended
        expected.queue = "support@default"
        expected.caller = Pop.Caller(number: "13800138000", name: "Alice Liddell")
        expected.dialed = "7000"
        expected.callUUID = "c21cf556-e04e-469f-9a7f-d14a655129b4"
        expected.memberUUID = "e6ff649e-3b29-4449-926f-99075ada9f54"
        expected.agentCallUUID = "eedce356-d3b4-4917-ae28-0a8189fa7293"
        expected.joinedAt = Timestamp(microseconds: 1_795_386_829_997_389)
        // mod_callcenter tells of the answer before the bridge is made (seen 2).
        expected.answeredAt = Timestamp(microseconds: 1_795_386_831_277_392)
        expected.bridgedAt = Timestamp(microseconds: 1_795_386_831_297_416)
        expected.endedAt = Timestamp(microseconds: 1_795_386_834_057_391)
        expected.waitSeconds = 0
        expected.endReason = .completedCaller
        expected.endedBy = .caller
        #expect(pop == expected)
        #expect(pop.id.hasPrefix("p-"))
        #expect(pop.id.dropFirst(2).count == 32)
        #expect(pop.id.dropFirst(2).allSatisfy { $0.isHexDigit && !$0.isUppercase })
    }

    @Test func aNameOfTheWideWorld() throws {
        let pop = try #require(try Play("answered_utf8_name").pops.first)
        #expect(pop.caller == Pop.Caller(number: "+8613900139000", name: "王小明 100% & Co: “VIP”"))
    }

    @Test func theDialledNumberIsTheFirstOne() throws {
        // 5000 is the menu, which sent the caller on to 7000.
        #expect(try Play("ivr_then_queue").pops.first?.dialed == "5000")
        // 7001 is where the first agent transferred the call.
        let transferred = try Play("hold_and_blind_transfer").pops
        #expect(transferred.map(\.dialed) == ["7000", "7000"])
        #expect(transferred.first?.transferredTo == "7001")
        #expect(try Play("attended_transfer").pops.first?.transferredTo == "1088")
    }

    @Test func theSecondAgentSeesTheFirst() throws {
        let pops = try Play("hold_and_blind_transfer").pops
        #expect(pops[0].history.isEmpty)
        #expect(
            pops[1].history == [
                Pop.HistoryEntry(
                    at: Timestamp(microseconds: 1_795_387_019_757_393), agent: "1001@default", queue: "support@default", endReason: .transferred)
            ])
        #expect(pops[1].attributes == ["ivr_choice": "sales"])
        #expect(pops[0].attributes.isEmpty)
        let retries = try Play("busy_agent").pops
        #expect(retries[1].history.map(\.endReason) == [.busy])
    }

    @Test func onHoldFromHoldToUnhold() throws {
        let held = try Play("hold_and_blind_transfer").changes.compactMap { change -> Int64?? in
            guard case .pop(.updated, let pop) = change, pop.agent == "1001@default", pop.bridgedAt != nil else { return nil }
            return .some(pop.heldAt?.microseconds)
        }
        #expect(held.map { $0 ?? 0 } == [0, 1_795_387_017_717_403, 0])
    }

    @Test func directAndOutboundInWords() throws {
        let direct = try #require(try Play("direct_answered").pops.first)
        #expect(direct.caller == Pop.Caller(number: "02123456789", name: "Direct Dee"))
        #expect(direct.dialed == "1001")
        #expect(direct.callUUID == "87b5a448-7ccb-453a-9337-0b13a538c24d")
        #expect(direct.agentCallUUID == "e977de09-3130-4b65-93b1-7453b5ff33d4")
        #expect(direct.queue == nil)
        #expect(direct.joinedAt == nil)
        #expect(direct.waitSeconds == nil)
        let outbound = try #require(try Play("outbound_answered").pops.first)
        #expect(outbound.dialed == "02087654321")
        #expect(outbound.callUUID == "860524ce-df85-4c5a-bf4c-75f4df27838c")
        #expect(outbound.agentCallUUID == outbound.callUUID)
        #expect(outbound.answeredAt?.microseconds == 1_795_390_005_853_699)
    }

    @Test func whereThePopStandsAfterwards() throws {
        let views = try Play("answered").changes.compactMap { change -> String? in
            guard case .currentPop("1001@default", let pop) = change else { return nil }
            return pop.map { "\($0.state.rawValue) \($0.version)" } ?? "none"
        }
        #expect(views == ["offered 1", "offered 2", "answered 3", "answered 4", "none"])
    }

    @Test func waitingAndTalkingByQueue() throws {
        let counts = try Play("two_members_one_agent").changes.compactMap { change -> String? in
            guard case .queue(let queue) = change else { return nil }
            return "\(queue.waiting) waiting, \(queue.agentsTalking) talking, \(queue.answered) answered"
        }
        // Without a list of tiers an agent counts for the queue only while a pop tells of it, which repeats a line here and there.
        let steps = counts.enumerated().filter { $0.offset == 0 || counts[$0.offset - 1] != $0.element }.map(\.element)
        #expect(
            steps == [
                "1 waiting, 0 talking, 0 answered", "2 waiting, 0 talking, 0 answered", "1 waiting, 1 talking, 1 answered",
                "1 waiting, 0 talking, 1 answered", "0 waiting, 1 talking, 2 answered", "0 waiting, 0 talking, 2 answered",
            ])
    }
}
