import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import Synchronization
import Testing

@testable import Hiredis

/// Against a real Redis.
@Suite(.timeLimit(.minutes(1)))
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

    @Test func logsInWithUserPasswordAndDatabase() async throws {
        let server = try RedisServer(["--user", "pop", "on", ">se:cret", "+@all", "~*", "&*"])
        try await withClient(of: server, username: "pop", password: "se:cret", database: 3) { client in
            let list = try await client.send(RedisCommand("CLIENT", "LIST")).get()
            #expect(list.text?.contains("db=3") == true)
            #expect(list.text?.contains("user=pop") == true)
        }
    }

    @Test func saysOnceThatThePasswordIsWrong() async throws {
        let server = try RedisServer(["--requirepass", "right"])
        let lines = Lines()
        let client = RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: server.socketPath), password: "wrong"),
            on: MultiThreadedEventLoopGroup.singleton.next(), logger: lines.logger)
        let running = Task { await client.run { _ in } }
        while !lines.all.contains(where: { $0.hasPrefix("error") }) { try await Task.sleep(for: .milliseconds(5)) }
        let refusal = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")).get() }
        #expect("\(refusal.map { "\($0)" } ?? "")".contains("Redis refused the log-in (WRONGPASS"), "\(refusal as Any)")
        running.cancel()
        await running.value
        let errors = lines.all.filter { $0.hasPrefix("error") }
        #expect(errors.count == 1)
        #expect(errors.allSatisfy { $0.contains("password") && $0.contains("WRONGPASS") && !$0.contains("wrong") })
    }

    @Test func comesBackWhenRedisDoes() async throws {
        let server = try RedisServer()
        let client = RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: server.socketPath)), on: MultiThreadedEventLoopGroup.singleton.next(), logger: quiet)
        let (states, continuation) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(8))
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run { continuation.yield($0) } }
            var seen = states.makeAsyncIterator()
            #expect(await seen.next() == true)
            server.kill()
            #expect(await seen.next() == false)
            let refusal = await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")).get() }
            guard case .unavailable = refusal else {
                Issue.record("\(refusal as Any)")
                return
            }
            #expect(throws: Never.self) { try server.start() }
            #expect(await seen.next() == true)
            group.cancelAll()
            #expect(await seen.next() == false)
        }
    }

    @Test func whatWasOutstandingWhenRedisDiedFails() async throws {
        let server = try RedisServer()
        try await withClient(of: server) { client in
            let blocked = client.send(RedisCommand("BLPOP", "nothing", "0"), timeout: .seconds(60))
            _ = try? await withClient(of: server) { other in
                while try await other.send(RedisCommand("CLIENT", "LIST")).get().text?.contains("cmd=blpop") != true { await Task.yield() }
                server.kill()
            }
            let error = await #expect(throws: RedisError.self) { try await blocked.get() }
            guard case .connectionLost = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func evaluatesByHashAndFallsBackToTheSource() async throws {
        try await withClient(of: RedisServer()) { client in
            let script = RedisScript("return {KEYS[1], ARGV[1], ARGV[2]}")
            var arguments = RedisCommand()
            arguments.append("")
            arguments.append([0x00, 0xFF])
            let expected = RedisValue.array([.bulk(ByteBuffer(string: "k")), .bulk(ByteBuffer()), .bulk(ByteBuffer(bytes: [0x00, 0xFF]))])
            for _ in 0..<2 { #expect(try await client.evaluate(script, keys: ["k"], arguments: arguments).get() == expected) }
            _ = try await client.send(RedisCommand("SCRIPT", "FLUSH")).get()
            #expect(try await client.evaluate(script, keys: ["k"], arguments: arguments).get() == expected)
            // Redis knows it under the sum we computed.
            let exists = try await client.send(RedisCommand("SCRIPT", "EXISTS", script.sha1)).get()
            #expect(exists == .array([.integer(1)]))
        }
    }

    @Test func errorsOfAScriptAreNotRepeated() async throws {
        try await withClient(of: RedisServer()) { client in
            let script = RedisScript("redis.call('INCR', KEYS[1]) return redis.error_reply('MINE no')")
            await #expect(throws: RedisError.server("MINE no")) { try await client.evaluate(script, keys: ["n"], arguments: RedisCommand()).get() }
            let count = try await client.send(RedisCommand("GET", "n")).get()
            #expect(count.text == "1")
        }
    }

    @Test func aSilentRedisTimesOut() async throws {
        var configuration = RedisClient.Configuration()
        configuration.commandTimeout = .milliseconds(50)
        try await withClient(of: RedisServer(), configuration: configuration) { client in
            _ = await #expect(throws: RedisError.timedOut) { try await client.send(RedisCommand("BLPOP", "nothing", "0")).get() }
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

/// A logger whose lines can be looked at.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { self.lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
            self.lines.lines.withLock { $0.append("\(event.level): \(event.message) \(metadata)") }
        }
    }
}
