import EventSocket
import Foundation
import FreeSWITCHSimulator
import Hiredis
import Logging
import NIOCore
import NIOHTTP1
import RedisServerSupport
import ScreenPopService
import ServiceLifecycle

/// One of several instances on the same Redis and the same switch; it ends on its own.
final class Instance: Sendable {
    let site: RunningSite
    private let services: ServiceGroup
    private let running: Task<Void, any Error>

    private init(site: RunningSite, services: ServiceGroup, running: Task<Void, any Error>) {
        self.site = site
        self.services = services
        self.running = running
    }

    /// Cleanly, as by SIGTERM.
    func stop() async throws {
        await self.services.triggerGracefulShutdown()
        try await self.running.value
    }

    /// Without giving anything back, as by SIGKILL.
    func kill() async {
        self.running.cancel()
        _ = try? await self.running.value
    }

    /// Runs `body` with two instances, `test:1` active and `test:2` standing by, then ends them.
    ///
    /// - Parameters:
    ///   - leaseLife: how long a lease lasts that is not renewed; longer than this process may stand still on a busy machine.
    ///   - arguments: of `redis-server`.
    static func two(
        leaseLife: TimeAmount = .seconds(2), redis arguments: [String] = ["--appendonly", "yes", "--appendfsync", "always"],
        _ body: (_ first: Instance, _ second: Instance) async throws -> Void
    ) async throws {
        let logger = Logger(label: "integration") { _ in SwiftLogNoOpLogHandler() }
        let redis = try RedisServer(arguments)
        var settings = Simulator.Configuration()
        settings.telephony = RunningSite.telephony
        let simulator = Simulator(configuration: settings, logger: logger)
        let port = try await simulator.start()
        var instances: [Instance] = []
        var failure: (any Error)?
        do {
            for number in 1...2 {
                var configuration = CallCenterService.Configuration(
                    nodes: [EventSocketEndpoint(host: "127.0.0.1", port: port, credentials: .password("ClueCon"), name: "fs1")],
                    redis: RedisEndpoint(address: .unix(path: redis.socketPath)), owner: "test:\(number)")
                configuration.leaseLife = leaseLife
                let instance = try await Self.start(configuration, simulator: simulator, redis: redis, logger: logger)
                instances.append(instance)
                if number == 1 { try await instance.site.isReady() } else { try await instance.standsBy(for: "test:1") }
            }
            try await body(instances[0], instances[1])
        } catch {
            failure = error
        }
        for instance in instances { await instance.kill() }
        await simulator.stop()
        if let failure { throw failure }
    }

    private static func start(
        _ configuration: CallCenterService.Configuration, simulator: Simulator, redis: RedisServer, logger: Logger
    ) async throws -> Instance {
        let (urls, listening) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1))
        let services = RunningSite.services(configuration, logger: logger) { url in
            listening.yield(url)
            listening.finish()
        }
        let running = Task {
            // Nobody may wait for an address that will not come.
            defer { listening.finish() }
            try await services.run()
        }
        var port: Int?
        for await url in urls { port = URL(string: url)?.port }
        guard let port else {
            running.cancel()
            throw DidNotHappen(what: "the instance listens")
        }
        return Instance(
            site: RunningSite(simulator: simulator, redis: redis, port: port, routes: []), services: services, running: running)
    }

    func standsBy(for owner: String) async throws {
        try await eventually("it stands by for \(owner)") {
            let answer = try await self.site.request(.GET, "/readyz")
            let node = answer.body["nodes"].items.first
            return answer.status == 503 && node?["status"].string == "standby"
                && node?["detail"].string == "this instance is standing by; \(owner) holds node fs1"
        }
    }
}
