import HTTPTypes
import NIOCore
import NIOPosix
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// Every route, every WebSocket message and every topic, as each role, about one's own agent and another: as `AccessTable` says, and the table as
/// this file says.
@Suite(.timeLimit(.minutes(1))) struct MatrixTests {
    private static let own = "1001@default"
    private static let other = "1002@default"

    /// Everybody is agent 1001 besides; an integration is nobody.
    private static func agent(of role: Role) -> String? {
        switch role {
        case .agent, .supervisor, .admin: Self.own
        case .integration: nil
        }
    }

    private static func principal(_ role: Role) -> Principal {
        Principal(id: "test", name: "test", role: role, agent: Self.agent(of: role))
    }

    // MARK: routes

    /// All that the service registers.
    private func routes() async throws -> Routes {
        let configuration = HTTPService.Configuration(adminToken: TestServer.token)
        let group = MultiThreadedEventLoopGroup.singleton
        let source = FakeSource()
        let site = FakeSite()
        let control = FakeControl()
        let controls = Controls(agents: control, configuration: control, calls: control)
        let service = HTTPService(
            configuration: configuration,
            instance: .init(
                store: TestServer.awayStore, site: site, source: source, controls: controls, nodes: { [] }, redisIsConnected: { true },
                records: FakeRecords()),
            metrics: nil, eventLoopGroup: group, logger: AccessSite.quiet, listening: { _ in })
        let access = try await AccessServices(configuration, store: TestServer.awayStore, eventLoopGroup: group, logger: AccessSite.quiet)
        let jobs = JobQueue(limit: 1)
        let shards = try await PushShards(
            eventLoopGroup: group, source: source, reader: SnapshotReader(site: site, source: source, nodes: { [] }), jobs: jobs,
            gauge: SessionGauge(limit: 1), authenticator: access.authenticator,
            desks: DeskBook(store: TestServer.awayStore), limits: configuration.limits, heartbeat: configuration.heartbeat)
        let origins = OriginRule(allowed: [])
        let api = API(
            configuration: configuration, site: site, controls: controls, store: TestServer.awayStore, authenticator: access.authenticator,
            logIn: access.logIn, origins: origins, gate: Gate(store: FakeRecords(), limits: configuration.limits, logger: AccessSite.quiet),
            records: FakeRecords())
        let routes = service.routes(
            api, shards: shards,
            handshake: WebSocketHandshake(
                authenticator: access.authenticator, origins: origins, isFull: { _ in false }, gate: api.gate, topics: configuration.limits.topics))
        await access.stop()
        return routes
    }

    private static func target(_ path: String, agent: String) -> String {
        path.split(separator: "/").map { part in
            part == ":agent" ? agent : part.hasPrefix(":") ? "x" : String(part)
        }.reduce("") { "\($0)/\($1)" }
    }

    @Test func `every route does as the table says, for each role`() async throws {
        let known = try await self.routes().known
        #expect(known.count >= 30)
        try await AccessSite.run { site in
            for role in Role.allCases {
                let token = try await site.token(role, agent: Self.agent(of: role)).text
                let wire = try await Wire.connect(site.port)
                for (method, path, operation) in known {
                    // A stream has no end; its topics are below.
                    guard let operation, !path.hasSuffix("/events") else { continue }
                    for agent in path.contains(":agent") ? [Self.own, Self.other] : [Self.own] {
                        let target = Self.target(path, agent: agent)
                        let body = method == .get || method == .delete ? nil : "{}"
                        let answer = try await wire.request(method.rawValue, target, token: token, body: body)
                        let allowed = AccessTable.allows(
                            Self.principal(role), operation, agent: path.contains(":agent") ? agent : nil)
                        #expect((answer.code != "forbidden") == allowed, "\(role) \(method) \(target): \(answer.status) \(answer.body)")
                        #expect(answer.status != 401 && answer.status < 500, "\(role) \(method) \(target): \(answer.status) \(answer.body)")
                    }
                }
            }
            let wire = try await Wire.connect(site.port)
            for (method, path, operation) in known where operation != nil {
                let target = Self.target(path, agent: Self.own)
                #expect(try await wire.request(method.rawValue, target, token: nil).status == 401, "\(method) \(target)")
            }
        }
    }

    @Test func `nothing under the prefix is everybody's but the ways to say who one is`() async throws {
        let open = try await self.routes().known.filter { $0.operation == nil && $0.path.hasPrefix(API.prefix) }
        #expect(open.map { "\($0.method) \($0.path)" }.sorted() == ["GET /api/v1/ws", "POST /api/v1/session"])
    }

    // MARK: topics

    /// Who may listen to what, spelled out.
    private static let topics: [(topic: String, roles: Set<Role>)] = [
        ("agent:\(own)", [.agent, .supervisor, .admin, .integration]), ("agent:\(other)", [.supervisor, .admin, .integration]),
        ("agents", [.supervisor, .admin, .integration]), ("queue:support@default", [.agent, .supervisor, .admin]),
        ("queues", [.agent, .supervisor, .admin]), ("nodes", [.supervisor, .admin]),
    ]

    @Test func `every topic, subscribed to and named in the query, by WebSocket and event stream`() async throws {
        try await AccessSite.run { site in
            for role in Role.allCases {
                let token = try await site.token(role, agent: Self.agent(of: role)).text
                let socket = try await site.webSocket(token: token)
                for (topic, roles) in Self.topics {
                    #expect(AccessTable.allows(Self.principal(role), try #require(Topic(topic))) == roles.contains(role), "\(role) \(topic)")
                    let result = try await socket.ask("{\"id\":\"s\",\"type\":\"subscribe\",\"topics\":[\"queues\",\"\(topic)\"]}")
                    let both = roles.contains(role) && role != .integration
                    #expect(result["ok"]?.bool == both, "\(role) \(topic) \(result)")
                    let single = try await socket.ask("{\"id\":\"s\",\"type\":\"subscribe\",\"topics\":[\"\(topic)\"]}")
                    #expect(single["ok"]?.bool == roles.contains(role), "\(role) \(topic) \(single)")
                    for target in ["/api/v1/ws?topics=\(topic)", "/api/v1/events?topics=\(topic)"] {
                        let headers = target.contains("/ws") ? Wire.handshake : []
                        let answer = try await Wire.connect(site.port).request("GET", target, token: token, headers: headers)
                        #expect([101, 200].contains(answer.status) == roles.contains(role), "\(role) \(target) \(answer.status)")
                        if !roles.contains(role) { #expect(answer.code == "forbidden" && answer.status == 403, "\(role) \(target)") }
                    }
                }
                for agent in [Self.own, Self.other] {
                    let answer = try await Wire.connect(site.port).request(
                        "GET", "/api/v1/ws?agent=\(agent)", token: token, headers: Wire.handshake)
                    #expect((answer.status == 101) == (role != .agent || agent == Self.own), "\(role) \(agent)")
                }
            }
        }
    }

    // MARK: messages

    @Test func `every WebSocket message does as the table says, for each role`() async throws {
        try await AccessSite.run { site in
            for role in Role.allCases {
                let token = try await site.token(role, agent: Self.agent(of: role)).text
                let socket = try await site.webSocket(token: token)
                for agent in [Self.own, Self.other] {
                    for kind in AgentCommand.Kind.allCases {
                        let asked = site.control.asked.count
                        let result = try await socket.ask(
                            "{\"id\":\"c\",\"type\":\"agent.\(kind.rawValue)\",\"agent\":\"\(agent)\"\(Self.members(of: kind))}")
                        let operation = try Self.operation(of: kind)
                        let allowed = AccessTable.allows(Self.principal(role), operation, agent: agent)
                        #expect(result["ok"]?.bool == allowed, "\(role) \(kind) \(agent) \(result)")
                        #expect((site.control.asked.count > asked) == allowed, "\(role) \(kind) \(agent)")
                    }
                    for kind in CallCommand.Kind.allCases {
                        let asked = site.control.asked.count
                        let result = try await socket.ask(
                            "{\"id\":\"c\",\"type\":\"call.\(kind.rawValue)\",\"agent\":\"\(agent)\"\(Self.members(of: kind))}")
                        let operation: ScreenPopHTTP.Operation = kind == .dial ? .dial : .controlCall
                        let allowed = AccessTable.allows(Self.principal(role), operation, agent: agent)
                        #expect(result["ok"]?.bool == allowed, "\(role) \(kind) \(agent) \(result)")
                        #expect((site.control.asked.count > asked) == allowed, "\(role) \(kind) \(agent)")
                    }
                    let claim = try await socket.ask("{\"id\":\"d\",\"type\":\"desk.claim\",\"agent\":\"\(agent)\"}")
                    let code: String? = if case .object(let error)? = claim["error"] { error["code"]?.string } else { nil }
                    let mayClaim = AccessTable.allows(Self.principal(role), .claimDesk, agent: agent)
                    // For another than the socket's agent there is no desk, whoever asks.
                    #expect(code == (mayClaim ? (agent == Self.agent(of: role) ? nil : "invalid-value") : "forbidden"), "\(role) \(agent) \(claim)")
                    let ack = try await socket.ask("{\"id\":\"a\",\"type\":\"ack\",\"pop\":\"p-1\",\"stage\":\"shown\",\"agent\":\"\(agent)\"}")
                    guard case .object(let error)? = ack["error"] else {
                        Issue.record("no error in \(ack)")
                        continue
                    }
                    let allowed = AccessTable.allows(Self.principal(role), .acknowledgePop, agent: agent)
                    #expect(error["code"]?.string == (allowed ? "pop-not-found" : "forbidden"), "\(role) \(agent)")
                }
                #expect(try await socket.ask(#"{"id":"p","type":"ping"}"#)["ok"]?.bool == true)
            }
        }
    }

    private static func members(of kind: CallCommand.Kind) -> String {
        switch kind {
        case .transfer, .consult, .dial: #","to":{"extension":"1002"}"#
        case .hangUp, .hold, .resume, .complete, .cancel: ""
        }
    }

    private static func members(of kind: AgentCommand.Kind) -> String {
        switch kind {
        case .status: #","status":"Available""#
        case .state: #","state":"Waiting""#
        case .wrapUp: #","seconds":60"#
        case .login, .logout, .ready, .takeBreak, .leave, .cancelPending, .endWrapUp: ""
        }
    }

    private static func operation(of kind: AgentCommand.Kind) throws -> ScreenPopHTTP.Operation {
        var members = Members(["status": .string("Available"), "state": .string("Waiting"), "seconds": .number(60)])
        return try AgentCommand(kind, members: &members).operation
    }
}
