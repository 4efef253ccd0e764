import AsyncHTTPClient
import Foundation
import Hiredis
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RedisServerSupport
import Testing

@testable import screenpop

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Two processes as people run them, and one of them is killed.
@Suite(.timeLimit(.minutes(3))) struct FailoverTests {
    @Test func `when the active process is killed the other takes over, and no pop is doubled`() async throws {
        let redis = try RedisServer(["--appendonly", "yes"])
        let simulator = try await Program.start(["simulate", "--listen", "127.0.0.1:0", "--calls-per-minute", "120", "--seed", "7"])
        let address = try await simulator.line("event socket on ")
        let arguments = [
            "--freeswitch", "esl://:ClueCon@\(address)?name=fs1", "--redis", "redis+unix://\(redis.socketPath)", "--listen", "127.0.0.1:0",
            "--admin-token", RunningSite.token,
        ]
        let first = try await Program.start(["serve"] + arguments)
        let firstURL = try await first.line("listening on ")
        try await self.isReady(firstURL)
        let second = try await Program.start(["serve"] + arguments)
        let secondURL = try await second.line("listening on ")
        try await eventually("the second stands by") { second.said.contains("standing by: waiting for the lease of ") }
        #expect(try await self.status(secondURL + "/readyz") == 503)
        let owner = "\(ProcessInfo.processInfo.hostName):\(first.identifier)"
        let doctor = try await Program.run(["doctor"] + arguments)
        #expect(doctor.exit == .status(0), "\(doctor.said)")
        #expect(doctor.said.contains("ok    lease: \(owner) holds node fs1, for "), "\(doctor.said)")

        let watch = try await Program.start(["pop", "watch", "--url", secondURL, "--token", RunningSite.token])
        try await eventually("the second hears of the first one's pops") { watch.said.contains("pop.offered") }
        _ = await first.end(SIGKILL)
        let killed = ContinuousClock.now
        try await self.isReady(secondURL)
        // The lease's five seconds, and a busy machine.
        #expect(ContinuousClock.now - killed < .seconds(20))
        let heard = watch.said.count
        try await eventually("pops come in again") { watch.said.dropFirst(heard).contains("pop.offered") }
        #expect(second.said.contains("this instance is active"))

        // The killed one comes back, and stands by.
        let again = try await Program.start(["serve"] + arguments)
        let againURL = try await again.line("listening on ")
        try await eventually("it stands by") { again.said.contains("standing by: waiting for the lease of ") }
        #expect(await second.end() == .status(0))
        try await self.isReady(againURL)
        _ = await watch.end(SIGINT)
        #expect(await again.end() == .status(0))
        #expect(await simulator.end() == .status(0))
        let counts = try await self.transitions(redis)
        #expect(counts.count > 2)
        #expect(counts.values.allSatisfy { $0 == 1 }, "\(counts.filter { $0.value != 1 })")
    }

    private func status(_ url: String) async throws -> Int {
        Int(try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(10)).status.code)
    }

    private func isReady(_ url: String) async throws {
        try await eventually("\(url) is ready") { try await self.status(url + "/readyz") == 200 }
    }

    /// How often the log says that each pop was offered, and that it ended.
    private func transitions(_ redis: RedisServer) async throws -> [String: Int] {
        let client = RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: redis.socketPath)), on: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "integration") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { await client.run() }
        defer { running.cancel() }
        let reply = try await eventually("Redis answers") {
            do { return try await client.send(RedisCommand("XRANGE", "screenpop:{default}:log", "-", "+")).get() } catch { return nil }
        }
        guard case .array(let entries) = reply else { return [:] }
        var counts: [String: Int] = [:]
        for entry in entries {
            guard case .array(let parts) = entry, parts.count == 2, case .array(let fields) = parts[1] else { continue }
            let texts = fields.map(RunningSite.text)
            guard texts.count >= 2, texts[1] == "pop.offered" || texts[1] == "pop.ended", let json = texts.last else { continue }
            counts["\(texts[1]) \(try JSON(json)["pop"]["id"].string ?? "")", default: 0] += 1
        }
        return counts
    }
}
