import CallCenter
import Hiredis
import NIOCore
import ScreenPop
import ScreenPopStore
import Testing

/// Each change in the keys of the contract, read with the commands an integrator would type.
@Suite(.timeLimit(.minutes(1)))
struct ViewTests {
    @Test func thePopIsAFlatHashWithoutUnknownFields() async throws {
        try await withStore { test in
            let pop = samplePop()
            _ = try await test.append([.pop(.offered, pop), .currentPop(agent: pop.agent, pop)], number: 1)
            let json = String(decoding: pop.json, as: UTF8.self)
            #expect(
                try await test.hash("screenpop:{default}:agent:1001@default:pop") == [
                    "id": "p-1", "version": "1", "kind": "queue", "state": "offered", "agent": "1001@default", "node": "fs1",
                    "queue": "support@default", "caller_number": "+8613900139000", "caller_name": "王小明", "dialed": "7000",
                    "call_uuid": "call-1", "joined_at": "2026-11-23T09:59:48.000Z", "offered_at": "2026-11-23T10:00:00.000Z",
                    "wait_seconds": "12", "attributes": #"{"crm_id":"crm\"4711","ivr_choice":"billing"}"#, "json": json,
                ])
            #expect(string(try await test.store.pop(agent: "1001@default").get()) == json)
            #expect(try await test.store.livePops(node: "fs1").get() == [pop])
        }
    }

    @Test func aFieldThatBecomesUnknownGoes() async throws {
        try await withStore { test in
            var pop = samplePop()
            pop.heldAt = time(5)
            _ = try await test.append([.currentPop(agent: pop.agent, pop)], number: 1)
            #expect(try await test.hash(test.keys.agentPop(pop.agent))["held_at"] == "2026-11-23T10:00:05.000Z")
            pop.heldAt = nil
            _ = try await test.append([.currentPop(agent: pop.agent, pop)], number: 2)
            #expect(try await test.hash(test.keys.agentPop(pop.agent))["held_at"] == nil)
        }
    }

    @Test func anEndedPopLeavesTheViewAndIsKept() async throws {
        try await withStore { test in
            var pop = samplePop()
            _ = try await test.append([.pop(.offered, pop), .currentPop(agent: pop.agent, pop)], number: 1)
            pop.state = .ended
            pop.version = 2
            pop.endReason = .callerAbandoned
            _ = try await test.append([.pop(.ended, pop), .currentPop(agent: pop.agent, nil)], number: 2)
            #expect(try await test.integer("EXISTS", test.keys.agentPop(pop.agent), test.keys.agentLive(pop.agent), test.keys.nodePops("fs1")) == 0)
            let (items, next) = try await test.store.pops(agent: pop.agent, limit: 10, before: nil).get()
            #expect(items.map { string($0) } == [String(decoding: pop.json, as: UTF8.self)])
            #expect(next == nil)
            #expect(try await test.store.livePops(node: "fs1").get() == [])
        }
    }

    @Test func recentPopsComeInPagesNewestFirstAndEndAt200() async throws {
        try await withStore { test in
            let changes = (1...205).map { number -> Change in
                var pop = samplePop("p-\(number)")
                pop.state = .ended
                return .pop(.ended, pop)
            }
            _ = try await test.append(changes, number: 1)
            #expect(try await test.integer("XLEN", test.keys.agentPops("1001@default")) == 200)
            var ids: [String] = []
            var before: Cursor?
            repeat {
                let (items, next) = try await test.store.pops(agent: "1001@default", limit: 90, before: before).get()
                #expect(items.count == (ids.count < 180 ? 90 : 20))
                ids += items.compactMap { Pop(json: $0.readableBytesView)?.id }
                before = next
            } while before != nil
            #expect(ids == (6...205).reversed().map { "p-\($0)" })
        }
    }

    @Test func anAgentIsAHashAndAName() async throws {
        try await withStore { test in
            var agent = AgentRecord(name: "1001@default", node: "fs1")
            agent.status = .onBreak
            agent.normalized = .notReady
            agent.reason = "lunch"
            agent.contact = "user/1001@example.org"
            agent.statusChangedAt = time()
            agent.pops = ["p-1"]
            _ = try await test.append([.agent(agent)], number: 1)
            let hash = try await test.hash("screenpop:{default}:agent:1001@default")
            #expect(hash["status"] == "On Break")
            #expect(hash["state"] == "Waiting")
            #expect(hash["normalized"] == "notReady")
            #expect(hash["reason"] == "lunch")
            #expect(hash["contact"] == "user/1001@example.org")
            #expect(hash["node"] == "fs1")
            #expect(hash["pop"] == "p-1")
            #expect(hash["status_changed_at"] == "2026-11-23T10:00:00.000Z")
            #expect(hash["json"] == String(decoding: agent.json, as: UTF8.self))
            #expect(try await test.redis("SMEMBERS", "screenpop:{default}:agents") == .array([.bulk(ByteBuffer(string: "1001@default"))]))
            #expect(try await test.store.agents().get().map { string($0) } == [String(decoding: agent.json, as: UTF8.self)])
            #expect(try await test.store.names(node: "fs1").get().agents == ["1001@default"])
        }
    }

    @Test func aRemovedAgentLeavesOnlyItsPast() async throws {
        try await withStore { test in
            let agent = AgentRecord(name: "1001@default", node: "fs1")
            var pop = samplePop()
            pop.state = .ended
            _ = try await test.append([.agent(agent), .pop(.ended, pop), .currentPop(agent: agent.name, samplePop("p-2"))], number: 1)
            #expect(try await test.integer("PTTL", test.keys.agentPops(agent.name)) == -1)
            _ = try await test.append([.agentRemoved(agent.name)], number: 2)
            #expect(try await test.integer("EXISTS", test.keys.agent(agent.name), test.keys.agentPop(agent.name), test.keys.agents) == 0)
            #expect(try await test.store.agent(agent.name).get() == nil)
            #expect(try #require(try await test.integer("PTTL", test.keys.agentPops(agent.name))) > 0)
            _ = try await test.append([.agent(agent)], number: 3)
            #expect(try await test.integer("PTTL", test.keys.agentPops(agent.name)) == -1)
        }
    }

    @Test func aQueueShowsItsCountsAndItsMembersOldestFirst() async throws {
        try await withStore { test in
            var queue = QueueRecord(name: "support@default", node: "fs1")
            queue.waiting = 2
            queue.agentsReady = 3
            queue.longestWaitSince = time(-30)
            let older = MemberRecord(uuid: "m-2", queue: queue.name, node: "fs1", joinedAt: time(-30))
            let newer = MemberRecord(uuid: "m-1", queue: queue.name, node: "fs1", joinedAt: time(-10))
            _ = try await test.append([.memberJoined(newer), .memberJoined(older), .queue(queue)], number: 1)
            let hash = try await test.hash("screenpop:{default}:queue:support@default")
            #expect(hash["waiting"] == "2")
            #expect(hash["agents_ready"] == "3")
            #expect(hash["agents_talking"] == "0")
            #expect(hash["longest_wait_since"] == "2026-11-23T09:59:30.000Z")
            #expect(hash["answered"] == "0")
            let expected = [older, newer].map { String(decoding: $0.json, as: UTF8.self) }
            #expect(try await test.store.members(queue: queue.name).get().map { string($0) } == expected)
            _ = try await test.append([.memberLeft(older)], number: 2)
            #expect(try await test.store.members(queue: queue.name).get().map { string($0) } == [expected[1]])
            _ = try await test.append([.queueRemoved(queue.name)], number: 3)
            #expect(try await test.store.queues().get() == [])
            #expect(try await test.integer("EXISTS", test.keys.queue(queue.name), test.keys.queueMembers(queue.name), test.keys.queues) == 0)
        }
    }

    @Test func aCallIsKeptADayAfterItsEndAndOnceInItsCallersPast() async throws {
        try await withStore { test in
            var call = CallRecord(uuid: "call-1", node: "fs1", kind: .queue, startedAt: time())
            call.caller.number = "+8613900139000"
            _ = try await test.append([.call(call)], number: 1)
            #expect(try await test.store.calls(caller: "+8613900139000").get() == [])
            call.endedAt = time(60)
            call.endReason = .completedCaller
            _ = try await test.append([.call(call)], number: 2)
            _ = try await test.append([.call(call)], number: 3)
            let json = String(decoding: call.json, as: UTF8.self)
            #expect(try await test.store.calls(caller: "+8613900139000").get().map { string($0) } == [json])
            #expect(string(try await test.store.call("call-1").get()) == json)
            #expect(try await test.hash(test.keys.call("call-1"))["end_reason"] == "completed-caller")
            let day: Int64 = 86_400_000
            #expect((day - 60_000...day).contains(try #require(try await test.integer("PTTL", test.keys.call("call-1")))))
            let callers = try #require(try await test.integer("PTTL", "screenpop:{default}:caller:+8613900139000:calls"))
            #expect((90 * day - 60_000...90 * day).contains(callers))
        }
    }

    @Test func aCallerWithoutANumberHasNoPast() async throws {
        try await withStore { test in
            var call = CallRecord(uuid: "call-1", node: "fs1", kind: .queue, startedAt: time())
            call.endedAt = time(60)
            _ = try await test.append([.call(call)], number: 1)
            #expect(try await test.redis("KEYS", "*caller*") == .array([]))
        }
    }

    @Test func theTraceIsKeptInOrderForADay() async throws {
        try await withStore { test in
            let seen = TraceEntry(at: time(), kind: .seen, what: "member-queue-start", queue: "support@default")
            let decided = TraceEntry(at: time(1), kind: .decided, what: "pop.offered", agent: "1001@default")
            _ = try await test.append([.trace(call: "call-1", seen), .trace(call: "call-1", decided)], number: 1)
            #expect(
                try await test.store.trace(call: "call-1").get().map { string($0) }
                    == [seen, decided].map { String(decoding: $0.json, as: UTF8.self) })
            #expect(try #require(try await test.integer("PTTL", test.keys.callTrace("call-1"))) > 0)
        }
    }

    @Test func theNodeSaysWhatWasWrittenLast() async throws {
        try await withStore { test in
            let fence = try await test.store.takeOver(node: "fs1", owner: "host:42").get()
            _ = try await test.append([], fence: fence, number: 1)
            let hash = try await test.hash("screenpop:{default}:node:fs1")
            #expect(hash["core_uuid"] == "core-1")
            #expect(hash["sequence"] == "101")
            #expect(hash["owner"] == "host:42")
            #expect(try await test.redis("GET", "screenpop:{default}:schema").text == "1")
        }
    }
}
