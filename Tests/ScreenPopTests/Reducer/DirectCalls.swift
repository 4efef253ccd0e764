import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Calls that pass no queue: whose phone is it?
@Suite struct DirectCalls {
    private func play(_ agents: [(String, contact: String)], _ events: [Event]) -> Play {
        Play(agents.enumerated().flatMap { Make.agent($1.0, contact: $1.contact, Int64(1_000_000 + $0 * 10)) } + events)
    }

    private func incoming(_ at: Int64 = 2_000_000, name: String = "sofia/external/0211@203.0.113.5", _ headers: [(String, String)] = []) -> Event {
        Make.channel(
            "CREATE", at, "A", "inbound", name,
            [("Caller-Destination-Number", "1001"), ("Caller-Caller-ID-Number", "0211"), ("Caller-Caller-ID-Name", "Ann")] + headers)
    }

    private func ring(_ name: String, uuid: String = "B", _ at: Int64 = 2_100_000, _ headers: [(String, String)] = []) -> Event {
        Make.channel(
            "CREATE", at, uuid, "outbound", name,
            [("Other-Leg-Unique-ID", "A"), ("variable_originator", "A"), ("Caller-Caller-ID-Number", "0211")] + headers)
    }

    @Test(arguments: [
        // The contact's own address, with and without what surrounds it.
        ("[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060", "sofia/internal/1001@192.0.2.7:5060", []),
        ("{x=1}[a=b,c=d]sofia/internal/1001@192.0.2.7:5060", "sofia/internal/sip:1001@192.0.2.7:5060;fs_path=sip:192.0.2.1", []),
        ("sofia/internal/desk@192.0.2.9|sofia/internal/1001@192.0.2.7:5060", "sofia/internal/1001@192.0.2.7:5060", []),
        // A user/ contact: the registered phone's address tells nothing, the dialled user does.
        (
            "[call_timeout=10]user/1001@example.org", "sofia/internal/abc123@192.0.2.7:5060",
            [("variable_dialed_user", "1001"), ("variable_dialed_domain", "example.org")]
        ),
        ("user/1001@example.org", "sofia/internal/1001@192.0.2.7:5060", []),
        ("user/1001@example.org", "sofia/internal/sip:1001@192.0.2.7:5060;transport=tcp;fs_path=sip%3A192.0.2.1", []),
        ("user/1001@example.org", "verto.rtc/1001@example.org", []),
        ("user/1001@example.org", "sofia/internal/abc@192.0.2.7", [("Channel-Presence-ID", "1001@example.org")]),
        ("loopback/1001/default", "sofia/internal/1001@192.0.2.7:5060", []),
        ("sofia/internal/1001%example.org", "sofia/internal/1001@192.0.2.7:5060", []),
        // No contact: what stands before the @ of the name.
        ("", "sofia/internal/1001@192.0.2.7:5060", []),
    ]) func rings(contact: String, channel: String, headers: [(String, String)]) throws {
        let play = self.play(
            [("1001@default", contact), ("1002@default", "sofia/internal/1002@192.0.2.8")],
            [
                self.incoming(), self.ring(channel, headers),
            ])
        let pop = try #require(play.pops.first)
        #expect(play.popLines == ["pop.offered 1001@default direct"])
        #expect(pop.caller == Pop.Caller(number: "0211", name: "Ann"))
        #expect(pop.dialed == "1001")
        #expect(pop.callUUID == "A")
        #expect(pop.agentCallUUID == "B")
        #expect(pop.offeredAt.microseconds == 2_100_000)
    }

    private func ring(_ name: String, _ headers: [(String, String)]) -> Event { self.ring(name, uuid: "B", 2_100_000, headers) }

    @Test(arguments: [
        // Two agents of two tenants have that extension, and nothing says which is meant.
        ("sofia/internal/1001@192.0.2.7:5060", []),
        // Somebody else's phone.
        ("sofia/internal/1003@192.0.2.7:5060", []),
        // Out by a gateway: a number of the outside world that looks like an extension.
        ("sofia/external/1003@198.51.100.1", [("variable_sip_gateway_name", "carrier")]),
        // A leg of mod_callcenter.
        ("sofia/internal/1001@192.0.2.7:5060", [("variable_cc_side", "agent"), ("variable_cc_agent", "1001@a.example")]),
        ("loopback/1001-a", []),
    ]) func ringsNobody(channel: String, headers: [(String, String)]) {
        let play = self.play(
            [("1001@a.example", "user/1001@a.example"), ("1001@b.example", "user/1001@b.example")],
            [
                self.incoming(), self.ring(channel, headers),
            ])
        #expect(play.popLines.isEmpty)
    }

    @Test func ofTwoAgentsWithOnePhoneTheOneWhoIsLoggedIn() {
        var play = self.play(
            [("1001@default", "user/1001@example.org"), ("1001@sales", "user/1001@example.org")],
            [
                Make.callCenter("agent-status-change", 1_500_000, [("Agent", "1001@default"), ("Agent-Status", "Logged Out")])
            ])
        play.apply(self.incoming())
        play.apply(self.ring("sofia/internal/1001@192.0.2.7"))
        #expect(play.popLines == ["pop.offered 1001@sales direct"])
    }

    @Test func theDomainTellsTenantsApart() {
        let play = self.play(
            [("1001@a.example", "user/1001@a.example"), ("1001@b.example", "user/1001@b.example")],
            [
                self.incoming(),
                self.ring("sofia/internal/x@192.0.2.7", [("variable_dialed_user", "1001"), ("variable_dialed_domain", "b.example")]),
            ])
        #expect(play.popLines == ["pop.offered 1001@b.example direct"])
    }

    @Test(arguments: [
        ([("variable_user_name", "1001")], "sofia/internal/1001@example.org", true),
        ([("variable_sip_from_user", "1001"), ("variable_sofia_profile_name", "internal")], "sofia/internal/1001@example.org", true),
        // Logged in as somebody else, whatever the From says.
        ([("variable_user_name", "1009"), ("variable_sip_from_user", "1001")], "sofia/internal/1001@example.org", false),
        // The outside world may claim to be 1001.
        ([("variable_sip_from_user", "1001"), ("variable_sofia_profile_name", "external")], "sofia/external/1001@203.0.113.5", false),
        ([("variable_sip_from_user", "1001"), ("variable_sip_gateway_name", "carrier")], "sofia/internal/1001@203.0.113.5", false),
    ]) func calls(headers: [(String, String)], channel: String, isOwn: Bool) {
        let play = self.play(
            [("1001@default", "sofia/internal/1001@192.0.2.7:5060")],
            [
                Make.channel("CREATE", 2_000_000, "A", "inbound", channel, [("Caller-Destination-Number", "0299")] + headers)
            ])
        #expect(play.popLines == (isOwn ? ["pop.offered 1001@default outbound"] : []))
        if isOwn { #expect(play.pops.first?.dialed == "0299") }
    }

    @Test func oneAgentCallsAnother() {
        let play = self.play(
            [("1001@default", "user/1001@example.org"), ("1002@default", "user/1002@example.org")],
            [
                Make.channel(
                    "CREATE", 2_000_000, "A", "inbound", "sofia/internal/1001@example.org",
                    [("Caller-Destination-Number", "1002"), ("Caller-Caller-ID-Number", "1001"), ("variable_user_name", "1001")]),
                self.ring("sofia/internal/1002@192.0.2.8"),
                Make.channel("ANSWER", 3_000_000, "B", "outbound", "sofia/internal/1002@192.0.2.8"),
                Make.channel(
                    "BRIDGE", 3_100_000, "A", "inbound", "sofia/internal/1001@example.org",
                    [("Bridge-A-Unique-ID", "A"), ("Bridge-B-Unique-ID", "B")]),
                self.hangup("A", 4_000_000, "NORMAL_CLEARING", "recv_bye"),
                self.hangup("B", 4_000_100, "NORMAL_CLEARING", "send_bye"),
            ])
        #expect(play.ends == ["1001@default completed-agent agent", "1002@default completed-caller caller"])
        #expect(play.pops.map(\.kind) == [.outbound, .direct])
        #expect(play.states(of: "1002@default") == ["loggedOut", "ready", "reserved", "talking", "ready"])
    }

    private func ring(_ name: String) -> Event { self.ring(name, uuid: "B", 2_100_000, []) }

    private func hangup(_ uuid: String, _ at: Int64, _ cause: String, _ disposition: String) -> Event {
        Make.channel(
            "HANGUP_COMPLETE", at, uuid, "inbound", "sofia/internal/x",
            [("Hangup-Cause", cause), ("variable_sip_hangup_disposition", disposition)])
    }

    @Test(arguments: [
        ("NO_ANSWER", "send_cancel", "no-answer switch"), ("USER_BUSY", "recv_refuse", "busy agent"),
        ("CALL_REJECTED", "recv_refuse", "rejected agent"), ("USER_NOT_REGISTERED", "", "not-registered switch"),
        ("LOSE_RACE", "send_cancel", "answered-elsewhere switch"), ("ORIGINATOR_CANCEL", "send_cancel", "caller-abandoned caller"),
        ("NETWORK_OUT_OF_ORDER", "recv_refuse", "failed switch"),
    ]) func endsUnanswered(cause: String, disposition: String, end: String) {
        let play = self.play(
            [("1001@default", "user/1001@example.org")],
            [
                self.incoming(), self.ring("sofia/internal/1001@192.0.2.7"), self.hangup("B", 3_000_000, cause, disposition),
            ])
        #expect(play.ends == ["1001@default \(end)"])
    }

    @Test func twoPhonesOfOneAgentAreOnePop() {
        let play = self.play(
            [("1001@default", "user/1001@example.org")],
            [
                self.incoming(), self.ring("sofia/internal/1001@192.0.2.7"), self.ring("sofia/internal/1001@192.0.2.8", uuid: "C", 2_100_001, []),
                Make.channel("ANSWER", 3_000_000, "B", "outbound", "sofia/internal/1001@192.0.2.7"),
                self.hangup("C", 3_000_001, "LOSE_RACE", "send_cancel"),
            ])
        #expect(play.pops.count == 1)
        #expect(play.pops.first?.state == .answered)
        #expect(play.pops.first?.agentCallUUID == "B")
    }

    @Test func attendedTransferHandsTheCallerToTheNextAgent() throws {
        // 1001 talks with the caller M, consults 1002 by a second call A, and joins M with 1002's leg B.
        var play = self.play(
            [("1001@default", "user/1001@example.org"), ("1002@default", "user/1002@example.org")],
            [
                Make.channel(
                    "CREATE", 1_900_000, "M", "inbound", "sofia/external/0211@203.0.113.5",
                    [("Caller-Destination-Number", "7000"), ("Caller-Caller-ID-Number", "0211"), ("Caller-Caller-ID-Name", "Ann")]),
                Make.channel(
                    "CREATE", 2_000_000, "A", "inbound", "sofia/internal/1001@example.org",
                    [("Caller-Destination-Number", "1002"), ("Caller-Caller-ID-Number", "1001"), ("variable_user_name", "1001")]),
                self.ring("sofia/internal/1002@192.0.2.8"),
                Make.channel("ANSWER", 3_000_000, "B", "outbound", "sofia/internal/1002@192.0.2.8"),
                Make.channel(
                    "BRIDGE", 3_100_000, "A", "inbound", "sofia/internal/1001@example.org",
                    [("Bridge-A-Unique-ID", "A"), ("Bridge-B-Unique-ID", "B")]),
                Make.channel(
                    "HANGUP_COMPLETE", 5_000_000, "A", "inbound", "sofia/internal/1001@example.org",
                    [("Hangup-Cause", "ATTENDED_TRANSFER"), ("variable_endpoint_disposition", "ATTENDED_TRANSFER")]),
                Make.channel("DESTROY", 5_000_100, "A", "inbound", "sofia/internal/1001@example.org"),
                Make.channel(
                    "BRIDGE", 5_000_200, "M", "inbound", "sofia/external/0211@203.0.113.5",
                    [("Bridge-A-Unique-ID", "M"), ("Bridge-B-Unique-ID", "B")]),
            ])
        #expect(play.ends == ["1001@default transferred agent"])
        let live = try #require(play.pops.last)
        #expect(live.state == .answered)
        #expect(live.caller == Pop.Caller(number: "0211", name: "Ann"))
        play.apply(Make.heartbeat(20_000_000))
        play.apply(self.hangup("M", 21_000_000, "NORMAL_CLEARING", "recv_bye"))
        #expect(play.ends.last == "1002@default completed-caller caller")
    }

    /// As FreeSWITCH 1.10.12 tells a REFER with Replaces: it was sent on the other leg of 1001's, and this one says nothing of it.
    @Test func aConsultingLegThatIsReplacedHandsTheCallerToTheNextAgent() throws {
        func talk() -> Play {
            self.play(
                [("1001@default", "user/1001@example.org"), ("1002@default", "user/1002@example.org")],
                [
                    Make.channel(
                        "CREATE", 1_900_000, "M", "inbound", "sofia/external/0211@203.0.113.5",
                        [("Caller-Destination-Number", "7000"), ("Caller-Caller-ID-Number", "0211"), ("Caller-Caller-ID-Name", "Ann")]),
                    Make.channel(
                        "CREATE", 2_000_000, "A", "inbound", "sofia/internal/1001@example.org",
                        [("Caller-Destination-Number", "1002"), ("Caller-Caller-ID-Number", "1001"), ("variable_user_name", "1001")]),
                    self.ring("sofia/internal/1002@192.0.2.8"),
                    Make.channel("ANSWER", 3_000_000, "B", "outbound", "sofia/internal/1002@192.0.2.8"),
                    Make.channel(
                        "BRIDGE", 3_100_000, "A", "inbound", "sofia/internal/1001@example.org",
                        [("Bridge-A-Unique-ID", "A"), ("Bridge-B-Unique-ID", "B")]),
                    Make.channel(
                        "UNBRIDGE", 4_999_999, "A", "inbound", "sofia/internal/1001@example.org",
                        [("Bridge-A-Unique-ID", "A"), ("Bridge-B-Unique-ID", "B")]),
                    self.hangup("A", 5_000_000, "NORMAL_CLEARING", "send_bye"),
                    Make.channel("DESTROY", 5_000_100, "A", "inbound", "sofia/internal/1001@example.org"),
                ])
        }
        var play = talk()
        play.apply(
            Make.channel(
                "BRIDGE", 5_040_000, "B", "outbound", "sofia/internal/1002@192.0.2.8",
                [("Bridge-A-Unique-ID", "B"), ("Bridge-B-Unique-ID", "M")]))
        #expect(play.ends == ["1001@default transferred -"])
        let live = try #require(play.pops.last)
        #expect(live.state == .answered)
        #expect(live.caller == Pop.Caller(number: "0211", name: "Ann"))
        play.apply(Make.heartbeat(20_000_000))
        play.apply(self.hangup("M", 21_000_000, "NORMAL_CLEARING", "recv_bye"))
        #expect(play.ends.last == "1002@default completed-caller caller")
        // Whom nobody is joined with has no call any more.
        var alone = talk()
        alone.apply(Make.heartbeat(20_000_000))
        #expect(alone.ends.last == "1002@default completed-caller caller")
    }

    @Test func blindTransferEndsADirectCall() {
        let play = self.play(
            [("1001@default", "user/1001@example.org")],
            [
                self.incoming(), self.ring("sofia/internal/1001@192.0.2.7"),
                Make.channel("ANSWER", 3_000_000, "B", "outbound", "sofia/internal/1001@192.0.2.7"),
                Make.channel(
                    "BRIDGE", 3_100_000, "A", "inbound", "sofia/external/0211@203.0.113.5",
                    [("Bridge-A-Unique-ID", "A"), ("Bridge-B-Unique-ID", "B"), ("variable_transfer_history", "2:aaa:bl_xfer:1001/default/XML")]),
                Make.channel(
                    "UNBRIDGE", 4_000_000, "A", "inbound", "sofia/external/0211@203.0.113.5",
                    [
                        ("Bridge-A-Unique-ID", "A"), ("Bridge-B-Unique-ID", "B"),
                        ("variable_transfer_history", "ARRAY::2:aaa:bl_xfer:1001/default/XML|:4:bbb:bl_xfer:0299/default/XML"),
                    ]),
                self.hangup("B", 4_000_100, "NORMAL_CLEARING", "send_bye"),
            ])
        #expect(play.ends == ["1001@default transferred -"])
        #expect(play.pops.first?.transferredTo == "0299")
    }

    @Test func aStandingLegPopsNothingAndAClickToDialDoes() {
        var play = self.play(
            [("1001@default", "user/1001@example.org")],
            [
                Make.channel("CREATE", 2_000_000, "A", "outbound", "sofia/internal/1001@192.0.2.7"),
                Make.channel("ANSWER", 2_500_000, "A", "outbound", "sofia/internal/1001@192.0.2.7"),
            ])
        #expect(play.popLines.isEmpty)
        play.apply(
            Make.channel(
                "CREATE", 3_000_000, "B", "outbound", "sofia/external/0299@203.0.113.5",
                [("Caller-Destination-Number", "0299"), ("variable_originator", "A"), ("variable_sip_gateway_name", "carrier")]))
        #expect(play.popLines == ["pop.offered 1001@default outbound"])
        #expect(play.pops.first?.dialed == "0299")
        #expect(play.pops.first?.agentCallUUID == "A")
    }

    @Test func theSecondHalfOfALoopbackContactIsNoDirectCall() {
        let play = self.play(
            [("1001@default", "loopback/1001/default")],
            [
                Make.offer("member-queue-start", 2_000_000),
                Make.offer("agent-offering", 2_050_000),
                Make.channel(
                    "CREATE", 2_060_000, "L", "outbound", "loopback/1001-a",
                    [("variable_cc_side", "agent"), ("variable_cc_agent", "1001@default"), ("variable_cc_member_uuid", "member")]),
                Make.channel("CREATE", 2_060_001, "A", "inbound", "loopback/1001-b"),
                self.ring("sofia/internal/1001@192.0.2.7"),
            ])
        #expect(play.pops.map(\.kind) == [.queue])
    }
}
