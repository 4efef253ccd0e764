import NIOCore
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
    /// The next event's lines; comments are left out.
    private func event(_ wire: Wire, isolation: isolated (any Actor)? = #isolation) async throws -> [String] {
        var lines: [String] = []
        while true {
            let line = try await wire.line()
            // The sizes of chunks, and what ends them.
            if line.isEmpty, lines.isEmpty { continue }
            if line.isEmpty { return lines }
            if line.hasPrefix("id:") || line.hasPrefix("event:") || line.hasPrefix("data:") { lines.append(line) }
        }
    }

    private func open(
        _ server: TestServer, _ query: String = "", headers: [String] = [], isolation: isolated (any Actor)? = #isolation
    ) async throws -> Wire {
        let wire = try await Wire.connect(server.port)
        let answer = try await wire.request("GET", "/api/v1/events" + query, headers: headers)
        #expect(answer.status == 200)
        #expect(answer["content-type"] == "text/event-stream")
        return wire
    }

    @Test func `hello, snapshot, then the agent's messages with their cursors`() async throws {
        try await TestServer.run { server in
            let wire = try await self.open(server, "?agent=a")
            #expect(
                try await self.event(wire) == [
                    "event: hello",
                    #"data: {"type":"hello","protocol":1,"agent":"a","cursor":"100-0","recovered":true,"heartbeatSeconds":25}"#,
                ])
            #expect(
                try await self.event(wire) == [
                    "id: 100-0", "event: snapshot",
                    #"data: {"type":"snapshot","cursor":"100-0","topic":"agent:a","agentState":null,"pops":[]}"#,
                ])
            server.source.deliver(.messages([.test(101, "pop.offered", agent: "b"), .test(102, "pop.offered", agent: "a")]))
            #expect(try await self.event(wire) == ["id: 102-0", "event: pop.offered", #"data: {"type":"pop.offered","cursor":"102-0"}"#])
        }
    }

    @Test func `without a topic everything is sent`() async throws {
        try await TestServer.run { server in
            let wire = try await self.open(server)
            #expect(try await self.event(wire).first == "event: hello")
            // Two snapshots: neither is a place to come back to.
            for _ in 0..<2 { #expect(try await self.event(wire).first == "event: snapshot") }
            server.source.deliver(.messages([.test(101, "pop.offered", agent: "b"), .test(102, "queue.stats", queue: "q")]))
            #expect(try await self.event(wire).first == "id: 101-0")
            #expect(try await self.event(wire).first == "id: 102-0")
        }
    }

    @Test func `Last-Event-ID brings what was missed`() async throws {
        try await TestServer.run { server in
            server.source.answer(.complete([.test(51, "pop.ended", agent: "a")], through: Cursor(milliseconds: 51, sequence: 0)))
            for (query, headers) in [("?agent=a", ["Last-Event-ID: 50-0"]), ("?agent=a&since=50-0", [])] {
                let wire = try await self.open(server, query, headers: headers)
                #expect(try await self.event(wire).last?.contains(#""cursor":"50-0","recovered":true"#) == true)
                #expect(try await self.event(wire).first == "id: 51-0")
            }
            #expect(server.source.resumedAfter == Array(repeating: Cursor(milliseconds: 50, sequence: 0), count: 2))
        }
    }

    @Test func `the snapshot of a large site and all that was missed arrive, whatever may be owed`() async throws {
        let pad = String(repeating: "x", count: 2000)
        try await TestServer.run { server in
            server.site.change { content in
                for number in 0..<2000 { content.agents["\(number)"] = "{\"name\":\"\(number)\",\"pad\":\"\(pad)\"}" }
            }
            let wire = try await self.open(server, "?topics=agents")
            #expect(try await self.event(wire).first == "event: hello")
            let snapshot = try await self.event(wire)
            #expect(snapshot.first == "id: 100-0")
            #expect(snapshot.last?.count ?? 0 > 4_000_000)
            server.source.deliver(.messages([.test(101, "agent.state", agent: "b")]))
            #expect(try await self.event(wire).first == "id: 101-0")

            server.source.answer(
                .complete(
                    (1...2000).map { .test($0, "pop.ended", agent: "a", more: ",\"pad\":\"\(pad)\"") },
                    through: Cursor(milliseconds: 2000, sequence: 0)))
            let returning = try await self.open(server, "?agent=a&since=0-1")
            #expect(try await self.event(returning).first == "event: hello")
            for number in 1...2000 { #expect(try await self.event(returning).first == "id: \(number)-0") }
        }
    }

    @Test func `comments are the heartbeat`() async throws {
        try await TestServer.run(configure: { $0.heartbeat = .milliseconds(20) }) { server in
            let wire = try await self.open(server, "?agent=a")
            while try await wire.line() != ":" {}
        }
    }

    @Test func `the token and the topics are checked`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/events", token: nil).status == 401)
            #expect(try await wire.request("GET", "/api/v1/events?topics=x").status == 422)
        }
    }

    @Test func `streams end with the service, and a listener that left is forgotten`() async throws {
        try await TestServer.run(configure: { $0.limits.sessions = 1 }) { server in
            let first = try await self.open(server, "?agent=a")
            try await first.channel.close()
            // Its place becomes free.
            var second: Wire?
            while second == nil {
                let wire = try await Wire.connect(server.port)
                if try await wire.request("GET", "/api/v1/events?agent=a").status == 200 { second = wire }
            }
            server.stop()
            _ = await second?.end()
        }
    }
}
