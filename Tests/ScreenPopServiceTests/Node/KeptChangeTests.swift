import CallCenter
import EventSocket
import NIOCore
import ScreenPop
import Synchronization
import Testing

@testable import ScreenPopService

/// What is kept for the end of an offer, on a node that is there and does not take the command.
@Suite(.timeLimit(.minutes(1))) struct KeptChangeTests {
    private static let agent = "1001@default"
    private static let onBreak = "callcenter_config agent set status '1001@default' 'On Break'"

    /// mod_callcenter with one agent, whose status is what it was set to last.
    private static func reply(_ text: String, _ status: String) -> String {
        switch text {
        case "callcenter_config agent list", "callcenter_config agent list '\(Self.agent)'":
            "name|uuid|type|contact|status|state\n\(Self.agent)||Callback|user/1|\(status)|Waiting\n+OK\n"
        default: FakeSwitch.empty(text)
        }
    }

    private func event(_ action: String, _ time: Int64, _ headers: String...) -> Event {
        let lines = ["Event-Name: CUSTOM", "Event-Subclass: callcenter%3A%3Ainfo", "CC-Action: \(action)"] + headers
        let text = lines.joined(separator: "\n") + "\nCore-UUID: core-1\nEvent-Date-Timestamp: \(time)\nEvent-Sequence: \(time)\n\n"
        return Event(plain: ByteBuffer(string: text))
    }

    private func offer(_ action: String, _ time: Int64, _ headers: String...) -> Event {
        self.event(
            action, time, "CC-Queue: support@default", "CC-Agent: \(Self.agent)", "CC-Member-UUID: member", "CC-Member-Session-UUID: caller",
            headers.joined(separator: "\n"))
    }

    private func state(_ state: String, _ time: Int64) -> Event {
        self.event("agent-state-change", time, "CC-Agent: \(Self.agent)", "CC-Agent-State: \(state)")
    }

    /// A break is kept, and comes due while commands fail.
    private func run(_ body: @escaping @Sendable (Bench) async throws -> Void) async throws {
        try await Bench(FakeSwitch(reply: { Self.reply($0, "On Break") })) { $0.reconcileRhythm = nil }.run { bench in
            try await eventually("live") { if case .live = bench.status { true } else { false } }
            let start: Int64 = 1_795_388_100_000_000
            bench.node.push([self.state("Receiving", start), self.offer("agent-offering", start + 1, "CC-Member-CID-Number: 1")])
            try await eventually("offered") { bench.store.pops.last?.0 == .offered }
            let kept = try await bench.commands.takeBreak(reason: nil, force: false, agent: Self.agent, by: .adminToken)
            #expect(kept.pending?.status == .onBreak)
            bench.node.state.withLock { $0.refusal = .unreachable("refused") }
            bench.node.push([
                self.offer("bridge-agent-fail", start + 9_000_000, "CC-Hangup-Cause: CALL_REJECTED"), self.state("Waiting", start + 9_000_100),
            ])
            try await eventually("tried") { bench.node.state.withLock { $0.uses.contains(.commands) } }
            #expect(!bench.node.commands.contains { $0.hasPrefix(Self.onBreak) })
            try await body(bench)
        }
    }

    private func isDone(_ bench: Bench) -> Bool {
        bench.store.changes.contains { if case .pending(_, nil, nil) = $0 { true } else { false } }
    }

    @Test func `it is tried again after a while, though nothing is heard of the agent`() async throws {
        try await self.run { bench in
            bench.node.state.withLock { $0.refusal = nil }
            try await eventually("carried out") { self.isDone(bench) }
            #expect(bench.node.commands.count { $0.hasPrefix(Self.onBreak) } == 1)
        }
    }

    @Test func `a node that comes back is told at once, and once`() async throws {
        try await self.run { bench in
            bench.node.drop()
            bench.node.state.withLock { $0.refusal = nil }
            try await eventually("carried out") { self.isDone(bench) }
            // Past the moment at which it would have been tried again.
            try await Task.sleep(for: .seconds(6))
            #expect(bench.node.commands.count { $0.hasPrefix(Self.onBreak) } == 1)
        }
    }
}
