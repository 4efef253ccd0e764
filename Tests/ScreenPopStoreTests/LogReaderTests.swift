import CallCenter
import Hiredis
import NIOCore
import RedisServerSupport
import ScreenPop
import ScreenPopStore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LogReaderTests {
    private enum Heard: Sendable, Equatable {
        case entries([Cursor])
        case lost(Cursor)
    }

    /// Runs a reader beside `body`, which gets what it hears.
    private func reading(
        _ test: StoreUnderTest, after start: Cursor = .zero, _ body: (inout AsyncStream<Heard>.Iterator) async throws -> Void
    ) async throws {
        let (heard, continuation) = AsyncStream.makeStream(of: Heard.self, bufferingPolicy: .bufferingNewest(10_000))
        let client = test.makeClient()
        let reader = LogReader(client: client, site: "default", logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            group.addTask {
                await reader.run(
                    after: start, deliver: { continuation.yield(.entries($0.map(\.cursor))) }, lost: { continuation.yield(.lost($0)) })
            }
            defer { group.cancelAll() }
            var iterator = heard.makeAsyncIterator()
            try await body(&iterator)
        }
    }

    /// After Redis has restarted: the reader's connection may be back before the writer's.
    private func appendOnceConnected(_ test: StoreUnderTest, number: Int64) async throws -> [Cursor] {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await self.append(test, number: number)
            } catch  where ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private func append(_ test: StoreUnderTest, _ count: Int = 1, number: Int64, fence: Int64 = 1) async throws -> [Cursor] {
        try await test.append((0..<count).map { .queue(QueueRecord(name: "q\($0)", node: "fs1")) }, fence: fence, number: number)
    }

    /// Hears until so many entries came.
    private func entries(_ count: Int, _ heard: inout AsyncStream<Heard>.Iterator) async -> [Cursor] {
        var cursors: [Cursor] = []
        while cursors.count < count, case .entries(let more)? = await heard.next() { cursors += more }
        return cursors
    }

    @Test func everythingInOrderOldAndNew() async throws {
        try await withStore { test in
            let old = try await self.append(test, 1200, number: 1)
            try await self.reading(test, after: old[99]) { heard in
                #expect(await self.entries(1100, &heard) == Array(old[100...]))
                for number in 2...20 {
                    let new = try await self.append(test, number: Int64(number))
                    #expect(await self.entries(1, &heard) == new)
                }
            }
        }
    }

    @Test func anEmptyLogIsReadFromItsFirstEntry() async throws {
        try await withStore { test in
            try await self.reading(test) { heard in
                let ids = try await self.append(test, 3, number: 1)
                #expect(await self.entries(3, &heard) == ids)
            }
        }
    }

    @Test func aRestartOfRedisIsSurvivedWithoutGapOrRepetition() async throws {
        try await withStore(["--appendonly", "yes", "--appendfsync", "always"]) { test in
            let first = try await self.append(test, number: 1)
            try await self.reading(test) { heard in
                #expect(await self.entries(1, &heard) == first)
                test.server.kill()
                try test.server.start()
                let second = try await self.appendOnceConnected(test, number: 2)
                #expect(await self.entries(1, &heard) == second)
            }
        }
    }

    @Test func aLogThatIsGoneIsSaid() async throws {
        // Without an append-only file everything is gone after the restart, and ids begin anew.
        try await withStore { test in
            let first = try await self.append(test, number: 1)
            try await self.reading(test) { heard in
                #expect(await self.entries(1, &heard) == first)
                test.server.kill()
                try test.server.start()
                #expect(await heard.next() == .lost(.zero))
                let second = try await self.appendOnceConnected(test, number: 1)
                #expect(await self.entries(1, &heard) == second)
            }
        }
    }

    @Test func aTrimmedPositionIsSaid() async throws {
        try await withStore { test in
            let ids = try await self.append(test, 5, number: 1)
            _ = try await test.redis("XTRIM", test.keys.log, "MAXLEN", "2")
            try await self.reading(test, after: ids[0]) { heard in
                #expect(await heard.next() == .lost(ids[4]))
                let next = try await self.append(test, number: 2)
                #expect(await self.entries(1, &heard) == next)
            }
        }
    }

    @Test func aFlushWhileWaitingIsSaidWithTheNextEntry() async throws {
        try await withStore { test in
            let first = try await self.append(test, number: 1)
            try await self.reading(test) { heard in
                #expect(await self.entries(1, &heard) == first)
                _ = try await test.redis("FLUSHALL")
                let second = try await self.append(test, number: 1)
                #expect(await heard.next() == .lost(try #require(second.last)))
            }
        }
    }

    @Test func cancellingDoesNotWaitForTheBlockingRead() async throws {
        try await withStore { test in
            let began = ContinuousClock.now
            try await self.reading(test) { _ in
                while try await test.redis("CLIENT", "LIST").text?.contains("cmd=xread") != true { await Task.yield() }
            }
            // The read itself blocks for 5 s.
            #expect(ContinuousClock.now - began < .seconds(3))
        }
    }
}
