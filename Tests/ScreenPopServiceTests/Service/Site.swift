import CallCenter
import EventSocket
import FreeSWITCHSimulator
import Hiredis
import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import ScreenPop
import ScreenPopStore
import ServiceLifecycle
import Synchronization

@testable import ScreenPopService

/// A simulated FreeSWITCH, a real Redis, and the service between them.
final class Site: Sendable {
    let simulator: Simulator
    let redis: RedisServer
    let service: CallCenterService
    private let heard: Mutex<[String]> = Mutex([])

    private let port: Int
    /// Where the switch asks for queues, once it is told to: see `servesQueues`.
    private let queueServer: QueueServer

    init(agents: Int = 2, redis arguments: [String] = ["--appendonly", "yes"], password: String = "ClueCon") async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var configuration = Simulator.Configuration()
        configuration.telephony.agents = DemoCast.agents(count: agents)
        configuration.telephony.tiers = DemoCast.tiers(of: configuration.telephony.agents)
        let server = QueueServer()
        configuration.lookUp = { server.answer($0) }
        self.simulator = Simulator(configuration: configuration, logger: quiet)
        self.port = try await self.simulator.start()
        self.redis = try RedisServer(arguments)
        self.service = Self.service(port: self.port, redis: self.redis, password: password)
        self.queueServer = server
        server.service.withLock { $0 = self.service }
        self.listen()
    }

    /// The service starts anew on the same switch and the same Redis.
    init(restarting site: Site) {
        self.simulator = site.simulator
        self.redis = site.redis
        self.port = site.port
        self.service = Self.service(port: site.port, redis: site.redis, password: "ClueCon")
        self.queueServer = site.queueServer
        self.queueServer.service.withLock { $0 = self.service }
        self.listen()
    }

    private static func service(port: Int, redis: RedisServer, password: String) -> CallCenterService {
        let endpoint = EventSocketEndpoint(host: "127.0.0.1", port: port, credentials: .password(password), name: "fs1")
        var configuration = CallCenterService.Configuration(
            site: "test", nodes: [endpoint], redis: RedisEndpoint(address: .unix(path: redis.socketPath)), owner: "host:1")
        configuration.queueRetry = .milliseconds(200)
        return CallCenterService(
            configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// From now on the switch asks the service for the queues that it loads, as by mod_xml_curl.
    func servesQueues() async {
        await self.simulator.act { $0.setConfigurationServer(ConfigurationServer(url: "", credentials: "")) }
    }

    /// Which queue it is told nothing of, as by a service that is still starting.
    func hides(queue: String?) {
        self.queueServer.hidden.withLock { $0 = queue }
    }

    private func listen() {
        _ = self.service.hub.subscribe(on: MultiThreadedEventLoopGroup.singleton.next()) { delivery in
            switch delivery {
            case .messages(let messages): self.heard.withLock { $0 += messages.map { String(buffer: $0.payload) } }
            case .reset: self.heard.withLock { $0.append("reset") }
            }
        }
    }

    /// What listeners of this instance heard, as JSON.
    var messages: [String] { self.heard.withLock { $0 } }

    func heard(_ type: String, _ parts: String...) -> Bool {
        self.messages.contains { message in message.hasPrefix(#"{"type":"\#(type)""#) && parts.allSatisfy { message.contains($0) } }
    }

    var isLive: Bool { if case .live = self.service.nodes[0].status { true } else { false } }

    /// Runs the service for as long as `body` runs, then shuts it down gracefully.
    /// - Parameter staysUp: whether the switch is needed afterwards.
    func run(staysUp: Bool = false, _ body: @escaping @Sendable (Site) async throws -> Void) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(configuration: .init(services: [.init(service: self.service)], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("the node is live and Redis is there") { self.isLive && self.service.redisIsConnected }
            try await body(self)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        if !staysUp { await self.simulator.stop() }
    }

    /// An agent as Redis shows it.
    func agent(_ name: String) async throws -> String {
        try await self.service.store.agent(name).get().map { String(buffer: $0) } ?? ""
    }

    /// The current pop of an agent, as JSON in Redis.
    func pop(_ agent: String) async throws -> String? {
        try await self.service.store.pop(agent: agent).get().map { String(buffer: $0) }
    }

    /// Who is in a queue, as JSON in Redis.
    func waiting(_ queue: String) async throws -> [String] {
        try await self.service.store.members(queue: queue).get().map { String(buffer: $0) }
    }

    /// The whole log: type and JSON.
    func log() async throws -> [(type: String, json: String)] {
        switch try await self.service.store.log(after: .zero, limit: 100_000).get() {
        case .entries(let entries): return entries.map { ($0.type, String(buffer: $0.json)) }
        case .gap: throw NeverHappened(description: "a log without a gap")
        }
    }

    /// How often each pop was logged as offered or ended, by id and type.
    func transitions() async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for (type, json) in try await self.log() where type == "pop.offered" || type == "pop.ended" {
            guard let start = json.firstRange(of: #""id":"p-"#)?.upperBound else { continue }
            counts["\(type) \(json[start...].prefix(32))", default: 0] += 1
        }
        return counts
    }
}

/// What HTTP does for mod_xml_curl, without HTTP.
final class QueueServer: Sendable {
    let service: Mutex<CallCenterService?> = Mutex(nil)
    let hidden: Mutex<String?> = Mutex(nil)

    func answer(_ lookup: ConfigurationLookup) -> EventLoopFuture<String?> {
        let name = lookup.form.split(separator: "&").last { $0.hasPrefix("CC-Queue=") }.map { $0.dropFirst(9).replacing("%40", with: "@") }
        let service = self.service.withLock { $0 }
        let hidden = self.hidden.withLock { $0 }
        return MultiThreadedEventLoopGroup.singleton.next().makeFutureWithTask {
            guard let name = name.map({ String($0) }), name != hidden, let queue = try? QueueName(name), let service else { return nil }
            return try await service.controls.configuration.served(queue).map { SwitchConfiguration.callCenter($0) }
        }
    }
}
