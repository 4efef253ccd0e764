import CallCenter
import Hiredis
import NIOCore
import RedisServerSupport
import ScreenPop
import ScreenPopStore
import Testing

/// What makes the append script safe to repeat, to race and to fail.
@Suite(.timeLimit(.minutes(1)))
struct AppendTests {
    @Test func theLogHasTheMessagesInOrder() async throws {
        try await withStore { test in
            let pop = samplePop()
            let agent = AgentRecord(name: "1001@default", node: "fs1")
            let queue = QueueRecord(name: "support@default", node: "fs1")
            let changes: [Change] = [.pop(.offered, pop), .currentPop(agent: pop.agent, pop), .agent(agent), .queue(queue)]
            let cursors = try await test.append(changes, number: 1)
            #expect(cursors.count == 3)
            #expect(cursors == cursors.sorted())
            let expected = zip(cursors, changes.compactMap(\.message)).map { cursor, message in
                LogEntry(cursor: cursor, type: message.type, agent: message.agent, queue: message.queue, json: ByteBuffer(bytes: message.json))
            }
            #expect(expected.map(\.type) == ["pop.offered", "agent.state", "queue.stats"])
            #expect(try await test.store.log(after: .zero, limit: 10).get() == .entries(expected))
            #expect(try await test.store.end().get() == cursors.last)
        }
    }

    @Test func aRepeatedBatchIsConfirmedAndNotWrittenAgain() async throws {
        try await withStore { test in
            let first = try await test.append([.pop(.offered, samplePop("p-1"))], number: 7)
            let second = try await test.append([.pop(.offered, samplePop("p-2"))], number: 8)
            #expect(try await test.append([.pop(.offered, samplePop("p-1"))], number: 7) == first)
            #expect(try await test.append([.pop(.offered, samplePop("p-2"))], number: 8) == second)
            #expect(try await test.integer("XLEN", test.keys.log) == 2)
        }
    }

    @Test func aBatchThatOvertakesAnotherIsRefused() async throws {
        try await withStore { test in
            _ = try await test.append([], number: 1)
            await #expect(throws: StoreError.outOfOrder) { try await test.append([.pop(.offered, samplePop())], number: 3) }
            #expect(try await test.integer("XLEN", test.keys.log) == 0)
            _ = try await test.append([], number: 2)
            #expect(try await test.append([.pop(.offered, samplePop())], number: 3).count == 1)
        }
    }

    @Test func theSameInstanceKeepsItsTokenAndItsNumbers() async throws {
        try await withStore { test in
            let fence = try await test.store.takeOver(node: "fs1", owner: "host:42").get()
            _ = try await test.append([.pop(.offered, samplePop("p-1"))], fence: fence, number: 1)
            #expect(try await test.store.takeOver(node: "fs1", owner: "host:42").get() == fence)
            _ = try await test.append([.pop(.offered, samplePop("p-1"))], fence: fence, number: 1)
            #expect(try await test.integer("XLEN", test.keys.log) == 1)
            // Redis may have lost its last second in a crash: the first batch after a take-over may skip numbers.
            #expect(try await test.append([.pop(.offered, samplePop("p-2"))], fence: fence, number: 5).count == 1)
            await #expect(throws: StoreError.outOfOrder) { try await test.append([], fence: fence, number: 7) }
        }
    }

    @Test func anotherInstanceBeginsAnewAndFencesTheFirst() async throws {
        try await withStore { test in
            let first = try await test.store.takeOver(node: "fs1", owner: "host:1").get()
            _ = try await test.append([.pop(.offered, samplePop("p-1"))], fence: first, number: 1)
            // The same host and process number, as a container that restarted has.
            let restarted = Store(client: test.client, site: "default", logger: quiet)
            await #expect(throws: StoreError.fenced) { try await restarted.takeOver(node: "fs1", owner: "host:1").get() }
            #expect(try await restarted.claimLease(of: ["fs1"], owner: "host:1", life: .seconds(5), .acquire).get() == .held)
            let second = try await restarted.takeOver(node: "fs1", owner: "host:1").get()
            #expect(second > first)
            #expect(try await test.append([.pop(.offered, samplePop("p-2"))], fence: second, number: 1, by: restarted).count == 1)
            await #expect(throws: StoreError.fenced) { try await test.append([.pop(.offered, samplePop("p-3"))], fence: first, number: 2) }
            #expect(try await test.integer("XLEN", test.keys.log) == 2)
            #expect(try await test.hash(test.keys.nodePops("fs1")).keys.sorted() == ["p-1", "p-2"])
        }
    }

    @Test func aKeyOfAnotherTypeStopsTheWholeBatch() async throws {
        try await withStore { test in
            _ = try await test.redis("SET", test.keys.agentPop("1001@default"), "somebody else's")
            let pop = samplePop()
            let error = await #expect(throws: RedisError.self) {
                try await test.append([.pop(.offered, pop), .currentPop(agent: pop.agent, pop)], number: 1)
            }
            #expect(error?.serverCode == "WRONGTYPE")
            #expect(try await test.redis("KEYS", "*") == .array([.bulk(ByteBuffer(string: test.keys.agentPop("1001@default")))]))
        }
    }

    @Test func fullMemoryStopsTheWholeBatch() async throws {
        try await withStore { test in
            _ = try await test.append([], number: 1)
            _ = try await test.redis("CONFIG", "SET", "maxmemory", "1")
            let error = await #expect(throws: RedisError.self) { try await test.append([.pop(.offered, samplePop())], number: 2) }
            #expect(error?.serverCode == "OOM")
            #expect(try await test.integer("EXISTS", test.keys.log, test.keys.agentLive("1001@default")) == 0)
            #expect(try await test.hash(test.keys.node("fs1"))["batch"] == "1")
            _ = try await test.redis("CONFIG", "SET", "maxmemory", "0")
            #expect(try await test.append([.pop(.offered, samplePop())], number: 2).count == 1)
        }
    }

    @Test func aNodeIsReclaimedFromARedisThatLostItAndNotFromAnotherInstance() async throws {
        try await withStore { test in
            let fence = try await test.store.takeOver(node: "fs1", owner: "host:1").get()
            #expect(try await test.store.takeOver(node: "fs1", owner: "host:1").get() == fence)
            let other = Store(client: test.client, site: "default", logger: quiet)
            #expect(try await other.claimLease(of: ["fs1"], owner: "host:2", life: .seconds(5), .acquire).get() == .held)
            #expect(try await other.takeOver(node: "fs1", owner: "host:2").get() == fence + 1)
            await #expect(throws: StoreError.fenced) { try await test.store.takeOver(node: "fs1", owner: "host:1").get() }
            // A Redis that came back empty, in which a late batch has left its token.
            _ = try await test.redis("FLUSHALL")
            _ = try await test.append([], fence: 5, number: 9)
            #expect(try await test.store.takeOver(node: "fs1", owner: "host:1").get() == 6)
        }
    }

    @Test func whoHasNotNoticedThatRedisForgotEverythingDoesNotSpoilTheNumbersOfWhoHasTheNodeNow() async throws {
        try await withStore { test in
            func claim(_ store: Store, owner: String) async throws {
                #expect(try await store.claimLease(of: ["fs1"], owner: owner, life: .seconds(5), .acquire).get() == .held)
            }
            try await claim(test.store, owner: "a:1")
            _ = try await test.redis("HSET", test.keys.node("fs1"), "fence", "7")
            let late = try await test.store.takeOver(node: "fs1", owner: "a:1").get()
            #expect(late == 7)
            _ = try await test.append([.pop(.offered, samplePop("p-1"))], fence: late, number: 1)
            _ = try await test.redis("FLUSHALL")
            let other = Store(client: test.client, site: "default", logger: quiet)
            try await claim(other, owner: "b:2")
            let fence = try await other.takeOver(node: "fs1", owner: "b:2").get()
            #expect(fence < late)
            await #expect(throws: StoreError.fenced) { try await test.append([.pop(.offered, samplePop("p-2"))], fence: late, number: 2) }
            await #expect(throws: StoreError.fenced) { try await test.store.takeOver(node: "fs1", owner: "a:1").get() }
            #expect(try await test.append([.pop(.offered, samplePop("p-3"))], fence: fence, number: 1, by: other).count == 1)
            #expect(try await test.append([.pop(.offered, samplePop("p-4"))], fence: fence, number: 2, by: other).count == 1)
            #expect(try await test.integer("XLEN", test.keys.log) == 2)
        }
    }

    @Test func anotherSchemaIsRefused() async throws {
        try await withStore { test in
            _ = try await test.redis("SET", "screenpop:{default}:schema", "2")
            await #expect(throws: StoreError.schema("2")) { try await test.store.takeOver(node: "fs1", owner: "host:1").get() }
            #expect(try await test.integer("EXISTS", test.keys.node("fs1")) == 0)
        }
    }

    @Test func aUserWhoMayNotDoItAllIsRefusedBeforeTheFirstBatch() async throws {
        try await withStore { test in
            _ = try await test.redis("ACL", "SETUSER", "default", "-xadd")
            let error = await #expect(throws: RedisError.self) { try await test.store.takeOver(node: "fs1", owner: "host:1").get() }
            #expect(error?.serverCode == "NOPERM")
        }
    }

    @Test func aBatchThatFailsHalfWayGoesOnWhereItStopped() async throws {
        try await withStore { test in
            let fence = try await test.store.takeOver(node: "fs1", owner: "host:1").get()
            _ = try await test.append([], fence: fence, number: 1)
            let changes: [Change] = [.agent(AgentRecord(name: "1001@default", node: "fs1")), .pop(.offered, samplePop())]
            _ = try await test.redis("ACL", "SETUSER", "default", "-sadd")
            for _ in 1...2 {
                let error = await #expect(throws: StoreError.self) { try await test.append(changes, fence: fence, number: 2) }
                guard case .halfWay(let text) = error else {
                    Issue.record("not half-way: \(String(describing: error))")
                    return
                }
                #expect(text.contains("ERR") || text.contains("NOPERM"))
                await #expect(throws: StoreError.outOfOrder) { try await test.append([], fence: fence, number: 3) }
                #expect(try await test.hash(test.keys.node("fs1"))["batch"] == "1")
                #expect(try await test.integer("XLEN", test.keys.log) == 1)
            }
            _ = try await test.redis("ACL", "SETUSER", "default", "+sadd")
            let cursors = try await test.append(changes, fence: fence, number: 2)
            guard case .entries(let entries) = try await test.store.log(after: .zero, limit: 10).get() else {
                Issue.record("a gap")
                return
            }
            // Nothing is missing, and nothing is there twice.
            #expect(entries.map(\.type) == ["agent.state", "pop.offered"])
            #expect(entries.map(\.cursor) == cursors)
            #expect(try await test.store.agents().get().count == 1)
            #expect(try await test.store.livePops(node: "fs1").get() == [samplePop()])
            let node = try await test.hash(test.keys.node("fs1"))
            #expect(node["batch"] == "2" && node["writing"] == nil)
            #expect(try await test.append(changes, fence: fence, number: 2) == cursors)
            #expect(try await test.integer("XLEN", test.keys.log) == 2)
        }
    }

    @Test func anEntryThatWasNotPublishedIsWrittenTwiceRatherThanLost() async throws {
        try await withStore { test in
            _ = try await test.append([], number: 1)
            _ = try await test.redis("ACL", "SETUSER", "default", "-publish")
            await #expect(throws: StoreError.self) { try await test.append([.pop(.offered, samplePop())], number: 2) }
            _ = try await test.redis("ACL", "SETUSER", "default", "+publish")
            let cursors = try await test.append([.pop(.offered, samplePop())], number: 2)
            #expect(cursors.count == 1)
            guard case .entries(let entries) = try await test.store.log(after: .zero, limit: 10).get() else {
                Issue.record("a gap")
                return
            }
            #expect(entries.count == 2 && entries.last?.cursor == cursors.last)
            // By its id and version it is known for the same.
            #expect(entries.first?.json == entries.last?.json)
            #expect(try await test.store.livePops(node: "fs1").get() == [samplePop()])
        }
    }

    @Test func aBatchThatIsGivenUpHalfWayLeavesItsNumberBehind() async throws {
        try await withStore { test in
            _ = try await test.append([], number: 1)
            _ = try await test.redis("ACL", "SETUSER", "default", "-hdel")
            await #expect(throws: StoreError.self) {
                var pop = samplePop()
                pop.state = .ended
                _ = try await test.append([.agent(AgentRecord(name: "1001@default", node: "fs1")), .pop(.ended, pop)], number: 2)
            }
            _ = try await test.redis("ACL", "SETUSER", "default", "+hdel")
            _ = try await test.append([], number: 2)
            #expect(try await test.append([.pop(.offered, samplePop())], number: 3).count == 1)
            #expect(try await test.hash(test.keys.node("fs1"))["writing"] == nil)
        }
    }

    @Test func whatAnotherWriterLeftHalfDoneIsNotGoneOnWith() async throws {
        try await withStore { test in
            let fence = try await test.store.takeOver(node: "fs1", owner: "host:1").get()
            _ = try await test.redis("ACL", "SETUSER", "default", "-sadd")
            let agent = Change.agent(AgentRecord(name: "1001@default", node: "fs1"))
            await #expect(throws: StoreError.self) { try await test.append([agent], fence: fence, number: 1) }
            _ = try await test.redis("ACL", "SETUSER", "default", "+sadd")
            let other = Store(client: test.client, site: "default", logger: quiet)
            #expect(try await other.claimLease(of: ["fs1"], owner: "host:2", life: .seconds(5), .seize).get() == .held)
            let next = try await other.takeOver(node: "fs1", owner: "host:2").get()
            #expect(try await test.append([.pop(.offered, samplePop())], fence: next, number: 1, by: other).count == 1)
            #expect(try await test.store.livePops(node: "fs1").get() == [samplePop()])
        }
    }

    @Test func popMessagesArePublished() async throws {
        try await withStore { test in
            // A subscriber's connection speaks another protocol than RedisClient's; redis-cli is what an integrator would use too.
            let subscriber = try RedisCLI(["SUBSCRIBE", "screenpop:{default}:pops"], server: test.server)
            defer { subscriber.stop() }
            while try await test.redis("PUBSUB", "NUMSUB", "screenpop:{default}:pops").isEmptyChannel { await Task.yield() }
            let pop = samplePop()
            let changes: [Change] = [.agent(AgentRecord(name: "1001@default", node: "fs1")), .pop(.offered, pop)]
            _ = try await test.append(changes, number: 1)
            let message = try #require(changes[1].message)
            #expect(subscriber.lines(6).last == String(decoding: message.json, as: UTF8.self))
        }
    }

    @Test func aBatchOfAThousandAgentsFits() async throws {
        try await withStore { test in
            let changes = (0..<1000).map { Change.agent(AgentRecord(name: "a\($0)", node: "fs1")) }
            let cursors = try await test.append(changes, number: 1)
            #expect(cursors.count == 1000)
            let agents = try await test.store.agents().get()
            #expect(agents.count == 1000)
        }
    }
}

extension RedisValue {
    /// `[channel, 0]`
    fileprivate var isEmptyChannel: Bool {
        guard case .array(let parts) = self else { return true }
        return parts.last == .integer(0)
    }
}
