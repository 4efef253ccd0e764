import Hiredis
import NIOCore
import RedisServerSupport
import ScreenPop
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// An agent's desks over WebSocket, on a real Redis and several instances.
@Suite(.timeLimit(.minutes(1))) struct DeskTests {
    private static let agent = "1001@default"

    private func token(_ site: AccessSite, isolation: isolated (any Actor)? = #isolation) async throws -> String {
        try await site.token(.agent, agent: Self.agent).text
    }

    /// What the next `desk.primary` says.
    private func primary(_ wire: Wire, isolation: isolated (any Actor)? = #isolation) async throws -> String? {
        guard case .object(let message) = try JSONValue(try await wire.message("desk.primary").utf8) else { return nil }
        #expect(message["agent"]?.string == Self.agent)
        return message["desk"]?.string
    }

    private func becomes(_ desk: String, _ wire: Wire, isolation: isolated (any Actor)? = #isolation) async throws {
        while try await self.primary(wire) != desk {}
    }

    @Test func `the first desk is primary, the second is told so, and a claim moves it at once, on every instance`() async throws {
        try await AccessSite.run(instances: 2) { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            let home = try await site.webSocket("?desk=home", token: token, instance: 1)
            #expect(try await home.text().hasPrefix(#"{"type":"hello""#))
            let snapshot = try await home.text()
            #expect(snapshot.hasPrefix(#"{"type":"snapshot""#) && snapshot.contains(#""primary":{"desk":"office","since":"2"#), "\(snapshot)")
            #expect(try await self.primary(home) == "office")

            let result = try await home.ask(#"{"id":"c1","type":"desk.claim"}"#)
            #expect(result["ok"]?.bool == true && result["desk"]?.string == "home", "\(result)")
            #expect(result["since"]?.string?.hasPrefix("2") == true)
            try await self.becomes("home", office)
            // Once more is nothing new.
            #expect(try await home.ask(#"{"id":"c2","type":"desk.claim"}"#)["since"] == result["since"])
            #expect(try await office.ask(#"{"id":"c3","type":"desk.claim"}"#)["ok"]?.bool == true)
            try await self.becomes("office", home)
        }
    }

    @Test func `when the primary closes another takes over within seconds, and one that says goodbye at once`() async throws {
        try await AccessSite.run(instances: 2) { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            let home = try await site.webSocket("?desk=home", token: token, instance: 1)
            #expect(try await self.primary(home) == "office")
            let tablet = try await site.webSocket("?desk=tablet", token: token)
            #expect(try await self.primary(tablet) == "office")
            // As when its network is cut.
            let cut = ContinuousClock.now
            try await office.channel.close()
            try await self.becomes("home", tablet)
            #expect(ContinuousClock.now - cut < .seconds(8))
            let goodbye = ContinuousClock.now
            try await home.write(Wire.frame([0x03, 0xE8], opcode: 8))
            try await self.becomes("tablet", tablet)
            #expect(ContinuousClock.now - goodbye < .seconds(2))
        }
    }

    @Test func `a reload of the primary leaves it primary`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            let home = try await site.webSocket("?desk=home", token: token)
            #expect(try await self.primary(home) == "office")
            let before = try await site.store.desks(of: Self.agent).get().roster
            try await office.channel.close()
            let again = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(again) == "office")
            #expect(try await site.store.desks(of: Self.agent).get().roster == before)
            _ = try await home.ask(#"{"id":"c1","type":"desk.claim"}"#)
            try await self.becomes("home", again)
        }
    }

    @Test func `sockets that never speak of desks get the same as ever, and hear of other desks`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            let plain = try await site.webSocket(token: token)
            #expect(try await plain.text().hasPrefix(#"{"type":"hello""#))
            #expect(try await plain.text().hasSuffix(#""agentState":null,"pops":[]}"#))
            #expect(try await plain.ask(#"{"id":"p","type":"ping"}"#)["ok"]?.bool == true)
            #expect(try await site.store.desks(of: Self.agent).get().text == "", "there is no desk")
            let watcher = try await site.webSocket("?topics=agents", token: TestServer.token)
            let events = try await Wire.connect(site.port)
            #expect(try await events.request("GET", "/api/v1/events", token: token).status == 200)
            let desk = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(plain) == "office")
            _ = try await site.store.acknowledge(agent: Self.agent, pop: "p", stage: .shown, by: "test").get()
            _ = try await desk.ask(#"{"id":"p","type":"ping"}"#)
            // Neither whoever watches all agents nor an event stream.
            for text in [try await watcher.text(), try await watcher.text()] { #expect(!text.contains("desk"), "\(text)") }
            try await watcher.send(#"{"id":"p","type":"ping"}"#)
            #expect(try await watcher.text().hasPrefix(#"{"type":"result""#))
            #expect(try await Wire.connect(site.port).request("GET", "/api/v1/events?desk=office", token: token).code == "invalid-value")
        }
    }

    @Test func `a claim makes a desk of a socket, and leaving makes it none`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            let first = try await site.webSocket(token: token)
            let second = try await site.webSocket(token: token)
            let made = try await first.ask(#"{"id":"c1","type":"desk.claim"}"#)
            let name = try #require(made["desk"]?.string)
            #expect(DeskRoster.isValid(id: name))
            #expect(try await self.primary(second) == name)
            #expect(try await second.ask(#"{"id":"c1","type":"desk.claim","desk":"home"}"#)["desk"]?.string == "home")
            try await self.becomes("home", first)
            #expect(try await second.ask(#"{"id":"c2","type":"desk.leave"}"#)["ok"]?.bool == true)
            try await self.becomes(name, first)
            #expect(try await first.ask(#"{"id":"c2","type":"desk.leave"}"#)["ok"]?.bool == true)
            while try await self.primary(second) != nil {}
            #expect(try await site.store.desks(of: Self.agent).get().text == "")
        }
    }

    /// What is open now; `settled` is a desk that opened after all that is asked about.
    private func open(_ site: AccessSite, isolation: isolated (any Actor)? = #isolation) async throws -> [String] {
        try await site.store.desks(of: Self.agent).get().roster.desks.map(\.id).sorted()
    }

    @Test func `a claim that is refused for being one too many changes nothing`() async throws {
        try await AccessSite.run(configure: { $0.limits.commands = .init(burst: 1, perSecond: 0.001) }) { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            #expect(try await office.outcome(of: #"{"id":"c1","type":"desk.claim"}"#) == "ok")
            #expect(try await office.outcome(of: #"{"id":"c2","type":"desk.claim","desk":"other"}"#) == "too-many-requests")
            let plain = try await site.webSocket(token: token)
            #expect(try await plain.outcome(of: #"{"id":"c3","type":"desk.claim","desk":"another"}"#) == "too-many-requests")
            // Told when all that is open by then is settled.
            let home = try await site.webSocket("?desk=home", token: token)
            #expect(try await self.primary(home) == "office")
            #expect(try await self.open(site) == ["home", "office"])
        }
    }

    @Test func `a claim that fails leaves the socket the desk that it was`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            site.redis.kill()
            try await site.wait(site.instances[0], ready: false)
            #expect(try await office.outcome(of: #"{"id":"c","type":"desk.claim","desk":"other"}"#) == "store-unavailable")
            try site.redis.start()
            let home = try await site.webSocket("?desk=home", token: token)
            try await self.becomes("office", home)
            #expect(try await self.open(site) == ["home", "office"])
        }
    }

    @Test func `the primary of an instance that is gone without a word is followed by another's desk`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            // As an instance leaves it that was killed.
            let dead = DeskRoster(
                desks: [.init(id: "office", since: WallClock.now(), instances: ["dead"])], primary: .init(desk: "office", since: WallClock.now()))
            #expect(try await site.store.client.send(RedisCommand("SET", site.store.keys.instance("dead"), "1", "PX", "3000")).get() != .null)
            #expect(try await site.store.replace(site.store.desks(of: Self.agent).get(), by: dead, of: Self.agent).get())
            let home = try await site.webSocket("?desk=home", token: token)
            #expect(try await self.primary(home) == "office", "it may live")
            try await self.becomes("home", home)
        }
    }

    @Test func `a Redis that forgot everything is told again`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            let keys = site.store.keys
            _ = try await site.store.client.send(RedisCommand("DEL", keys.desks(Self.agent), keys.instance(site.store.deskHolder))).get()
            while try await site.store.desks(of: Self.agent).get().roster.primary?.desk != "office" {}
        }
    }

    @Test func `who missed a change while he was away hears of it when he comes back`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            let cursor = try await site.store.desks(of: Self.agent).get().asOf
            let home = try await site.webSocket("?desk=home", token: token)
            #expect(try await self.primary(home) == "office")
            try await office.channel.close()
            _ = try await home.ask(#"{"id":"c1","type":"desk.claim"}"#)
            let back = try await site.webSocket("?desk=office&since=\(cursor)", token: token)
            #expect(try await back.text().contains(#""recovered":true"#))
            #expect(try await self.primary(back) == "home")
        }
    }

    @Test func `nobody claims for another, and nobody's socket is no desk`() async throws {
        try await AccessSite.run { site in
            func refusal(_ socket: Wire, _ message: String, isolation: isolated (any Actor)? = #isolation) async throws -> String? {
                guard case .object(let error)? = try await socket.ask(message)["error"] else { return nil }
                return error["code"]?.string
            }
            let socket = try await site.webSocket(token: try await self.token(site))
            #expect(try await refusal(socket, #"{"id":"c","type":"desk.claim","agent":"1002@default"}"#) == "forbidden")
            for desk in ["", "a b", "a|b", String(repeating: "x", count: 65)] {
                #expect(try await refusal(socket, "{\"id\":\"c\",\"type\":\"desk.claim\",\"desk\":\"\(desk)\"}") == "invalid-value", "\(desk)")
            }
            let boss = try await site.token(.supervisor, agent: "2001@default").text
            let watching = try await site.webSocket("?agent=1001%40default", token: boss)
            #expect(try await refusal(watching, #"{"id":"c","type":"desk.claim"}"#) == "forbidden")
            let crm = try await site.token(.integration).text
            #expect(
                try await refusal(try await site.webSocket("?agent=1001%40default", token: crm), #"{"id":"c","type":"desk.claim"}"#) == "forbidden")
            let admin = try await site.webSocket(token: TestServer.token)
            #expect(try await refusal(admin, #"{"id":"c","type":"desk.claim"}"#) == "invalid-value")
            #expect(try await refusal(admin, #"{"id":"c","type":"desk.claim","agent":"1001@default"}"#) == "invalid-value")
            for (query, token, status, code) in [
                ("?desk=office", TestServer.token, 422, "invalid-value"), ("?desk=a%20b", TestServer.token, 422, "invalid-value"),
                ("?agent=1001%40default&desk=office", boss, 403, "forbidden"), ("?agent=1001%40default&desk=office", crm, 403, "forbidden"),
            ] {
                let answer = try await Wire.connect(site.port).request("GET", "/api/v1/ws" + query, token: token, headers: Wire.handshake)
                #expect(answer.status == status && answer.code == code, "\(query) \(answer.body)")
            }
            #expect(try await site.store.desks(of: Self.agent).get().text == "")
        }
    }

    @Test func `while Redis is away a claim is refused, and a desk that opens is told later`() async throws {
        try await AccessSite.run { site in
            let token = try await self.token(site)
            let office = try await site.webSocket("?desk=office", token: token)
            #expect(try await self.primary(office) == "office")
            site.redis.kill()
            try await site.wait(site.instances[0], ready: false)
            guard case .object(let error)? = try await office.ask(#"{"id":"c","type":"desk.claim"}"#)["error"] else {
                Issue.record("a claim without Redis")
                return
            }
            #expect(error["code"]?.string == "store-unavailable")
            let home = try await site.webSocket("?desk=home", token: token)
            try site.redis.start()
            try await self.becomes("office", home)
        }
    }
}
