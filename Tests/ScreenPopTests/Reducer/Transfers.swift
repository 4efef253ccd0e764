import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Callers who are sent on, and what becomes of them.
@Suite struct Transfers {
    private static let phone = "sofia/internal/1001@example.org"
    private static let bridged = "5:aaa:uuid_br:leg"
    private static let parked = "ARRAY::\(bridged)|:12:bbb:bl_xfer:5900/default/XML"

    /// 1001 talks to a caller of the queue.
    private var talk: [Event] {
        Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000)
            + Make.agent("1002@default", contact: "user/1002@example.org", 1_000_010) + [
                Make.channel(
                    "CREATE", 4_000_000, "caller", "inbound", "sofia/external/0211@203.0.113.5",
                    [("Caller-Destination-Number", "7000"), ("Caller-Caller-ID-Number", "0211"), ("Caller-Caller-ID-Name", "Ann")]),
                Make.offer("member-queue-start", 5_000_000), Make.offer("agent-offering", 5_100_000),
                Make.channel(
                    "CREATE", 5_100_100, "leg", "outbound", Self.phone,
                    [
                        ("variable_cc_side", "agent"), ("variable_cc_agent", "1001@default"), ("variable_cc_member_uuid", "member"),
                        ("variable_cc_member_session_uuid", "caller"), ("variable_cc_queue", "support@default"),
                    ]),
                Make.offer("bridge-agent-start", 5_400_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "5")]),
                self.bridge(5_500_000, "caller", "leg", Self.bridged),
            ]
    }

    private func bridge(_ at: Int64, _ a: String, _ b: String, _ history: String? = nil) -> Event {
        Make.channel(
            "BRIDGE", at, a, "inbound", "sofia/internal/\(a)",
            [("Bridge-A-Unique-ID", a), ("Bridge-B-Unique-ID", b)] + (history.map { [("variable_transfer_history", $0)] } ?? []))
    }

    private func unbridge(_ at: Int64, _ history: String) -> Event {
        Make.channel(
            "UNBRIDGE", at, "caller", "inbound", "sofia/external/0211@203.0.113.5",
            [("Bridge-A-Unique-ID", "caller"), ("Bridge-B-Unique-ID", "leg"), ("variable_transfer_history", history)])
    }

    private func hangup(
        _ uuid: String, _ at: Int64, _ disposition: String, endpoint: String = "ANSWER", _ headers: [(String, String)] = []
    ) -> [Event] {
        ["HANGUP", "HANGUP_COMPLETE"].enumerated().map { step, name in
            Make.channel(
                name, at + Int64(step), uuid, uuid == "leg" ? "outbound" : "inbound", "sofia/internal/\(uuid)",
                [("Hangup-Cause", "NORMAL_CLEARING"), ("variable_endpoint_disposition", endpoint)]
                    + (step == 1 ? [("variable_sip_hangup_disposition", disposition)] : []) + headers)
        }
    }

    private func talkIsOver(_ at: Int64) -> [Event] {
        [
            Make.offer("bridge-agent-end", at, [("Agent-UUID", "leg"), ("Agent-Called-Time", "5")]),
            Make.offer("member-queue-end", at + 1, [("Cause", "Terminated")]),
        ]
    }

    /// 1001 has sent the caller to the park 5900, from where another agent, or the same, fetches the call by dialling 5901.
    private func fetched(by agent: String) -> [Event] {
        let user = String(agent.prefix(4))
        return self.talk + [self.unbridge(12_100_000, Self.parked)] + self.hangup("leg", 12_100_010, "send_bye") + self.talkIsOver(12_120_000) + [
            Make.channel(
                "CREATE", 18_000_000, "own", "inbound", "sofia/internal/\(user)@example.org",
                [("Caller-Destination-Number", "5901"), ("Caller-Caller-ID-Number", user), ("variable_user_name", user)]),
            Make.channel("ANSWER", 18_000_010, "own", "inbound", "sofia/internal/\(user)@example.org"), self.bridge(18_020_000, "own", "caller"),
        ]
    }

    @Test(arguments: ["1001@default", "1002@default"]) func aCallThatWasFetchedFromTheParkEndsAsItEnds(agent: String) {
        let history = [("variable_transfer_history", Self.parked)]
        // The phone's BYE is told first; then the caller's leg is hung up.
        let own = self.hangup("own", 20_000_000, "recv_bye")
        let byAgent = Play(
            self.fetched(by: agent) + [
                own[0], Make.channel("UNBRIDGE", 20_000_000, "own", "inbound", "sofia/internal/own", [("Bridge-A-Unique-ID", "own")]),
            ] + self.hangup("caller", 20_020_000, "send_bye", history) + [own[1]])
        #expect(byAgent.ends == ["1001@default transferred -", "\(agent) completed-agent agent"])
        #expect(byAgent.pops.map(\.transferredTo) == ["5900", nil])
        let byCaller = Play(
            self.fetched(by: agent) + self.hangup("caller", 20_020_000, "recv_bye", history) + self.hangup("own", 20_020_010, "send_bye"))
        #expect(byCaller.ends == ["1001@default transferred -", "\(agent) completed-caller caller"])
    }

    @Test func aFetchedCallMayBeTransferredAgain() {
        let again = Self.parked + "|:25:ccc:bl_xfer:7001/default/XML"
        let play = Play(
            self.fetched(by: "1002@default") + [
                Make.channel(
                    "UNBRIDGE", 25_000_000, "caller", "inbound", "sofia/external/0211@203.0.113.5",
                    [("Bridge-A-Unique-ID", "own"), ("Bridge-B-Unique-ID", "caller"), ("variable_transfer_history", again)])
            ] + self.hangup("own", 25_000_010, "send_bye"))
        #expect(play.ends == ["1001@default transferred -", "1002@default transferred -"])
        #expect(play.pops.map(\.transferredTo) == ["5900", "7001"])
    }

    /// The phone sends a REFER: its leg is told before the caller's, which alone says where to.
    @Test(arguments: ["5900", "7001"]) func aReferTellsWhereTo(target: String) {
        let history = "ARRAY::\(Self.bridged)|:12:bbb:bl_xfer:\(target)/default/XML"
        var play = Play(self.talk + self.hangup("leg", 12_000_000, "send_bye", endpoint: "BLIND_TRANSFER") + [self.unbridge(12_000_010, history)])
        #expect(play.ends == ["1001@default transferred agent"])
        #expect(play.pops.first?.transferredTo == target)
        self.talkIsOver(12_020_000).forEach { play.apply($0) }
        #expect(play.ends.count == 1)
    }

    /// As FreeSWITCH 1.10.12 tells it: the caller's HANGUP_COMPLETE comes when mod_callcenter has done with the agent's leg.
    @Test(arguments: [
        ("NORMAL_CLEARING", "leg", "caller"), ("NORMAL_CLEARING", "target", "caller"), ("MEDIA_TIMEOUT", "leg", "switch"),
    ]) func aCallerWhoLeavesDuringAConsultationHasEndedTheTalk(cause: String, first: String, by: String) {
        var play = Play(
            self.talk + [
                Make.channel(
                    "CREATE", 8_000_000, "target", "outbound", "loopback/1009-a",
                    [("Caller-Destination-Number", "1009"), ("variable_originator", "leg"), ("variable_screenpop_id", "abcd")]),
                Make.channel("ANSWER", 9_000_000, "target", "outbound", "loopback/1009-a"),
                self.bridge(9_000_010, "leg", "target"),
                Make.channel("HANGUP", 10_000_000, "caller", "inbound", "sofia/internal/caller", [("Hangup-Cause", cause)]),
            ])
        #expect(play.ends == [], "the agent talks on, and may hang up at the page")
        let caller = self.hangup("caller", 14_000_020, "recv_bye", [("Hangup-Cause", cause)])[1]
        let ends = first == "leg" ? ["leg", "target"] : ["target", "leg"]
        let legs = ends.enumerated().flatMap { self.hangup($1, 14_000_000 + Int64($0) * 40, $0 == 0 ? "recv_bye" : "send_bye") }
        for event in [legs[0], caller] + legs[1...] + self.talkIsOver(14_000_200) { play.apply(event) }
        play.apply(Make.heartbeat(20_000_000))
        #expect(play.ends == ["1001@default completed-caller \(by)"])
    }

    @Test func aReferEndsWithoutItsTargetToo() {
        // Nothing more is heard of the caller's leg.
        var play = Play(self.talk + self.hangup("leg", 12_000_000, "send_bye", endpoint: "BLIND_TRANSFER"))
        play.apply(Make.heartbeat(14_000_000))
        #expect(play.ends == ["1001@default transferred agent"])
        #expect(play.pops.first?.endedAt?.microseconds == 12_000_000)
    }
}
