import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Offers of one queued call, event by event.
@Suite struct QueueOffers {
    /// What the last offer came to is the offer's end; the caller waited on, and that wait ended otherwise.
    @Test(arguments: [
        ("BREAK_OUT", Pop.EndReason.callerAbandoned, Pop.Party.caller), ("TIMEOUT", .queueTimeout, .switch), ("EXIT_WITH_KEY", .exitKey, .caller),
    ]) func aCallerWhoLeavesAfterAnOfferThatFailedEndsAsHeLeft(cancel: String, reason: Pop.EndReason, by: Pop.Party) throws {
        var events =
            Make.agent("1001@default", contact: "user/1001@example.org", 1_000_000) + [
                Make.channel(
                    "CREATE", 4_000_000, "caller", "inbound", "sofia/internal/0211@203.0.113.5",
                    [("Caller-Destination-Number", "7000"), ("Caller-Caller-ID-Number", "0211")]),
                Make.offer("member-queue-start", 5_000_000), Make.offer("agent-offering", 5_100_000),
                Make.offer("bridge-agent-fail", 6_000_000, [("Hangup-Cause", "USER_BUSY")]),
            ]
        let hangup = Make.channel(
            "HANGUP", 9_000_000, "caller", "inbound", "sofia/internal/0211@203.0.113.5", [("Hangup-Cause", "NORMAL_CLEARING")])
        let left = Make.offer("member-queue-end", 9_000_100, [("Cause", "Cancel"), ("Cancel-Reason", cancel)])
        events += cancel == "BREAK_OUT" ? [hangup, left] : [left, hangup]
        let play = Play(events + [Make.channel("DESTROY", 9_100_000, "caller", "inbound", "sofia/internal/0211@203.0.113.5")])
        #expect(play.ends == ["1001@default busy agent"])
        let call = try #require(play.changes.reversed().compactMap { if case .call(let record) = $0 { record } else { nil } }.first)
        #expect(call.endReason == reason)
        #expect(call.endedBy == by)
    }

    private static let phone = "sofia/internal/1001@192.0.2.7"

    private func play(_ events: [Event], agents: [String] = ["1001@default"]) -> Play {
        Play(agents.enumerated().flatMap { Make.agent($1, contact: "user/\($1)", Int64(1_000_000 + $0 * 10)) } + events)
    }

    private var caller: Event {
        Make.channel(
            "CREATE", 2_000_000, "caller", "inbound", "sofia/external/0211@203.0.113.5",
            [("Caller-Destination-Number", "7000"), ("Caller-Caller-ID-Number", "0211"), ("Caller-Caller-ID-Name", "Ann")])
    }

    private var joined: Event {
        Make.callCenter(
            "member-queue-start", 5_000_000,
            [("Queue", "support@default"), ("Member-UUID", "member"), ("Member-Session-UUID", "caller"), ("Member-CID-Number", "0211")])
    }

    private func leg(_ uuid: String, _ at: Int64, agent: String = "1001@default") -> Event {
        Make.channel(
            "CREATE", at, uuid, "outbound", Self.phone,
            [
                ("variable_cc_side", "agent"), ("variable_cc_agent", agent), ("variable_cc_member_uuid", "member"),
                ("variable_cc_member_session_uuid", "caller"), ("variable_cc_queue", "support@default"),
            ])
    }

    private func hangup(_ uuid: String, _ at: Int64, _ cause: String, _ disposition: String = "send_cancel") -> [Event] {
        ["HANGUP", "HANGUP_COMPLETE"].enumerated().map { step, name in
            Make.channel(
                name, at + Int64(step), uuid, uuid == "caller" ? "inbound" : "outbound", Self.phone,
                [("Hangup-Cause", cause)] + (step == 1 ? [("variable_sip_hangup_disposition", disposition)] : []))
        }
    }

    private func left(_ at: Int64, _ reason: String) -> Event {
        Make.callCenter(
            "member-queue-end", at,
            [
                ("Queue", "support@default"), ("Member-UUID", "member"), ("Member-Session-UUID", "caller"), ("Cause", "Cancel"),
                ("Cancel-Reason", reason),
            ])
    }

    @Test func theOfferTakesWhatItLacksFromTheCaller() throws {
        let pop = try #require(
            self.play([self.caller, self.joined, Make.offer("agent-offering", 17_900_000), self.leg("leg", 17_900_001)]).pops.first)
        #expect(pop.caller == Pop.Caller(number: "0211", name: "Ann"))
        #expect(pop.dialed == "7000")
        #expect(pop.joinedAt?.microseconds == 5_000_000)
        #expect(pop.waitSeconds == 12)
        #expect(pop.agentCallUUID == "leg")
        #expect(pop.queue == "support@default")
    }

    @Test func theOfferMayComeBeforeTheJoiningAndTheLegBeforeTheOffer() throws {
        let play = self.play([self.caller, self.leg("leg", 6_000_000), Make.offer("agent-offering", 6_000_001), self.joined])
        let pop = try #require(play.pops.first)
        #expect(play.popLines == ["pop.offered 1001@default support@default", "pop.updated 1001@default support@default"])
        #expect(pop.agentCallUUID == "leg")
        #expect(pop.joinedAt?.microseconds == 5_000_000)
        #expect(pop.waitSeconds == 1)
        #expect(play.members.count == 1)
    }

    @Test func aDialledNumberOfTheEventHelpsWhereTheChannelIsUnknown() {
        let play = self.play([self.joined, Make.offer("agent-offering", 6_000_000, [("Member-DNIS", "7000")])])
        #expect(play.pops.first?.dialed == "7000")
    }

    @Test(arguments: [
        ("NO_ANSWER", "no-answer switch"), ("ALLOTTED_TIMEOUT", "no-answer switch"), ("NO_USER_RESPONSE", "no-answer switch"),
        ("USER_BUSY", "busy agent"), ("CALL_REJECTED", "rejected agent"), ("USER_NOT_REGISTERED", "not-registered switch"),
        ("LOSE_RACE", "answered-elsewhere switch"), ("ORIGINATOR_CANCEL", "offer-cancelled switch"),
        ("MANAGER_REQUEST", "offer-cancelled switch"), ("DESTINATION_OUT_OF_ORDER", "failed switch"), ("", "failed switch"),
    ]) func aFailedOffer(cause: String, end: String) {
        let play = self.play([
            self.caller, self.joined, Make.offer("agent-offering", 6_000_000),
            Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", cause), ("Agent-Called-Time", "6")]),
        ])
        #expect(play.ends == ["1001@default \(end)"])
    }

    @Test(arguments: [
        ("TIMEOUT", "queue-timeout switch"), ("NO_AGENT_TIMEOUT", "no-agent-timeout switch"), ("EXIT_WITH_KEY", "exit-key caller"),
        ("BREAK_OUT", "break-out switch"), ("NONE", "break-out switch"),
    ]) func aMemberWhoLeavesAlive(reason: String, end: String) {
        let play = self.play([self.caller, self.joined, Make.offer("agent-offering", 6_000_000), self.left(9_000_000, reason)])
        #expect(play.ends == ["1001@default \(end)"])
        #expect(play.queue("support@default")?.abandoned == 1)
        #expect(play.queue("support@default")?.waiting == 0)
    }

    @Test(arguments: ["BREAK_OUT", "NONE"]) func aMemberWhoHangsUp(reason: String) {
        let play = self.play(
            [self.caller, self.joined, Make.offer("agent-offering", 6_000_000)] + self.hangup("caller", 8_000_000, "NORMAL_CLEARING", "recv_bye")
                + [self.left(9_000_000, reason)])
        #expect(play.ends == ["1001@default caller-abandoned caller"])
    }

    @Test func anOfferWithoutAnEndEventEndsWithTheState() {
        let play = self.play(
            [self.caller, self.joined, Make.offer("agent-offering", 6_000_000), self.leg("leg", 6_000_001)]
                + self.hangup("leg", 9_000_000, "LOSE_RACE") + [
                    Make.callCenter("agent-state-change", 9_000_100, [("Agent", "1001@default"), ("Agent-State", "Waiting")]),
                    Make.heartbeat(10_100_000),
                ])
        #expect(play.ends == ["1001@default answered-elsewhere switch"])
    }

    private func state(_ state: String, _ at: Int64) -> Event {
        Make.callCenter("agent-state-change", at, [("Agent", "1001@default"), ("Agent-State", state)])
    }

    @Test(arguments: [1_500_000, 20_000_000] as [Int64]) func aContactOfSeveralLegsIsOfferedUntilTheLastFails(pause: Int64) {
        // originate_retries, `|`, leg_delay_start: the next leg may be made long after the one before failed.
        let first =
            [self.caller, self.joined, self.state("Receiving", 5_900_000), Make.offer("agent-offering", 6_000_000), self.leg("leg", 6_000_001)]
            + self.hangup("leg", 7_000_000, "USER_BUSY", "recv_refuse") + [Make.heartbeat(7_000_000 + pause)]
        #expect(self.play(first).ends.isEmpty)
        let at = 7_000_100 + pause
        let play = self.play(
            first + [self.leg("other", at), Make.offer("bridge-agent-start", at + 1_000_000, [("Agent-UUID", "other"), ("Agent-Called-Time", "6")])])
        #expect(play.ends.isEmpty)
        #expect(play.pops.map(\.state) == [.answered])
        #expect(play.pops.first?.agentCallUUID == "other")
        let failed = self.play(
            first + [
                self.state("Waiting", at), Make.offer("bridge-agent-fail", at + 1, [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "6")]),
            ])
        #expect(failed.ends == ["1001@default no-answer switch"])
        let silent = self.play(first + [self.state("Waiting", at), Make.heartbeat(at + 1_000_000)])
        #expect(silent.ends == ["1001@default busy agent"])
    }

    @Test func anAnswerAfterTheOfferWasGivenUpIsNews() {
        // Without the state nobody knows that mod_callcenter goes on: the offer is given up too early, and the answer has the last word.
        let play = self.play(
            [self.caller, self.joined, Make.offer("agent-offering", 6_000_000), self.leg("leg", 6_000_001)]
                + self.hangup("leg", 7_000_000, "USER_BUSY", "recv_refuse") + [
                    Make.heartbeat(9_000_000), self.leg("other", 10_000_000),
                    Make.offer("bridge-agent-start", 12_000_000, [("Agent-UUID", "other"), ("Agent-Called-Time", "6")]),
                ])
        #expect(play.ends == ["1001@default busy agent"])
        #expect(play.pops.map(\.state) == [.ended, .answered])
    }

    @Test func aStateSetByHandEndsNothing() {
        let play = self.play([
            self.caller, self.joined, Make.offer("agent-offering", 6_000_000), self.leg("leg", 6_000_001),
            Make.callCenter("agent-state-change", 7_000_000, [("Agent", "1001@default"), ("Agent-State", "Waiting")]),
            Make.heartbeat(30_000_000),
        ])
        #expect(play.ends.isEmpty)
        #expect(play.agent("1001@default")?.normalized == .reserved)
    }

    @Test func theNextAgentSeesWhatTheCallHasBeenThrough() throws {
        let play = self.play(
            [
                self.caller, self.joined, Make.offer("agent-offering", 6_000_000),
                Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "6")]),
                Make.offer("agent-offering", 10_000_000, agent: "1002@default"),
            ], agents: ["1001@default", "1002@default"])
        let second = try #require(play.pops.last)
        #expect(second.agent == "1002@default")
        #expect(
            second.history == [
                Pop.HistoryEntry(
                    at: Timestamp(microseconds: 9_000_000), agent: "1001@default", queue: "support@default", endReason: .noAnswer)
            ])
    }

    @Test func aCallOfferedForAnHourStaysSmall() throws {
        var play = self.play([self.caller, self.joined])
        for round in Int64(0)..<400 {
            let at = 10_000_000 + round * 5_000_000
            play.apply(Make.offer("agent-offering", at))
            play.apply(
                Make.offer(
                    "bridge-agent-fail", at + 100_000, [("Hangup-Cause", "USER_NOT_REGISTERED"), ("Agent-Called-Time", String(at / 1_000_000))]))
        }
        #expect(play.pops.count == 400)
        #expect(play.ends.allSatisfy { $0 == "1001@default not-registered switch" })
        #expect(try #require(play.pops.last).history.count == 20)
    }

    @Test func anEventOfTheOfferBeforeIsLate() {
        let play = self.play([
            self.caller, self.joined, Make.offer("agent-offering", 6_000_000),
            Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "6")]),
            Make.offer("agent-offering", 12_000_000),
            Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "6")]),
            Make.offer("bridge-agent-start", 8_900_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
        ])
        #expect(play.ends.count == 1)
        #expect(play.pops.count == 2)
        #expect(Set(play.pops.map(\.id)).count == 2)
    }

    @Test func anOfferForACallerWhoIsGoneIsNotShown() {
        let play = self.play([self.caller, self.joined, self.left(9_000_000, "TIMEOUT"), Make.offer("agent-offering", 8_900_000)])
        #expect(play.pops.isEmpty)
    }

    @Test func ringAllHasOnePopForEachAgentAndNoHistory() {
        let play = self.play(
            [self.caller, self.joined] + ["1001@default", "1002@default"].map { Make.offer("agent-offering", 6_000_000, agent: $0) } + [
                Make.offer("bridge-agent-start", 8_000_000, agent: "1002@default", [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
                Make.offer("bridge-agent-fail", 8_000_100, [("Hangup-Cause", "LOSE_RACE"), ("Agent-Called-Time", "6")]),
            ], agents: ["1001@default", "1002@default"])
        #expect(play.pops.map(\.state) == [.ended, .answered])
        #expect(play.pops.allSatisfy { $0.history.isEmpty })
        #expect(play.ends == ["1001@default answered-elsewhere switch"])
    }

    @Test func theAgentWhoHangsUpWhileTheCallerGoesOnToASurvey() {
        let play = self.play(
            [
                self.caller, self.joined, Make.offer("agent-offering", 6_000_000), self.leg("leg", 6_000_001),
                Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
                Make.channel(
                    "BRIDGE", 8_040_000, "caller", "inbound", "sofia/external/0211",
                    [("Bridge-A-Unique-ID", "caller"), ("Bridge-B-Unique-ID", "leg")]),
            ] + self.hangup("leg", 20_000_000, "NORMAL_CLEARING", "recv_bye") + [
                Make.offer("bridge-agent-end", 20_100_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")])
            ])
        #expect(play.ends == ["1001@default completed-agent agent"])
    }

    @Test func aTransferByThePhoneIsTheAgents() {
        var events = [
            self.caller, self.joined, Make.offer("agent-offering", 6_000_000), self.leg("leg", 6_000_001),
            Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
        ]
        events.append(
            Make.channel(
                "HANGUP_COMPLETE", 20_000_000, "leg", "outbound", Self.phone,
                [
                    ("Hangup-Cause", "BLIND_TRANSFER"), ("variable_sip_hangup_disposition", "recv_bye"),
                    ("variable_endpoint_disposition", "BLIND_TRANSFER"),
                ]))
        // The next event of the caller's leg would tell where to.
        #expect(self.play(events).ends == [])
        events.append(Make.offer("bridge-agent-end", 20_100_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]))
        #expect(self.play(events).ends == ["1001@default transferred agent"])
    }

    @Test func attributesComeAtAnyTimeAndOnlyThoseAllowed() {
        let play = self.play([
            self.caller, self.joined, Make.offer("agent-offering", 6_000_000),
            Make.channel(
                "ANSWER", 6_500_000, "caller", "inbound", "sofia/external/0211",
                [("variable_crm_id", "crm-4711"), ("variable_ivr_choice", "billing"), ("variable_secret", "x"), ("variable_crmless", "y")]),
        ])
        #expect(play.pops.first?.attributes == ["crm_id": "crm-4711", "ivr_choice": "billing"])
        #expect(play.popLines.last == "pop.updated 1001@default support@default")
    }

    @Test func theLinkFollowsWhatIsLearnt() throws {
        let events = [
            self.caller, self.joined, Make.offer("agent-offering", 6_000_000),
            Make.channel("ANSWER", 6_500_000, "caller", "inbound", "sofia/external/0211", [("variable_crm_id", "crm 47/11")]),
        ]
        let template = try PopURLTemplate("https://crm.example.org/{attributes.crm_id}?n={caller.number}")
        let play = Play(Make.agent("1001@default", contact: "", 1_000_000) + events, popURL: template)
        let links = play.changes.compactMap { if case .pop(_, let pop) = $0 { pop.url ?? "none" } else { nil } }
        #expect(links == ["none", "https://crm.example.org/crm%2047%2F11?n=0211"])
        // What stands in the view is the same, and a second instance comes to the same.
        let shown = play.changes.compactMap { if case .currentPop(_, let pop?) = $0 { pop } else { nil } }
        #expect(shown.last?.url == links.last && shown.last?.version == 2)
        #expect(Play(Make.agent("1001@default", contact: "", 1_000_000) + events, popURL: template).changes == play.changes)
    }

    /// Of a pop that an earlier process stored, with another template or none.
    @Test func aRestartWithAnotherTemplateMakesTheLinkAnew() throws {
        var stored = try #require(self.play([self.caller, self.joined, Make.offer("agent-offering", 6_000_000)]).pops.first)
        stored.url = "https://old.example.org/"
        var reducer = NodeReducer(node: "fs1", popURL: try PopURLTemplate("https://new.example.org/{caller.number}"))
        reducer.restore([stored])
        var changes: [Change] = []
        reducer.load(SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: 7_000_000)), to: &changes)
        let told = changes.compactMap { if case .pop(_, let pop) = $0 { pop } else { nil } }
        #expect(told.map(\.url) == ["https://new.example.org/0211"])
        #expect(told.map(\.version) == [stored.version + 1])
    }

    @Test func anotherCoreEndsWhatIsLiveAndItsOwnOffersBegin() {
        var play = self.play([self.caller, self.joined, Make.offer("agent-offering", 6_000_000)])
        play.apply(Make.heartbeat(7_000_000, core: "another"))
        #expect(play.ends == ["1001@default lost-track switch"])
        #expect(play.reducer.coreUUID == "another")
        #expect(play.reducer.sequence == 7_000_000)
        #expect(play.reducer.holdings.members == 0)
        #expect(play.reducer.holdings.calls == 0)
    }

    @Test func shutdownEndsWhatIsLive() {
        let play = self.play([self.caller, self.joined, Make.offer("agent-offering", 6_000_000), Make.event("SHUTDOWN", 7_000_000, [])])
        #expect(play.ends == ["1001@default lost-track switch"])
        #expect(play.reducer.holdings.members == 0)
    }

    @Test func mod_callcenterLoadedAgainForgetsWhoWaits() {
        let play = self.play([
            self.caller, self.joined, Make.offer("agent-offering", 6_000_000),
            Make.event("MODULE_LOAD", 7_000_000, [("type", "application"), ("name", "callcenter")]),
        ])
        #expect(play.ends == ["1001@default lost-track switch"])
        #expect(play.agent("1001@default")?.state == .waiting)
        #expect(play.reducer.holdings.members == 0)
    }

    @Test func theTraceTellsInOrderWhatWasSeenAndDecided() {
        let play = self.play([self.caller, self.joined, Make.offer("agent-offering", 6_000_000)])
        let trace = play.changes.compactMap { if case .trace("caller", let entry) = $0 { "\(entry.kind.rawValue) \(entry.what)" } else { nil } }
        #expect(trace == ["seen CHANNEL_CREATE", "seen member-queue-start", "seen agent-offering", "decided pop.offered"])
    }

    @Test func theCallIsRememberedAsAWhole() throws {
        let play = self.play(
            [
                self.caller, self.joined, Make.offer("agent-offering", 6_000_000), self.leg("leg", 6_000_001),
                Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
            ] + self.hangup("caller", 20_000_000, "NORMAL_CLEARING", "recv_bye") + [
                Make.channel("DESTROY", 20_000_100, "caller", "inbound", "sofia/external/0211")
            ])
        let call = try #require(play.changes.reversed().compactMap { if case .call(let call) = $0 { call } else { nil } }.first)
        #expect(call.uuid == "caller")
        #expect(call.kind == .queue)
        #expect(call.agent == "1001@default")
        #expect(call.queue == "support@default")
        #expect(call.dialed == "7000")
        #expect(call.startedAt.microseconds == 2_000_000)
        #expect(call.answeredAt?.microseconds == 8_000_000)
        #expect(call.endedAt?.microseconds == 20_000_000)
        #expect(call.endReason == .completedCaller)
        #expect(call.endedBy == .caller)
        #expect(call.pops == play.pops.map(\.id))
    }
}
