import CallCenter
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
}
