import CallCenter
import EventSocket
import ScreenPop
import Testing

/// What is kept until an offer or a call is over.
@Suite struct Desk {
    static let agent = "1001@default"

    static func state(_ text: String, _ at: Int64) -> Event {
        Make.callCenter("agent-state-change", at, [("Agent", Self.agent), ("Agent-State", text)])
    }

    static func status(_ text: String, _ at: Int64) -> Event {
        Make.callCenter("agent-status-change", at, [("Agent", Self.agent), ("Agent-Status", text)])
    }

    static func row(_ change: (inout AgentRow) -> Void = { _ in }) -> AgentRow {
        var row = AgentRow()
        row.name = Self.agent
        row.status = .available
        row.state = .waiting
        row.lastStatusChange = 1
        change(&row)
        return row
    }

    static func snapshot(at seconds: Int64 = 1, _ row: AgentRow = Desk.row()) -> SwitchSnapshot {
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: seconds * 1_000_000))
        snapshot.agents = [row]
        snapshot.queues = [QueueRow(name: "support@default")]
        snapshot.tiers = [TierRow(queue: "support@default", agent: Self.agent), TierRow(queue: "sales@default", agent: Self.agent)]
        return snapshot
    }

    /// An agent whose phone rings for a queue's call.
    static func ringing() -> Play {
        var play = Play([])
        play.load(Self.snapshot())
        for event in [Make.offer("member-queue-start", 5_000_000), Self.state("Receiving", 5_900_000), Make.offer("agent-offering", 6_000_000)] {
            play.apply(event)
        }
        return play
    }

    static let onBreak = PendingChange(status: .onBreak, reason: "lunch", by: "Ann", since: Timestamp(microseconds: 6_500_000))
    static let leaving = PendingChange(leave: ["support@default"], by: "Bob", since: Timestamp(microseconds: 6_600_000))

    /// What was said of it, oldest first: `-` where nothing is kept.
    static func told(_ play: Play) -> [String] {
        play.changes.compactMap { change in
            guard case .pending(_, let pending, let failure) = change else { return nil }
            let what = pending.map { ([$0.status?.text].compactMap { $0 } + $0.leave).joined(separator: "+") } ?? "-"
            return failure.map { "\(what) \($0.code)" } ?? what
        }
    }

    @Test func aStatusWaitsForTheEndOfTheOffer() {
        var play = Self.ringing()
        let kept = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        #expect(kept?.pending == Self.onBreak)
        #expect(play.agent(Self.agent)?.pending == Self.onBreak)
        #expect(play.reducer.takeDue() == [])
        // The agent's state is still Receiving: mod_callcenter sets it a moment later, and may then offer again.
        play.apply(Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "CALL_REJECTED"), ("Agent-Called-Time", "6")]))
        let action = DeskAction.setStatus(agent: Self.agent, Self.onBreak)
        #expect(play.reducer.takeDue() == [action])
        // Once.
        play.apply(Self.state("Waiting", 9_010_000))
        #expect(play.reducer.takeDue() == [])
        #expect(play.reducer.begin(action, to: &play.changes))
        play.reducer.finish(action, nil, to: &play.changes)
        #expect(play.agent(Self.agent)?.pending == nil)
        #expect(Self.told(play) == ["On Break", "-"])
    }

    @Test func anAnsweredOfferIsOverOnceTheAgentIsInTheCall() {
        // Before that mod_callcenter does not count the member as answered, and a change of status would take the call back.
        var play = Self.ringing()
        _ = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        play.apply(Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]))
        #expect(play.reducer.takeDue() == [])
        play.apply(Self.state("In a queue call", 8_040_000))
        #expect(play.reducer.takeDue() == [.setStatus(agent: Self.agent, Self.onBreak)])
    }

    @Test func whatIsToComeOutAsWaitingWaitsForTheState() {
        var play = Self.ringing()
        let ready = PendingChange(status: .available, state: .waiting, by: "Ann", since: Timestamp(microseconds: 1))
        _ = play.reducer.hold(ready, agent: Self.agent, isForced: false, to: &play.changes)
        play.apply(Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "CALL_REJECTED"), ("Agent-Called-Time", "6")]))
        #expect(play.reducer.takeDue() == [])
        play.apply(Self.state("Idle", 9_010_000))
        #expect(play.reducer.takeDue() == [.setStatus(agent: Self.agent, ready)])
    }

    @Test func nothingIsKeptWithoutAnOffer() {
        var play = Play([])
        play.load(Self.snapshot())
        #expect(play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes) == nil)
        #expect(play.reducer.hold(Self.leaving, agent: Self.agent, isForced: false, to: &play.changes) == nil)
        #expect(play.reducer.hold(Self.onBreak, agent: "nobody", isForced: false, to: &play.changes) == nil)
        #expect(Self.told(play) == [])
        // A direct call is nothing to mod_callcenter.
        play.apply(Self.state("Receiving", 2_000_000))
        #expect(play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes) != nil)
    }

    @Test func aNewerOneTakesThePlaceOfItsKind() {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        _ = play.reducer.hold(Self.leaving, agent: Self.agent, isForced: false, to: &play.changes)
        let out = PendingChange(status: .loggedOut, by: "Ann", since: Timestamp(microseconds: 6_700_000))
        let kept = play.reducer.hold(out, agent: Self.agent, isForced: false, to: &play.changes)?.pending
        #expect(kept?.status == .loggedOut)
        #expect(kept?.reason == nil)
        #expect(kept?.leave == ["support@default"])
        // By force: the status that was kept is void, the queues are not.
        #expect(play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: true, to: &play.changes) == nil)
        #expect(play.agent(Self.agent)?.pending?.status == nil)
        #expect(play.agent(Self.agent)?.pending?.leave == ["support@default"])
        play.reducer.cancelPending(agent: Self.agent, to: &play.changes)
        #expect(Self.told(play) == ["On Break", "On Break+support@default", "Logged Out+support@default", "support@default", "-"])
        play.apply(Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "CALL_REJECTED"), ("Agent-Called-Time", "6")]))
        #expect(play.reducer.takeDue() == [])
    }

    @Test func queuesAreLeftWhenTheTalkIsOver() {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.leaving, agent: Self.agent, isForced: false, to: &play.changes)
        for event in [
            Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
            Self.state("In a queue call", 8_040_000),
        ] {
            play.apply(event)
        }
        #expect(play.reducer.takeDue() == [])
        play.apply(Make.offer("bridge-agent-end", 20_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]))
        let action = DeskAction.leave(agent: Self.agent, Self.leaving)
        #expect(play.reducer.takeDue() == [action])
        play.reducer.finish(action, PendingFailure(code: "refused", message: "no"), to: &play.changes)
        #expect(Self.told(play) == ["support@default", "- refused"])
    }

    @Test func aQueueThatOffersAgainMeanwhileIsWaitedForAsWell() {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        let fail = [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "6")]
        play.apply(Make.offer("bridge-agent-fail", 9_000_000, fail))
        let action = play.reducer.takeDue()[0]
        play.apply(Self.state("Waiting", 9_010_000))
        play.apply(Self.state("Receiving", 9_100_000))
        play.apply(Make.offer("agent-offering", 9_110_000))
        #expect(!play.reducer.begin(action, to: &play.changes))
        #expect(play.reducer.takeDue() == [])
        play.apply(Make.offer("bridge-agent-fail", 12_000_000, [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "9")]))
        #expect(play.reducer.takeDue() == [action])
    }

    @Test func aNodeThatWasAwayIsToldAgain() {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        play.apply(Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", "6")]))
        let action = play.reducer.takeDue()[0]
        play.reducer.postpone(action)
        play.load(Self.snapshot(at: 30))
        #expect(play.reducer.takeDue() == [action])
        #expect(Self.told(play) == ["On Break"])
    }

    // MARK: offers that there are not

    private static func receiving(offeredAt seconds: Int64) -> AgentRow {
        Self.row {
            $0.state = .receiving
            $0.lastOfferedCall = seconds
        }
    }

    /// In Receiving, and no offer was told.
    private static func stuck() -> Play {
        var play = Play([])
        play.load(Self.snapshot())
        play.apply(Self.state("Receiving", 5_900_000))
        _ = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        return play
    }

    @Test func anOfferThatASnapshotDeniesIsNotWaitedFor() {
        var play = Self.stuck()
        #expect(play.reducer.takeDue() == [])
        var snapshot = Self.snapshot(at: 30, Self.receiving(offeredAt: 5))
        snapshot.channels = []
        play.load(snapshot)
        #expect(play.reducer.takeDue() == [.setStatus(agent: Self.agent, Self.onBreak)])
        #expect(!play.reducer.wantsSnapshot)
        // What comes later is waited for again.
        play.apply(Self.state("Receiving", 31_000_000))
        #expect(play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes) != nil)
    }

    @Test func aSnapshotThatComesTooEarlyForAnOfferIsFollowedByAnother() {
        var play = Self.stuck()
        var snapshot = Self.snapshot(at: 6, Self.receiving(offeredAt: 5))
        snapshot.channels = []
        play.load(snapshot)
        #expect(play.reducer.takeDue() == [])
        #expect(play.reducer.wantsSnapshot)
    }

    @Test func anOfferThatASnapshotShowsIsWaitedFor() {
        var play = Self.stuck()
        var snapshot = Self.snapshot(at: 30, Self.receiving(offeredAt: 5))
        var member = MemberRow()
        member.queue = "support@default"
        member.uuid = "member"
        member.sessionUUID = "caller"
        member.servingAgent = Self.agent
        member.state = "Trying"
        member.joinedEpoch = 4
        snapshot.members = [member]
        snapshot.channels = nil
        play.load(snapshot)
        #expect(play.reducer.takeDue() == [])
        #expect(play.popLines == ["pop.offered 1001@default support@default"])
    }

    @Test func whereAllRingOnlyLegsTellOfWhom() {
        var play = Self.stuck()
        var snapshot = Self.snapshot(at: 30, Self.receiving(offeredAt: 5))
        var member = MemberRow()
        member.queue = "support@default"
        member.uuid = "member"
        member.sessionUUID = "caller"
        member.servingAgent = "ring-all"
        member.state = "Trying"
        member.joinedEpoch = 4
        snapshot.members = [member]
        snapshot.channels = nil
        play.load(snapshot)
        #expect(play.reducer.takeDue() == [])
    }

    @Test func readyInATalkWaitsForItsEnd() {
        var play = Self.ringing()
        let ready = PendingChange(status: .available, state: .waiting, by: "Ann", since: Timestamp(microseconds: 1))
        for event in [
            Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
            Self.state("In a queue call", 8_040_000),
        ] {
            play.apply(event)
        }
        _ = play.reducer.hold(ready, agent: Self.agent, isForced: false, to: &play.changes)
        #expect(Self.told(play) == [])
    }

    // MARK: somebody else's status

    static let ready = PendingChange(status: .available, state: .waiting, by: "Ann", since: Timestamp(microseconds: 6_500_000))
    private static let failed = Make.offer("bridge-agent-fail", 9_000_000, [("Hangup-Cause", "CALL_REJECTED"), ("Agent-Called-Time", "6")])

    @Test func aStatusThatSomebodySetsMeanwhileStands() {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.ready, agent: Self.agent, isForced: false, to: &play.changes)
        _ = play.reducer.hold(Self.leaving, agent: Self.agent, isForced: false, to: &play.changes)
        // As is what was kept: nothing against it.
        play.apply(Self.status("Available", 6_700_000))
        #expect(Self.told(play) == ["Available", "Available+support@default"])
        play.apply(Self.status("Logged Out", 7_000_000))
        #expect(Self.told(play) == ["Available", "Available+support@default", "support@default superseded"])
        #expect(play.agent(Self.agent)?.pending?.status == nil)
        #expect(play.agent(Self.agent)?.pending?.leave == ["support@default"])
        play.apply(Self.failed)
        play.apply(Self.state("Waiting", 9_010_000))
        #expect(play.reducer.takeDue() == [.leave(agent: Self.agent, Self.leaving)])
    }

    @Test func aStatusFromBeforeWhatIsKeptIsOldNews() {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.ready, agent: Self.agent, isForced: false, to: &play.changes)
        play.apply(Self.status("On Break", 6_400_000))
        #expect(Self.told(play) == ["Available"])
    }

    @Test func whatScreenPopSetsItselfLeavesAloneWhatIsKept() {
        var play = Self.ringing()
        play.reducer.setReason("lunch", by: "Bob", agent: Self.agent, status: .onBreak)
        _ = play.reducer.hold(Self.ready, agent: Self.agent, isForced: false, to: &play.changes)
        play.apply(Self.status("On Break", 7_000_000))
        #expect(Self.told(play) == ["Available"])
    }

    @Test func theBreakAfterTooManyMissedCallsIsNobodysWish() {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.ready, agent: Self.agent, isForced: false, to: &play.changes)
        play.apply(Make.callCenter("agent-max-no-answer", 8_990_000, [("Agent", Self.agent), ("Agent-No-Answer-Count", "2")]))
        play.apply(Self.status("On Break", 8_990_001))
        play.apply(Self.failed)
        play.apply(Self.state("Waiting", 9_010_000))
        #expect(play.reducer.takeDue() == [.setStatus(agent: Self.agent, Self.ready)])
        // Once.
        play.apply(Self.status("On Break", 9_500_000))
        #expect(Self.told(play) == ["Available", "- superseded"])
    }

    @Test func aStatusThatOnlyAListTellsStandsAsWell() {
        func changed(_ status: AgentStatus, at seconds: Int64, missed: Int = 0) -> Play {
            var play = Self.ringing()
            _ = play.reducer.hold(Self.ready, agent: Self.agent, isForced: false, to: &play.changes)
            play.load(
                Self.snapshot(
                    at: 30,
                    Self.row {
                        $0.state = .receiving
                        $0.status = status
                        $0.lastStatusChange = seconds
                        $0.maxNoAnswer = 2
                        $0.noAnswerCount = missed
                    }))
            return play
        }
        #expect(Self.told(changed(.onBreak, at: 7)) == ["Available", "- superseded"])
        // The second in which it was asked for.
        #expect(Self.told(changed(.onBreak, at: 6)) == ["Available", "- superseded"])
        #expect(Self.told(changed(.onBreak, at: 5)) == ["Available"])
        #expect(Self.told(changed(.available, at: 7)) == ["Available"])
        #expect(Self.told(changed(.onBreak, at: 7, missed: 2)) == ["Available"])
    }

    // MARK: another process

    /// What a new process makes of what this one's agent was, as Redis has it.
    private func restarted(_ play: Play, with snapshot: SwitchSnapshot) throws -> Play {
        var next = Play([])
        let kept = try #require(play.agent(Self.agent).flatMap { AgentRecord(keptBy: $0.json) })
        next.reducer.restore(play.pops.filter { $0.state != .ended })
        next.reducer.restore([kept])
        next.load(snapshot)
        return next
    }

    @Test func whatIsKeptOutlivesTheProcess() throws {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        // Still ringing.
        var next = try self.restarted(play, with: Self.snapshot(at: 8, Self.row { $0.state = .receiving }))
        #expect(next.agent(Self.agent)?.pending == Self.onBreak)
        #expect(next.reducer.takeDue() == [])
        // Over meanwhile; the pop may still be believed, because a snapshot lacks what is new.
        next = try self.restarted(play, with: Self.snapshot(at: 7))
        #expect(next.ends == [])
        #expect(next.reducer.takeDue() == [.setStatus(agent: Self.agent, Self.onBreak)])
        next = try self.restarted(play, with: Self.snapshot(at: 30))
        #expect(next.reducer.takeDue() == [.setStatus(agent: Self.agent, Self.onBreak)])
    }

    @Test func whatIsKeptDoesNotOutliveAStatusThatSomebodySetMeanwhile() throws {
        var play = Self.ringing()
        _ = play.reducer.hold(Self.onBreak, agent: Self.agent, isForced: false, to: &play.changes)
        func next(_ status: AgentStatus, at seconds: Int64) throws -> Play {
            try self.restarted(
                play,
                with: Self.snapshot(
                    at: 30,
                    Self.row {
                        $0.status = status
                        $0.lastStatusChange = seconds
                    }))
        }
        for (status, at) in [(AgentStatus.loggedOut, 20), (.available, 20)] as [(AgentStatus, Int64)] {
            var next = try next(status, at: at)
            #expect(Self.told(next) == ["- superseded"])
            #expect(next.agent(Self.agent)?.pending == nil)
            #expect(next.agent(Self.agent)?.status == status)
            #expect(next.reducer.takeDue() == [])
        }
        // Nothing happened, or what was asked for.
        for (status, at) in [(AgentStatus.available, 1), (.onBreak, 20)] as [(AgentStatus, Int64)] {
            #expect(Self.told(try next(status, at: at)) == [])
            #expect(try next(status, at: at).agent(Self.agent)?.pending == Self.onBreak)
        }
    }

    @Test func aReasonOutlivesTheProcessAsLongAsItsStatus() throws {
        var play = Play([])
        play.load(Self.snapshot())
        play.reducer.setReason("lunch", by: "Ann", agent: Self.agent, status: .onBreak)
        play.apply(Self.status("On Break", 9_300_000))
        let told = try #require(play.agent(Self.agent))
        #expect([told.reason, told.reasonBy, told.reasonSource?.rawValue] == ["lunch", "Ann", "screenpop"])
        #expect(told.reasonSince?.microseconds == 9_300_000)

        func row(_ status: AgentStatus, _ changed: Int64) -> AgentRow {
            Self.row {
                $0.status = status
                $0.lastStatusChange = changed
            }
        }
        let same = try self.restarted(play, with: Self.snapshot(at: 60, row(.onBreak, 9))).agent(Self.agent)
        #expect([same?.reason, same?.reasonBy, same?.reasonSource?.rawValue] == ["lunch", "Ann", "screenpop"])
        // Somebody set the same status again, or another.
        for changed in [row(.onBreak, 20), row(.loggedOut, 20)] {
            let other = try self.restarted(play, with: Self.snapshot(at: 60, changed))
            #expect(other.agent(Self.agent)?.reason == nil)
            #expect(other.agent(Self.agent)?.reasonSource == .external)
            let periods = other.changes.compactMap { if case .reasonEnded(_, let period) = $0 { period } else { nil } }
            #expect(periods.map(\.reason) == ["lunch"])
            #expect(periods.first?.until == Timestamp(seconds: 20))
        }
    }

    @Test func aBreakFromElsewhereSaysSoAndHowLongItLasted() {
        var play = Play([])
        play.load(Self.snapshot())
        #expect(play.agent(Self.agent)?.reasonSource == nil)
        play.apply(Self.status("On Break", 9_000_000))
        #expect(play.agent(Self.agent)?.reason == nil)
        #expect(play.agent(Self.agent)?.reasonSource == .external)
        play.reducer.setReason(nil, by: "Ann", agent: Self.agent, status: .available)
        play.apply(Self.status("Available", 12_000_000))
        #expect(play.agent(Self.agent)?.reasonSource == .screenpop)
        let periods = play.changes.compactMap { if case .reasonEnded(_, let period) = $0 { period } else { nil } }
        #expect(
            periods == [
                ReasonPeriod(
                    status: .onBreak, reason: nil, by: nil, source: .external, since: Timestamp(microseconds: 9_000_000),
                    until: Timestamp(microseconds: 12_000_000))
            ])
        // Being available is no reason.
        play.apply(Self.status("Logged Out", 13_000_000))
        #expect(play.changes.count { if case .reasonEnded = $0 { true } else { false } } == 1)
    }

    @Test func twoCommandsInARowKeepTheirReasonsApart() {
        var play = Play([])
        play.load(Self.snapshot())
        play.reducer.setReason("lunch", by: "Ann", agent: Self.agent, status: .onBreak)
        play.reducer.setReason(nil, by: "Bob", agent: Self.agent, status: .available)
        play.apply(Self.status("On Break", 9_000_000))
        #expect(play.agent(Self.agent)?.reason == "lunch")
        #expect(play.agent(Self.agent)?.reasonBy == "Ann")
        play.apply(Self.status("Available", 9_100_000))
        #expect(play.agent(Self.agent)?.reasonSource == .screenpop)
        #expect(play.agent(Self.agent)?.reasonBy == "Bob")
        // What nobody asked for leaves those that wait alone.
        play.reducer.setReason("tea", by: "Ann", agent: Self.agent, status: .onBreak)
        play.apply(Self.status("Logged Out", 9_200_000))
        #expect(play.agent(Self.agent)?.reasonSource == .external)
        play.apply(Self.status("On Break", 9_300_000))
        #expect(play.agent(Self.agent)?.reason == "tea")
    }

    @Test func aCommandThatFailedLeavesNoReasonBehind() {
        var play = Play([])
        play.load(Self.snapshot())
        play.reducer.setReason("lunch", by: "Ann", agent: Self.agent, status: .onBreak)
        play.reducer.setReason(nil, by: nil, agent: Self.agent, status: .onBreak)
        play.apply(Self.status("On Break", 9_000_000))
        #expect(play.agent(Self.agent)?.reason == nil)
        #expect(play.agent(Self.agent)?.reasonSource == .external)
    }
}
