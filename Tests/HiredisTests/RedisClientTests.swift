import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import Testing

@testable import Hiredis

/// Against a real Redis.
struct RedisClientTests {
    @Test func answersCommandsInOrder() async throws {
        try await withClient(of: RedisServer()) { client in
            var set = RedisCommand("SET")
            set.append("key")
            set.append([0x00, 0xFF, 0x0D, 0x0A])
            let results = try await client.pipeline([set, RedisCommand("GET", "key"), RedisCommand("INCR", "key"), RedisCommand("GET", "")]).get()
            #expect(
                results == [
                    .success(.status("OK")), .success(.bulk(ByteBuffer(bytes: [0x00, 0xFF, 0x0D, 0x0A]))),
                    .failure(.server("ERR value is not an integer or out of range")), .success(.null),
                ])
        }
    }
}

/// Runs a client until it is connected, gives it to `body`, and stops it.
func withClient<Result: Sendable>(
    of server: RedisServer, username: String? = nil, password: String? = nil, database: Int = 0,
    configuration: RedisClient.Configuration = .init(), _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    let client = RedisClient(
        endpoint: RedisEndpoint(address: .unix(path: server.socketPath), username: username, password: password, database: database),
        on: MultiThreadedEventLoopGroup.singleton.next(), configuration: configuration, logger: quiet)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        let (states, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(8))
        group.addTask { await client.run { continuation.yield($0) } }
        _ = await states.first { $0 }
        defer { group.cancelAll() }
        return try await body(client)
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
