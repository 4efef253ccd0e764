import CallCenter
import Hiredis
import NIOCore
import ScreenPop
import ScreenPopStore
import Testing

/// Snapshots, acknowledgements, and knowing whether the log tells everything.
@Suite(.timeLimit(.minutes(1)))
struct ReadingTests {
    @Test func aSnapshotAndItsCursorBelongTogether() async throws {
        try await withStore { test in
            let agent = AgentRecord(name: "1001@default", node: "fs1")
            var first = samplePop("p-1")
            first.offeredAt = time(-5)
            let second = samplePop("p-2")
            let cursors = try await test.append([.pop(.offered, second), .pop(.offered, first), .agent(agent)], number: 1)
            let snapshot = try await test.store.agentSnapshot(agent.name).get()
            #expect(snapshot.cursor == cursors.last)
            #expect(string(snapshot.agent) == String(decoding: agent.json, as: UTF8.self))
            #expect(snapshot.pops.compactMap { Pop(json: $0.readableBytesView)?.id } == ["p-1", "p-2"])

            let other = AgentRecord(name: "1000@default", node: "fs1")
            _ = try await test.append([.agent(other)], number: 2)
            let all = try await test.store.agentsSnapshot().get()
            #expect(all.agents.map { string($0) } == [other, agent].map { String(decoding: $0.json, as: UTF8.self) })
            #expect(all.pops.count == 2)
            #expect(all.cursor == (try await test.store.end().get()))
        }
    }

    @Test func snapshotsOfWhatIsNotThereAreEmpty() async throws {
        try await withStore { test in
            let agent = try await test.store.agentSnapshot("nobody").get()
            #expect(agent.cursor == .zero && agent.agent == nil && agent.pops.isEmpty)
            let queue = try await test.store.queueSnapshot("nothing").get()
            #expect(queue.cursor == .zero && queue.queues.isEmpty && queue.members.isEmpty)
            let everything = try await test.store.agentsSnapshot().get()
            #expect(everything.agents.isEmpty && everything.pops.isEmpty)
        }
    }

    @Test func queueSnapshots() async throws {
        try await withStore { test in
            let support = QueueRecord(name: "support@default", node: "fs1")
            let sales = QueueRecord(name: "sales@default", node: "fs1")
            let member = MemberRecord(uuid: "m-1", queue: support.name, node: "fs1", joinedAt: time())
            let cursors = try await test.append([.queue(support), .queue(sales), .memberJoined(member)], number: 1)
            let one = try await test.store.queueSnapshot(support.name).get()
            #expect(one.cursor == cursors.last)
            #expect(one.queues.map { string($0) } == [String(decoding: support.json, as: UTF8.self)])
            #expect(one.members.map { string($0) } == [String(decoding: member.json, as: UTF8.self)])
            let all = try await test.store.queueSnapshot(nil).get()
            #expect(all.queues.map { string($0) } == [sales, support].map { String(decoding: $0.json, as: UTF8.self) })
            #expect(all.members.map { string($0) } == [String(decoding: member.json, as: UTF8.self)])
        }
    }

    @Test func membersOfANodeAreThoseThatItBrought() async throws {
        try await withStore { test in
            func member(_ uuid: String, _ queue: String, node: String = "fs1", at: Int64) -> MemberRecord {
                var member = MemberRecord(uuid: uuid, queue: queue, node: node, joinedAt: time(at))
                member.callUUID = "call-\(uuid)"
                member.caller = Pop.Caller(number: "+8613900139000", name: "王小明")
                return member
            }
            let waiting = [member("m-1", "support@default", at: 0), member("m-2", "support@default", at: 1), member("m-3", "closed@default", at: 2)]
            let shared = member("m-4", "shared@default", at: 3)
            #expect(try await test.store.members(node: "fs1").get() == [])
            _ = try await test.append(
                [
                    .queue(QueueRecord(name: "support@default", node: "fs1")), .queue(QueueRecord(name: "closed@default", node: "fs1")),
                    .memberJoined(shared),
                ] + waiting.map { .memberJoined($0) }, number: 1)
            _ = try await test.append(
                [.queue(QueueRecord(name: "shared@default", node: "fs2")), .memberJoined(member("m-5", "shared@default", node: "fs2", at: 4))],
                number: 1, node: "fs2")
            func uuids() async throws -> [String] { try await test.store.members(node: "fs1").get().map(\.uuid).sorted() }
            let all = try await test.store.members(node: "fs1").get().sorted { $0.uuid < $1.uuid }
            #expect(all == waiting + [shared])
            // A queue that is listed nowhere but at its node, and what nobody could have written.
            _ = try await test.redis("SREM", test.keys.queues, "closed@default")
            _ = try await test.redis("HSET", test.keys.queueMembers("support@default"), "m-2", "nonsense")
            #expect(try await uuids() == ["m-1", "m-3", "m-4"])
            _ = try await test.append([.memberLeft(waiting[0])], number: 2)
            #expect(try await uuids() == ["m-3", "m-4"])
            #expect(try await test.store.members(node: "fs1", ofFirst: 1).get().count <= 1)
            #expect(try await test.store.members(node: "fs1", ofFirst: 3).get().count == 2)
        }
    }

    // MARK: acknowledgements

    @Test func stagesGoIntoTheTrace() async throws {
        try await withStore { test in
            let pop = samplePop()
            let cursors = try await test.append([.pop(.offered, pop), .currentPop(agent: pop.agent, pop)], number: 1)
            for stage in [AcknowledgementStage.received, .shown] {
                #expect(try await test.store.acknowledge(agent: pop.agent, pop: pop.id, stage: stage, by: "desktop").get())
            }
            let trace = try await test.store.trace(call: "call-1").get().compactMap { string($0) }
            #expect(trace.count == 2)
            #expect(trace[0].contains(#""kind":"acknowledged""#) && trace[0].contains(#""what":"received""#))
            #expect(trace[1].contains(#""what":"shown""#) && trace[1].contains(#""detail":"desktop""#))
            #expect(try await test.store.end().get() == cursors.last)
            #expect(try await test.store.pop(agent: pop.agent).get() != nil)
        }
    }

    @Test func aStageGoesIntoTheTraceOnce() async throws {
        try await withStore { test in
            var pop = samplePop()
            _ = try await test.append([.pop(.offered, pop), .currentPop(agent: pop.agent, pop)], number: 1)
            func stages() async throws -> [String] {
                try await test.store.trace(call: "call-1").get().compactMap { entry in
                    string(entry).flatMap { text in AcknowledgementStage.allCases.first { text.contains("\"what\":\"\($0.rawValue)\"") } }?.rawValue
                }
            }
            for _ in 0..<3 {
                for stage in AcknowledgementStage.allCases {
                    #expect(try await test.store.acknowledge(agent: pop.agent, pop: pop.id, stage: stage, by: "desktop").get())
                }
            }
            #expect(try await stages() == ["received", "shown", "dismissed"])
            // Another agent's, of the same call, and once more after its end.
            pop.id = "p-2"
            pop.agent = "1002@default"
            _ = try await test.append([.pop(.offered, pop)], number: 2)
            #expect(try await test.store.acknowledge(agent: pop.agent, pop: pop.id, stage: .shown, by: "desktop").get())
            pop.state = .ended
            pop.version += 1
            _ = try await test.append([.pop(.ended, pop)], number: 3)
            for stage in [AcknowledgementStage.shown, .received, .received] {
                #expect(try await test.store.acknowledge(agent: pop.agent, pop: pop.id, stage: stage, by: "desktop").get())
            }
            #expect(try await stages() == ["received", "shown", "dismissed", "shown", "received"])
            let key = "screenpop:{default}:pop:p-2:acknowledged"
            #expect(try await (1...86_400_000).contains(test.integer("PTTL", key) ?? 0))
        }
    }

    @Test func theOldestOfTheLastPopsCanStillBeAcknowledged() async throws {
        try await withStore { test in
            var changes: [Change] = []
            for number in 0...200 {
                var pop = samplePop()
                pop.id = "p-\(number)"
                pop.state = .ended
                changes.append(.pop(.ended, pop))
            }
            _ = try await test.append(changes, number: 1)
            for (number, isThere) in [(200, true), (190, true), (170, true), (1, true), (0, false), (201, false)] {
                #expect(
                    try await test.store.acknowledge(agent: samplePop().agent, pop: "p-\(number)", stage: .shown, by: "x").get() == isThere,
                    "\(number)")
            }
        }
    }

    @Test func aDismissedPopGoesAndStaysAway() async throws {
        try await withStore { test in
            var pop = samplePop()
            let cursors = try await test.append([.pop(.offered, pop), .currentPop(agent: pop.agent, pop)], number: 1)
            for _ in 0..<2 { #expect(try await test.store.acknowledge(agent: pop.agent, pop: pop.id, stage: .dismissed, by: "desktop").get()) }
            #expect(try await test.store.pop(agent: pop.agent).get() == nil)

            pop.state = .answered
            pop.version = 2
            _ = try await test.append([.pop(.answered, pop), .currentPop(agent: pop.agent, pop)], number: 2)
            #expect(try await test.integer("EXISTS", "screenpop:{default}:agent:1001@default:pop") == 0)
            #expect(try await test.store.agentSnapshot(pop.agent).get().pops.isEmpty)
            // A process that starts anew must still know of it.
            #expect(try await test.store.livePops(node: "fs1").get() == [pop])

            let log = try await test.store.log(after: try #require(cursors.last), limit: 10).get()
            guard case .entries(let entries) = log else {
                Issue.record("\(log)")
                return
            }
            // Logged once, though dismissed twice.
            #expect(entries.map(\.type) == ["pop.dismissed", "pop.answered"])
            #expect(entries[0].agent == pop.agent)
            let json = String(decoding: samplePop().json, as: UTF8.self)
            #expect(string(entries[0].json) == #"{"type":"pop.dismissed","agent":"1001@default","pop":\#(json)}"#)
        }
    }

    @Test func anEndedPopCanStillBeAcknowledged() async throws {
        try await withStore { test in
            var pop = samplePop()
            pop.state = .ended
            _ = try await test.append([.pop(.ended, pop)], number: 1)
            #expect(try await test.store.acknowledge(agent: pop.agent, pop: pop.id, stage: .dismissed, by: "desktop").get())
        }
    }

    @Test func nobodyAcknowledgesAnothersPop() async throws {
        try await withStore { test in
            _ = try await test.append([.pop(.offered, samplePop())], number: 1)
            #expect(try await !test.store.acknowledge(agent: "1002@default", pop: "p-1", stage: .dismissed, by: "x").get())
            #expect(try await test.store.acknowledge(agent: "1001@default", pop: "p-1", stage: .dismissed, by: "x").get())
            #expect(try await !test.store.acknowledge(agent: "1002@default", pop: "p-1", stage: .shown, by: "x").get())
            #expect(try await !test.store.acknowledge(agent: "1001@default", pop: "p-9", stage: .shown, by: "x").get())
        }
    }

    // MARK: the log

    private func entries(_ test: StoreUnderTest, _ count: Int, number: Int64) async throws -> [Cursor] {
        try await test.append((0..<count).map { .queue(QueueRecord(name: "q\($0)", node: "fs1")) }, number: number)
    }

    @Test func theLogAfterACursor() async throws {
        try await withStore { test in
            let ids = try await self.entries(test, 5, number: 1)
            func after(_ cursor: Cursor, _ limit: Int) async throws -> [Cursor]? {
                guard case .entries(let entries) = try await test.store.log(after: cursor, limit: limit).get() else { return nil }
                return entries.map(\.cursor)
            }
            #expect(try await after(.zero, 5) == ids)
            #expect(try await after(ids[1], 5) == Array(ids[2...]))
            #expect(try await after(ids[1], 3) == Array(ids[2...]))
            #expect(try await after(ids[4], 1) == [])
            // Too many, from the future, and one that never was.
            #expect(try await after(ids[1], 2) == nil)
            #expect(try await after(.zero, 4) == nil)
            #expect(try await after(Cursor(milliseconds: ids[4].milliseconds + 1, sequence: 0), 5) == nil)
            #expect(try await after(Cursor(milliseconds: ids[0].milliseconds - 1, sequence: 0), 5) == nil)
        }
    }

    @Test func anEmptyLogHasNothingAfterZero() async throws {
        try await withStore { test in
            let afterZero = try await test.store.log(after: .zero, limit: 5).get()
            #expect(afterZero == .entries([]))
            let afterOther = try await test.store.log(after: Cursor(milliseconds: 1, sequence: 0), limit: 5).get()
            #expect(afterOther == .gap)
        }
    }

    @Test func aTrimmedLogDoesNotPretend() async throws {
        try await withStore { test in
            let ids = try await self.entries(test, 5, number: 1)
            _ = try await test.redis("XTRIM", test.keys.log, "MAXLEN", "3")
            #expect(try await test.store.log(after: .zero, limit: 9).get() == .gap)
            #expect(try await test.store.log(after: ids[0], limit: 9).get() == .gap)
            guard case .entries(let rest) = try await test.store.log(after: ids[2], limit: 9).get() else {
                Issue.record("a gap where there is none")
                return
            }
            #expect(rest.map(\.cursor) == Array(ids[3...]))
        }
    }

    @Test func aLogBegunAnewDoesNotPretend() async throws {
        try await withStore { test in
            let old = try await self.entries(test, 2, number: 1)
            _ = try await test.redis("FLUSHALL")
            // Ids are times: a log begun anew within the same millisecond would have the old ids.
            try await test.passMillisecond(old[1].milliseconds)
            _ = try await self.entries(test, 3, number: 1)
            #expect(try await test.store.log(after: old[1], limit: 9).get() == .gap)
        }
    }

    @Test func theLogKeepsAHundredThousand() async throws {
        try await withStore { test in
            let fill = "for i = 1, 110000 do redis.call('XADD', KEYS[1], '*', 'type', 'x', 'json', '{}') end"
            _ = try await test.redis("EVAL", fill, "1", test.keys.log)
            _ = try await self.entries(test, 1, number: 1)
            // `MAXLEN ~` frees whole nodes of 100 entries.
            let length = try #require(try await test.integer("XLEN", test.keys.log))
            #expect((100_000...100_100).contains(length))
        }
    }
}
