import CallCenter
import Hiredis
import Logging
import NIOCore
import NIOPosix
import RedisServerSupport
import ScreenPop
import ScreenPopService
import ScreenPopStore
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing

@testable import ScreenPopHTTP

/// The whole way from a change to desktops, with the real store, hub and Redis.
@Suite(.timeLimit(.minutes(1))) struct RealRedisTests {
    private struct Site: Sendable {
        let port: Int
        let redis: RedisServer
        let service: CallCenterService

        func wait(ready: Bool, isolation: isolated (any Actor)? = #isolation) async throws {
            let wire = try await Wire.connect(self.port)
            while try await wire.request("GET", "/readyz", token: nil).status != (ready ? 200 : 503) {}
        }
    }

    private func withSite(_ body: @escaping @Sendable (Site) async throws -> Void) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let redis = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        let service = CallCenterService(
            configuration: .init(nodes: [], redis: RedisEndpoint(address: .unix(path: redis.socketPath)), owner: "test:1"),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let http = HTTPService(
            configuration: .init(port: 0, adminToken: TestServer.token),
            backend: .init(
                store: service.store, hub: service.hub, controls: service.controls, nodes: { service.nodes },
                redisIsConnected: { service.redisIsConnected }),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet,
            listening: { url in
                if let port = Int(url.split(separator: ":").last ?? "") { continuation.yield(port) }
                continuation.finish()
            })
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                group.addTask {
                    defer { continuation.finish() }
                    try await http.run()
                }
                for await port in ports {
                    let site = Site(port: port, redis: redis, service: service)
                    try await site.wait(ready: true)
                    try await body(site)
                }
                trigger.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }

    private func pop(_ id: String, _ state: Pop.State = .offered, version: Int = 1) -> Pop {
        var pop = Pop(id: id, kind: .queue, agent: "1001@default", node: "fs1", offeredAt: Timestamp(microseconds: 1_795_428_000_000_000))
        pop.queue = "support@default"
        pop.caller = Pop.Caller(number: "+8613900139000", name: "王小明")
        pop.callUUID = "call-1"
        pop.state = state
        pop.version = version
        pop.attributes = ["crm_id": "crm\"4711"]
        if state == .ended {
            pop.endedAt = Timestamp(microseconds: 1_795_428_009_000_000)
            pop.endReason = .completedCaller
        }
        return pop
    }

    private func append(_ site: Site, _ number: Int64, _ changes: [Change]) async throws {
        _ = try await site.service.store.append(
            Batch(node: "fs1", fence: 1, number: number, coreUUID: "core", sequence: number, changes: changes)
        ).get()
    }

    @Test func `an offer is the same over WebSocket, event stream and GET, and can be caught up with`() async throws {
        try await self.withSite { site in
            _ = try await site.service.store.takeOver(node: "fs1", owner: "test:1").get()
            try await self.append(site, 1, [.agent(AgentRecord(name: "1001@default", node: "fs1"))])

            let socket = try await Wire.connect(site.port)
            #expect(try await socket.request("GET", "/api/v1/ws?agent=1001%40default", headers: Wire.handshake).status == 101)
            #expect(try await socket.text().contains("hello"))
            #expect(try await socket.text().contains(#""agentState":{"name":"1001@default""#))
            let events = try await Wire.connect(site.port)
            #expect(try await events.request("GET", "/api/v1/events?agent=1001%40default").status == 200)
            while try await events.line().hasPrefix("event: snapshot") == false {}

            let pop = self.pop("p-00000000000000000000000000000001")
            try await self.append(site, 2, [.pop(.offered, pop), .currentPop(agent: "1001@default", pop)])

            let message = try await socket.text()
            #expect(message.hasPrefix(#"{"type":"pop.offered","cursor":""#))
            var line = ""
            while !line.hasPrefix("data: {\"type\":\"pop.offered\"") { line = try await events.line() }
            #expect(line == "data: " + message)
            let get = try await Wire.connect(site.port)
            let current = try await get.request("GET", "/api/v1/agents/1001%40default/pop")
            #expect(current.status == 200)
            #expect(message.hasSuffix("\"pop\":\(current.body)}"))

            // What happens while the desktop is away follows when it is back.
            guard case .object(let members) = try JSONValue(message.utf8), let cursor = members["cursor"]?.string else {
                Issue.record("no cursor in \(message)")
                return
            }
            try await socket.channel.close()
            let ended = self.pop(pop.id, .ended, version: 2)
            try await self.append(site, 3, [.pop(.ended, ended), .currentPop(agent: "1001@default", nil)])
            let back = try await Wire.connect(site.port)
            #expect(try await back.request("GET", "/api/v1/ws?agent=1001%40default&since=\(cursor)", headers: Wire.handshake).status == 101)
            #expect(try await back.text().contains("\"cursor\":\"\(cursor)\",\"recovered\":true"))
            let missed = try await back.text()
            #expect(missed.hasPrefix(#"{"type":"pop.ended""#))
            #expect(try await get.request("GET", "/api/v1/agents/1001%40default/pop").status == 204)
            #expect(try await get.request("GET", "/api/v1/agents/1001%40default/pops").body.contains(pop.id))

            // A cursor from before the log's beginning is a gap, and said to be one.
            let lost = try await Wire.connect(site.port)
            #expect(
                try await lost.request("GET", "/api/v1/ws?agent=1001%40default&since=99999999999999-0", headers: Wire.handshake).status == 101)
            #expect(try await lost.text().contains(#""recovered":false"#))
            #expect(try await lost.text().hasPrefix(#"{"type":"snapshot""#))
        }
    }

    @Test func `an acknowledged dismissal reaches the agent's other desktop`() async throws {
        try await self.withSite { site in
            _ = try await site.service.store.takeOver(node: "fs1", owner: "test:1").get()
            let pop = self.pop("p-00000000000000000000000000000001")
            try await self.append(
                site, 1,
                [.agent(AgentRecord(name: "1001@default", node: "fs1")), .pop(.offered, pop), .currentPop(agent: "1001@default", pop)])
            let socket = try await Wire.connect(site.port)
            #expect(try await socket.request("GET", "/api/v1/ws?agent=1001%40default", headers: Wire.handshake).status == 101)
            #expect(try await socket.text().contains("hello"))
            #expect(try await socket.text().contains(pop.id))
            let wire = try await Wire.connect(site.port)
            #expect(try await wire.request("POST", "/api/v1/agents/1001%40default/pops/\(pop.id)/ack", body: #"{"stage":"dismissed"}"#).status == 204)
            let message = try await socket.text()
            #expect(message.hasPrefix(#"{"type":"pop.dismissed""#) && message.contains(pop.id))
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default/pop").status == 204)
        }
    }

    @Test func `Redis restarts under open sessions`() async throws {
        try await self.withSite { site in
            _ = try await site.service.store.takeOver(node: "fs1", owner: "test:1").get()
            try await self.append(site, 1, [.agent(AgentRecord(name: "1001@default", node: "fs1"))])
            let socket = try await Wire.connect(site.port)
            #expect(try await socket.request("GET", "/api/v1/ws?agent=1001%40default", headers: Wire.handshake).status == 101)
            #expect(try await socket.text().contains("hello"))
            #expect(try await socket.text().contains("snapshot"))
            site.redis.kill()
            try await site.wait(ready: false)
            let wire = try await Wire.connect(site.port)
            #expect(try await wire.request("GET", "/api/v1/agents").status == 503)
            try site.redis.start()
            try await site.wait(ready: true)
            var record = AgentRecord(name: "1001@default", node: "fs1")
            record.status = .onBreak
            try await self.append(site, 2, [.agent(record)])
            var message = ""
            while !message.contains("On Break") { message = try await socket.text() }
            #expect(message.hasPrefix(#"{"type":"agent.state","cursor":""#))
        }
    }
}
