import CallCenter
import EventSocket
import Hiredis
import NIOCore
import RecordingsSupport
import ScreenPop
import Synchronization
import Testing

@testable import ScreenPopService

struct NodePipelineTests {
    private static func isLive(_ bench: Bench) -> Bool {
        if case .live = bench.status { true } else { false }
    }

    private static func system(_ bench: Bench) -> [String] {
        bench.store.changes.compactMap { change in
            if case .system(let system) = change { system.what.rawValue } else { nil }
        }
    }

    @Test func `it subscribes narrowly, takes its snapshot between two canaries, and is live`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { bench.status == .live(coreUUID: "core-1") }
            #expect(
                bench.node.commands == [
                    "event plain CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA "
                        + "CHANNEL_UNBRIDGE CHANNEL_HOLD CHANNEL_UNHOLD CHANNEL_HANGUP CHANNEL_DESTROY HEARTBEAT SHUTDOWN MODULE_LOAD MODULE_UNLOAD CUSTOM "
                        + "callcenter::info screenpop::canary sofia::register sofia::unregister sofia::expire",
                    "callcenter_config queue list", "callcenter_config agent list", "callcenter_config tier list", "show channels as json",
                ])
            #expect(bench.node.connects == 2)
        }
    }

    @Test func `a restricted user goes without what it may not hear`() async throws {
        let node = FakeSwitch()
        node.state.withLock {
            $0.allowed = [
                "CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_HOLD",
                "CHANNEL_UNHOLD", "HEARTBEAT", "BACKGROUND_JOB", "callcenter::info", "screenpop::canary",
            ]
        }
        try await Bench(node).run { bench in try await eventually("live") { Self.isLive(bench) } }
    }

    @Test func `a user without the events of calls is given up with the list of them`() async throws {
        let node = FakeSwitch()
        node.state.withLock { $0.allowed = ["HEARTBEAT"] }
        let line = try await Bench(node).run { bench in
            try await eventually("failed") { if case .failed = bench.status { true } else { false } }
        }
        #expect(
            line
                == "FreeSWITCH refused the events CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_HANGUP_COMPLETE callcenter::info "
                + "(-ERR permission denied): give the user the events and the functions that ScreenPop needs")
    }

    @Test func `a wrong password ends in one line, after one try`() async throws {
        let node = FakeSwitch()
        node.state.withLock { $0.refusal = .authenticationRefused("-ERR invalid") }
        let bench = Bench(node)
        let line = try await bench.run { bench in
            try await eventually("failed") { if case .failed = bench.status { true } else { false } }
        }
        #expect(line == "FreeSWITCH refused the password (-ERR invalid): correct it in the node's URL or in event_socket.conf.xml")
        #expect(node.connects == 1)
    }

    @Test func `a node that is away is tried until it is there`() async throws {
        let node = FakeSwitch()
        node.state.withLock { $0.refusal = .unreachable("127.0.0.1:8021: refused") }
        try await Bench(node).run { bench in
            try await eventually("second try") { node.connects >= 2 }
            let status = bench.status
            #expect(status == .connecting("cannot be reached: 127.0.0.1:8021: refused") || status == .connecting(nil))
            node.state.withLock { $0.refusal = nil }
            try await eventually("live") { Self.isLive(bench) }
        }
    }

    @Test func `after a loss it comes back, and says both`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.drop()
            try await eventually("degraded") { Self.system(bench).contains("system.degraded") }
            try await eventually("live again") { Self.isLive(bench) && Self.system(bench).last == "system.resync" }
            #expect(Self.system(bench) == ["system.degraded", "system.recovered", "system.resync"])
            #expect(bench.node.connects == 4)
        }
    }

    @Test func `a missing module is waited for, and its load is heard`() async throws {
        let isLoaded = Flag()
        let node = FakeSwitch { text in
            if text.hasPrefix("callcenter_config"), !isLoaded.isSet { return "-ERR callcenter_config Command not found!\n" }
            return FakeSwitch.empty(text)
        }
        try await Bench(node).run { bench in
            try await eventually("missing") { bench.status == .connecting("mod_callcenter is not loaded: load mod_callcenter") }
            isLoaded.set()
            node.push("Event-Name: MODULE_LOAD", "type: api", "name: callcenter_config", "key: mod_callcenter")
            try await eventually("live") { Self.isLive(bench) }
            #expect(node.connects == 2)
        }
    }

    @Test func `a canary that does not come back brings a new snapshot`() async throws {
        let bench = Bench { settings in
            settings.machine.canaryRhythm = .milliseconds(5)
            settings.machine.canaryDeadline = .milliseconds(20)
        }
        try await bench.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.state.withLock { $0.returnsCanaries = false }
            try await eventually("synchronizing") { bench.status == .synchronizing }
            bench.node.drop()
            bench.node.state.withLock { $0.returnsCanaries = true }
            try await eventually("live again") { Self.isLive(bench) }
        }
    }

    @Test func `what an earlier process wrote and the node no longer has is removed`() async throws {
        let bench = Bench()
        bench.store.state.withLock {
            $0.agents = ["gone@default"]
            $0.queues = ["closed@default"]
        }
        try await bench.run { bench in
            try await eventually("removed") { bench.store.changes.contains(.queueRemoved("closed@default")) }
            #expect(bench.store.changes.contains(.agentRemoved("gone@default")))
            #expect(
                bench.store.changes.contains(.configuration(.init(what: .agentRemoved, node: bench.pipeline.settings.node, agent: "gone@default"))))
        }
    }

    // MARK: members that an earlier process stored

    private static let storedMember = MemberRecord(
        uuid: "m-1", queue: "support@default", node: "fs1", joinedAt: Timestamp(microseconds: 1_795_387_000_000_000))

    private static func leavings(_ bench: Bench) -> [String] {
        bench.store.changes.compactMap { change in
            if case .memberLeft(let member) = change { "\(member.uuid) \(member.leaveReason?.rawValue ?? "-")" } else { nil }
        }
    }

    @Test func `who left a queue while no process looked is told once`() async throws {
        let bench = Bench()
        bench.store.state.withLock { $0.members = [Self.storedMember] }
        try await bench.run { bench in
            try await eventually("told") { Self.leavings(bench) == ["m-1 lost-track"] }
            bench.node.drop()
            try await eventually("another snapshot") { Self.system(bench).contains("system.resync") }
            #expect(Self.leavings(bench).count == 1)
        }
    }

    @Test func `who left is told when Redis comes after the node, too`() async throws {
        let bench = Bench { $0.storePatience = .milliseconds(5) }
        bench.store.state.withLock { $0.members = [Self.storedMember] }
        try await bench.run(redis: false) { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.redisComes()
            try await eventually("told") { Self.leavings(bench) == ["m-1 lost-track"] }
        }
    }

    @Test func `who left before Redis came back as it was earlier is told again`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.store.state.withLock { $0.members = [Self.storedMember] }
            bench.pipeline.rewrite()
            try await eventually("told") { Self.leavings(bench) == ["m-1 lost-track"] }
        }
    }

    @Test func `a leaving that waits to be written is not told a second time`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            func push(_ action: String, _ at: Int64, _ more: String...) {
                let headers = [
                    "Event-Name: CUSTOM", "Event-Subclass: callcenter::info", "Core-UUID: core-1", "Event-Date-Timestamp: \(at)",
                    "Event-Sequence: \(at % 1000)", "CC-Action: \(action)", "CC-Queue: support@default", "CC-Member-UUID: m-1",
                    "CC-Member-Session-UUID: caller",
                ]
                bench.node.push([Event(plain: ByteBuffer(string: (headers + more).joined(separator: "\n") + "\n\n"))])
            }
            push("member-queue-start", 1_795_387_000_000_001)
            try await eventually("joined") { bench.store.changes.contains { if case .memberJoined = $0 { true } else { false } } }
            bench.redisGoes()
            push("member-queue-end", 1_795_387_000_000_002, "CC-Cause: Cancel", "CC-Cancel-Reason: TIMEOUT")
            try await eventually("shown") { bench.shownMessages.contains { $0.hasPrefix(#"{"type":"member.left""#) } }
            bench.store.state.withLock { $0.members = [Self.storedMember] }
            bench.pipeline.rewrite()
            bench.redisComes()
            try await eventually("written anew") { Self.system(bench).contains("system.resync") }
            #expect(Self.leavings(bench) == ["m-1 queue-timeout"])
        }
    }

    // MARK: without canaries

    /// What a server answers that knows mod_callcenter's lists and nothing else.
    private static let poor: @Sendable (String) -> String = { text in
        text.hasPrefix("callcenter_config") ? "+OK\n" : "-ERR \(text.prefix { $0 != " " }) Command not found!\n"
    }

    /// The recorded call makes the same pop as ever.
    private static func playAnsweredCall(_ bench: Bench) async throws {
        bench.node.push(try Recording("answered").events)
        try await eventually("the pop's end") { bench.store.pops.last?.0 == .ended }
        let core = try #require(try Recording("answered").events.first?.coreUUID)
        try await eventually("its Core-UUID") { if case .live(core, _) = bench.status { true } else { false } }
        #expect(bench.store.pops.map(\.0).filter { $0 != .updated } == [.offered, .answered, .ended])
        #expect(bench.store.pops.last?.1.endReason == .completedCaller)
    }

    @Test(arguments: [FakeSwitch.empty, poor])
    func `a node that sends no canary back is live and pops all the same`(reply: @escaping @Sendable (String) -> String) async throws {
        let node = FakeSwitch(reply: reply)
        node.state.withLock { $0.returnsCanaries = false }
        try await Bench(node) { $0.machine.canaryPatience = .milliseconds(10) }.run { bench in
            try await eventually("live") { bench.status == .live(coreUUID: "", detail: "no canary event came back") }
            try await Self.playAnsweredCall(bench)
            #expect(node.connects == 2)
        }
    }

    @Test func `a node that refuses sendevent is live and pops all the same`() async throws {
        let node = FakeSwitch(reply: Self.poor)
        node.state.withLock { $0.refusesSendEvent = true }
        try await Bench(node).run { bench in
            try await eventually("live") { bench.status == .live(coreUUID: "", detail: "sendevent is refused: -ERR command not found") }
            try await Self.playAnsweredCall(bench)
            #expect(node.connects == 2)
        }
    }

    @Test func `a user that may not hear canaries is followed without them, and FreeSWITCH tells who it is`() async throws {
        let node = FakeSwitch { $0 == "global_getvar core_uuid" ? "core-7" : FakeSwitch.empty($0) }
        node.state.withLock { state in
            state.returnsCanaries = false
            state.allowed = ["CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_HANGUP_COMPLETE", "callcenter::info"]
        }
        try await Bench(node).run { bench in
            try await eventually("live") {
                bench.status == .live(coreUUID: "core-7", detail: "the event screenpop::canary is refused")
            }
        }
    }

    @Test func `lost events in FreeSWITCH's log bring a new snapshot`() async throws {
        let bench = Bench { $0.machine.lossRhythm = .milliseconds(1) }
        try await bench.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            let before = bench.node.commands.count
            bench.node.logLine("2026-11-23 10:00:00.000000 [CRIT] mod_event_socket.c:366 Lost [12] events! Event Queue size: [10/100000]\n")
            try await eventually("a second snapshot") { bench.node.commands.count == before + 4 && Self.isLive(bench) }
            try await eventually("resync is said") { Self.system(bench) == ["system.resync"] }
        }
    }

    @Test func `without Redis the node is live all the same, and everything is written once Redis is there`() async throws {
        let bench = Bench { $0.storePatience = .milliseconds(5) }
        try await bench.run(redis: false) { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.drop()
            try await eventually("degraded is shown") { bench.shownMessages.contains { $0.hasPrefix(#"{"type":"system.degraded""#) } }
            try await eventually("live again") { Self.isLive(bench) }
            #expect(bench.store.changes == [])
            bench.redisComes()
            try await eventually("written") { Self.system(bench).starts(with: ["system.degraded", "system.recovered", "system.resync"]) }
            // The pops of an earlier process, which could not be read at the start, are asked for now, and the node is written anew.
            try await eventually("anew") { Self.system(bench).last == "system.resync" && Self.system(bench).count == 4 }
        }
    }

    @Test func `what was written without our knowing it is not written twice`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.store.state.withLock { $0.swallowed = 1 }
            bench.node.drop()
            try await eventually("written and not confirmed") { Self.system(bench) == ["system.degraded"] }
            bench.redisGoes()
            bench.redisComes()
            try await eventually("the rest") { Self.system(bench).count >= 3 }
            #expect(Self.system(bench) == ["system.degraded", "system.recovered", "system.resync"])
            #expect(bench.store.state.withLock { $0.takeOvers } == 1)
        }
    }

    @Test func `another instance's take-over silences this one`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.store.state.withLock {
                $0.fence += 1
                $0.isTakenByAnother = true
            }
            bench.node.drop()
            try await eventually("it ends") { bench.ending == .fenced }
            #expect(bench.status == .failed("another instance has taken this node over; this one stands by"))
            #expect(bench.store.changes.allSatisfy { if case .system = $0 { false } else { true } })
        }
    }

    @Test func `one whose node another instance has commands it no more, and hears it no more`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.store.state.withLock {
                $0.fence += 1
                $0.isTakenByAnother = true
            }
            bench.pipeline.rewrite()
            try await eventually("it ends") { bench.ending == .fenced }
            #expect(await !bench.pipeline.machine.takesCommands)
            let refusal = CommandError(
                .nodeUnavailable, "fs1 takes no commands now: another instance has taken this node over; this one stands by")
            await #expect(throws: refusal) { _ = try await bench.pipeline.send(APICall("status")) }
            await #expect(throws: refusal) { _ = try await bench.pipeline.sendPatiently(APICall("status")) }
            #expect(!bench.node.commands.contains("status"))
        }
    }

    @Test func `one that is retired closes its connections and drops what waits`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.redisGoes()
            bench.node.drop()
            try await eventually("something waits") { bench.shownMessages.contains { $0.hasPrefix(#"{"type":"system.degraded""#) } }
            bench.pipeline.retire()
            try await eventually("it ends") { bench.ending == .stopped }
            bench.redisComes()
            _ = await bench.pipeline.now()
            #expect(Self.system(bench).isEmpty)
            #expect(bench.store.state.withLock { $0.takeOvers } == 1)
        }
    }

    @Test func `one that is retired before it runs ends at once`() async throws {
        let bench = Bench()
        bench.pipeline.retire()
        try await bench.run { bench in try await eventually("it ends") { bench.ending == .stopped } }
        #expect(bench.node.connects == 0)
    }

    @Test func `one that is retired while it waits for Redis at its end waits no longer`() async throws {
        try await Bench { $0.stopPatience = .seconds(600) }.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.redisGoes()
            bench.node.drop()
            try await eventually("something waits") { bench.shownMessages.contains { $0.hasPrefix(#"{"type":"system.degraded""#) } }
            bench.pipeline.beginShutdown()
            _ = await bench.pipeline.now()
            #expect(bench.ending == nil)
            bench.pipeline.retire()
            try await eventually("it ends") { bench.ending == .stopped }
        }
    }

    @Test func `one that ends while a queue is being loaded does not wait for that`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.state.withLock { $0.held = "callcenter_config queue load" }
            let isRefused = Flag()
            async let loading: Void = {
                let call = try APICall("callcenter_config", "queue load support@default")
                let error = await #expect(throws: CommandError.self) { _ = try await bench.pipeline.sendPatiently(call) }
                #expect(error?.code == .nodeUnavailable)
                isRefused.set()
            }()
            try await eventually("under way") { bench.node.commands.contains("callcenter_config queue load support@default") }
            bench.pipeline.beginShutdown()
            let hasEnded = (try? await eventually("given up") { isRefused.isSet }) != nil
            #expect(hasEnded)
            bench.node.state.withLock { $0.held = nil }
            try await loading
            try await eventually("all is closed") { bench.node.state.withLock { $0.open.isEmpty } }
        }
    }

    @Test(arguments: [ConnectionUse.commands, .slowCommand])
    func `a connection that is there only after the end is closed`(use: ConnectionUse) async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.state.withLock { $0.heldUse = use }
            async let asking: Void = {
                let call = try APICall("status")
                let error = await #expect(throws: CommandError.self) {
                    _ = use == .commands ? try await bench.pipeline.send(call) : try await bench.pipeline.sendPatiently(call)
                }
                #expect(error?.code == .nodeUnavailable)
            }()
            try await eventually("being made") { bench.node.connects == 3 }
            bench.pipeline.beginShutdown()
            try await eventually("it ends") { bench.ending == .stopped }
            bench.node.state.withLock { $0.heldUse = nil }
            try await asking
            #expect(!bench.node.commands.contains("status"))
            try await eventually("all is closed") { bench.node.state.withLock { $0.open.isEmpty } }
        }
    }

    @Test func `a higher token that no other instance took is taken, not obeyed`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            // Redis came back empty, and a late batch of this instance raised the token in it.
            bench.store.state.withLock { $0.fence += 1 }
            bench.node.drop()
            try await eventually("written") { Self.system(bench).starts(with: ["system.degraded", "system.recovered", "system.resync"]) }
            try await eventually("live again") { Self.isLive(bench) }
        }
    }

    @Test func `a Redis without the last batches it confirmed is written anew`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.node.drop()
            try await eventually("live again") { Self.isLive(bench) && Self.system(bench).count == 3 }
            bench.store.state.withLock { $0.lastNumber? -= 1 }
            bench.node.drop()
            try await eventually("written") { Self.system(bench).count == 6 && Self.isLive(bench) }
            #expect(Self.system(bench).last == "system.resync")
            #expect(bench.store.state.withLock { $0.takeOvers } == 2)
        }
    }

    @Test func `one whose node another instance has does not take it back when the log is lost`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.store.state.withLock {
                $0.fence += 1
                $0.isTakenByAnother = true
            }
            bench.pipeline.rewrite()
            try await eventually("it ends") { bench.ending == .fenced }
            bench.pipeline.rewrite()
            _ = await bench.pipeline.now()
            #expect(bench.store.state.withLock { $0.takeOvers } == 2)
        }
    }

    @Test func `what a full Redis does not take is shown at once`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.store.state.withLock { $0.refusal = .server("OOM command not allowed when used memory > 'maxmemory'.") }
            bench.node.drop()
            try await eventually("degraded is shown") { bench.shownMessages.contains { $0.hasPrefix(#"{"type":"system.degraded""#) } }
            try await eventually("not ready") { bench.status == .connecting("Redis does not write what happens on the node; see the log") }
            bench.store.state.withLock { $0.refusal = nil }
            try await eventually("written") { Self.system(bench) == ["system.degraded", "system.recovered", "system.resync"] }
        }
    }

    @Test func `an agent that two nodes had goes to the second when the first loses it`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { Self.isLive(bench) }
            #expect(bench.directory.add("1001@default", node: "fs2") == ["fs2"])
            func changeStatus(_ status: String, sequence: Int) {
                bench.node.push(
                    "Event-Name: CUSTOM", "Core-UUID: core-1", "Event-Date-Timestamp: 1795428000000000", "Event-Sequence: \(sequence)",
                    "Event-Subclass: callcenter::info", "CC-Action: agent-status-change", "CC-Agent: 1001@default",
                    "CC-Agent-Status: \(status)")
            }
            changeStatus("Available", sequence: 900)
            try await eventually("known") { bench.directory.nodes(of: "1001@default") == ["fs2", "fs1"] }
            let isWritten = { bench.store.changes.contains { if case .agent = $0 { true } else { false } } }
            #expect(!isWritten())
            bench.directory.remove("1001@default", node: "fs2")
            changeStatus("On Break", sequence: 901)
            try await eventually("ours is shown") { isWritten() }
        }
    }

    @Test func `a node that cannot be taken over in Redis is not ready, and says why`() async throws {
        let bench = Bench { $0.storePatience = .milliseconds(5) }
        bench.store.state.withLock { $0.schema = "2" }
        try await bench.run { bench in
            try await eventually("said") { bench.status == .connecting(#"Redis does not let the node be taken over: schema("2")"#) }
            bench.store.state.withLock { $0.schema = nil }
            try await eventually("live") { Self.isLive(bench) }
        }
    }

    @Test func `what waits at the end is written before it stops`() async throws {
        let bench = Bench()
        try await bench.run { bench in
            try await eventually("live") { Self.isLive(bench) }
            bench.redisGoes()
            bench.node.drop()
            try await eventually("degraded") { bench.shownMessages.contains { $0.hasPrefix(#"{"type":"system.degraded""#) } }
            bench.pipeline.beginShutdown()
            bench.redisComes()
        }
        #expect(Self.system(bench).first == "system.degraded")
    }
}

/// A flag that a reply closure reads.
final class Flag: Sendable {
    private let flag = Mutex(false)
    var isSet: Bool { self.flag.withLock { $0 } }
    func set() { self.flag.withLock { $0 = true } }
}
