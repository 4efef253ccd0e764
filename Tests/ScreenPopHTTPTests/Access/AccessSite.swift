import Hiredis
import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import ScreenPopService
import ScreenPopStore
import ServiceLifecycleTestKit
import Testing

@testable import ScreenPopHTTP

/// Instances of the service on one real Redis, with a fake switch behind them.
struct AccessSite: Sendable {
    struct Instance: Sendable {
        let port: Int
        let service: CallCenterService
        let control: FakeControl
    }

    let redis: RedisServer
    let instances: [Instance]
    var port: Int { self.instances[0].port }
    var control: FakeControl { self.instances[0].control }
    var store: Store { self.instances[0].service.store }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func run(
        instances count: Int = 1, source: (any MessageSource)? = nil, configure: (inout HTTPService.Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (AccessSite) async throws -> Void
    ) async throws {
        let redis = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        var configuration = HTTPService.Configuration(port: 0, adminToken: TestServer.token)
        // Cheap passwords: what they cost is another test's matter.
        configuration.scrypt = Scrypt(logN: 4)
        // How often one may ask without a token is another one's, too.
        configuration.limits.attempts = .init(burst: 100_000, perSecond: 0)
        configure(&configuration)
        let settings = configuration
        let group = MultiThreadedEventLoopGroup.singleton
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                var instances: [Instance] = []
                for number in 0..<count {
                    let service = CallCenterService(
                        configuration: .init(nodes: [], redis: RedisEndpoint(address: .unix(path: redis.socketPath)), owner: "test:\(number)"),
                        eventLoopGroup: group, logger: Self.quiet)
                    let control = FakeControl()
                    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
                    let http = HTTPService(
                        configuration: settings,
                        instance: .init(
                            store: service.store, site: service.store, source: source ?? service.hub,
                            controls: Controls(agents: control, configuration: control, calls: control), nodes: { [] },
                            redisIsConnected: { service.redisIsConnected }, records: service.store),
                        metrics: nil, eventLoopGroup: group, logger: Self.quiet,
                        listening: { url in
                            if let port = Int(url.split(separator: ":").last ?? "") { continuation.yield(port) }
                            continuation.finish()
                        })
                    tasks.addTask { try await service.run() }
                    tasks.addTask {
                        defer { continuation.finish() }
                        try await http.run()
                    }
                    for await port in ports { instances.append(Instance(port: port, service: service, control: control)) }
                }
                let site = AccessSite(redis: redis, instances: instances)
                if instances.count == count {
                    for instance in instances { try await site.wait(instance, ready: true) }
                    try await body(site)
                }
                trigger.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    func wait(_ instance: Instance, ready: Bool, isolation: isolated (any Actor)? = #isolation) async throws {
        let wire = try await Wire.connect(instance.port)
        while try await wire.request("GET", "/readyz", token: nil).status != (ready ? 200 : 503) {}
    }

    // MARK: who asks

    /// A stored token, as an admin makes it.
    func token(
        _ role: Role, agent: String? = nil, expiresIn: Int? = nil, isolation: isolated (any Actor)? = #isolation
    ) async throws -> (id: String, text: String) {
        let wire = try await Wire.connect(self.port)
        var members = [#""name":"test""#, "\"role\":\"\(role.rawValue)\""]
        if let agent { members.append("\"agent\":\"\(agent)\"") }
        if let expiresIn { members.append("\"expiresIn\":\(expiresIn)") }
        let answer = try await wire.request("POST", "/api/v1/tokens", body: "{\(members.joined(separator: ","))}")
        let body = try #require(answer.object)
        return (try #require(body["id"]?.string), try #require(body["token"]?.string))
    }

    func addUser(
        _ name: String, _ password: String, _ role: Role, agent: String? = nil, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        let agent = agent.map { ",\"agent\":\"\($0)\"" } ?? ""
        let answer = try await Wire.connect(self.port).request(
            "PUT", "/api/v1/users/\(name)", body: "{\"password\":\"\(password)\",\"role\":\"\(role.rawValue)\"\(agent)}")
        #expect(answer.status == 201)
    }

    /// A session's cookie and its CSRF token.
    func logIn(_ user: String, _ password: String, isolation: isolated (any Actor)? = #isolation) async throws -> (cookie: String, csrf: String) {
        let answer = try await Wire.connect(self.port).request(
            "POST", "/api/v1/session", token: nil, body: "{\"user\":\"\(user)\",\"password\":\"\(password)\"}")
        #expect(answer.status == 200)
        let cookie = try #require(answer["set-cookie"]?.split(separator: ";").first)
        return ("Cookie: \(cookie)", try #require(answer.object?["csrf"]?.string))
    }

    /// The audit up to an entry of that operation, oldest first.
    func audit(through operation: String, isolation: isolated (any Actor)? = #isolation) async throws -> [[String: JSONValue]] {
        let wire = try await Wire.connect(self.port)
        while true {
            let answer = try await wire.request("GET", "/api/v1/audit?limit=200")
            guard case .array(let items)? = answer.object?["items"] else { throw Wire.Ended() }
            let entries = items.compactMap { item -> [String: JSONValue]? in if case .object(let entry) = item { entry } else { nil } }
            if entries.first?["operation"]?.string == operation { return entries.reversed() }
        }
    }

    func webSocket(
        _ query: String = "", token: String?, headers: [String] = [], instance: Int = 0, isolation: isolated (any Actor)? = #isolation
    ) async throws -> Wire {
        let wire = try await Wire.connect(self.instances[instance].port)
        let answer = try await wire.request("GET", "/api/v1/ws" + query, token: token, headers: Wire.handshake + headers)
        guard answer.status == 101 else { throw Wire.Ended() }
        return wire
    }
}

extension Wire.Answer {
    var object: [String: JSONValue]? {
        guard case .object(let members)? = try? JSONValue(self.body.utf8) else { return nil }
        return members
    }

    var code: String? { self.object?["code"]?.string }
}

extension Wire {
    /// The next message of a type; what comes before it is skipped.
    func message(_ type: String, isolation: isolated (any Actor)? = #isolation) async throws -> String {
        while true {
            let text = try await self.text()
            if text.hasPrefix("{\"type\":\"\(type)\"") { return text }
        }
    }

    /// The close frame; what comes before it is skipped.
    func closeCode(isolation: isolated (any Actor)? = #isolation) async throws -> Int? {
        while true {
            let frame = try await self.frame()
            if frame.opcode == 8 { return frame.code }
        }
    }

    /// How a message with an id is answered, or that the socket is closed; what comes before is skipped.
    func outcome(of message: String, isolation: isolated (any Actor)? = #isolation) async throws -> String {
        try await self.send(message)
        while true {
            let frame = try await self.frame()
            if frame.opcode == 8 { return "closed \(frame.code ?? 0)" }
            guard frame.text.hasPrefix(#"{"type":"result""#), case .object(let members) = try JSONValue(frame.text.utf8) else { continue }
            guard case .object(let error)? = members["error"] else { return "ok" }
            return error["code"]?.string ?? ""
        }
    }

    /// What the service answers to a message with an id.
    func ask(_ message: String, isolation: isolated (any Actor)? = #isolation) async throws -> [String: JSONValue] {
        try await self.send(message)
        guard case .object(let members) = try JSONValue(try await self.message("result").utf8) else { return [:] }
        return members
    }
}

extension AccessSite {
    /// All that Redis holds, as text.
    func keys(isolation: isolated (any Actor)? = #isolation) async throws -> [String] {
        guard case .array(let names) = try await self.store.client.send(RedisCommand("KEYS", "*")).get() else { return [] }
        var texts: [String] = []
        for name in names.compactMap(\.text) {
            texts.append(name)
            guard case .array(let values)? = try? await self.store.client.send(RedisCommand("HGETALL", name)).get() else { continue }
            texts += values.compactMap(\.text)
        }
        return texts
    }
}
