import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Calls that an agent makes at the phone, or by a click to dial, and that the other side does not take.
@Suite struct OutboundCalls {
    private static let phone = "sofia/internal/1001@192.0.2.7"

    /// The agent's own leg, `own`, and `far`, whom the dialplan has it call.
    private var dialled: [Event] {
        Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
            Make.channel(
                "CREATE", 2_000_000, "own", "inbound", Self.phone,
                [("Caller-Destination-Number", "1003"), ("Caller-Caller-ID-Number", "1001"), ("variable_user_name", "1001")]),
            self.far(2_000_010),
        ]
    }

    private func far(_ at: Int64, uuid: String = "far") -> Event {
        Make.channel(
            "CREATE", at, uuid, "outbound", "sofia/internal/1003@192.0.2.9:5073",
            [("Caller-Destination-Number", "1003"), ("variable_originator", "own")])
    }

    /// The end of a leg in the order that FreeSWITCH tells it.
    private func end(_ uuid: String, _ at: Int64, _ cause: String, _ disposition: String, destroyed: Int64? = nil) -> [Event] {
        [
            Make.channel("HANGUP", at, uuid, uuid == "own" ? "inbound" : "outbound", Self.phone, [("Hangup-Cause", cause)]),
            Make.channel(
                "HANGUP_COMPLETE", at + 1, uuid, uuid == "own" ? "inbound" : "outbound", Self.phone,
                [("Hangup-Cause", cause), ("variable_sip_hangup_disposition", disposition)]),
            Make.channel("DESTROY", destroyed ?? at + 2, uuid, uuid == "own" ? "inbound" : "outbound", Self.phone),
        ]
    }

    /// A phone that refuses at once: its leg is gone before the agent's own leg is told.
    @Test(arguments: [
        ("USER_BUSY", "busy caller"), ("CALL_REJECTED", "rejected caller"), ("USER_NOT_REGISTERED", "not-registered switch"),
        ("UNALLOCATED_NUMBER", "failed switch"), ("NO_ANSWER", "no-answer switch"),
    ]) func refusedBeforeItRang(cause: String, end: String) {
        var play = Play(self.dialled + self.end("far", 2_000_100, cause, "recv_refuse"))
        #expect(play.ends == [])
        self.end("own", 2_020_000, cause, "send_refuse").forEach { play.apply($0) }
        #expect(play.ends == ["1001@default \(end)"])
        #expect(play.reducer.holdings.channels == 0)
        #expect(play.reducer.holdings.calls == 0)
    }

    @Test func aSecondTargetOfTheDialplanKeepsThePop() {
        var play = Play(self.dialled + self.end("far", 2_000_100, "USER_BUSY", "recv_refuse"))
        for event in [
            self.far(5_000_000, uuid: "second"), Make.channel("ANSWER", 9_000_000, "second", "outbound", "sofia/internal/1004@192.0.2.9"),
            Make.channel("BRIDGE", 9_000_010, "own", "inbound", Self.phone, [("Bridge-A-Unique-ID", "own"), ("Bridge-B-Unique-ID", "second")]),
        ] {
            play.apply(event)
        }
        #expect(play.popLines.filter { !$0.contains("updated") } == ["pop.offered 1001@default outbound", "pop.answered 1001@default outbound"])
        self.end("own", 20_000_000, "NORMAL_CLEARING", "recv_bye").forEach { play.apply($0) }
        #expect(play.ends == ["1001@default completed-agent agent"])
    }

    /// The leg that was called is gone first, and only the agent's own tells who gave up.
    @Test func theAgentWhoGivesUpIsNotTheOtherSide() {
        let far = self.end("far", 3_000_100, "ORIGINATOR_CANCEL", "send_cancel")
        let own = self.end("own", 3_000_000, "ORIGINATOR_CANCEL", "recv_cancel", destroyed: 3_000_500)
        let play = Play(self.dialled + [own[0]] + far + own[1...])
        #expect(play.ends == ["1001@default caller-abandoned agent"])
    }

    @Test func whatThePlanPlaysAfterARefusalIsNoCallAnyMore() {
        let play = Play(
            self.dialled + self.end("far", 2_000_100, "USER_BUSY", "recv_refuse") + self.end("own", 9_000_000, "NORMAL_CLEARING", "recv_bye"))
        #expect(play.ends == ["1001@default busy caller"])
    }

    /// A leg to the agent's phone that was there before the call stays when it fails.
    @Test func aStandingLegDoesNotKeepARefusedCall() {
        var play = Play(
            Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
                Make.channel("CREATE", 1_500_000, "own", "outbound", Self.phone), Make.channel("ANSWER", 1_600_000, "own", "outbound", Self.phone),
                self.far(2_000_010),
            ] + self.end("far", 2_000_100, "USER_BUSY", "recv_refuse"))
        #expect(play.popLines == ["pop.offered 1001@default outbound"])
        play.apply(Make.heartbeat(4_000_000))
        #expect(play.ends == ["1001@default busy caller"])
    }

    /// As 5901 with nobody in the park: the dialplan answers, and hangs up.
    @Test func aCallThatTheDialplanEndsIsEndedByTheSwitch() {
        let play = Play(
            Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
                Make.channel(
                    "CREATE", 2_000_000, "own", "inbound", Self.phone,
                    [("Caller-Destination-Number", "5901"), ("Caller-Caller-ID-Number", "1001"), ("variable_user_name", "1001")]),
                Make.channel("ANSWER", 2_000_010, "own", "inbound", Self.phone),
            ] + self.end("own", 3_000_000, "NORMAL_CLEARING", "send_bye"))
        #expect(play.ends == ["1001@default completed-caller switch"])
    }
}
