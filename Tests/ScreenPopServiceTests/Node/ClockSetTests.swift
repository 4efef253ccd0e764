import CallCenter
import EventSocket
import NIOCore
import ScreenPop
import Synchronization
import Testing

@testable import ScreenPopService

/// A switch whose clock is set while it is followed.
@Suite(.timeLimit(.minutes(1))) struct ClockSetTests {
    private static let agent = "1001@default"

    private static func reply(_ text: String) -> String {
        switch text {
        case "callcenter_config agent list": "name|uuid|type|contact|status|state\n\(Self.agent)||Callback|user/1|Logged Out|Waiting\n+OK\n"
        default: FakeSwitch.empty(text)
        }
    }

    /// An event as the fake counts them: by its own clock and sequence.
    private func event(_ node: FakeSwitch, _ headers: String...) -> Event {
        let (time, sequence) = node.state.withLock { state in
            state.sequence += 1
            state.time += 1000
            return (state.time, state.sequence)
        }
        let lines = headers + ["Core-UUID: core-1", "Event-Date-Timestamp: \(time)", "Event-Sequence: \(sequence)"]
        return Event(plain: ByteBuffer(string: lines.joined(separator: "\n") + "\n\n"))
    }

    private func status(_ node: FakeSwitch, _ status: String) -> Event {
        self.event(
            node, "Event-Name: CUSTOM", "Event-Subclass: callcenter%3A%3Ainfo", "CC-Action: agent-status-change", "CC-Agent: \(Self.agent)",
            "CC-Agent-Status: \(status)")
    }

    private func shown(_ bench: Bench) -> AgentStatus? {
        bench.store.changes.reversed().compactMap { if case .agent(let record) = $0 { record.status } else { nil } }.first
    }

    @Test func `a clock that is put back costs one snapshot, and agents are followed`() async throws {
        try await Bench(FakeSwitch(reply: Self.reply)) { $0.machine.lossRhythm = .zero }.run { bench in
            try await eventually("live") { bench.status == .live(coreUUID: "core-1") }
            bench.node.push([self.status(bench.node, "On%20Break")])
            try await eventually("on break") { self.shown(bench) == .onBreak }
            bench.node.state.withLock { $0.time -= 3_600_000_000 }
            bench.node.push([self.status(bench.node, "Logged%20Out")])
            try await eventually("logged out") { self.shown(bench) == .loggedOut }
            try await eventually("a resync") {
                bench.store.changes.contains { if case .system(let change) = $0 { change.what == .resync } else { false } }
            }
            let reasons = bench.store.changes.compactMap { if case .system(let change) = $0, change.what == .resync { change.detail } else { nil } }
            #expect(reasons == ["FreeSWITCH's clock was set"])
            let time = await bench.pipeline.now()
            #expect(time.microseconds < bench.node.state.withLock { $0.time } + 60_000_000)
        }
    }

    @Test func `a time at the end of all time does not stop the node`() async throws {
        try await Bench(FakeSwitch(reply: Self.reply)).run { bench in
            try await eventually("live") { bench.status == .live(coreUUID: "core-1") }
            bench.node.state.withLock { $0.returnsCanaries = false }
            // One alone would not be believed.
            for _ in 1...2 {
                bench.node.state.withLock { $0.time = .max - 5000 }
                bench.node.push([self.event(bench.node, "Event-Name: HEARTBEAT")])
            }
            try await eventually("believed") { await bench.pipeline.now().microseconds > .max / 2 }
            let end = Timestamp(microseconds: .max)
            await bench.pipeline.setWrapUp(WrapUp(since: Timestamp(microseconds: .max - 10), until: end), agent: Self.agent)
            try await eventually("over") { await bench.pipeline.record(of: Self.agent)?.wrapUp == nil }
        }
    }
}
