import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Whose phone a leg is, where several signs speak: domain, profile, log-in.
@Suite struct WhosePhone {
    private func play(_ contact: String, _ events: [Event], agent: String = "1001@default") -> Play {
        Play(Make.agent(agent, contact: contact, 1_000_000) + events)
    }

    private func rings(_ name: String, _ headers: [(String, String)] = []) -> [Event] {
        [
            Make.channel(
                "CREATE", 2_000_000, "A", "inbound", "sofia/external/0211@203.0.113.5",
                [("Caller-Destination-Number", "1001"), ("Caller-Caller-ID-Number", "0211")]),
            Make.channel("CREATE", 2_100_000, "B", "outbound", name, [("variable_originator", "A")] + headers),
        ]
    }

    private func calls(_ name: String, _ headers: [(String, String)] = [], at: Int64 = 5_000_000) -> Event {
        let user = name.split(separator: "/").last?.split(separator: "@").first.map(String.init) ?? ""
        return Make.channel(
            "CREATE", at, "own", "inbound", name, [("Caller-Destination-Number", "0299"), ("variable_sip_from_user", user)] + headers)
    }

    /// As a real FreeSWITCH has a leg to `user/1001@127.0.0.1`.
    private static let registered: [(String, String)] = [
        ("Channel-Presence-ID", "1001@127.0.0.1"), ("variable_dialed_user", "1001"), ("variable_dialed_domain", "127.0.0.1"),
    ]
    private static let otherDomain: [(String, String)] = [("variable_dialed_user", "1001"), ("variable_dialed_domain", "b.example")]

    @Test(arguments: [
        ("[leg_timeout=10]sofia/internal/1001@127.0.0.1:6001", "sofia/internal/1001@127.0.0.1:6001", []),
        ("[leg_timeout=10]sofia/internal/1001@127.0.0.1:6001", "sofia/internal/1001@127.0.0.1:11001", registered),
        ("user/1001@127.0.0.1", "sofia/internal/1001@127.0.0.1:6001", []),
        ("user/1001@127.0.0.1", "sofia/internal/1001@127.0.0.1:11001", registered),
        ("user/1001", "sofia/internal/1001@192.0.2.7", otherDomain),
        ("", "sofia/internal/1001@192.0.2.7", otherDomain),
    ]) func isTheAgents(contact: String, channel: String, headers: [(String, String)]) {
        #expect(self.play(contact, self.rings(channel, headers)).popLines == ["pop.offered 1001@default direct"])
    }

    @Test(arguments: [
        // The 1001 of another tenant.
        ("user/1001@a.example", "sofia/internal/1001@192.0.2.7", otherDomain),
        ("user/1001@a.example", "sofia/internal/1001@192.0.2.7", [("Channel-Presence-ID", "1001@b.example")]),
        ("sofia/internal/1001%a.example", "sofia/internal/1001@192.0.2.7", otherDomain),
        // A number of the outside world that looks like an extension.
        ("sofia/internal/1001@192.0.2.7:5060", "sofia/external/1001@203.0.113.5", []),
    ]) func isSomebodyElses(contact: String, channel: String, headers: [(String, String)]) {
        #expect(self.play(contact, self.rings(channel, headers)).popLines == [])
    }

    @Test(arguments: [
        // Recording outbound_answered: no log-in, on the profile that the contact names.
        ("[leg_timeout=10]sofia/internal/1001@127.0.0.1:6001", "sofia/internal/1001@127.0.0.1:5580", [], true),
        // The phone was not seen yet, and calls from its own domain.
        ("user/1001@127.0.0.1", "sofia/internal/1001@127.0.0.1:5580", [], true),
        // An outside number that equals the extension.
        ("user/1001@127.0.0.1", "sofia/external/1001@203.0.113.5", [], false),
        ("", "sofia/external/1001@203.0.113.5", [], false),
        ("loopback/1001/default", "sofia/external/1001@203.0.113.5", [], false),
        // Logged in, in which domain the presence tells.
        ("user/1001@a.example", "sofia/internal/1001@a.example", [("variable_user_name", "1001"), ("Channel-Presence-ID", "1001@a.example")], true),
        ("user/1001@a.example", "sofia/internal/1001@b.example", [("variable_user_name", "1001"), ("Channel-Presence-ID", "1001@b.example")], false),
    ]) func callsOfItsOwn(contact: String, channel: String, headers: [(String, String)], isOwn: Bool) {
        #expect(self.play(contact, [self.calls(channel, headers)]).popLines == (isOwn ? ["pop.offered 1001@default outbound"] : []))
    }

    @Test(arguments: [
        ("sofia/internal/1001@192.0.2.7", true), ("sofia/external/1001@203.0.113.5", false), ("sofia/external/1001@127.0.0.1", false),
    ]) func aPhoneThatRangIsKnownByItsProfile(channel: String, isOwn: Bool) {
        let play = self.play(
            "user/1001@127.0.0.1", self.rings("sofia/internal/1001@127.0.0.1:11001", Self.registered) + [self.calls(channel)])
        #expect(play.pops.map(\.kind) == (isOwn ? [.direct, .outbound] : [.direct]))
    }

    @Test(arguments: [("sofia/internal/1001@192.0.2.7", true), ("sofia/external/1001@127.0.0.1", false)])
    func anOfferOfAQueueTellsTheProfileToo(channel: String, isOwn: Bool) {
        let leg = Make.channel(
            "CREATE", 2_100_000, "leg", "outbound", "sofia/internal/1001@127.0.0.1:11001",
            Self.registered + [
                ("variable_cc_side", "agent"), ("variable_cc_agent", "1001@default"), ("variable_cc_member_uuid", "member"),
                ("variable_cc_member_session_uuid", "caller"), ("variable_cc_queue", "support@default"),
            ])
        let play = self.play("user/1001@127.0.0.1", [Make.offer("agent-offering", 2_000_000), leg, self.calls(channel)])
        #expect(play.pops.map(\.kind) == (isOwn ? [.queue, .outbound] : [.queue]))
        #expect(play.pops.first?.agentCallUUID == "leg")
    }

    /// A queue call to a registered phone, with the headers a real FreeSWITCH gives its leg.
    @Test func aQueueCallOverAUserContact() {
        let name = "sofia/internal/1001@127.0.0.1:11001"
        let headers =
            Self.registered + [
                ("variable_cc_side", "agent"), ("variable_cc_agent", "1001@default"), ("variable_cc_member_uuid", "member"),
                ("variable_cc_member_session_uuid", "caller"), ("variable_cc_queue", "support@default"), ("variable_originator", "caller"),
            ]
        let play = self.play(
            "[call_timeout=10]user/1001@127.0.0.1",
            [
                Make.channel("CREATE", 1_900_000, "caller", "inbound", "sofia/external/0211@203.0.113.5"),
                Make.offer("member-queue-start", 2_000_000), Make.offer("agent-offering", 2_050_000),
                Make.channel("CREATE", 2_060_000, "leg", "outbound", name, headers),
                Make.channel("PROGRESS", 2_100_000, "leg", "outbound", name, headers),
                Make.channel("ANSWER", 4_000_000, "leg", "outbound", name, headers),
                Make.offer("bridge-agent-start", 4_020_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "2")]),
                Make.channel(
                    "BRIDGE", 4_060_000, "caller", "inbound", "sofia/external/0211@203.0.113.5",
                    [("Bridge-A-Unique-ID", "caller"), ("Bridge-B-Unique-ID", "leg")]),
                Make.channel(
                    "HANGUP_COMPLETE", 9_000_000, "leg", "outbound", name,
                    headers + [("Hangup-Cause", "NORMAL_CLEARING"), ("variable_sip_hangup_disposition", "recv_bye")]),
                Make.offer("bridge-agent-end", 9_010_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "2")]),
                Make.offer("member-queue-end", 9_020_000, [("Cause", "Terminated")]),
            ])
        #expect(play.ends == ["1001@default completed-agent agent"])
        #expect(play.pops.count == 1)
        #expect(play.pops.first?.bridgedAt?.microseconds == 4_060_000)
    }

    /// The dialplan rings the phone behind a loopback contact, with another number shown, and the loopback legs go when it answers.
    @Test func aLoopbackContactIsOnePopToItsEnd() {
        let phone = "sofia/internal/1001@192.0.2.7"
        func bridge(_ at: Int64, _ a: String, _ b: String) -> Event {
            Make.channel("BRIDGE", at, a, "inbound", "sofia/x/y", [("Bridge-A-Unique-ID", a), ("Bridge-B-Unique-ID", b)])
        }
        func hangup(_ at: Int64, _ uuid: String, _ disposition: String) -> Event {
            Make.channel(
                "HANGUP_COMPLETE", at, uuid, "outbound", "x",
                [("Hangup-Cause", "NORMAL_CLEARING"), ("variable_sip_hangup_disposition", disposition)])
        }
        var play = self.play(
            "loopback/1001/default",
            [
                Make.channel("CREATE", 1_900_000, "caller", "inbound", "sofia/external/0211@203.0.113.5"),
                Make.offer("member-queue-start", 2_000_000), Make.offer("agent-offering", 2_050_000),
                Make.channel(
                    "CREATE", 2_060_000, "L", "outbound", "loopback/1001-a",
                    [
                        ("variable_cc_side", "agent"), ("variable_cc_agent", "1001@default"), ("variable_cc_member_uuid", "member"),
                        ("variable_cc_member_session_uuid", "caller"), ("variable_cc_queue", "support@default"),
                    ]),
                Make.channel("CREATE", 2_060_001, "M", "inbound", "loopback/1001-b"),
                Make.channel(
                    "CREATE", 2_060_002, "B", "outbound", phone, [("variable_originator", "M"), ("Caller-Caller-ID-Number", "Support")]),
                Make.channel("ANSWER", 4_000_000, "B", "outbound", phone),
                Make.offer("bridge-agent-start", 4_010_000, [("Agent-UUID", "L"), ("Agent-Called-Time", "2")]),
                bridge(4_020_000, "M", "B"), bridge(4_050_000, "caller", "L"), hangup(4_100_000, "L", ""), hangup(4_100_001, "M", ""),
                bridge(4_200_000, "caller", "B"), Make.heartbeat(20_000_000),
            ])
        #expect(play.popLines.filter { $0.hasPrefix("pop.offered") } == ["pop.offered 1001@default support@default"])
        #expect(play.pops.map(\.state) == [.answered])
        #expect(play.pops.first?.agentCallUUID == "B")
        play.apply(hangup(30_000_000, "B", "recv_bye"))
        play.apply(Make.offer("bridge-agent-end", 30_000_100, [("Agent-UUID", "L"), ("Agent-Called-Time", "2")]))
        #expect(play.ends == ["1001@default completed-agent agent"])
    }

    @Test func theNextCallOnTheAgentsOwnLegPopsToo() throws {
        let own = "sofia/internal/1001@127.0.0.1:5580"
        func far(_ uuid: String, _ number: String, _ at: Int64) -> [Event] {
            [
                Make.channel(
                    "CREATE", at, uuid, "outbound", "sofia/external/\(number)@203.0.113.5",
                    [("variable_originator", "own"), ("Caller-Destination-Number", number)]),
                Make.channel("ANSWER", at + 1_000_000, uuid, "outbound", "sofia/external/\(number)@203.0.113.5"),
                Make.channel("BRIDGE", at + 1_100_000, "own", "inbound", own, [("Bridge-A-Unique-ID", "own"), ("Bridge-B-Unique-ID", uuid)]),
            ]
        }
        func left(_ uuid: String, _ at: Int64) -> Event {
            Make.channel(
                "HANGUP_COMPLETE", at, uuid, "outbound", "sofia/external/x",
                [("Hangup-Cause", "NORMAL_CLEARING"), ("variable_sip_hangup_disposition", "recv_bye")])
        }
        let events =
            [self.calls(own)] + far("F", "0299", 5_100_000) + [left("F", 9_000_000)] + far("G", "0300", 10_000_000) + [left("G", 15_000_000)]
        let play = self.play("sofia/internal/1001@127.0.0.1:6001", events)
        #expect(play.pops.map(\.kind) == [.outbound, .outbound])
        #expect(Set(play.pops.map(\.id)).count == 2)
        #expect(play.pops.map(\.dialed) == ["0299", "0300"])
        #expect(play.pops.last?.bridgedAt?.microseconds == 11_100_000)
        #expect(play.ends.count == 2)
        // The same once more tells nothing new.
        #expect(self.play("sofia/internal/1001@127.0.0.1:6001", events.flatMap { [$0, $0] }).pops == play.pops)
    }
}
