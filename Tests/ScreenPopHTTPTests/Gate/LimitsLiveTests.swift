import CoreMetrics
import HTTPTypes
import NIOCore
import ScreenPopService
import ScreenPopStore
import Synchronization
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct LimitsLiveTests {
    @Test func `too many commands are refused, over HTTP and WebSocket together, and reading goes on`() async throws {
        try await TestServer.run(configure: { $0.limits.commands = .init(burst: 2, perSecond: 0.01) }) { server in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("POST", "/api/v1/agents/x/ready", body: "{}").status == 200)
            let socket = try await Wire.webSocket(server, "?agent=x")
            _ = try await socket.text()
            _ = try await socket.text()
            try await socket.send(#"{"id":"a","type":"agent.ready"}"#)
            #expect(try await socket.text().contains(#""re":"a","ok":true"#))
            for id in ["b", "c"] {
                try await socket.send(#"{"id":"\#(id)","type":"agent.ready"}"#)
                #expect(try await socket.text().contains(#""re":"\#(id)","ok":false,"error":{"code":"too-many-requests""#))
            }
            try await socket.send(#"{"id":"d","type":"subscribe","topics":["queues"]}"#)
            #expect(try await socket.text().contains(#""re":"d","ok":false,"error":{"code":"too-many-requests""#))
            let answer = try await wire.request("POST", "/api/v1/agents/x/ready", body: "{}")
            #expect(answer.status == 429)
            #expect(answer.body.contains(#""code":"too-many-requests""#))
            #expect((1...100).contains(answer["retry-after"].flatMap { Int($0) } ?? 0))
            #expect(server.control.asked.count == 2)
            #expect(try await wire.request("GET", "/api/v1/agents").status == 200)
            #expect(try await wire.request("POST", "/api/v1/agents/x/pops/p-1/ack", body: #"{"stage":"shown"}"#).status == 404)
            // Of a series of refusals the first stands in the audit.
            #expect(try await server.records.entries(3).map(\.status) == [200, 200, 429])
        }
    }

    private static func topics(_ count: Int) -> String { (0..<count).map { "queue:q\($0)" }.joined(separator: ",") }

    /// The status and the code of an opening.
    private static func open(
        _ server: TestServer, _ path: String, _ query: String, isolation: isolated (any Actor)? = #isolation
    ) async throws -> (status: Int, code: String?, retryAfter: String?) {
        let headers = path.hasSuffix("/ws") ? Wire.handshake : []
        let answer = try await Wire.connect(server.port).request("GET", path + query, headers: headers)
        return (answer.status, answer.code, answer["retry-after"])
    }

    @Test func `more topics than a session may have are refused before it begins, also to one that comes back`() async throws {
        try await TestServer.run(configure: { $0.limits.topics = 4 }) { server in
            server.source.answer(.complete([], through: Cursor(milliseconds: 50, sequence: 0)))
            for (path, good) in [("/api/v1/ws", 101), ("/api/v1/events", 200)] {
                for since in ["", "&since=50-0", "&since=nonsense"] {
                    #expect(try await Self.open(server, path, "?topics=\(Self.topics(4))\(since)").status == good, "\(path) \(since)")
                    for query in ["?topics=\(Self.topics(5))", "?agent=a&topics=\(Self.topics(4))"] {
                        let refused = try await Self.open(server, path, query + since)
                        #expect(refused.status == 422 && refused.code == "too-many-topics", "\(path) \(query)\(since) \(refused)")
                    }
                }
            }
        }
    }

    @Test func `a session costs as many commands as its topics, but for the first, also when it comes back`() async throws {
        for (path, good) in [("/api/v1/ws", 101), ("/api/v1/events", 200)] {
            for since in ["", "&since=50-0"] {
                try await TestServer.run(configure: { $0.limits.commands = .init(burst: 4, perSecond: 0.001) }) { server in
                    let (two, one) = ("?topics=\(Self.topics(33))\(since)", "?agent=a\(since)")
                    for _ in 0..<2 { #expect(try await Self.open(server, path, two).status == good) }
                    for _ in 0..<2 {
                        let refused = try await Self.open(server, path, two)
                        #expect(refused.status == 429 && refused.code == "too-many-requests" && refused.retryAfter != nil, "\(path) \(refused)")
                    }
                    // Thousands of desktops that come back at once have one topic each.
                    #expect(try await Self.open(server, path, one).status == good)
                    #expect(try await Wire.connect(server.port).request("POST", "/api/v1/agents/x/ready", body: "{}").status == 429)
                    let entry = try await server.records.entries(1)[0]
                    #expect(entry.status == 429 && entry.operation == "listen" && entry.principal == "admin-token")
                }
            }
        }
    }

    /// What came back since it was refused is not taken for nothing, and nobody who asks for an upgrade is told to ask for one.
    @Test func `a refused opening takes nothing, however fast the measure fills`() async throws {
        try await TestServer.run(configure: { $0.limits.commands = .init(burst: 2, perSecond: 100) }) { server in
            var outcomes: [Int: Int] = [:]
            for _ in 0..<60 { outcomes[try await Self.open(server, "/api/v1/ws", "?topics=\(Self.topics(33))").status, default: 0] += 1 }
            #expect(Set(outcomes.keys).isSubset(of: [101, 429]) && outcomes[101] != nil && outcomes[429] != nil, "\(outcomes)")
        }
    }

    @Test func `acknowledgements have a measure of their own`() async throws {
        try await TestServer.run(configure: {
            $0.limits.acknowledgements = .init(burst: 3, perSecond: 0.001)
            $0.limits.commands = .init(burst: 1, perSecond: 0.001)
        }) { server in
            server.site.change { $0.livePops["a"] = [#"{"id":"p-1"}"#] }
            let wire = try await Wire.connect(server.port)
            let socket = try await Wire.webSocket(server, "?agent=a")
            func acknowledge(isolation: isolated (any Actor)? = #isolation) async throws -> (Int, String?) {
                let answer = try await wire.request("POST", "/api/v1/agents/a/pops/p-1/ack", body: #"{"stage":"shown"}"#)
                return (answer.status, answer.code)
            }
            let message = #"{"id":"k","type":"ack","pop":"p-1","stage":"shown"}"#
            #expect(try await acknowledge() == (204, nil))
            for _ in 0..<2 { #expect(try await socket.outcome(of: message) == "ok") }
            #expect(try await socket.outcome(of: message) == "too-many-requests")
            #expect(try await acknowledge() == (429, "too-many-requests"))
            #expect(server.site.content.withLock(\.acknowledged).count == 3)
            #expect(try await wire.request("POST", "/api/v1/agents/x/ready", body: "{}").status == 200)
            let entries = try await server.records.entries(2)
            #expect(entries.map(\.status) == [429, 200] && entries[0].operation == "acknowledgePop" && entries[0].way == .websocket)
        }
    }

    @Test func `who shows nobody too often is told so, and a good token is good all the same`() async throws {
        try await TestServer.run(configure: { $0.limits.attempts = .init(burst: 3, perSecond: 0.01) }) { server in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/agents", token: "wrong-token-wrong-token").status == 401)
            #expect(try await wire.request("POST", "/api/v1/agents", token: nil, body: "{}").status == 401)
            let socket = try await Wire.connect(server.port)
            #expect(try await socket.request("GET", "/api/v1/ws", token: nil, headers: Wire.handshake).status == 401)
            for _ in 0..<2 {
                let answer = try await wire.request("POST", "/api/v1/agents", token: "wrong-token-wrong-token", body: "{}")
                #expect(answer.status == 429)
                #expect(answer["retry-after"] != nil)
            }
            #expect(try await wire.request("GET", "/api/v1/agents").status == 200)
            #expect(try await server.records.entries(3).map(\.status) == [401, 401, 429])
        }
    }

    @Test func `one network has so many connections, sessions and proxies aside`() async throws {
        try await TestServer.run(configure: { $0.limits.connectionsOfNetwork = 2 }) { server in
            let first = try await Wire.connect(server.port)
            #expect(try await first.request("GET", "/healthz").status == 200)
            let socket = try await Wire.webSocket(server)
            _ = try await socket.text()
            // A session has left its place.
            let second = try await Wire.connect(server.port)
            #expect(try await second.request("GET", "/healthz").status == 200)
            let third = try await Wire.connect(server.port)
            #expect(await third.end() == "")
            #expect(try await first.request("GET", "/healthz").status == 200)
            try await first.channel.close()
            var status = 0
            while status != 200 { status = (try? await Wire.connect(server.port).request("GET", "/healthz").status) ?? 0 }
            #expect(try await socket.ask(#"{"id":"x","type":"ping"}"#)["ok"]?.bool == true)
        }
        let proxies = [AddressRange("10.0.0.0/8")].compactMap(\.self)
        let caps = ConnectionCaps(cap: 1, proxies: proxies)
        let places = (0..<3).map { _ in caps.place(for: IPAddress("10.0.0.1")) }
        #expect(places.allSatisfy { $0 != nil })
        let place = caps.place(for: IPAddress("2001:db8::1"))
        #expect(place != nil && caps.place(for: IPAddress("2001:db8::2")) == nil && caps.place(for: IPAddress("2001:db8:0:1::1")) != nil)
        place?.free()
        place?.free()
        #expect(caps.place(for: IPAddress("2001:db8::2")) != nil && caps.place(for: IPAddress("2001:db8::1")) == nil)
    }

    @Test func `a principal may have so many answers kept, and an admin as many as he likes`() {
        var limits = HTTPService.Configuration.Limits()
        limits.idempotencyKeys = .init(burst: 2, perSecond: 0.25)
        let gate = Gate(store: FakeRecords(), limits: limits, logger: AccessSite.quiet)
        let agent = Principal(id: "token:a", name: "x", role: .agent, agent: "x")
        for _ in 0..<2 { #expect(throws: Never.self) { try gate.admitKey(of: agent) } }
        let refusal = #expect(throws: Gate.Refusal.self) { try gate.admitKey(of: agent) }
        #expect(refusal?.problem.code == "too-many-idempotency-keys" && refusal?.problem.headers[.retryAfter] == "4")
        #expect(throws: Never.self) { try gate.admitKey(of: Principal(id: "token:b", name: "x", role: .agent, agent: "x")) }
        for _ in 0..<100 { #expect(throws: Never.self) { try gate.admitKey(of: .adminToken) } }
    }

    @Test func `each principal may have so many sessions`() {
        var limits = HTTPService.Configuration.Limits()
        limits.sessionsOfPerson = 2
        limits.sessionsOfIntegration = 3
        let caps = SessionCaps(limits: limits)
        for (role, cap) in [(Role.agent, 2), (.supervisor, 2), (.integration, 3)] {
            let principal = Principal(id: "token:\(role)", name: "x", role: role, agent: "x")
            for _ in 0..<cap {
                #expect(!caps.isFull(for: principal))
                caps.opened(principal)
            }
            #expect(caps.isFull(for: principal))
            caps.closed(principal)
            #expect(!caps.isFull(for: principal))
        }
        for _ in 0..<100 { caps.opened(.adminToken) }
        #expect(!caps.isFull(for: .adminToken))
        #expect(!caps.isFull(for: Principal(id: "token:other", name: "x", role: .agent)))
    }
}
