import CallCenter
import EventSocket
import RecordingsSupport
import ScreenPop
import Testing

@Suite struct Agents {
    @Test(arguments: [AgentStatus.available, .availableOnDemand, .onBreak, .loggedOut, .other("available")])
    func normalizedWithoutACall(status: AgentStatus) {
        // Columns: Waiting, Idle, Receiving, Reserved, In a queue call, something unknown.
        let states: [AgentState] = [.waiting, .idle, .receiving, .reserved, .inAQueueCall, .other("x")]
        let expected: [NormalizedState] =
            switch status {
            case .available, .availableOnDemand: [.ready, .notReady, .reserved, .reserved, .talking, .notReady]
            case .onBreak, .other: [.notReady, .notReady, .reserved, .reserved, .talking, .notReady]
            case .loggedOut: [.loggedOut, .loggedOut, .loggedOut, .loggedOut, .talking, .loggedOut]
            }
        for (state, expected) in zip(states, expected) {
            let found = NormalizedState(
                status: status, state: state, isTalking: false, isOnHold: false, isOffered: false, isWrappingUp: false)
            #expect(found == expected, "\(status.text), \(state.text)")
        }
    }

    @Test(arguments: [AgentStatus.available, .onBreak, .loggedOut, .other("x")], [AgentState.waiting, .idle, .inAQueueCall, .receiving])
    func aCallBeatsStatusAndState(status: AgentStatus, state: AgentState) {
        func normalized(talking: Bool, hold: Bool, offered: Bool) -> NormalizedState {
            NormalizedState(status: status, state: state, isTalking: talking, isOnHold: hold, isOffered: offered, isWrappingUp: true)
        }
        #expect(normalized(talking: true, hold: false, offered: true) == .talking)
        #expect(normalized(talking: true, hold: true, offered: true) == .hold)
        #expect(normalized(talking: false, hold: false, offered: true) == (state == .inAQueueCall ? .talking : .reserved))
    }

    @Test func wrapUpCountsWhileAvailableOnly() {
        func normalized(_ status: AgentStatus, _ state: AgentState) -> NormalizedState {
            NormalizedState(status: status, state: state, isTalking: false, isOnHold: false, isOffered: false, isWrappingUp: true)
        }
        #expect(normalized(.available, .waiting) == .wrapUp)
        #expect(normalized(.availableOnDemand, .idle) == .wrapUp)
        #expect(normalized(.onBreak, .waiting) == .notReady)
        #expect(normalized(.loggedOut, .waiting) == .loggedOut)
    }

    /// Of one who rejected, was busy or did not answer; mod_callcenter offers him nothing for so many seconds, and tells nobody.
    @Test(arguments: [("CALL_REJECTED", 10), ("USER_BUSY", 20), ("NO_ANSWER", 30), ("USER_NOT_REGISTERED", 5), ("LOSE_RACE", 0)])
    func afterAnOfferThatFailedNothingIsOfferedForAWhile(cause: String, delay: Int) {
        var row = AgentRow()
        (row.name, row.status, row.state) = ("1001@default", .available, .waiting)
        (row.rejectDelayTime, row.busyDelayTime, row.noAnswerDelayTime) = (10, 20, 30)
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: 1_000_000))
        snapshot.agents = [row]
        snapshot.tiers = [TierRow(queue: "support@default", agent: "1001@default", level: 1, position: 1)]
        snapshot.queues = [QueueRow(name: "support@default")]
        var play = Play([])
        play.load(snapshot)
        func state(_ name: String, _ at: Int64) -> Event {
            Make.callCenter("agent-state-change", at, [("Agent", "1001@default"), ("Agent-State", name)])
        }
        let events = [
            Make.offer("member-queue-start", 5_000_000), state("Receiving", 5_900_000), Make.offer("agent-offering", 6_000_000),
            Make.offer("bridge-agent-fail", 9_400_000, [("Hangup-Cause", cause), ("Agent-Called-Time", "6")]), state("Waiting", 9_400_001),
        ]
        for event in events { play.apply(event) }
        guard delay > 0 else {
            #expect(play.reducer.record(of: "1001@default")?.normalized == .ready)
            #expect(play.reducer.record(of: "1001@default")?.readyTime == nil)
            return
        }
        let readyTime = Timestamp(microseconds: Int64(9 + delay) * 1_000_000)
        #expect(play.reducer.record(of: "1001@default")?.readyTime == readyTime)
        #expect(play.reducer.record(of: "1001@default")?.normalized == .notReady)
        #expect(play.queue("support@default")?.agentsReady == 0)
        #expect(play.reducer.nextWrapUpEnd == readyTime)
        play.reducer.endWrapUps(at: readyTime, to: &play.changes)
        #expect(play.reducer.record(of: "1001@default")?.normalized == .ready)
        #expect(play.queue("support@default")?.agentsReady == 1)
    }

    private func talk(then events: [Event]) -> Play {
        var row = AgentRow()
        row.name = "1001@default"
        row.status = .available
        row.state = .waiting
        row.wrapUpTime = 5
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: 1_000_000))
        snapshot.agents = [row]
        snapshot.queues = [QueueRow(name: "support@default", strategy: "longest-idle-agent", callsAnswered: 7, callsAbandoned: 3)]
        snapshot.tiers = [TierRow(queue: "support@default", agent: "1001@default", level: 2, position: 3)]
        var play = Play([])
        play.load(snapshot)
        for event in [
            Make.offer("member-queue-start", 5_000_000), Make.offer("agent-offering", 6_000_000),
            Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
            Make.offer("bridge-agent-end", 20_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
        ] + events {
            play.apply(event)
        }
        return play
    }

    @Test func wrapUpEndsByTheClockOfTheSwitch() {
        var play = self.talk(then: [])
        #expect(play.agent("1001@default")?.normalized == .wrapUp)
        #expect(play.agent("1001@default")?.wrapUpUntil?.microseconds == 25_000_000)
        play.apply(Make.heartbeat(24_999_999))
        #expect(play.agent("1001@default")?.normalized == .wrapUp)
        play.apply(Make.heartbeat(25_000_000))
        #expect(play.agent("1001@default")?.normalized == .ready)
        #expect(play.agent("1001@default")?.wrapUpUntil == nil)
    }

    @Test(arguments: ["On Break", "Logged Out"]) func wrapUpOutlivesAStatus(status: String) {
        // mod_callcenter looks at last_bridge_end, whatever the status was meanwhile.
        func change(_ status: String, _ at: Int64) -> Event {
            Make.callCenter("agent-status-change", at, [("Agent", "1001@default"), ("Agent-Status", status)])
        }
        var play = self.talk(then: [change(status, 21_000_000)])
        #expect(play.agent("1001@default")?.normalized == (status == "On Break" ? .notReady : .loggedOut))
        play.apply(change("Available", 22_000_000))
        #expect(play.agent("1001@default")?.normalized == .wrapUp)
        #expect(play.queue("support@default")?.agentsReady == 0)
        play.apply(Make.heartbeat(25_000_000))
        #expect(play.agent("1001@default")?.normalized == .ready)
    }

    @Test func whoWentOnBreakWhileTalkingWrapsUpAsWell() {
        func change(_ status: String, _ at: Int64) -> Event {
            Make.callCenter("agent-status-change", at, [("Agent", "1001@default"), ("Agent-Status", status)])
        }
        var play = self.talk(then: [])
        for event in [
            Make.offer("agent-offering", 40_000_000),
            Make.offer("bridge-agent-start", 41_000_000, [("Agent-UUID", "b"), ("Agent-Called-Time", "40")]),
            change("On Break", 42_000_000), Make.offer("bridge-agent-end", 50_000_000, [("Agent-UUID", "b"), ("Agent-Called-Time", "40")]),
            change("Available", 51_000_000),
        ] {
            play.apply(event)
        }
        #expect(play.agent("1001@default")?.normalized == .wrapUp)
        #expect(play.agent("1001@default")?.wrapUpUntil?.microseconds == 55_000_000)
    }

    private func listed(lastBridgeEnd: Int64, wrapUpTime: Int) -> AgentRow {
        var row = AgentRow()
        row.name = "1001@default"
        row.status = .available
        row.state = .waiting
        row.wrapUpTime = wrapUpTime
        row.lastBridgeEnd = lastBridgeEnd
        return row
    }

    @Test(arguments: [(95, 10, 105), (95, 5, nil), (80, 10, nil), (0, 10, nil), (95, 0, nil)] as [(Int64, Int, Int64?)])
    func aSnapshotTellsOfWrapUp(lastBridgeEnd: Int64, wrapUpTime: Int, until: Int64?) {
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: 100_000_000))
        snapshot.agents = [self.listed(lastBridgeEnd: lastBridgeEnd, wrapUpTime: wrapUpTime)]
        var play = Play([])
        play.load(snapshot)
        #expect(play.agent("1001@default")?.normalized == (until == nil ? .ready : .wrapUp))
        #expect(play.agent("1001@default")?.wrapUpUntil == until.flatMap { Timestamp(seconds: $0) })
        guard let until else { return }
        play.apply(Make.heartbeat(until * 1_000_000))
        #expect(play.agent("1001@default")?.normalized == .ready)
    }

    @Test func anotherWrapUpTimeCountsAtOnce() {
        var play = self.talk(then: [])
        play.reducer.apply(.agentSettings(self.listed(lastBridgeEnd: 20, wrapUpTime: 60)), to: &play.changes)
        #expect(play.agent("1001@default")?.wrapUpUntil?.microseconds == 80_000_000)
        play.reducer.apply(.agentSettings(self.listed(lastBridgeEnd: 20, wrapUpTime: 0)), to: &play.changes)
        #expect(play.agent("1001@default")?.normalized == .ready)
    }

    @Test func aCommandOfOursMovesNoTime() {
        // Our own clock may be far ahead: the wrap-up ends by the switch's.
        var play = self.talk(then: [])
        play.reducer.apply(.tierSet(TierRow(queue: "sales@default", agent: "1001@default")), to: &play.changes)
        #expect(play.agent("1001@default")?.normalized == .wrapUp)
        play.apply(Make.heartbeat(24_000_000))
        #expect(play.agent("1001@default")?.normalized == .wrapUp)
    }

    @Test func aChangeToAvailableBeginsToCountAnew() {
        func change(_ status: String, _ at: Int64) -> Event {
            Make.callCenter("agent-status-change", at, [("Agent", "1001@default"), ("Agent-Status", status)])
        }
        var play = self.talk(then: [])
        for event in [
            Make.offer("agent-offering", 30_000_000),
            Make.offer("bridge-agent-fail", 40_000_000, [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "30")]),
        ] {
            play.apply(event)
        }
        func counts() -> [Int]? { play.agent("1001@default").map { [$0.callsAnswered, $0.talkTime, $0.noAnswerCount] } }
        #expect(counts() == [1, 12, 1])
        play.apply(change("Available", 41_000_000))
        #expect(counts() == [1, 12, 1])
        for (step, status) in ["On Break", "Available (On Demand)", "Logged Out"].enumerated() {
            play.apply(change(status, 42_000_000 + Int64(step)))
            #expect(counts() == [1, 12, 1])
        }
        play.apply(change("Available", 43_000_000))
        #expect(counts() == [0, 0, 0])
    }

    @Test(arguments: [
        ("NO_ANSWER", 1), ("ALLOTTED_TIMEOUT", 1), ("NO_USER_RESPONSE", 1), ("SUBSCRIBER_ABSENT", 1), ("DESTINATION_OUT_OF_ORDER", 1),
        ("NORMAL_CLEARING", 1), ("USER_BUSY", 0), ("NORMAL_CIRCUIT_CONGESTION", 0), ("CALL_REJECTED", 0), ("ORIGINATOR_CANCEL", 0),
        ("LOSE_RACE", 0), ("USER_NOT_REGISTERED", 0),
    ]) func whatCountsAsNotAnswered(cause: String, count: Int) {
        var play = self.talk(then: [])
        play.apply(Make.offer("agent-offering", 30_000_000))
        play.apply(Make.offer("bridge-agent-fail", 40_000_000, [("Hangup-Cause", cause), ("Agent-Called-Time", "30")]))
        #expect(play.agent("1001@default")?.noAnswerCount == count)
    }

    @Test func queueCountsFollowTheCall() {
        let play = self.talk(then: [])
        let counts = play.changes.compactMap { change -> String? in
            guard case .queue(let queue) = change else { return nil }
            return "waiting \(queue.waiting) ready \(queue.agentsReady) talking \(queue.agentsTalking) answered \(queue.answered)"
        }
        #expect(
            counts == [
                "waiting 0 ready 1 talking 0 answered 7", "waiting 1 ready 1 talking 0 answered 7", "waiting 1 ready 0 talking 0 answered 7",
                "waiting 0 ready 0 talking 1 answered 8", "waiting 0 ready 0 talking 0 answered 8",
            ])
        #expect(play.agent("1001@default")?.tiers.first?.state == "Ready")
        #expect(play.agent("1001@default")?.callsAnswered == 1)
    }

    @Test func theCurrentPopIsTheAnsweredOneThenTheNewest() {
        func pop(_ id: String, offered: Int64, answered: Int64?) -> Pop {
            var pop = Pop(id: id, kind: .queue, agent: "1001@default", node: "fs1", offeredAt: Timestamp(microseconds: offered))
            pop.answeredAt = answered.map { Timestamp(microseconds: $0) }
            pop.state = answered == nil ? .offered : .answered
            return pop
        }
        var play = Play([])
        play.reducer.restore([pop("p-1", offered: 1, answered: nil), pop("p-2", offered: 2, answered: 3), pop("p-3", offered: 4, answered: nil)])
        play.apply(Make.callCenter("agent-status-change", 10, [("Agent", "1001@default"), ("Agent-Status", "Available")]))
        #expect(play.agent("1001@default")?.pops == ["p-2", "p-3", "p-1"])
        #expect(play.changes.contains { if case .currentPop("1001@default", let pop) = $0 { pop?.id == "p-2" } else { false } })
    }

    @Test func aReasonComesWithItsStatusAndGoesWithTheNext() {
        var play = Play(Make.agent("1001@default", contact: "user/1001", 1_000_000))
        func status(_ text: String, _ at: Int64) -> Event {
            Make.callCenter("agent-status-change", at, [("Agent", "1001@default"), ("Agent-Status", text)])
        }
        play.reducer.setReason("lunch", by: "Ann", agent: "1001@default", status: .onBreak)
        play.apply(status("On Break", 2_000_000))
        #expect(play.agent("1001@default")?.reason == "lunch")
        play.reducer.setReason("training", by: "Ann", agent: "1001@default", status: .onBreak)
        play.apply(status("On Break", 3_000_000))
        #expect(play.agent("1001@default")?.reason == "training")
        play.apply(status("Available", 4_000_000))
        #expect(play.agent("1001@default")?.reason == nil)
        // Somebody else's change comes first: the reason was for another status.
        play.reducer.setReason("lunch", by: "Ann", agent: "1001@default", status: .onBreak)
        play.apply(status("Logged Out", 5_000_000))
        #expect(play.agent("1001@default")?.reason == nil)
    }

    /// FreeSWITCH answers a command before it tells of it, and the next one may be under way by then.
    @Test func twoChangesInARowAreBothOurs() {
        var play = Play(Make.agent("1001@default", contact: "user/1001", 1_000_000))
        func status(_ text: String, _ at: Int64) -> Event {
            Make.callCenter("agent-status-change", at, [("Agent", "1001@default"), ("Agent-Status", text)])
        }
        play.reducer.setReason(nil, by: "Ann", agent: "1001@default", status: .available)
        play.reducer.setReason("lunch", by: "Ann", agent: "1001@default", status: .onBreak)
        play.apply(status("Available", 2_000_000))
        #expect(play.agent("1001@default")?.reasonSource == .screenpop)
        play.apply(status("On Break", 3_000_000))
        #expect(play.agent("1001@default")?.reason == "lunch")
        #expect(play.agent("1001@default")?.reasonBy == "Ann")
        play.apply(status("On Break", 4_000_000))
        #expect(play.agent("1001@default")?.reasonSource == .external)
    }

    @Test func anOlderStatusThatComesLateIsNotShown() {
        var play = Play(Make.agent("1001@default", contact: "user/1001", 1_000_000))
        play.apply(Make.callCenter("agent-status-change", 3_000_000, [("Agent", "1001@default"), ("Agent-Status", "On Break")]))
        play.apply(Make.callCenter("agent-status-change", 2_000_000, [("Agent", "1001@default"), ("Agent-Status", "Logged Out")]))
        #expect(play.agent("1001@default")?.status == .onBreak)
        #expect(play.agent("1001@default")?.statusChangedAt?.microseconds == 3_000_000)
    }

    @Test func aStatusThatMatchesNothingIsKeptAsItWasWritten() {
        var play = Play(Make.agent("1001@default", contact: "user/1001", 1_000_000))
        play.apply(Make.callCenter("agent-status-change", 2_000_000, [("Agent", "1001@default"), ("Agent-Status", "available")]))
        #expect(play.agent("1001@default")?.status == .other("available"))
        #expect(play.agent("1001@default")?.normalized == .notReady)
    }

    @Test func localChangesAreToldAsConfiguration() {
        var play = Play(Make.agent("1001@default", contact: "user/1001", 1_000_000))
        play.changes = []
        play.reducer.apply(.tierSet(TierRow(queue: "support@default", agent: "1001@default", level: 2, position: 1)), to: &play.changes)
        #expect(play.agent("1001@default")?.tiers == [AgentRecord.Tier(queue: "support@default", level: 2, position: 1, state: "Ready")])
        #expect(play.queue("support@default")?.agentsReady == 1)
        play.reducer.apply(.tierSet(TierRow(queue: "support@default", agent: "1001@default", level: 3, position: 1)), to: &play.changes)
        play.reducer.apply(.tierRemoved(queue: "support@default", agent: "1001@default"), to: &play.changes)
        #expect(play.queue("support@default")?.agentsReady == 0)
        play.reducer.apply(.agentRemoved("1001@default"), to: &play.changes)
        let told = play.changes.compactMap { if case .configuration(let told) = $0 { told.what.rawValue } else { nil } }
        #expect(told == ["tier-added", "tier-changed", "tier-removed", "agent-removed"])
        #expect(play.changes.contains(.agentRemoved("1001@default")))
    }

    @Test func anAgentDeletedWhileTalkingLeavesTheCallToItsEnd() throws {
        let events = try Recording("agent_deleted_while_talking").events
        let talking = try #require(events.firstIndex { $0.value("CC-Agent-State") == "In a queue call" })
        var play = Play(Array(events[...talking]))
        play.reducer.apply(.agentRemoved("1001@default"), to: &play.changes)
        for event in events[(talking + 1)...] { play.apply(event) }
        #expect(play.ends == ["1001@default completed-caller caller"])
        #expect(play.reducer.holdings.agents == 0)
        #expect(play.reducer.holdings.calls == 0)
    }
}
