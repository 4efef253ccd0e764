import Foundation
import Hiredis
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import screenpop

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// With a real redis-server.
@Suite struct EmbeddedRedisTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sp \(UUID().uuidString.prefix(8))").path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    /// Runs it as a service while `body` does something with it.
    private func whileRunning(_ redis: EmbeddedRedis, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let group = ServiceGroup(services: [redis], logger: self.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Asks until there is an answer.
    private func ask(_ endpoint: RedisEndpoint, _ command: RedisCommand) async throws -> RedisValue {
        let client = RedisClient(endpoint: endpoint, on: self.eventLoop, logger: self.logger)
        return try await withThrowingTaskGroup(of: RedisValue?.self) { group in
            group.addTask {
                await client.run()
                return nil
            }
            group.addTask {
                let deadline = ContinuousClock.now + .seconds(20)
                while true {
                    do { return try await client.send(command).get() } catch let error as RedisError {
                        guard ContinuousClock.now < deadline else { throw error }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
            }
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return result
                }
            }
            throw CancellationError()
        }
    }

    private func identifier(in folder: String) throws -> pid_t {
        let text = try String(contentsOfFile: folder + "/redis.pid", encoding: .utf8)
        return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test func itKeepsWhatWasWrittenAndEndsWithTheService() async throws {
        try await self.withFolder { folder in
            let first = try await EmbeddedRedis.start(data: folder, eventLoop: self.eventLoop, logger: self.logger)
            let process = try self.identifier(in: folder)
            try await self.whileRunning(first) { _ = try await self.ask(first.endpoint, RedisCommand("SET", "a", "1")) }
            #expect(kill(process, 0) != 0 && errno == ESRCH)
        }
    }

    @Test func dataSurvivesARestart() async throws {
        try await self.withFolder { folder in
            for value in [Int64(1), 2] {
                let redis = try await EmbeddedRedis.start(data: folder, eventLoop: self.eventLoop, logger: self.logger)
                try await self.whileRunning(redis) {
                    let reply = try await self.ask(redis.endpoint, RedisCommand("INCR", "a"))
                    #expect(reply == .integer(value))
                }
                // The lock went with the end of its run, though the object is still here.
                withExtendedLifetime(redis) {}
            }
        }
    }

    @Test func onlyThisUserCanReachIt() async throws {
        try await self.withFolder { folder in
            let redis = try await EmbeddedRedis.start(data: folder, eventLoop: self.eventLoop, logger: self.logger)
            try await self.whileRunning(redis) {
                for (path, mode) in [(folder, 0o700), (folder + "/redis.sock", 0o700)] {
                    let attributes = try FileManager.default.attributesOfItem(atPath: path)
                    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(path)")
                }
                let reply = try await self.ask(redis.endpoint, RedisCommand("CONFIG", "GET", "port"))
                #expect(reply == .array([.bulk(ByteBuffer(string: "port")), .bulk(ByteBuffer(string: "0"))]))
            }
        }
    }

    @Test func itIsStartedAgainWhenItDies() async throws {
        try await self.withFolder { folder in
            let redis = try await EmbeddedRedis.start(data: folder, eventLoop: self.eventLoop, logger: self.logger)
            try await self.whileRunning(redis) {
                let before = try self.identifier(in: folder)
                kill(before, SIGKILL)
                // A process id of the old one cannot answer: its socket was made anew.
                let deadline = ContinuousClock.now + .seconds(20)
                while try self.identifier(in: folder) == before {
                    try #require(ContinuousClock.now < deadline)
                    try await Task.sleep(for: .milliseconds(10))
                }
                let reply = try await self.ask(redis.endpoint, RedisCommand("PING"))
                #expect(reply == .status("PONG"))
            }
        }
    }

    @Test func aServerThatWasLeftOverIsEndedFirst() async throws {
        try await self.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let program = try #require(Programs.path(of: "redis-server"))
            let stale = try await ChildProcess.start(program, EmbeddedRedis.arguments, folder: folder, log: folder + "/redis.log")
            _ = try await self.ask(RedisEndpoint(address: .unix(path: folder + "/redis.sock")), RedisCommand("SET", "a", "1"))
            let redis = try await EmbeddedRedis.start(data: folder, eventLoop: self.eventLoop, logger: self.logger)
            #expect(await stale.ended() == .status(0))
            try await self.whileRunning(redis) {
                let reply = try await self.ask(redis.endpoint, RedisCommand("GET", "a"))
                #expect(reply == .bulk(ByteBuffer(string: "1")))
            }
        }
    }

    @Test func aFolderInUseIsRefused() async throws {
        try await self.withFolder { folder in
            let redis = try await EmbeddedRedis.start(data: folder, eventLoop: self.eventLoop, logger: self.logger)
            try await self.whileRunning(redis) {
                let failure = await #expect(throws: CommandFailure.self) {
                    _ = try await EmbeddedRedis.start(data: folder, eventLoop: self.eventLoop, logger: self.logger)
                }
                #expect(failure?.kind == .unavailable)
                #expect(failure?.message.contains("another screenpop works in \(folder)") == true)
            }
        }
    }

    @Test func aPathTooLongForASocketIsRefusedWithTheReason() {
        let failure = #expect(throws: CommandFailure.self) { _ = try DataDirectory(path: "/tmp/" + String(repeating: "x", count: 100)) }
        #expect(failure?.kind == .configuration)
        #expect(failure?.message.contains("choose a shorter folder") == true)
    }

    @Test(
        arguments: [
            (["HOME": "/home/a"], nil, "/home/a/.local/share/screenpop"), (["HOME": "/home/a", "XDG_DATA_HOME": "/x"], nil, "/x/screenpop"),
            (["HOME": "/home/a", "XDG_DATA_HOME": "relative"], nil, "/home/a/.local/share/screenpop"),
            ([:], "/var/lib/screenpop/", "/var/lib/screenpop"),
        ] as [([String: String], String?, String)])
    func theFolderIsTheOneChosenOrTheUsersOwn(environment: [String: String], chosen: String?, path: String) throws {
        #expect(try DataDirectory.path(chosen: chosen, environment: environment) == path)
    }

    @Test func withoutAHomeTheFolderMustBeNamed() {
        #expect(throws: CommandFailure.self) { try DataDirectory.path(chosen: nil, environment: [:]) }
    }
}

@Suite struct ChildProcessTests {
    private let shell = "/bin/sh"
    private let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false)

    @Test func howItEndedIsKnown() async throws {
        let child = try await ChildProcess.start(self.shell, ["-c", "exit 7"], folder: self.folder, log: "/dev/null")
        #expect(await child.ended() == .status(7))
        #expect(await child.ended(within: .zero) == .status(7))
    }

    @Test func whoWaitsCanBeCancelled() async throws {
        let child = try await ChildProcess.start(self.shell, ["-c", "exec sleep 600"], folder: self.folder, log: "/dev/null")
        let waiting = Task { await child.ended() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        await child.end(patience: .seconds(5))
        #expect(await child.ended() == .signal(SIGTERM))
    }

    @Test func oneThatDoesNotListenIsKilled() async throws {
        let log = self.folder + "/child-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try await ChildProcess.start(
            self.shell, ["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"], folder: self.folder, log: log)
        while try String(contentsOfFile: log, encoding: .utf8) != "ready\n" { try await Task.sleep(for: .milliseconds(5)) }
        await child.end(patience: .milliseconds(50))
        #expect(await child.ended() == .signal(SIGKILL))
    }

    @Test func itInheritsNoneOfOurDescriptors() async throws {
        let log = self.folder + "/child-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: log) }
        let child = try await ChildProcess.start("/bin/ls", ["/proc/self/fd"], folder: self.folder, log: log)
        #expect(await child.ended() == .status(0))
        // The fourth is the folder that ls reads.
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "0\n1\n2\n3\n")
    }

    @Test func aProgramThatIsNotThereEndsWithTheShellsCode() async throws {
        let child = try await ChildProcess.start("/nowhere/program", [], folder: self.folder, log: "/dev/null")
        #expect(await child.ended() == .status(127))
    }
}
