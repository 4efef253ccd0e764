import CallCenter
import EventSocket
import ScreenPop
import Testing

/// After-call work that is longer or shorter than `wrap_up_time`.
@Suite struct WrapUps {
    private static let agent = Desk.agent

    private static func row(_ change: (inout AgentRow) -> Void = { _ in }) -> AgentRow {
        Desk.row {
            $0.wrapUpTime = 30
            change(&$0)
        }
    }

    /// Available, and done with a talk at second 20.
    private func talked() -> Play {
        var play = Play([])
        play.load(Desk.snapshot(Self.row()))
        for event in [
            Make.offer("member-queue-start", 5_000_000), Make.offer("agent-offering", 6_000_000),
            Make.offer("bridge-agent-start", 8_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]),
            Desk.state("In a queue call", 8_040_000),
            Make.offer("bridge-agent-end", 20_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", "6")]), Desk.state("Waiting", 20_010_000),
        ] {
            play.apply(event)
        }
        return play
    }

    @Test func itEndsByTimeAloneWithoutAnEvent() {
        var play = self.talked()
        #expect(play.agent(Self.agent)?.wrapUp == WrapUp(since: Timestamp(seconds: 20)!, until: Timestamp(seconds: 50)!))
        #expect(play.reducer.nextWrapUpEnd == Timestamp(seconds: 50))
        play.reducer.endWrapUps(at: Timestamp(microseconds: 49_999_999), to: &play.changes)
        #expect(play.agent(Self.agent)?.normalized == .wrapUp)
        play.reducer.endWrapUps(at: Timestamp(microseconds: 50_000_000), to: &play.changes)
        #expect(play.agent(Self.agent)?.normalized == .ready)
        #expect(play.agent(Self.agent)?.wrapUp == nil)
        #expect(play.reducer.nextWrapUpEnd == nil)
    }

    @Test func anExtensionGoesOnFromTheEnd() throws {
        var play = self.talked()
        let extended = try #require(play.reducer.extendedWrapUp(agent: Self.agent, by: 60, at: Timestamp(microseconds: 30_500_000)))
        #expect(extended == WrapUp(since: Timestamp(seconds: 20)!, until: Timestamp(seconds: 110)!, isExtended: true))
        play.reducer.setWrapUp(extended, agent: Self.agent, to: &play.changes)
        #expect(play.agent(Self.agent)?.wrapUpUntil == Timestamp(seconds: 110))
        // A list that has the same ready_time leaves it, one without takes it back.
        play.load(Desk.snapshot(at: 60, Self.row { ($0.lastBridgeEnd, $0.readyTime) = (20, 110) }))
        #expect(play.agent(Self.agent)?.wrapUp == extended)
        #expect(play.agent(Self.agent)?.normalized == .wrapUp)
        play.load(Desk.snapshot(at: 70, Self.row { ($0.lastBridgeEnd, $0.readyTime) = (20, 0) }))
        #expect(play.agent(Self.agent)?.wrapUp == nil)
        #expect(play.agent(Self.agent)?.normalized == .ready)
    }

    @Test func oneBeginsByHandInWholeSeconds() {
        var play = Play([])
        play.load(Desk.snapshot())
        let begun = play.reducer.extendedWrapUp(agent: Self.agent, by: 10, at: Timestamp(microseconds: 30_500_000))
        #expect(begun == WrapUp(since: Timestamp(microseconds: 30_500_000), until: Timestamp(seconds: 41)!, isExtended: true))
        #expect(Desk.ringing().reducer.extendedWrapUp(agent: Self.agent, by: 10, at: Timestamp(seconds: 30)!) == nil)
    }

    @Test func aDelayAfterAMissedCallIsNoWrapUp() {
        var play = Play([])
        play.load(Desk.snapshot(at: 60, Self.row { ($0.lastBridgeEnd, $0.readyTime) = (20, 110) }))
        #expect(play.agent(Self.agent)?.wrapUp == nil)
    }

    /// Ended early, with what FreeSWITCH's list says afterwards.
    private func endedEarly() -> Play {
        var play = self.talked()
        play.reducer.rememberWrapUpTime(EndedWrapUp(wrapUpTime: 30, until: Timestamp(seconds: 51)!), agent: Self.agent, to: &play.changes)
        play.reducer.clearWrapUp(agent: Self.agent, to: &play.changes)
        return play
    }

    private let restore = DeskAction.restoreWrapUpTime(agent: Desk.agent, seconds: 30)

    @Test func anEarlyEndGivesTheTimeBackWhenItWouldHaveBeenOver() {
        var play = self.endedEarly()
        #expect(play.agent(Self.agent)?.normalized == .ready)
        #expect(play.agent(Self.agent)?.wrapUpTime == 30)
        // The list has our 0.
        play.load(Desk.snapshot(at: 30, Self.row { ($0.lastBridgeEnd, $0.wrapUpTime) = (20, 0) }))
        #expect(play.agent(Self.agent)?.wrapUpTime == 30)
        #expect(play.agent(Self.agent)?.wrapUp == nil)
        #expect(play.reducer.takeDue() == [])
        play.reducer.endWrapUps(at: Timestamp(seconds: 51)!, to: &play.changes)
        #expect(play.reducer.takeDue() == [self.restore])
        play.reducer.finish(self.restore, nil, to: &play.changes)
        #expect(play.agent(Self.agent)?.endedWrapUp == nil)
        #expect(play.reducer.nextWrapUpEnd == nil)
    }

    @Test func theNextTalkGivesTheTimeBackToo() {
        // It may be over before the old wrap-up would have been, and has one of its own.
        var play = self.endedEarly()
        play.apply(Make.offer("agent-offering", 30_000_000))
        #expect(play.reducer.takeDue() == [])
        play.apply(Make.offer("bridge-agent-start", 32_000_000, [("Agent-UUID", "leg2"), ("Agent-Called-Time", "30")]))
        #expect(play.reducer.takeDue() == [self.restore])
        play.reducer.finish(self.restore, nil, to: &play.changes)
        play.apply(Make.offer("bridge-agent-end", 40_000_000, [("Agent-UUID", "leg2"), ("Agent-Called-Time", "30")]))
        #expect(play.agent(Self.agent)?.wrapUpUntil == Timestamp(seconds: 70))
    }

    @Test func whoeverSetsTheTimeMeanwhileHasTheLastWord() {
        var play = self.endedEarly()
        play.reducer.apply(.agentSettings(Self.row { ($0.lastBridgeEnd, $0.wrapUpTime) = (20, 5) }), to: &play.changes)
        #expect(play.agent(Self.agent)?.wrapUpTime == 5)
        #expect(play.agent(Self.agent)?.endedWrapUp == nil)
        play.reducer.endWrapUps(at: Timestamp(seconds: 60)!, to: &play.changes)
        #expect(play.reducer.takeDue() == [])
    }

    /// Also where he sets the very 0 that stands for an early end.
    @Test func aTimeThatIsSetToZeroMeanwhileStays() {
        var play = self.endedEarly()
        #expect(play.reducer.forgetEndedWrapUp(agent: Self.agent, to: &play.changes) == EndedWrapUp(wrapUpTime: 30, until: Timestamp(seconds: 51)!))
        let zero = Self.row { ($0.lastBridgeEnd, $0.wrapUpTime) = (20, 0) }
        play.reducer.apply(.agentSettings(zero), to: &play.changes)
        play.load(Desk.snapshot(at: 30, zero))
        #expect(play.agent(Self.agent)?.wrapUpTime == 0)
        #expect(play.agent(Self.agent)?.endedWrapUp == nil)
        play.reducer.endWrapUps(at: Timestamp(seconds: 60)!, to: &play.changes)
        #expect(play.reducer.takeDue() == [])
    }

    @Test func aRowThatWasReadBeforeTheEndDoesNotTakeItForAnother() {
        var play = self.endedEarly()
        play.load(Desk.snapshot(at: 30, Self.row { $0.lastBridgeEnd = 20 }))
        #expect(play.agent(Self.agent)?.endedWrapUp == EndedWrapUp(wrapUpTime: 30, until: Timestamp(seconds: 51)!))
        play.reducer.endWrapUps(at: Timestamp(seconds: 51)!, to: &play.changes)
        #expect(play.reducer.takeDue() == [self.restore])
    }

    @Test func listsThatWereBeingReadMeanwhileUndoNothing() {
        func endReading(_ reading: Int, _ play: inout Play, _ wrapUpTime: Int) {
            let row = Self.row { ($0.lastBridgeEnd, $0.wrapUpTime) = (20, wrapUpTime) }
            play.reducer.endReading(reading, SwitchLists(agents: [row], tiers: [], queues: []), .external, to: &play.changes)
        }
        var play = self.talked()
        var reading = play.reducer.beginReading()
        let extended = WrapUp(since: Timestamp(seconds: 20)!, until: Timestamp(seconds: 110)!, isExtended: true)
        play.reducer.setWrapUp(extended, agent: Self.agent, to: &play.changes)
        endReading(reading, &play, 30)
        #expect(play.agent(Self.agent)?.wrapUp == extended)

        play = self.talked()
        reading = play.reducer.beginReading()
        play.reducer.rememberWrapUpTime(EndedWrapUp(wrapUpTime: 30, until: Timestamp(seconds: 51)!), agent: Self.agent, to: &play.changes)
        play.reducer.clearWrapUp(agent: Self.agent, to: &play.changes)
        endReading(reading, &play, 30)
        #expect(play.agent(Self.agent)?.wrapUp == nil)

        reading = play.reducer.beginReading()
        play.reducer.finish(self.restore, nil, to: &play.changes)
        endReading(reading, &play, 0)
        #expect(play.agent(Self.agent)?.wrapUpTime == 30)
    }

    @Test func whatFailsIsTriedAgain() {
        var play = self.endedEarly()
        play.reducer.endWrapUps(at: Timestamp(seconds: 51)!, to: &play.changes)
        #expect(play.reducer.takeDue() == [self.restore])
        play.reducer.retryRestoring(agent: Self.agent, at: Timestamp(seconds: 56)!)
        #expect(play.reducer.nextWrapUpEnd == Timestamp(seconds: 56))
        play.reducer.endWrapUps(at: Timestamp(seconds: 56)!, to: &play.changes)
        #expect(play.reducer.takeDue() == [self.restore])
    }

    @Test(arguments: [(30, false), (80, true)] as [(Int64, Bool)]) func aNewProcessKnowsOfBoth(at seconds: Int64, isDue: Bool) throws {
        let ended = self.endedEarly()
        var next = Play([])
        next.reducer.restore([try #require(ended.agent(Self.agent).flatMap { AgentRecord(keptBy: $0.json) })])
        next.load(Desk.snapshot(at: seconds, Self.row { ($0.lastBridgeEnd, $0.wrapUpTime) = (20, 0) }))
        #expect(next.agent(Self.agent)?.wrapUpTime == 30)
        #expect(next.agent(Self.agent)?.normalized == .ready)
        #expect(next.reducer.takeDue() == (isDue ? [self.restore] : []))

        var extended = self.talked()
        let wrapUp = WrapUp(since: Timestamp(seconds: 20)!, until: Timestamp(seconds: 110)!, isExtended: true)
        extended.reducer.setWrapUp(wrapUp, agent: Self.agent, to: &extended.changes)
        next = Play([])
        next.reducer.restore([try #require(extended.agent(Self.agent).flatMap { AgentRecord(keptBy: $0.json) })])
        next.load(Desk.snapshot(at: seconds, Self.row { ($0.lastBridgeEnd, $0.readyTime) = (20, 110) }))
        #expect(next.agent(Self.agent)?.wrapUp == wrapUp)
    }
}
