import CallCenter
import Hiredis
import NIOCore
import ScreenPop
import Synchronization
import Testing

@testable import ScreenPopService

/// What ended is over in Redis, too, after all was written anew.
struct RewriteTests {
    private static func hangUp(_ talk: TalkingAgent) {
        talk.push(talk.hangup(TalkingAgent.agentLeg) + talk.bridgeEnd() + talk.hangup(TalkingAgent.callerLeg))
    }

    private static func ended(_ bench: Bench) -> [Pop] { bench.store.pops.filter { $0.0 == .ended }.map(\.1) }

    private static func isWrittenAnew(_ bench: Bench) -> Bool {
        bench.store.changes.contains { if case .system(let system) = $0 { system.what == .resync } else { false } }
    }

    @Test func `a pop that is over and that Redis has back ends once more, as it did`() async throws {
        try await TalkingAgent().run { talk in
            let bench = talk.bench
            let live = try #require(bench.store.pops.last?.1)
            Self.hangUp(talk)
            try await eventually("ended") { bench.store.pops.last?.0 == .ended }
            let ended = try #require(bench.store.pops.last?.1)
            #expect(ended.id == live.id && ended.endReason != .lostTrack)
            // Of this one nobody knows anything.
            var stranger = Pop(id: "p-x", kind: .queue, agent: "1009@default", node: "fs1", offeredAt: live.offeredAt)
            stranger.state = .answered
            stranger.version = 3
            bench.store.state.withLock {
                $0.live = [live, stranger]
                $0.changes = []
            }
            bench.pipeline.rewrite()
            try await eventually("written anew") { Self.isWrittenAnew(bench) }
            let pops = bench.store.pops
            #expect(pops.map(\.0) == [.ended, .ended])
            #expect(pops.first?.1 == ended)
            #expect(pops.last?.1.id == "p-x")
            #expect(pops.last?.1.endReason == .lostTrack)
            #expect(pops.last?.1.version == 4)
            for agent in [live.agent, stranger.agent] { #expect(bench.store.changes.contains(.currentPop(agent: agent, nil))) }
            let calls = bench.store.changes.compactMap { if case .call(let call) = $0 { call } else { nil } }
            let call = try #require(calls.first { $0.uuid == live.callUUID })
            #expect(call.endedAt == ended.endedAt && call.endReason == ended.endReason)
            #expect(call.agent == live.agent && call.caller == live.caller)
        }
    }

    @Test func `an end that waits to be written is not told a second time`() async throws {
        try await TalkingAgent().run { talk in
            let bench = talk.bench
            let live = try #require(bench.store.pops.last?.1)
            bench.redisGoes()
            Self.hangUp(talk)
            try await eventually("shown") { bench.shownMessages.contains { $0.hasPrefix(#"{"type":"pop.ended""#) } }
            bench.store.state.withLock { $0.live = [live] }
            bench.pipeline.rewrite()
            bench.redisComes()
            try await eventually("written anew") { Self.isWrittenAnew(bench) }
            #expect(Self.ended(bench).count == 1)
        }
    }

    @Test func `what was in a batch that Redis refused is written when it writes again`() async throws {
        try await TalkingAgent(change: { $0.outbox.retryAfter = .milliseconds(5) }).run { talk in
            let bench = talk.bench
            let live = try #require(bench.store.pops.last?.1)
            bench.store.state.withLock { $0.refusal = .server("NOPERM User default has no permissions to run the 'evalsha' command") }
            Self.hangUp(talk)
            try await eventually("given up") { await bench.pipeline.outbox.lost > 0 }
            bench.store.state.withLock {
                $0.live = [live]
                $0.refusal = nil
            }
            try await eventually("written anew") { Self.isWrittenAnew(bench) }
            #expect(Self.ended(bench).map(\.id) == [live.id])
            #expect(Self.ended(bench).first?.endReason != .lostTrack)
            #expect(bench.store.state.withLock { $0.takeOvers } == 2)
        }
    }

    @Test func `agents and queues that Redis has back are removed again`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { if case .live = bench.status { true } else { false } }
            bench.store.state.withLock {
                $0.agents = ["gone@default"]
                $0.queues = ["closed@default"]
            }
            bench.pipeline.rewrite()
            try await eventually("removed") { bench.store.changes.contains(.queueRemoved("closed@default")) }
            #expect(bench.store.changes.contains(.agentRemoved("gone@default")))
        }
    }
}
