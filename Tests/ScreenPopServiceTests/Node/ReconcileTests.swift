import EventSocket
import NIOCore
import ScreenPop
import Synchronization
import Testing

@testable import ScreenPopService

/// What changes on a node without an event, and commands that it does not answer.
@Suite(.timeLimit(.minutes(1))) struct ReconcileTests {
    /// mod_callcenter's lists, as the test changes them.
    final class Lists: Sendable {
        let agents = Mutex(["1001@default"])

        func reply(_ text: String) -> String {
            switch text {
            case "callcenter_config agent list":
                self.agents.withLock { agents in
                    "name|uuid|type|contact|status|state|wrap_up_time\n" + agents.map { "\($0)||Callback|user/1|Available|Waiting|10\n" }.joined()
                        + "+OK\n"
                }
            case "callcenter_config queue list": "name|strategy|max_wait_time\nsupport@default|ring-all|20\n+OK\n"
            default: FakeSwitch.empty(text)
            }
        }
    }

    private static func isLive(_ bench: Bench) -> Bool { if case .live = bench.status { true } else { false } }

    private static func configured(_ bench: Bench) -> [String] {
        bench.store.changes.compactMap { change in
            guard case .configuration(let told) = change else { return nil }
            return "\(told.what.rawValue) \(told.agent ?? told.queue ?? "") \(told.origin)"
        }
    }

    @Test func `an agent that somebody added and one that somebody deleted are found and told`() async throws {
        let lists = Lists()
        try await Bench(FakeSwitch(reply: { lists.reply($0) })) { $0.reconcileRhythm = .milliseconds(10) }.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            lists.agents.withLock { $0 = ["2002@default"] }
            try await eventually("told") { Self.configured(bench).count == 2 }
            #expect(Self.configured(bench) == ["agent-added 2002@default external", "agent-removed 1001@default external"])
            #expect(bench.directory.nodes(of: "2002@default") == ["fs1"])
            #expect(bench.node.state.withLock { $0.uses } == [.following, .following, .commands])
        }
    }

    @Test func `nobody looks when nobody is to, unless a command met a surprise`() async throws {
        let lists = Lists()
        try await Bench(FakeSwitch(reply: { lists.reply($0) })) { $0.reconcileRhythm = nil }.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            let reads = bench.node.commands.count { $0 == "callcenter_config agent list" }
            lists.agents.withLock { $0 = [] }
            try await Task.sleep(for: .milliseconds(50))
            #expect(bench.node.commands.count { $0 == "callcenter_config agent list" } == reads)
            bench.node.state.withLock { state in
                let reply = state.reply
                state.reply = { $0.hasPrefix("callcenter_config agent set") ? "-ERR Agent not found!\n" : reply($0) }
            }
            let commands = bench.commands
            await #expect(throws: CommandError.self) { _ = try await commands.ready(agent: "1001@default", by: .adminToken) }
            try await eventually("found") { Self.configured(bench) == ["agent-removed 1001@default external"] }
        }
    }

    @Test func `a command without an answer costs the commands' connection and nothing else`() async throws {
        let bench = Bench()
        try await bench.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.state.withLock { $0.silent = "callcenter_config agent set" }
            let commands = bench.commands
            let error = await #expect(throws: CommandError.self) { _ = try await commands.ready(agent: "1001@default", by: .adminToken) }
            #expect(error?.code == .timedOut)
            #expect(Self.isLive(bench))
            bench.node.state.withLock { $0.silent = nil }
            // The next has a connection of its own again.
            _ = try await bench.pipeline.send(APICall("status"))
            #expect(bench.node.state.withLock { $0.uses } == [.following, .following, .commands, .commands])
            #expect(!bench.shownMessages.contains { $0.contains("system.degraded") })
        }
    }

    @Test func `a queue that takes long to load lets everything else go on, and a second one wait outside`() async throws {
        let lists = Lists()
        let bench = Bench(FakeSwitch(reply: { lists.reply($0) }))
        try await bench.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.state.withLock { $0.held = "callcenter_config queue reload" }
            let commands = ConfigurationCommands(
                roster: NodeRoster(nodes: [("fs1", bench.pipeline)], directory: bench.directory), catalogue: bench.queues)
            async let reload = commands.run(.reload, queue: "support@default", node: nil, by: .adminToken)
            try await eventually("under way") { bench.node.commands.contains { $0.contains("queue reload") } }
            _ = try await bench.pipeline.send(APICall("status"))
            let error = await #expect(throws: CommandError.self) {
                _ = try await commands.run(.reload, queue: "support@default", node: nil, by: .adminToken)
            }
            #expect(error?.code == .nodeUnavailable)
            bench.node.state.withLock { $0.held = nil }
            let outcome = try await reload
            #expect(outcome.applied)
            #expect(outcome.actual == ["loaded": true, "tiers": 0])
            #expect(bench.node.state.withLock { $0.uses.filter { $0 == .slowCommand }.count } == 1)
            #expect(Self.isLive(bench))
        }
    }

    @Test func `a mod_callcenter that is gone is found by looking`() async throws {
        let bench = Bench { $0.reconcileRhythm = .milliseconds(20) }
        try await bench.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.state.withLock {
                $0.reply = { $0.hasPrefix("callcenter_config") ? "-ERR callcenter_config Command not found!\n" : FakeSwitch.empty($0) }
            }
            try await eventually("said") { bench.status == .connecting("mod_callcenter is not loaded: load mod_callcenter") }
            let commands = bench.commands
            let error = await #expect(throws: CommandError.self) { _ = try await commands.ready(agent: "1001@default", by: .adminToken) }
            #expect(error?.code == .nodeUnavailable)
            #expect(error?.message.contains("mod_callcenter is not loaded") == true)
        }
    }
}
