import CallCenter
import Hiredis
import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import ScreenPop
import ScreenPopStore

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A store on a real Redis of its own.
struct StoreUnderTest {
    let server: RedisServer
    let client: RedisClient
    let store: Store
    var keys: Keys { self.store.keys }

    /// A second client, for blocking reads.
    func makeClient() -> RedisClient {
        RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: self.server.socketPath)), on: MultiThreadedEventLoopGroup.singleton.next(), logger: quiet)
    }

    /// A command as one types it into redis-cli.
    func redis(_ words: String...) async throws -> RedisValue {
        var command = RedisCommand()
        for word in words { command.append(word) }
        return try await self.client.send(command).get()
    }

    /// Returns when the server's clock has left that millisecond.
    func passMillisecond(_ millisecond: UInt64) async throws {
        while true {
            guard case .array(let parts) = try await self.redis("TIME"), parts.count == 2,
                let seconds = parts[0].text.flatMap(UInt64.init), let microseconds = parts[1].text.flatMap(UInt64.init)
            else { throw RedisError.unexpectedReply }
            if seconds * 1000 + microseconds / 1000 > millisecond { return }
        }
    }

    func hash(_ key: String) async throws -> [String: String] {
        guard case .array(let flat) = try await self.redis("HGETALL", key) else { return [:] }
        let texts = flat.compactMap(\.text)
        return Dictionary(uniqueKeysWithValues: stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) })
    }

    func integer(_ words: String...) async throws -> Int64? {
        var command = RedisCommand()
        for word in words { command.append(word) }
        guard case .integer(let number) = try await self.client.send(command).get() else { return nil }
        return number
    }

    /// The first batch of a writer that has just taken over.
    /// - Parameter other: who writes, if not this one's store.
    func append(
        _ changes: [Change], fence: Int64 = 1, number: Int64, node: String = "fs1", by other: Store? = nil
    ) async throws -> [Cursor] {
        try await (other ?? self.store).append(
            Batch(node: node, fence: fence, number: number, coreUUID: "core-1", sequence: 100 + number, changes: changes)
        ).get()
    }
}

func withStore<Result: Sendable>(
    _ arguments: [String] = [], site: String = "default", _ body: @Sendable (StoreUnderTest) async throws -> Result
) async throws -> Result {
    let server = try RedisServer(arguments)
    let client = RedisClient(
        endpoint: RedisEndpoint(address: .unix(path: server.socketPath)), on: MultiThreadedEventLoopGroup.singleton.next(), logger: quiet)
    return try await running(client) {
        try await body(StoreUnderTest(server: server, client: client, store: Store(client: client, site: site, logger: quiet)))
    }
}

/// Runs a client until it is connected, then `body`, then stops it.
func running<Result: Sendable>(_ client: RedisClient, _ body: () async throws -> Result) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        let (states, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(8))
        group.addTask { await client.run { continuation.yield($0) } }
        _ = await states.first { $0 }
        defer { group.cancelAll() }
        return try await body()
    }
}

/// 2026-11-23 10:00:00 UTC and so many seconds.
func time(_ seconds: Int64 = 0) -> Timestamp { Timestamp(microseconds: (1_795_428_000 + seconds) * 1_000_000) }

func samplePop(_ id: String = "p-1", agent: String = "1001@default") -> Pop {
    var pop = Pop(id: id, kind: .queue, agent: agent, node: "fs1", offeredAt: time())
    pop.queue = "support@default"
    pop.caller = Pop.Caller(number: "+8613900139000", name: "王小明")
    pop.dialed = "7000"
    pop.callUUID = "call-1"
    pop.joinedAt = time(-12)
    pop.waitSeconds = 12
    pop.attributes = ["ivr_choice": "billing", "crm_id": "crm\"4711"]
    return pop
}

func string(_ buffer: ByteBuffer?) -> String? { buffer.map { String(buffer: $0) } }
