import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Somebody sets the switch's clock, or it is wrong for a moment.
@Suite struct ClockSet {
    static let agent = "1001@default"
    private static let hour: Int64 = 3_600_000_000
    /// Ten o'clock.
    private static let ten = 10 * Self.hour

    /// Events whose sequence goes on whatever the time is.
    private struct Switch {
        var play = Play([])
        var sequence: Int64 = 1000

        mutating func tell(_ at: Int64, sequence: Int64? = nil, _ action: String, _ headers: [(String, String)] = []) {
            self.sequence += 1
            self.play.apply(
                Make.event(
                    "CUSTOM", at, sequence: sequence ?? self.sequence,
                    [("Event-Subclass", "callcenter::info"), ("CC-Action", action)] + headers.map { ("CC-\($0.0)", $0.1) }))
        }

        mutating func status(_ text: String, _ at: Int64, sequence: Int64? = nil) {
            self.tell(at, sequence: sequence, "agent-status-change", [("Agent", ClockSet.agent), ("Agent-Status", text)])
        }

        mutating func state(_ text: String, _ at: Int64) {
            self.tell(at, "agent-state-change", [("Agent", ClockSet.agent), ("Agent-State", text)])
        }

        mutating func offer(_ action: String, _ at: Int64, _ headers: [(String, String)] = []) {
            self.tell(
                at, action,
                [
                    ("Queue", "support@default"), ("Agent", ClockSet.agent), ("Member-UUID", "member"), ("Member-Session-UUID", "caller"),
                    ("Member-CID-Number", "0211"),
                ] + headers)
        }

        mutating func tick(_ at: Int64) {
            self.sequence += 1
            self.play.apply(Make.event("HEARTBEAT", at, sequence: self.sequence, []))
        }

        var shown: [String] { [self.play.agent(ClockSet.agent)?.status.text ?? "-", self.play.agent(ClockSet.agent)?.state.text ?? "-"] }
        mutating func isSet() -> Bool { self.play.reducer.takeClockSet() }

        /// Available and Waiting at ten.
        init() {
            self.status("Available", ClockSet.ten)
            self.state("Waiting", ClockSet.ten)
        }
    }

    @Test func anAgentIsFollowedThoughTheClockWasPutBack() {
        var node = Switch()
        node.status("On Break", Self.ten - Self.hour)
        node.state("Idle", Self.ten - Self.hour + 1000)
        #expect(node.shown == ["On Break", "Idle"])
        #expect(node.play.agent(Self.agent)?.statusChangedAt?.microseconds == Self.ten - Self.hour)
        #expect(node.play.reducer.time.microseconds == Self.ten - Self.hour + 1000)
        #expect(node.isSet() == true)
        // Once.
        #expect(node.isSet() == false)
        node.status("Available", Self.ten - Self.hour + 2000)
        #expect(node.shown == ["Available", "Idle"])
        #expect(node.isSet() == false)
    }

    @Test func aMomentAheadIsOverWhenItIsOver() {
        var node = Switch()
        node.tick(Self.ten + 600_000_000)
        node.status("On Break", Self.ten + 600_000_000)
        #expect(node.isSet() == false)
        node.status("Available", Self.ten + 1_000_000)
        node.state("Idle", Self.ten + 1_000_000)
        #expect(node.shown == ["Available", "Idle"])
        #expect(node.isSet() == true)
    }

    @Test func eventsThatOvertakeOneAnotherAreNoClock() {
        var node = Switch()
        // A newer sequence with a time that is a little older, and an old sequence that comes very late.
        node.status("On Break", Self.ten - 1_900_000)
        node.status("Logged Out", Self.ten - Self.hour, sequence: 7)
        #expect(node.shown == ["Available", "Waiting"])
        #expect(node.play.reducer.time.microseconds == Self.ten)
        #expect(node.isSet() == false)
    }

    @Test func aClockThatIsPutForwardIsFollowed() {
        var node = Switch()
        node.tick(Self.ten + 3600 * 1_000_000)
        #expect(node.isSet() == false)
        node.status("On Break", Self.ten + 3 * Self.hour)
        #expect(node.isSet() == true)
        #expect(node.play.agent(Self.agent)?.statusChangedAt?.microseconds == Self.ten + 3 * Self.hour)
    }

    @Test(arguments: [.max, .max - 1, 10_000 * 3_600_000_000, 1] as [Int64])
    func oneAbsurdTimeIsNow(absurd: Int64) {
        var node = Switch()
        node.tick(Self.ten + 240 * Self.hour)
        node.tick(Self.ten + 240 * Self.hour)
        _ = node.isSet()
        let now = Self.ten + 240 * Self.hour
        node.offer("member-queue-start", now + 1_000_000)
        node.offer("agent-offering", absurd)
        #expect(node.play.pops.first?.offeredAt.microseconds == now + 1_000_000)
        #expect(node.play.reducer.time.microseconds == now + 1_000_000)
        node.status("On Break", now + 2_000_000)
        #expect(node.shown == ["On Break", "Waiting"])
        #expect(node.isSet() == false)
    }

    @Test(arguments: [.max, 240 * 3_600_000_000, 1] as [Int64]) func severalAreBelievedAndForgotten(absurd: Int64) {
        var node = Switch()
        // Ten days later.
        for _ in 1...2 { node.tick(Self.ten + 240 * Self.hour) }
        for _ in 1...2 { node.status("Logged Out", absurd) }
        #expect(node.shown == ["Logged Out", "Waiting"])
        let now = Self.ten + 240 * Self.hour + 1_000_000
        for (index, status) in ["On Break", "Available", "On Break"].enumerated() { node.status(status, now + Int64(index)) }
        #expect(node.shown == ["On Break", "Waiting"])
        #expect(node.play.reducer.time.microseconds == now + 2)
        #expect(node.isSet() == true)
    }

    @Test func aCallGoesOnAndEndsByTheNewClock() {
        var node = Switch()
        node.offer("member-queue-start", Self.ten)
        node.offer("agent-offering", Self.ten + 1_000_000)
        node.state("Receiving", Self.ten + 1_000_000)
        let called = ("Agent-Called-Time", String((Self.ten + 1_000_000) / 1_000_000))
        let nine = Self.ten - Self.hour
        node.offer("bridge-agent-start", nine, [("Agent-UUID", "leg"), called])
        node.state("In a queue call", nine + 1000)
        #expect(node.play.agent(Self.agent)?.normalized == .talking)
        node.offer("bridge-agent-end", nine + 5_000_000, [("Agent-UUID", "leg"), called])
        node.state("Waiting", nine + 5_001_000)
        node.offer("member-queue-end", nine + 5_002_000, [("Cause", "Terminated")])
        #expect(node.play.pops.map(\.state) == [.ended])
        #expect(node.shown == ["Available", "Waiting"])
    }

    @Test func theNextOfferOfTheSameCallerIsNewsThoughItsTimeIsOlder() {
        var node = Switch()
        node.offer("member-queue-start", Self.ten)
        node.offer("agent-offering", Self.ten + 1_000_000)
        node.offer(
            "bridge-agent-fail", Self.ten + 9_000_000,
            [("Hangup-Cause", "NO_ANSWER"), ("Agent-Called-Time", String((Self.ten + 1_000_000) / 1_000_000))])
        let nine = Self.ten - Self.hour
        node.offer("agent-offering", nine)
        node.offer("bridge-agent-start", nine + 3_000_000, [("Agent-UUID", "leg"), ("Agent-Called-Time", String(nine / 1_000_000))])
        #expect(
            node.play.popLines == [
                "pop.offered 1001@default support@default", "pop.ended 1001@default support@default no-answer switch",
                "pop.offered 1001@default support@default", "pop.answered 1001@default support@default",
            ])
        // The caller leaves, and comes back within the same call.
        node.offer("bridge-agent-end", nine + 4_000_000, [("Agent-UUID", "leg")])
        node.offer("member-queue-end", nine + 5_000_000, [("Cause", "Terminated")])
        node.offer("member-queue-start", nine - Self.hour)
        node.offer("agent-offering", nine - Self.hour + 1_000_000)
        #expect(node.play.popLines.last == "pop.offered 1001@default support@default")
        #expect(node.play.popLines.count == 6)
    }

    @Test func whatWasOverdueIsOverdueSoon() {
        var node = Switch()
        node.offer("member-queue-start", Self.ten)
        node.state("Receiving", Self.ten + 1_000_000)
        node.offer("agent-offering", Self.ten + 1_000_000)
        // No event tells the offer's end but this.
        node.state("Waiting", Self.ten + 5_000_000)
        let nine = Self.ten - Self.hour
        node.tick(nine)
        #expect(node.play.ends == [])
        node.tick(nine + 1_000_000)
        #expect(node.play.ends.count == 1)
    }

    @Test func anOfferFromBeforeIsEndedByAStateFromAfter() {
        var node = Switch()
        node.offer("member-queue-start", Self.ten)
        node.state("Receiving", Self.ten + 1_000_000)
        node.offer("agent-offering", Self.ten + 1_000_000)
        let nine = Self.ten - Self.hour
        node.state("Waiting", nine)
        node.tick(nine + 1_000_000)
        #expect(node.play.ends.count == 1)
    }

    /// Else a snapshot would be asked for again and again, until the clock has come so far.
    @Test func whatSomebodySetAfterAStepBackIsNotUndoneByWhatWasKeptBefore() {
        let second: Int64 = 1_000_000
        var node = Switch()
        node.offer("agent-offering", Self.ten + second)
        node.state("Receiving", Self.ten + second)
        let kept = PendingChange(status: .loggedOut, by: "Ann", since: Timestamp(microseconds: Self.ten + 5 * second))
        _ = node.play.reducer.hold(kept, agent: Self.agent, isForced: false, to: &node.play.changes)
        #expect(node.play.agent(Self.agent)?.pending == kept)
        node.tick(Self.ten - 9 * second)
        node.status("On Break", Self.ten - 8 * second)
        #expect(Desk.told(node.play) == ["Logged Out", "- superseded"])
    }

    @Test func aSnapshotDeniesWhatIsYetToCome() {
        var node = Switch()
        node.offer("member-queue-start", Self.ten)
        let nine = Self.ten - Self.hour
        node.tick(nine)
        #expect(node.isSet() == true)
        var row = AgentRow()
        row.name = Self.agent
        row.status = .available
        row.state = .waiting
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: nine))
        snapshot.agents = [row]
        snapshot.queues = [QueueRow(name: "support@default")]
        node.play.load(snapshot)
        #expect(!node.play.reducer.wantsSnapshot)
        #expect(node.play.queue("support@default")?.waiting == 0)
    }
}
