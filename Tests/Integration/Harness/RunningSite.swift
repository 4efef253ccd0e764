import AsyncHTTPClient
import EventSocket
import Foundation
import FreeSWITCHSimulator
import Hiredis
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RedisServerSupport
import ScreenPop
import ScreenPopService
import ServiceLifecycle
import Synchronization

@testable import ScreenPopHTTP
@testable import screenpop

/// The whole service in this process: a simulated FreeSWITCH over TCP, a real redis-server on a Unix socket, the service, HTTP on a free port.
final class RunningSite: Sendable {
    static let token = "integration-test-token"

    let simulator: Simulator
    let redis: RedisServer
    let port: Int
    /// Every route that the service registered.
    let routes: [Routes.Known]

    init(simulator: Simulator, redis: RedisServer, port: Int, routes: [Routes.Known]) {
        self.routes = routes
        self.simulator = simulator
        self.redis = redis
        self.port = port
    }

    /// Agents 1001 to 1003 are Available and serve support@default; nobody calls unless the test does.
    static var telephony: SimulatedSwitch.Configuration {
        var telephony = SimulatedSwitch.Configuration()
        for number in 1001...1003 {
            var agent = SimulatedAgent(name: "\(number)@default")
            agent.contact = "[leg_timeout=30]sofia/internal/\(number)@127.0.0.1:\(number + 5000)"
            agent.status = number == 1001 ? "Available" : "Logged Out"
            telephony.agents.append(agent)
            telephony.tiers.append(SimulatedTier(queue: "support@default", agent: agent.name))
        }
        return telephony
    }

    /// Runs `body` against it, then ends all of it in order.
    ///
    /// - Parameter freeswitch: a real one in place of the simulator, which then nobody is connected to.
    static func run(
        limits: HTTPService.Configuration.Limits = .init(), telephony: SimulatedSwitch.Configuration = telephony,
        freeswitch: EventSocketEndpoint? = nil, popURL: PopURLTemplate? = nil,
        _ body: @escaping @Sendable (RunningSite) async throws -> Void
    ) async throws {
        let logger = Logger(label: "integration") { _ in SwiftLogNoOpLogHandler() }
        let redis = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        var settings = Simulator.Configuration()
        settings.telephony = telephony
        settings.lookUp = { ConfigurationClient.shared.lookUp($0) }
        let simulator = Simulator(configuration: settings, logger: logger)
        let telephonePort = try await simulator.start()
        var configuration = CallCenterService.Configuration(
            nodes: [
                freeswitch ?? EventSocketEndpoint(host: "127.0.0.1", port: telephonePort, credentials: .password("ClueCon"), name: "fs1")
            ],
            redis: RedisEndpoint(address: .unix(path: redis.socketPath)), owner: "test:1")
        configuration.popURL = popURL
        let (urls, listening) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1))
        let known = Mutex<[Routes.Known]>([])
        let services = Self.services(
            configuration, limits: limits, logger: logger, registered: { routes in known.withLock { $0 = routes } }
        ) { url in
            listening.yield(url)
            listening.finish()
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // Nobody may wait for an address that will not come.
                defer { listening.finish() }
                try await services.run()
            }
            do {
                var port: Int?
                for await url in urls { port = URL(string: url)?.port }
                guard let port else { throw DidNotHappen(what: "the service listens") }
                let site = RunningSite(simulator: simulator, redis: redis, port: port, routes: known.withLock(\.self))
                try await site.isReady()
                try await body(site)
            } catch {
                await services.triggerGracefulShutdown()
                _ = try? await tasks.waitForAll()
                await simulator.stop()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        await simulator.stop()
    }

    /// The call centre and HTTP on a free port.
    static func services(
        _ configuration: CallCenterService.Configuration, limits: HTTPService.Configuration.Limits = .init(), logger: Logger,
        registered: @escaping @Sendable ([Routes.Known]) -> Void = { _ in }, listening: @escaping @Sendable (_ url: String) -> Void
    ) -> ServiceGroup {
        let group = MultiThreadedEventLoopGroup.singleton
        let callCenter = CallCenterService(configuration: configuration, eventLoopGroup: group, logger: logger)
        var http = HTTPService(
            configuration: HTTPService.Configuration(port: 0, adminToken: Self.token, limits: limits),
            backend: HTTPService.Backend(
                store: callCenter.store, hub: callCenter.hub, controls: callCenter.controls, nodes: { callCenter.nodes },
                redisIsConnected: { callCenter.redisIsConnected }),
            eventLoopGroup: group, logger: logger, listening: listening)
        http.registered = registered
        return ServiceGroup(services: [callCenter, http], logger: logger)
    }

    func isReady() async throws {
        try await eventually("the service is ready") { try await self.status(.GET, "/readyz") == 200 }
    }

    // MARK: HTTP

    func request(_ method: HTTPMethod, _ path: String, body: String? = nil) async throws -> (status: Int, body: JSON) {
        try await Self.request(method, "http://127.0.0.1:\(self.port)\(path)", token: Self.token, body: body)
    }

    static func request(_ method: HTTPMethod, _ url: String, token: String, body: String? = nil) async throws -> (status: Int, body: JSON) {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 24)
        return (Int(response.status.code), bytes.readableBytes == 0 ? .null : try JSON(Data(bytes.readableBytesView)))
    }

    private func status(_ method: HTTPMethod, _ path: String) async throws -> Int { try await self.request(method, path).status }

    /// The agent's pop; `nil` when there is none.
    func pop(_ agent: String = "1001@default") async throws -> JSON? {
        let answer = try await self.request(.GET, "/api/v1/agents/\(APIClient.pathPart(agent))/pop")
        return answer.status == 200 ? answer.body : nil
    }

    // MARK: Redis

    /// As `redis-cli` on a machine of its own would see it.
    func redis(_ command: RedisCommand) async throws -> RedisValue {
        let client = RedisClient(
            endpoint: RedisEndpoint(address: .unix(path: self.redis.socketPath)), on: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "integration") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { await client.run() }
        defer { running.cancel() }
        return try await eventually("Redis answers") {
            do { return try await client.send(command).get() } catch RedisError.unavailable, RedisError.connectionLost { return nil }
        }
    }

    /// `HGETALL screenpop:{default}:agent:NAME:pop`
    func storedPop(_ agent: String = "1001@default") async throws -> [String: String] {
        guard case .array(let values) = try await self.redis(RedisCommand("HGETALL", "screenpop:{default}:agent:\(agent):pop")) else { return [:] }
        let texts = values.map(Self.text)
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: texts.count - 1, by: 2) { fields[texts[index]] = texts[index + 1] }
        return fields
    }

    // MARK: listeners

    func desktop(_ query: String = "?agent=1001%40default", receiveBuffer: Int? = nil) async throws -> Desktop {
        let desktop = try await Desktop.connect(port: self.port, token: Self.token, query: query, receiveBuffer: receiveBuffer)
        do {
            try await eventually("the desktop has its snapshot") {
                !desktop.transcript.all("snapshot").isEmpty || desktop.transcript.all("hello").first?["recovered"].bool == true
            }
        } catch is DidNotHappen {
            throw DidNotHappen(
                what: "the desktop (\(query)) has its snapshot; it has \(desktop.transcript.messages), closed: \(desktop.transcript.isClosed)")
        }
        return desktop
    }

    /// Follows the event stream while `body` runs.
    func whileFollowing(_ query: String, lastEvent: String? = nil, _ body: (Transcript) async throws -> Void) async throws {
        let transcript = Transcript()
        let client = APIClient(base: "http://127.0.0.1:\(self.port)", token: Self.token)
        let following = Task {
            try await client.events("/api/v1/events" + query, lastEvent: lastEvent) { transcript.append(try JSON($0.data)) }
        }
        defer { following.cancel() }
        try await eventually("the stream says hello") { !transcript.all("hello").isEmpty }
        try await body(transcript)
    }

    // MARK: telephony

    /// A caller comes into support@default and rings at 1001's phone; the caller's channel.
    func ring(number: String = "+8613900139000", name: String = "王小明") async throws -> String {
        let call = await self.simulator.dial(number: number, name: name, to: "7000")
        try await eventually("the phone rings") { await self.simulator.act { $0.ringingLeg(of: "1001@default") != nil } }
        return call
    }
}
