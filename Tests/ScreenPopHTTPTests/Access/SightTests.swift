import NIOCore
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// Of a topic that somebody may listen to, he is sent what he may see.
@Suite(.timeLimit(.minutes(1))) struct SightTests {
    private static let messages: [HubMessage] = [
        .test(101, "pop.offered", agent: "1001@default", queue: "q"), .test(102, "agent.state", agent: "1001@default"),
        .test(103, "queue.stats", queue: "q"), .test(104, "member.joined", queue: "q"),
        .test(105, "config.changed", agent: "1001@default", queue: "q"), .test(106, "config.changed", agent: "1002@default", queue: "q"),
        .test(107, "config.changed", queue: "q"), .test(108, "access.revoked", more: ",\"credential\":\"token:x\""),
        .test(109, "something.new", agent: "1001@default", queue: "q"), .test(110, "pop.offered", agent: "1002@default", queue: "q"),
        .test(111, "system.degraded"),
    ]

    private func principal(_ role: Role, _ agent: String? = nil) -> Principal {
        Principal(id: "test", name: "test", role: role, agent: agent)
    }

    private func numbers(_ principal: Principal) -> [UInt64] {
        Self.messages.filter {
            AccessTable.shows(principal, Audience(type: $0.type, agent: $0.agent, queue: $0.queue))
        }.compactMap { $0.cursor?.milliseconds }
    }

    @Test func `each sees of all messages his own`() {
        #expect(self.numbers(self.principal(.admin)) == [101, 102, 103, 104, 105, 106, 107, 110, 111])
        #expect(self.numbers(self.principal(.supervisor)) == [101, 102, 103, 104, 105, 106, 107, 110, 111])
        #expect(self.numbers(self.principal(.agent, "1001@default")) == [101, 102, 103, 105, 107, 111])
        #expect(self.numbers(self.principal(.integration)) == [101, 110, 111])
    }

    /// A server that knows somebody of that role besides the admin.
    private func run(
        _ role: Role, _ agent: String? = nil, _ body: @escaping @Sendable (TestServer, String) async throws -> Void
    ) async throws {
        let secret = "a-secret-of-more-than-32-characters"
        let claims = agent.map { ["agent": $0] } ?? [:]
        let token = try await TestJWT.hs256(secret, role: role, more: claims)
        try await TestServer.run(configure: { $0.jwt = .init(keys: .secret(secret), audience: "screenpop", issuer: nil) }) { server in
            server.site.change {
                $0.agents["1001@default"] = #"{"name":"1001@default"}"#
                $0.livePops["1001@default"] = [#"{"id":"p-1"}"#]
                $0.queues["q"] = #"{"name":"q"}"#
                $0.members["q"] = [#"{"uuid":"m"}"#]
            }
            server.source.answer(.complete(Self.messages, through: Cursor(milliseconds: 111, sequence: 0)))
            try await body(server, token)
        }
    }

    private func open(
        _ server: TestServer, _ query: String, _ token: String, isolation: isolated (any Actor)? = #isolation
    ) async throws -> Wire {
        let wire = try await Wire.connect(server.port)
        #expect(try await wire.request("GET", "/api/v1/ws" + query, token: token, headers: Wire.handshake).status == 101)
        _ = try await wire.message("hello")
        return wire
    }

    @Test func `an integration is shown pops without the agents' states`() async throws {
        try await self.run(.integration) { server, token in
            let wire = try await self.open(server, "?topics=agents", token)
            #expect(try await wire.text() == #"{"type":"snapshot","cursor":"100-0","topic":"agents","agents":[],"pops":[{"id":"p-1"}]}"#)
            let one = try await self.open(server, "?topics=agent:1001@default", token)
            #expect(
                try await one.text()
                    == #"{"type":"snapshot","cursor":"100-0","topic":"agent:1001@default","agentState":null,"pops":[{"id":"p-1"}]}"#)
            server.source.deliver(.messages(Self.messages))
            for number in [101, 110, 111] { #expect(try await wire.text().contains("\"cursor\":\"\(number)-0\"")) }
            // Nor when it comes back for everything.
            let back = try await self.open(server, "?since=50-0", token)
            for number in [101, 110, 111] { #expect(try await back.text().contains("\"cursor\":\"\(number)-0\"")) }
            #expect(try await back.ask(#"{"id":"x","type":"ping"}"#)["re"]?.string == "x")
        }
    }

    @Test func `an agent is shown a queue's counts without its callers`() async throws {
        try await self.run(.agent, "1001@default") { server, token in
            let wire = try await self.open(server, "?topics=queue:q", token)
            #expect(try await wire.text().contains(#""topic":"agent:1001@default","agentState":{"name":"1001@default"}"#))
            #expect(try await wire.text() == #"{"type":"snapshot","cursor":"100-0","topic":"queue:q","queues":[{"name":"q"}],"members":[]}"#)
            server.source.deliver(.messages(Self.messages))
            for number in [101, 102, 103, 105, 107, 111] { #expect(try await wire.text().contains("\"cursor\":\"\(number)-0\"")) }
            let back = try await self.open(server, "?since=50-0", token)
            for number in [101, 102, 105, 111] { #expect(try await back.text().contains("\"cursor\":\"\(number)-0\"")) }
        }
    }

    @Test func `an event stream without a topic has what its principal may have`() async throws {
        try await self.run(.agent, "1001@default") { server, token in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/events", token: token).status == 200)
            var topics: [String] = []
            while topics.count < 2 {
                let line = try await wire.line()
                if line.hasPrefix("data: {\"type\":\"hello\"") { #expect(line.contains(#""agent":"1001@default""#)) }
                if line.hasPrefix("data: {\"type\":\"snapshot\"") { topics.append(String(line.split(separator: "\"topic\":")[1].prefix(8))) }
            }
            #expect(topics == [#""agent:1"#, #""queues""#])
        }
        try await self.run(.integration) { server, token in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/events", token: token).status == 200)
            // Whoever is greeted is listening.
            while try await !wire.line().hasPrefix("data: {\"type\":\"hello\"") {}
            server.source.deliver(.messages(Self.messages))
            var seen: [String] = []
            while seen.last?.hasPrefix("data: {\"type\":\"system.degraded\"") != true {
                let line = try await wire.line()
                if line.hasPrefix("data:") { seen.append(line) }
            }
            #expect(!seen.contains { $0.contains("agent.state") || $0.contains("queue.stats") || $0.contains("revoked") })
        }
    }
}
