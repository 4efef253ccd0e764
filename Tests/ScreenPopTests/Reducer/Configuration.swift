import CallCenter
import ScreenPop
import Testing

@testable import ScreenPop

/// Who changed what: our own commands, somebody past us, and what happens while lists are being read.
@Suite struct ConfigurationChanges {
    private static let queue = QueueRow(
        name: "support@default", strategy: "ring-all",
        parameters: ["name": "support@default", "strategy": "ring-all", "max_wait_time": "20", "calls_answered": "3"])

    private static func agent(_ name: String, contact: String = "user/1001", wrapUp: Int = 10) -> AgentRow {
        var row = AgentRow()
        row.name = name
        row.contact = contact
        row.wrapUpTime = wrapUp
        return row
    }

    /// Two agents, the first with a tier.
    private static func loaded() -> Play {
        var play = Play([])
        play.reducer.load(
            SwitchSnapshot(
                coreUUID: Make.core, takenAt: Timestamp(microseconds: 1_000_000), agents: [self.agent("1001@default"), self.agent("1002@default")],
                tiers: [TierRow(queue: "support@default", agent: "1001@default")], queues: [self.queue]), to: &play.changes)
        play.changes = []
        return play
    }

    private static var lists: SwitchLists {
        SwitchLists(
            agents: [self.agent("1001@default"), self.agent("1002@default")], tiers: [TierRow(queue: "support@default", agent: "1001@default")],
            queues: [self.queue])
    }

    /// `agent-changed 1001@default admin`
    private static func told(_ play: Play) -> [String] {
        play.changes.compactMap { change in
            guard case .configuration(let told) = change else { return nil }
            let origin =
                switch told.origin {
                case .external: "external"
                case .screenpop(let by): by ?? "screenpop"
                }
            return [told.what.rawValue, told.agent, told.queue, origin].compactMap { $0 }.joined(separator: " ")
        }
    }

    private static func reconcile(_ play: inout Play, _ lists: SwitchLists, _ meanwhile: (inout Play) -> Void = { _ in }) {
        let reading = play.reducer.beginReading()
        meanwhile(&play)
        play.reducer.endReading(reading, lists, .external, to: &play.changes)
    }

    /// Somebody deletes an agent and adds it again while it talks.
    @Test func whoIsAddedAgainKeepsTheCall() {
        var play = Self.loaded()
        for event in [
            Make.offer("member-queue-start", 5_000_000), Make.offer("agent-offering", 6_000_000),
            Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
        ] {
            play.apply(event)
        }
        let pop = play.pops.last?.id
        play.reducer.apply(.agentRemoved("1001@default"), to: &play.changes)
        Make.agent("1001@default", contact: "user/1001", 9_000_000).prefix(3).forEach { play.apply($0) }
        #expect(play.agent("1001@default")?.pops == [pop].compactMap { $0 })
        #expect(play.agent("1001@default")?.normalized == .talking)
        #expect(play.reducer.callInHand(agent: "1001@default")?.pop.id == pop)
        let current = play.changes.compactMap { change -> [String?]? in
            if case .currentPop(agent: "1001@default", let pop) = change { [pop?.id] } else { nil }
        }
        #expect(Array(current.suffix(2)) == [[nil], [pop]])
        play.apply(Make.offer("bridge-agent-end", 20_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]))
        #expect(play.pops.map(\.state) == [.ended])
        #expect(play.agent("1001@default")?.pops == [])
    }

    @Test func listsThatSayNothingNewChangeNothing() {
        var play = Self.loaded()
        Self.reconcile(&play, Self.lists)
        #expect(play.changes.isEmpty)
    }

    @Test func whatSomebodyChangedPastUsIsToldAsHis() {
        var play = Self.loaded()
        var lists = Self.lists
        lists.agents[0].wrapUpTime = 30
        lists.agents[1].name = "1003@default"
        lists.tiers = [
            TierRow(queue: "support@default", agent: "1001@default", level: 2), TierRow(queue: "support@default", agent: "1003@default"),
        ]
        lists.queues[0].parameters["max_wait_time"] = "60"
        lists.queues.append(QueueRow(name: "sales@default", strategy: "top-down", parameters: ["strategy": "top-down"]))
        Self.reconcile(&play, lists)
        #expect(
            Self.told(play) == [
                "queue-changed support@default external", "queue-added sales@default external", "agent-changed 1001@default external",
                "agent-added 1003@default external", "tier-changed 1001@default support@default external", "agent-removed 1002@default external",
                "tier-added 1003@default support@default external",
            ])
        #expect(play.agent("1001@default")?.wrapUpTime == 30)
        #expect(play.queue("support@default")?.parameters.contains(QueueParameter(name: "maxWaitTime", value: .number(60))) == true)
        play.changes = []
        Self.reconcile(&play, lists)
        #expect(play.changes.isEmpty)
    }

    @Test func whatIsDoneWhileTheListsAreReadIsNotUndone() {
        var play = Self.loaded()
        Self.reconcile(&play, Self.lists) { play in
            // Ours.
            play.reducer.apply(.agentSettings(Self.agent("1001@default", wrapUp: 99)), .screenpop(by: "admin"), to: &play.changes)
            play.reducer.apply(.agentRemoved("1002@default"), .screenpop(by: "admin"), to: &play.changes)
            play.reducer.apply(.tierRemoved(queue: "support@default", agent: "1001@default"), .screenpop(by: "admin"), to: &play.changes)
            // The switch's own.
            play.apply(Make.callCenter("agent-add", 2_000_000, [("Agent", "1009@default"), ("Agent-Type", "Callback")]))
        }
        #expect(
            Self.told(play) == [
                "agent-changed 1001@default admin", "agent-removed 1002@default admin", "tier-removed 1001@default support@default admin",
                "agent-added 1009@default external",
            ])
        #expect(play.agent("1001@default")?.wrapUpTime == 99)
        #expect(play.agent("1001@default")?.tiers.isEmpty == true)
        #expect(play.reducer.agents["1002@default"] == nil)
        #expect(play.reducer.agents["1009@default"] != nil)
    }

    @Test func aContactThatAnEventToldIsNewerThanTheList() {
        var play = Self.loaded()
        var lists = Self.lists
        lists.agents[0].wrapUpTime = 30
        Self.reconcile(&play, lists) { play in
            play.apply(
                Make.callCenter("agent-contact-change", 2_000_000, [("Agent", "1001@default"), ("Agent-Contact", "user/2222")]))
        }
        #expect(play.agent("1001@default")?.contact == "user/2222")
        #expect(play.agent("1001@default")?.wrapUpTime == 30)
    }

    @Test func statusAndStateBelongToEvents() {
        var play = Self.loaded()
        play.apply(Make.callCenter("agent-status-change", 2_000_000, [("Agent", "1001@default"), ("Agent-Status", "On Break")]))
        play.changes = []
        var lists = Self.lists
        lists.agents[0].status = .available
        lists.agents[0].state = .inAQueueCall
        Self.reconcile(&play, lists)
        #expect(play.changes.isEmpty)
        #expect(play.reducer.agents["1001@default"]?.record.status == .onBreak)
    }

    @Test func aSnapshotMakesListsOfBeforeWorthless() {
        var play = Self.loaded()
        var lists = Self.lists
        lists.agents.removeAll()
        Self.reconcile(&play, lists) { play in
            play.reducer.load(
                SwitchSnapshot(
                    coreUUID: Make.core, takenAt: Timestamp(microseconds: 3_000_000), agents: Self.lists.agents, tiers: Self.lists.tiers,
                    queues: Self.lists.queues), to: &play.changes)
        }
        #expect(play.reducer.agents.count == 2)
        #expect(Self.told(play).isEmpty)
    }

    @Test func aSnapshotTellsWhatChangedPastUsToo() {
        var play = Self.loaded()
        var agents = Self.lists.agents
        agents[0].wrapUpTime = 77
        play.reducer.load(
            SwitchSnapshot(
                coreUUID: Make.core, takenAt: Timestamp(microseconds: 3_000_000), agents: agents, tiers: [], queues: Self.lists.queues),
            to: &play.changes)
        #expect(Self.told(play) == ["agent-changed 1001@default external", "tier-removed 1001@default support@default external"])
    }

    @Test func theEventsOfOurOwnCommandsAreToldOnceAsOurs() {
        var play = Self.loaded()
        play.reducer.claim(agent: "2001@default", by: "admin")
        play.apply(Make.callCenter("agent-add", 2_000_000, [("Agent", "2001@default"), ("Agent-Type", "Callback")]))
        play.apply(Make.callCenter("agent-contact-change", 2_000_001, [("Agent", "2001@default"), ("Agent-Contact", "user/1")]))
        // Somebody looks in between.
        var lists = Self.lists
        lists.agents.append(Self.agent("2001@default", contact: "user/1", wrapUp: 0))
        Self.reconcile(&play, lists)
        #expect(Self.told(play).isEmpty)
        play.reducer.apply(.agentSettings(Self.agent("2001@default", contact: "user/1", wrapUp: 5)), .screenpop(by: "admin"), to: &play.changes)
        play.reducer.release(agent: "2001@default", to: &play.changes)
        #expect(Self.told(play) == ["agent-added 2001@default admin"])
        play.apply(Make.callCenter("agent-contact-change", 3_000_000, [("Agent", "2001@default"), ("Agent-Contact", "user/2")]))
        #expect(Self.told(play).last == "agent-changed 2001@default external")
    }

    @Test func whatACommandReadDoesNotUndoAStatusThatWasToldMeanwhile() {
        var play = Self.loaded()
        var row = Self.agent("1001@default", wrapUp: 5)
        row.status = .available
        play.apply(Make.callCenter("agent-status-change", 2_000_000, [("Agent", "1001@default"), ("Agent-Status", "On Break")]))
        play.apply(Make.callCenter("agent-state-change", 2_000_001, [("Agent", "1001@default"), ("Agent-State", "Receiving")]))
        play.reducer.apply(.agentSettings(row), .screenpop(by: "admin"), to: &play.changes)
        #expect(play.agent("1001@default")?.status == .onBreak)
        #expect(play.agent("1001@default")?.state == .receiving)
        #expect(play.agent("1001@default")?.wrapUpTime == 5)
    }

    @Test func aCommandThatFailedHalfWayIsToldWithWhatItDid() {
        var play = Self.loaded()
        play.reducer.claim(agent: "1001@default", by: "admin")
        play.apply(Make.callCenter("agent-contact-change", 2_000_000, [("Agent", "1001@default"), ("Agent-Contact", "user/2")]))
        play.reducer.release(agent: "1001@default", to: &play.changes)
        #expect(Self.told(play) == ["agent-changed 1001@default admin"])
    }

    @Test func theStateOfATierIsShownAndNotAnnounced() {
        var play = Self.loaded()
        var lists = Self.lists
        lists.tiers[0].state = "Standby"
        Self.reconcile(&play, lists)
        #expect(play.agent("1001@default")?.tiers.first?.state == "Standby")
        #expect(Self.told(play).isEmpty)
    }
}
