import Hiredis
import NIOCore
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// Sockets and streams that are open when their token ends.
@Suite(.timeLimit(.minutes(1))) struct ExpiryTests {
    private func stream(_ site: AccessSite, _ token: String, instance: Int = 0, isolation: isolated (any Actor)? = #isolation) async throws -> Wire {
        let wire = try await Wire.connect(site.instances[instance].port)
        #expect(try await wire.request("GET", "/api/v1/events", token: token).status == 200)
        while try await wire.line().hasPrefix("event: hello") == false {}
        return wire
    }

    @Test func `a revoked token ends its sockets and streams on every instance, and nobody else's`() async throws {
        try await AccessSite.run(instances: 2) { site in
            let (id, token) = try await site.token(.agent, agent: "1001@default")
            let (_, other) = try await site.token(.agent, agent: "1001@default")
            var sockets: [Wire] = []
            for instance in 0..<2 { sockets.append(try await site.webSocket(token: token, instance: instance)) }
            let stream = try await self.stream(site, token, instance: 1)
            let staying = try await site.webSocket(token: other, instance: 1)
            #expect(try await Wire.connect(site.port).request("DELETE", "/api/v1/tokens/\(id)").status == 204)
            for socket in sockets { #expect(try await socket.closeCode() == 1008) }
            #expect(await stream.end().contains(#"{"type":"error","error":{"code":"unauthorized","message":"the token or session was revoked"}}"#))
            #expect(try await staying.ask(#"{"id":"x","type":"ping"}"#)["ok"]?.bool == true)
            for instance in site.instances {
                let wire = try await Wire.connect(instance.port)
                #expect(try await wire.request("GET", "/api/v1/session", token: token).status == 401)
                #expect(try await wire.request("GET", "/api/v1/ws", token: token, headers: Wire.handshake).status == 401)
            }
        }
    }

    @Test func `what expires ends its sockets and streams`() async throws {
        try await AccessSite.run { site in
            let (_, token) = try await site.token(.agent, agent: "1001@default", expiresIn: 2)
            let socket = try await site.webSocket(token: token)
            let stream = try await self.stream(site, token)
            #expect(try await socket.closeCode() == 1008)
            #expect(await stream.end().contains("the token or session has expired"))
            #expect(try await Wire.connect(site.port).request("GET", "/api/v1/session", token: token).status == 401)
        }
    }

    @Test func `a token message renews`() async throws {
        try await AccessSite.run { site in
            let (_, first) = try await site.token(.agent, agent: "1001@default", expiresIn: 4)
            let (id, second) = try await site.token(.agent, agent: "1001@default")
            let (_, somebody) = try await site.token(.agent, agent: "1002@default")
            let (_, admin) = try await site.token(.admin, agent: "1001@default")
            let renewed = try await site.webSocket(token: first)
            let witness = try await site.webSocket(token: first)
            for stranger in [somebody, admin] {
                let result = try await renewed.ask("{\"id\":\"t\",\"type\":\"token\",\"token\":\"\(stranger)\"}")
                #expect(result["ok"]?.bool == false)
            }
            #expect(try await renewed.ask("{\"id\":\"t\",\"type\":\"token\",\"token\":\"\(second)\"}")["ok"]?.bool == true)
            #expect(try await witness.closeCode() == 1008)
            #expect(try await renewed.ask(#"{"id":"x","type":"ping"}"#)["ok"]?.bool == true)
            // From now on it is the second that counts.
            #expect(try await Wire.connect(site.port).request("DELETE", "/api/v1/tokens/\(id)").status == 204)
            #expect(try await renewed.closeCode() == 1008)
        }
    }

    @Test func `a token message with a wrong token ends the session`() async throws {
        try await AccessSite.run { site in
            let (_, token) = try await site.token(.agent, agent: "1001@default")
            let socket = try await site.webSocket(token: token)
            let result = try await socket.ask("{\"id\":\"t\",\"type\":\"token\",\"token\":\"\(TokenText.make().text)\"}")
            #expect(result["ok"]?.bool == false)
            #expect(try await socket.closeCode() == 1008)
        }
    }

    @Test func `a token that is gone when the log was lost is missed at once`() async throws {
        try await AccessSite.run { site in
            // An empty log cannot be lost.
            let (id, _) = try await site.token(.integration)
            _ = try await site.store.deleteToken(id).get()
            let wire = try await Wire.connect(site.port)
            while site.instances[0].service.hub.end == .zero { _ = try await wire.request("GET", "/healthz", token: nil) }
            let (_, token) = try await site.token(.agent, agent: "1001@default")
            let socket = try await site.webSocket(token: token)
            let admin = try await site.webSocket(token: TestServer.token)
            _ = try await socket.message("snapshot")
            _ = try await site.store.client.send(.init("FLUSHALL")).get()
            #expect(try await socket.closeCode() == 1008)
            #expect(try await admin.ask(#"{"id":"x","type":"ping"}"#)["ok"]?.bool == true)
        }
    }

    @Test func `a look-up that began before a revocation opens nothing after it`() {
        let verified = VerifiedCredentials(limit: 4)
        let now = NIODeadline.now()
        func identity(_ id: String) -> Identity {
            Identity(principal: Principal(id: "token:\(id)", name: id, role: .agent, agent: "a"), proof: .token(id: id, hash: "h"))
        }
        func insert(_ id: String, now: NIODeadline) -> VerifiedCredentials.OnInsert {
            verified.insert(identity(id), for: id, generation: verified.generation, now: now)
        }
        #expect(insert("a", now: now) == .kept)
        #expect(verified.find("a", now: now) == .fresh(identity("a")))
        verified.revoke(Revocation.token("a"), now: now)
        #expect(verified.find("a", now: now) == .none)
        #expect(insert("a", now: now) == .revoked)
        #expect(verified.isRevoked(identity("a")) && !verified.isRevoked(identity("b")))
        // It grows no further than it may.
        for number in 0..<100 { #expect(insert("\(number)", now: now + .seconds(Int64(number))) == .kept) }
        let kept = (0..<100).filter { verified.find("\($0)", now: now + .seconds(99)) != .none }
        #expect(kept.count <= 4 && kept.last == 99)
        #expect(verified.find("99", now: now + .seconds(99 + 31)) == .stale(identity("99")))
        #expect(verified.find("99", now: now + .minutes(20)) == .none)
        // Nor is what was asked before all was forgotten known after it.
        let before = verified.generation
        verified.forgetAll()
        #expect(verified.insert(identity("b"), for: "b", generation: before, now: now) == .outdated)
        #expect(verified.find("b", now: now) == .none)
        #expect(insert("b", now: now) == .kept && verified.find("b", now: now) == .fresh(identity("b")))
    }
}
