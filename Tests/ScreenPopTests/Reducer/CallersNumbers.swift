import CallCenter
import EventSocket
import ScreenPop
import Testing

/// The number on a pop is the one that the caller's past calls are found by.
@Suite struct CallersNumbers {
    /// The call records as last given out.
    private func calls(_ play: Play) -> [String: CallRecord] {
        var calls: [String: CallRecord] = [:]
        for case .call(let call) in play.changes { calls[call.uuid] = call }
        return calls
    }

    @Test(arguments: [
        "answered", "answered_utf8_name", "agent_hangs_up_on_demand", "abandoned_ringing", "abandoned_then_resumed", "no_answer_to_break",
        "rejected_then_second_agent", "ring_all", "ivr_then_queue", "hold_and_blind_transfer", "attended_transfer", "direct_answered", "direct_busy",
        "outbound_answered", "two_members_one_agent", "uuid_standby", "direct_call_between_extensions", "eavesdrop", "user_variables",
    ]) func areThoseOfTheirCalls(recording: String) throws {
        let play = try Play(recording)
        let calls = self.calls(play)
        for pop in play.pops {
            let call = try #require(pop.callUUID.flatMap { calls[$0] }, "\(recording): \(pop.id) has no call")
            #expect(pop.caller == call.caller, "\(recording): \(pop.id)")
        }
    }

    /// A channel that FreeSWITCH made, as for a loopback, has no number yet; the queue tells the one that the dialplan gave it.
    @Test func isTheOneThatTheQueueTells() {
        var play = Play(Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000))
        for event in [
            Make.channel(
                "CREATE", 4_000_000, "caller", "outbound", "loopback/7000-b",
                [("Caller-Caller-ID-Number", "0000000000"), ("Caller-Caller-ID-Name", "Outbound Call")]),
            Make.offer("member-queue-start", 5_000_000), Make.offer("agent-offering", 6_000_000),
        ] {
            play.apply(event)
        }
        #expect(play.pops.map(\.caller) == [Pop.Caller(number: "0211", name: "Ann")])
        #expect(self.calls(play)["caller"]?.caller == Pop.Caller(number: "0211", name: "Ann"))
        play.apply(Make.channel("HANGUP_COMPLETE", 7_000_000, "caller", "outbound", "loopback/7000-b", [("Hangup-Cause", "NORMAL_CLEARING")]))
        play.apply(Make.channel("DESTROY", 7_000_001, "caller", "outbound", "loopback/7000-b"))
        play.apply(Make.heartbeat(9_000_000))
        let ended = self.calls(play)["caller"]
        #expect(ended?.endedAt != nil)
        #expect(ended?.caller.number == "0211")
    }

    private static let named: [(String, String)] = [("Caller-Caller-ID-Number", "0211"), ("Caller-Caller-ID-Name", "Ben")]

    private func resumed(_ at: Int64) -> Event {
        Make.callCenter(
            "member-queue-resume", at,
            [
                ("Queue", "support@default"), ("Member-UUID", "member"), ("Member-Session-UUID", "caller"), ("Member-CID-Number", "0211"),
                ("Member-CID-Name", "Ben"),
            ])
    }

    /// Ann left the queue, Ben calls from her number: mod_callcenter gives him her row (`abandoned-resume-allowed`), and her name with it. Only
    /// the event of his joining has his.
    @Test func isTheChannelsOwnNameWhereTheQueueKeepsAnOldOne() throws {
        var play = Play(Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000))
        for event in [
            Make.channel("CREATE", 4_000_000, "caller", "inbound", "sofia/external/0211@203.0.113.5", Self.named),
            self.resumed(5_000_000), Make.offer("agent-offering", 6_000_000),
            Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
        ] {
            play.apply(event)
        }
        let ben = Pop.Caller(number: "0211", name: "Ben")
        #expect(play.pops.map(\.caller) == [ben])
        #expect(play.members.map(\.caller) == [ben])
        #expect(self.calls(play)["caller"]?.caller == ben)
    }

    /// The offer came before the joining.
    @Test func isMendedByTheJoining() {
        let play = Play(
            Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
                Make.offer("agent-offering", 6_000_000), self.resumed(5_000_000),
            ])
        #expect(play.pops.map(\.caller) == [Pop.Caller(number: "0211", name: "Ben")])
    }

    /// Nobody saw the joining: the list of channels knows better than the list of members, if it is the same number.
    @Test(arguments: [("0211", "Ben"), ("0000000000", "Ann")]) func isTheListedChannelsToo(number: String, name: String) {
        var row = MemberRow()
        (row.queue, row.uuid, row.sessionUUID, row.state) = ("support@default", "member", "caller", "Waiting")
        (row.callerNumber, row.callerName, row.joinedEpoch) = ("0211", "Ann", 5)
        var channel = ChannelRow()
        (channel.uuid, channel.direction, channel.callerNumber, channel.callerName) = ("caller", "inbound", number, "Ben")
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: 40_000_000))
        snapshot.queues = [QueueRow(name: "support@default")]
        (snapshot.channels, snapshot.members) = ([channel], [row])
        var play = Play([])
        play.load(snapshot)
        play.apply(Make.offer("agent-offering", 41_000_000))
        #expect(play.members.map(\.caller) == [Pop.Caller(number: "0211", name: name)])
        #expect(play.pops.map(\.caller) == [Pop.Caller(number: "0211", name: name)])
    }
}
