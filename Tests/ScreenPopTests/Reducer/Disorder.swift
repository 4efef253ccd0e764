import CallCenter
import EventSocket
import ScreenPop
import Testing

/// Events shuffled, doubled and dropped: whatever comes, what is said of pops makes sense.
@Suite struct Disorder {
    static let recordings = [
        "answered", "agent_hangs_up_on_demand", "abandoned_ringing", "abandoned_then_resumed", "ring_all", "hold_and_blind_transfer",
        "attended_transfer", "rejected_then_second_agent", "no_answer_to_break", "busy_agent", "two_members_one_agent", "uuid_standby",
        "direct_answered", "direct_no_answer", "direct_busy", "outbound_answered", "direct_call_between_extensions", "resync_mid_call",
        "module_reload_during_call", "node_shutdown", "agent_logs_out_while_ringing", "eavesdrop",
    ]

    /// What must hold after every change.
    struct Watch {
        private var last: [String: Pop] = [:]
        private var live: [String: Int] = [:]
        private(set) var faults: [String] = []

        mutating func see(_ changes: [Change]) {
            for change in changes {
                guard case .pop(let transition, let pop) = change else { continue }
                if let before = self.last[pop.id] {
                    if before.state == .ended { self.faults.append("\(pop.id) \(transition) after its end") }
                    if pop.version != before.version + 1 { self.faults.append("\(pop.id) version \(before.version) -> \(pop.version)") }
                    if before.state == .answered, pop.state == .offered { self.faults.append("\(pop.id) went back") }
                    if transition == .offered { self.faults.append("\(pop.id) offered twice") }
                } else {
                    if pop.version != 1 { self.faults.append("\(pop.id) begins with version \(pop.version)") }
                    if transition == .updated { self.faults.append("\(pop.id) updated before it was offered") }
                }
                if (transition == .ended) != (pop.state == .ended) { self.faults.append("\(pop.id) \(transition) is \(pop.state)") }
                if pop.state == .ended, pop.endReason == nil || pop.endedAt == nil { self.faults.append("\(pop.id) ended without reason or time") }
                if let answered = pop.answeredAt, answered < pop.offeredAt { self.faults.append("\(pop.id) answered before it was offered") }
                if let ended = pop.endedAt, ended < pop.offeredAt { self.faults.append("\(pop.id) ended before it was offered") }
                self.last[pop.id] = pop
            }
        }

        var livePops: [Pop] { self.last.values.filter { $0.state != .ended } }
        var count: Int { self.last.count }
    }

    private func watch(_ events: [Event], then late: Int64 = 10_000_000) throws -> Watch {
        var reducer = NodeReducer(node: "fs1")
        var watch = Watch()
        var newest: Int64 = 0
        func apply(_ event: Event) {
            var changes: [Change] = []
            reducer.apply(event, to: &changes)
            watch.see(changes)
        }
        for event in events {
            apply(event)
            newest = max(newest, event.value("Event-Date-Timestamp").flatMap { Int64($0) } ?? 0)
        }
        let core = try #require(events.first?.value("Core-UUID"))
        // The canary goes on: what only time can tell is told.
        apply(Make.heartbeat(newest + late, core: core))
        apply(Make.heartbeat(newest + late + 120_000_000, core: core))
        return watch
    }

    /// Each event may change places with one that is a few later.
    @Test(arguments: recordings, 1...8) func shuffled(recording: String, seed: Int) throws {
        var random = Random(seed: UInt64(seed))
        let events = try Recorded.events(recording)
        let order = events.indices.map { (place: Double($0) + Double.random(in: 0..<4, using: &random), index: $0) }.sorted { $0.place < $1.place }
        let watch = try self.watch(order.map { events[$0.index] })
        #expect(watch.faults == [], "\(recording), seed \(seed)")
        #expect(watch.livePops == [], "\(recording), seed \(seed)")
    }

    @Test(arguments: recordings) func doubled(recording: String) throws {
        let events = try Recorded.events(recording)
        let once = try Play(recording)
        let twice = Play(events.flatMap { [$0, $0] })
        #expect(twice.pops == once.pops)
        #expect(
            twice.changes.filter { if case .trace = $0 { false } else { true } }
                == once.changes.filter { if case .trace = $0 { false } else { true } })
        // All of it once more, after the end.
        let again = Play(events + events)
        #expect(again.pops == once.pops)
    }

    @Test(arguments: recordings, 1...8) func dropped(recording: String, seed: Int) throws {
        var random = Random(seed: UInt64(seed) &* 977)
        let events = try Recorded.events(recording)
        // Any one in eight; but nobody can know of the end of a call all of whose ends were dropped, and that is the resync's business.
        let kept = events.filter { event in
            let isEnd = event.value("Event-Name") == "CHANNEL_DESTROY"
            return isEnd || Int.random(in: 0..<8, using: &random) != 0
        }
        let watch = try self.watch(kept)
        #expect(watch.faults == [], "\(recording), seed \(seed)")
        #expect(watch.livePops == [], "\(recording), seed \(seed)")
    }

    @Test(arguments: recordings) func aListenerThatComesLate(recording: String) throws {
        let events = try Recorded.events(recording)
        for start in stride(from: 1, to: events.count, by: 3) {
            let watch = try self.watch(Array(events[start...]))
            #expect(watch.faults == [], "\(recording), from event \(start)")
            #expect(watch.livePops == [], "\(recording), from event \(start)")
        }
    }

    /// `Event-Sequence` 1353 came before 1352 (freeswitch-facts, seen 5).
    @Test func sequencesRunBackwards() throws {
        var reducer = NodeReducer(node: "fs1")
        var changes: [Change] = []
        var last: Int64 = 0
        var falls = 0
        for event in try Recorded.events("ring_all") {
            let sequence = event.value("Event-Sequence").flatMap { Int64($0) } ?? 0
            if sequence < last { falls += 1 }
            last = sequence
            let before = reducer.sequence
            reducer.apply(event, to: &changes)
            #expect(reducer.sequence == max(before, sequence))
        }
        #expect(falls > 0)
        #expect(reducer.sequence == 1439)
    }

    /// Numbers at the edge of what fits come from outside like all others.
    @Test func nothingTraps() {
        var row = AgentRow()
        row.name = "1001@default"
        row.status = .available
        row.wrapUpTime = .max
        row.callsAnswered = .max
        row.talkTime = .max
        row.noAnswerCount = .max
        row.lastOfferedCall = .max
        row.lastStatusChange = .min
        var snapshot = SwitchSnapshot(coreUUID: Make.core, takenAt: Timestamp(microseconds: .max))
        snapshot.agents = [row]
        snapshot.queues = [QueueRow(name: "support@default", callsAnswered: .max, callsAbandoned: .max)]
        var play = Play([])
        play.load(snapshot)
        for time in [1, 2_000_000, Int64.max - 1, Int64.max] {
            play.apply(Make.offer("member-queue-start", time))
            play.apply(Make.offer("agent-offering", time, [("Agent-Called-Time", "9223372036854775807")]))
            play.apply(Make.offer("bridge-agent-start", time, [("Agent-UUID", "leg"), ("Member-Joined-Time", "-9223372036854775808")]))
            play.apply(Make.offer("bridge-agent-end", time, [("Agent-UUID", "leg")]))
            play.apply(Make.offer("member-queue-end", time, [("Cause", "Cancel")]))
            play.apply(Make.heartbeat(time))
        }
        play.load(snapshot)
        #expect(play.agent("1001@default")?.callsAnswered == .max)
    }

    @Test(arguments: recordings) func theSameEventsGiveTheSameChanges(recording: String) throws {
        #expect(try Play(recording).changes == Play(recording).changes)
    }
}

/// SplitMix64: the same numbers for the same seed.
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
