import Hiredis
import NIOCore
import ScreenPop
import ScreenPopStore
import Testing

/// Of several instances one has all nodes, and whoever does not have them writes nothing for them.
@Suite(.timeLimit(.minutes(1)))
struct LeaseTests {
    private static let nodes = ["fs1", "fs2"]

    /// Another instance on the same Redis, of the same host and process number if need be.
    private func other(_ test: StoreUnderTest) -> Store { Store(client: test.client, site: "default", logger: quiet) }

    private func claim(
        _ store: Store, _ claim: LeaseClaim, owner: String, nodes: [String] = nodes, life: TimeAmount = .seconds(60)
    ) async throws -> LeaseAnswer {
        try await store.claimLease(of: nodes, owner: owner, life: life, claim).get()
    }

    @Test func aFreeLeaseIsTakenForAllNodesAndRunsOut() async throws {
        try await withStore { test in
            #expect(try await self.claim(test.store, .acquire, owner: "web1:812") == .held)
            for node in Self.nodes {
                #expect(try await test.redis("GET", "screenpop:{default}:node:\(node):lease").text == "web1:812 1")
                let left = try #require(try await test.integer("PTTL", test.keys.nodeLease(node)))
                #expect(left > 50_000 && left <= 60_000)
                #expect(try await test.store.takeOver(node: node, owner: "web1:812").get() == 1)
            }
        }
    }

    @Test func anotherInstanceIsToldWhoHoldsItAndForHowLong() async throws {
        try await withStore { test in
            _ = try await self.claim(test.store, .acquire, owner: "web1:1")
            for claim in [LeaseClaim.acquire, .renew] {
                // The same host and process number, as containers have.
                guard case .refused(let holder) = try await self.claim(self.other(test), claim, owner: "web1:1") else {
                    Issue.record("\(claim) was not refused")
                    continue
                }
                #expect(holder.owner == "web1:1")
                #expect(holder.remaining > .seconds(50) && holder.remaining <= .seconds(60))
            }
            #expect(try await self.claim(test.store, .renew, owner: "web1:1") == .held)
            #expect(try await self.claim(test.store, .acquire, owner: "web1:1") == .held)
            #expect(try await test.redis("GET", test.keys.nodeLease("fs1")).text == "web1:1 2")
        }
    }

    @Test func ofSeveralNodesAllAreHadOrNone() async throws {
        try await withStore { test in
            _ = try await self.claim(test.store, .acquire, owner: "a:1", nodes: ["fs2"])
            guard case .refused(let holder) = try await self.claim(self.other(test), .acquire, owner: "b:2") else {
                Issue.record("not refused")
                return
            }
            #expect(holder.owner == "a:1")
            #expect(try await test.integer("EXISTS", test.keys.nodeLease("fs1"), test.keys.node("fs1")) == 0)
        }
    }

    @Test func oneThatIsGivenBackOrHasRunOutIsAnothersAndFencesTheFirst() async throws {
        try await withStore { test in
            _ = try await self.claim(test.store, .acquire, owner: "a:1")
            let first = try await test.store.takeOver(node: "fs1", owner: "a:1").get()
            _ = try await test.append([], fence: first, number: 1)
            let other = self.other(test)
            try await other.releaseLease(of: Self.nodes).get()
            guard case .refused = try await self.claim(other, .acquire, owner: "b:2") else {
                Issue.record("somebody else's lease was given back")
                return
            }
            try await test.store.releaseLease(of: Self.nodes).get()
            #expect(try await test.integer("EXISTS", test.keys.nodeLease("fs1"), test.keys.nodeLease("fs2")) == 0)
            #expect(try await self.claim(other, .acquire, owner: "b:2") == .held)
            #expect(try await test.redis("GET", test.keys.nodeLease("fs1")).text == "b:2 \(first + 1)")
            await #expect(throws: StoreError.fenced) { try await test.append([], fence: first, number: 2) }
            await #expect(throws: StoreError.fenced) { try await test.store.takeOver(node: "fs1", owner: "a:1").get() }
            // The first batch of the second has the number it likes.
            #expect(try await other.takeOver(node: "fs1", owner: "b:2").get() == first + 1)
            _ = try await test.append([], fence: first + 1, number: 1, by: other)

            // Run out: whoever had it renews only while nobody had it since.
            _ = try await test.redis("DEL", test.keys.nodeLease("fs1"), test.keys.nodeLease("fs2"))
            #expect(try await self.claim(test.store, .renew, owner: "a:1") == .refused(LeaseHolder(owner: "b:2", remaining: .zero)))
            #expect(try await self.claim(other, .renew, owner: "b:2") == .held)
            #expect(try await test.redis("GET", test.keys.nodeLease("fs1")).text == "b:2 \(first + 1)")
        }
    }

    @Test func whoBeginsAnewInTheSameProcessBeginsWithBatchOne() async throws {
        try await withStore { test in
            func token() async throws -> Int64 { try await test.store.takeOver(node: "fs1", owner: "a:1").get() }
            _ = try await self.claim(test.store, .acquire, owner: "a:1")
            let first = try await token()
            _ = try await test.append([.pop(.offered, samplePop("p-1"))], fence: first, number: 1)

            _ = try await self.claim(test.store, .acquire, owner: "a:1")
            let second = try await token()
            #expect(second > first)
            #expect(try await test.append([.pop(.offered, samplePop("p-2"))], fence: second, number: 1).count == 1)
            await #expect(throws: StoreError.fenced) { try await test.append([.pop(.offered, samplePop("p-3"))], fence: first, number: 2) }

            // Whoever renews goes on: a batch that is repeated is known.
            _ = try await self.claim(test.store, .renew, owner: "a:1")
            #expect(try await token() == second)
            _ = try await test.append([.pop(.offered, samplePop("p-2"))], fence: second, number: 1)
            _ = try await test.append([.pop(.offered, samplePop("p-4"))], fence: second, number: 2)
            #expect(try await test.integer("XLEN", test.keys.log) == 3)
        }
    }

    @Test func aRedisThatLostEverythingIsRenewedIn() async throws {
        try await withStore { test in
            _ = try await self.claim(test.store, .acquire, owner: "a:1")
            _ = try await test.redis("FLUSHALL")
            #expect(try await self.claim(test.store, .renew, owner: "a:1") == .held)
            guard case .refused = try await self.claim(self.other(test), .acquire, owner: "b:2") else {
                Issue.record("not refused")
                return
            }
        }
    }

    @Test func whatAnEarlierVersionLeftWithoutALifeHoldsNobodyBack() async throws {
        try await withStore { test in
            _ = try await test.redis("HSET", test.keys.node("fs1"), "fence", "7", "instance", "old", "owner", "a:1", "batch", "90")
            _ = try await test.redis("SET", test.keys.nodeLease("fs1"), "a:1 7")
            #expect(try await self.claim(test.store, .acquire, owner: "b:2") == .held)
            #expect(try await test.redis("GET", test.keys.nodeLease("fs1")).text == "b:2 8")
        }
    }

    @Test func oneOfAProcessThatIsKnownToBeGoneIsNotWaitedFor() async throws {
        try await withStore { test in
            _ = try await self.claim(test.store, .acquire, owner: "a:1")
            let other = self.other(test)
            #expect(try await self.claim(other, .seize, owner: "b:2") == .held)
            #expect(try await test.redis("GET", test.keys.nodeLease("fs2")).text == "b:2 2")
        }
    }

    @Test func aFullRedisChangesNothing() async throws {
        try await withStore { test in
            _ = try await test.redis("CONFIG", "SET", "maxmemory", "1")
            let error = await #expect(throws: RedisError.self) { try await self.claim(test.store, .acquire, owner: "a:1") }
            #expect(error?.serverCode == "OOM")
            #expect(try await test.redis("KEYS", "*") == .array([]))
        }
    }

    @Test func anotherVersionsDataAreNotTaken() async throws {
        try await withStore { test in
            _ = try await test.redis("SET", test.keys.schema, "2")
            await #expect(throws: StoreError.schema("2")) { try await self.claim(test.store, .acquire, owner: "a:1") }
            #expect(try await test.integer("EXISTS", test.keys.nodeLease("fs1")) == 0)
        }
    }
}
