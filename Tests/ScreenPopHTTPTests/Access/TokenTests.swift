import HTTPTypes
import Hiredis
import NIOCore
import NIOPosix
import RedisServerSupport
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct TokenTests {
    @Test func `a token is shown once, listed without its secret, and works until it is deleted`() async throws {
        try await AccessSite.run { site in
            let wire = try await Wire.connect(site.port)
            let created = try await wire.request(
                "POST", "/api/v1/tokens", body: #"{"name":"desk 1","role":"agent","agent":"1001@default","expiresIn":3600}"#)
            #expect(created.status == 201)
            let members = try #require(created.object)
            let (id, token) = (try #require(members["id"]?.string), try #require(members["token"]?.string))
            #expect(token.hasPrefix("sp_\(id)_") && token.count == 3 + 12 + 1 + 43)
            let text = try #require(TokenText(token))
            #expect(members["expiresAt"]?.string?.hasSuffix("Z") == true)
            #expect(members["createdBy"] == .string("admin-token"))

            // A long way from 503: the agent is not there, but who asks may know that.
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default", token: token).code == "agent-not-found")
            let list = try await wire.request("GET", "/api/v1/tokens")
            #expect(list.body.contains(#""name":"desk 1","role":"agent","agent":"1001@default""#))
            #expect(!list.body.contains(text.secret) && !list.body.contains(Secret.hash(text.secret)))
            #expect(!list.body.contains(#""lastUsedAt":null"#))

            for wrong in [
                "sp_\(id)_\(String(text.secret.reversed()))", "sp_\(String(id.reversed()))_\(text.secret)", "sp_\(id)_", "sp_\(id)", token + "x",
                "SP_\(id)_\(text.secret)",
            ] {
                let answer = try await wire.request("GET", "/api/v1/session", token: wrong)
                #expect(answer.status == 401 && answer["www-authenticate"] == "Bearer", "\(wrong)")
            }
            #expect(try await wire.request("DELETE", "/api/v1/tokens/\(id)", token: token).code == "forbidden")
            #expect(try await wire.request("DELETE", "/api/v1/tokens/\(id)").status == 204)
            #expect(try await wire.request("DELETE", "/api/v1/tokens/\(id)").code == "token-not-found")
            #expect(try await wire.request("GET", "/api/v1/session", token: token).status == 401)
        }
    }

    @Test func `the audit names the token that was made as it names the one that was deleted`() async throws {
        try await AccessSite.run { site in
            let id = try await site.token(.supervisor).id
            let wire = try await Wire.connect(site.port)
            #expect(try await wire.request("DELETE", "/api/v1/tokens/\(id)").status == 204)
            let entry = "\"operation\":\"manageTokens\",\"target\":{\"token\":\"\(id)\"}"
            var said = ""
            let patience = ContinuousClock.now + .seconds(10)
            repeat { said = try await wire.request("GET", "/api/v1/audit").body } while !said.contains("204") && ContinuousClock.now < patience
            #expect(said.split(separator: entry, omittingEmptySubsequences: false).count == 3, "\(said)")
        }
    }

    @Test func `what was revoked commands nothing over a socket that is still open, before the log has told it`() async throws {
        // A log that says nothing.
        try await AccessSite.run(source: FakeSource()) { site in
            let wire = try await Wire.connect(site.port)
            for message in [
                #""type":"agent.ready""#, #""type":"desk.claim""#, #""type":"subscribe","topics":["queues"]"#,
                #""type":"ack","pop":"p","stage":"shown""#, #""type":"ping""#,
            ] {
                let (id, token) = try await site.token(.agent, agent: "1001@default")
                let socket = try await site.webSocket(token: token)
                #expect(try await socket.outcome(of: #"{"id":"p","type":"ping"}"#) == "ok")
                #expect(try await wire.request("DELETE", "/api/v1/tokens/\(id)").status == 204)
                #expect(try await socket.outcome(of: "{\"id\":\"c\",\(message)}") == "closed 1008", "\(message)")
            }
            try await site.addUser("anna", "correct horse", .agent, agent: "1001@default")
            let (cookie, csrf) = try await site.logIn("anna", "correct horse")
            let socket = try await site.webSocket(token: nil, headers: [cookie, "Origin: http://127.0.0.1"])
            #expect(try await socket.outcome(of: #"{"id":"p","type":"ping"}"#) == "ok")
            let out = try await wire.request("DELETE", "/api/v1/session", token: nil, headers: [cookie, "X-CSRF-Token: \(csrf)"])
            #expect(out.status == 204, "\(out.body)")
            #expect(try await socket.outcome(of: #"{"id":"c","type":"agent.ready"}"#) == "closed 1008")
            #expect(site.control.asked == [])
        }
    }

    @Test func `whoever is to be an agent that is not there is let in, and that is said`() async throws {
        try await AccessSite.run { site in
            let wire = try await Wire.connect(site.port)
            let warning = JSONValue.string("No agent is called 1001@default now: check the name, or add the agent.")
            let token = try await wire.request("POST", "/api/v1/tokens", body: #"{"name":"a","role":"agent","agent":"1001@default"}"#)
            #expect(token.status == 201 && token.object?["warning"] == warning, "\(token.body)")
            let other = try await wire.request("POST", "/api/v1/tokens", body: #"{"name":"a","role":"supervisor"}"#)
            #expect(other.status == 201 && other.object?["warning"] == nil, "\(other.body)")
            for status in [201, 200] {
                let user = try await wire.request(
                    "PUT", "/api/v1/users/anna", body: #"{"password":"correct horse","role":"agent","agent":"1001@default"}"#)
                #expect(user.status == status && user.object?["warning"] == warning, "\(user.body)")
            }
            #expect(try await wire.request("GET", "/api/v1/users/anna").object?["warning"] == nil)
        }
    }

    @Test func `an agent who changes himself the wrong way is told the right one`() async throws {
        try await AccessSite.run { site in
            let token = try await site.token(.agent, agent: "1001@default").text
            let wire = try await Wire.connect(site.port)
            let own = try await wire.request("PATCH", "/api/v1/agents/1001%40default", token: token, body: #"{"status":"On Break"}"#)
            #expect(own.status == 403 && own.code == "forbidden")
            #expect(own.object?["detail"]?.string?.contains("PUT .../status") == true, "\(own.body)")
            let other = try await wire.request("PATCH", "/api/v1/agents/1002%40default", token: token, body: #"{"status":"On Break"}"#)
            #expect(other.status == 403 && other.object?["detail"] == .string("Your role does not allow this."), "\(other.body)")
        }
    }

    @Test func `a sample user's token is that user's, and ends`() async throws {
        let text = TokenText.make()
        try await AccessSite.run(configure: {
            $0.sampleUsers = [
                .init(
                    name: "1001@default", password: "correct horse", role: .agent, agent: "1001@default",
                    token: .init(text: text, name: "王芳", life: .hours(1)))
            ]
        }) { site in
            let wire = try await Wire.connect(site.port)
            let session = try await wire.request("GET", "/api/v1/session", token: text.text)
            #expect(session.status == 200 && session.body.contains(#""name":"王芳","role":"agent","agent":"1001@default""#), "\(session.body)")
            #expect(session.object?["expiresAt"]?.string != nil)
            #expect(try await wire.request("GET", "/api/v1/users", token: text.text).status == 403)
        }
    }

    @Test func `sample users and their tokens go with the run that made them, or with the next one's start`() async throws {
        try await AccessSite.run { site in
            var configuration = HTTPService.Configuration(port: 0, adminToken: TestServer.token)
            configuration.scrypt = Scrypt(logN: 4)
            let access = try await AccessServices(
                configuration, store: site.store, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: AccessSite.quiet)
            func people(_ names: String...) -> [HTTPService.Configuration.SampleUser] {
                names.map {
                    .init(name: $0, password: "correct horse", role: .supervisor, token: .init(text: .make(), name: $0, life: .hours(1)))
                }
            }
            let (mine, _) = try await site.token(.supervisor)
            try await site.addUser("ben", "correct horse", .supervisor)
            // A run that ends without a word.
            let first = people("carl", "dora")
            try await access.addSampleUsers(first)
            let second = people("carl", "eve", "fay")
            try await access.addSampleUsers(second)
            #expect(try await site.store.users().get().map(\.name) == ["ben", "carl", "eve", "fay"])
            let (kept, wanted) = (try await site.store.tokens().get().map(\.id), second.compactMap(\.token?.text.id) + [mine])
            #expect(kept.sorted() == wanted.sorted())
            // Made the administrator's own.
            let wire = try await Wire.connect(site.port)
            #expect(
                try await wire.request("PUT", "/api/v1/users/fay", body: #"{"role":"supervisor","password":"other horse"}"#).status == 200)
            let (cookie, _) = try await site.logIn("eve", "correct horse")
            await access.removeSampleUsers(second)
            #expect(try await site.store.users().get().map(\.name) == ["ben", "fay"])
            #expect(try await site.store.tokens().get().map(\.id) == [mine])
            // Not asked over HTTP: the log tells it, in a moment.
            while try await wire.request("GET", "/api/v1/session", token: nil, headers: [cookie]).status != 401 {}
            access.finish()
            await access.stop()
        }
    }

    @Test func `what a token may not be`() async throws {
        try await AccessSite.run { site in
            let wire = try await Wire.connect(site.port)
            for (body, code) in [
                (#"{"role":"admin"}"#, "invalid-value"), (#"{"name":"","role":"admin"}"#, "invalid-value"),
                (#"{"name":"a\nb","role":"admin"}"#, "invalid-value"), (#"{"name":"x","role":"root"}"#, "invalid-value"),
                (#"{"name":"x"}"#, "invalid-value"), (#"{"name":"x","role":"agent"}"#, "invalid-value"),
                (#"{"name":"x","role":"agent","agent":"a b|c"}"#, "invalid-name"),
                (#"{"name":"x","role":"admin","expiresIn":0}"#, "invalid-value"),
                (#"{"name":"x","role":"admin","expiresIn":1e12}"#, "invalid-value"),
                (#"{"name":"x","role":"admin","token":"mine"}"#, "unknown-member"),
            ] {
                let answer = try await wire.request("POST", "/api/v1/tokens", body: body)
                #expect(answer.status == 422 && answer.code == code, "\(body) \(answer.body)")
            }
            #expect(try await wire.request("GET", "/api/v1/tokens").body == #"{"items":[],"next":null}"#)
        }
    }

    @Test func `who am I, by token`() async throws {
        try await AccessSite.run { site in
            let wire = try await Wire.connect(site.port)
            #expect(
                try await wire.request("GET", "/api/v1/session").body
                    == #"{"principal":{"id":"admin-token","name":"admin","role":"admin","agent":null},"csrf":null,"expiresAt":null}"#)
            let (id, token) = try await site.token(.integration)
            #expect(
                try await wire.request("GET", "/api/v1/session", token: token).body
                    == "{\"principal\":{\"id\":\"token:\(id)\",\"name\":\"test\",\"role\":\"integration\",\"agent\":null},\"csrf\":null,\"expiresAt\":null}"
            )
            #expect(try await wire.request("DELETE", "/api/v1/session", token: token).code == "no-session")
        }
    }

    @Test func `a command is carried out, and a pop acknowledged, by who asked`() async throws {
        try await AccessSite.run { site in
            let (_, token) = try await site.token(.agent, agent: "1001@default")
            let wire = try await Wire.connect(site.port)
            #expect(try await wire.request("POST", "/api/v1/agents/1001%40default/ready", token: token).status == 200)
            let socket = try await site.webSocket(token: token)
            // Without being told whose desktop it is.
            #expect(try await socket.text().contains(#""agent":"1001@default""#))
            #expect(try await socket.text().contains(#""topic":"agent:1001@default""#))
            #expect(try await socket.ask(#"{"id":"r","type":"agent.ready"}"#)["ok"]?.bool == true)
            #expect(site.control.by == ["test", "test"])
        }
    }

    @Test func `a token as a subprotocol, and frames that come with the handshake, while Redis is asked`() async throws {
        try await AccessSite.run { site in
            let (_, token) = try await site.token(.agent, agent: "1001@default")
            let wire = try await Wire.connect(site.port)
            let head =
                (["GET /api/v1/ws HTTP/1.1", "Host: x", "Sec-WebSocket-Protocol: screenpop.v1, bearer.\(token)"] + Wire.handshake)
                .joined(separator: "\r\n") + "\r\n\r\n"
            try await wire.write(Array(head.utf8) + Wire.frame(Array(#"{"id":"x","type":"ping"}"#.utf8)))
            let answer = try await wire.answer()
            #expect(answer.status == 101)
            #expect(answer["sec-websocket-protocol"] == "screenpop.v1")
            #expect(try await wire.message("result") == #"{"type":"result","re":"x","ok":true}"#)
        }
    }

    @Test func `a connection whose upgrade was refused ends with the answer`() async throws {
        try await AccessSite.run { site in
            let wire = try await Wire.connect(site.port)
            let health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
            let refused =
                (["GET /api/v1/ws HTTP/1.1", "Host: x", "Authorization: Bearer \(TokenText.make().text)"] + Wire.handshake)
                .joined(separator: "\r\n") + "\r\n\r\n"
            try await wire.write(health + refused + health)
            // The parser reads nothing behind such a request: to keep the connection would be to let a client wait for ever.
            #expect(try await wire.answer().body == #"{"status":"ok"}"#)
            let answer = try await wire.answer()
            #expect(answer.code == "unauthorized" && answer["connection"] == "close")
            #expect(await wire.end() == "")
        }
    }

    @Test func `while Redis is away a token that was verified lately works, another gets 503`() async throws {
        try await AccessSite.run { site in
            let (_, known) = try await site.token(.agent, agent: "1001@default")
            let (_, unknown) = try await site.token(.agent, agent: "1001@default")
            let wire = try await Wire.connect(site.port)
            #expect(try await wire.request("GET", "/api/v1/session", token: known).status == 200)
            site.redis.kill()
            try await site.wait(site.instances[0], ready: false)
            #expect(try await wire.request("GET", "/api/v1/session", token: known).status == 200)
            #expect(try await wire.request("GET", "/api/v1/session").status == 200)
            let answer = try await wire.request("GET", "/api/v1/session", token: unknown)
            #expect(answer.status == 503 && answer.code == "store-unavailable" && answer["retry-after"] != nil)
            let upgrade = try await wire.request("GET", "/api/v1/ws", token: unknown, headers: Wire.handshake)
            #expect(upgrade.status == 503 && upgrade.code == "store-unavailable")
            let socket = try await site.webSocket(token: known)
            #expect(try await socket.text().contains(#""agent":"1001@default""#))
        }
    }

    @Test func `what was revoked while Redis was being asked is not good because Redis went away`() async throws {
        try await AccessSite.run { site in
            let text = TokenText.make()
            let kept = StoredToken(
                id: text.id, name: "desk", role: "agent", agent: "a", createdAt: WallClock.now(), createdBy: "test", expiresAt: nil)
            try await site.store.add(kept, hash: Secret.hash(text.secret)).get()
            let authenticator = Authenticator(
                adminToken: TestServer.token, store: site.store, jwt: nil, verified: VerifiedCredentials(freshness: .zero))
            let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
            _ = try await authenticator.authenticate(.bearer(text.text), on: eventLoop).get()
            _ = try await site.store.client.send(RedisCommand("CLIENT", "PAUSE", "60000")).get()
            let asked = authenticator.authenticate(.bearer(text.text), on: eventLoop)
            authenticator.revoke(Revocation.token(text.id))
            site.redis.kill()
            let problem = await #expect(throws: Problem.self) { try await asked.get() }
            #expect(problem?.status == .serviceUnavailable)
        }
    }

    @Test func `what was verified counts longer while Redis is away than while it can be asked`() async throws {
        try await AccessSite.run { site in
            let text = TokenText.make()
            let kept = StoredToken(
                id: text.id, name: "desk", role: "agent", agent: "a", createdAt: WallClock.now(), createdBy: "test", expiresAt: nil)
            try await site.store.add(kept, hash: Secret.hash(text.secret)).get()
            let authenticator = Authenticator(
                adminToken: TestServer.token, store: site.store, jwt: nil, verified: VerifiedCredentials(freshness: .zero))
            let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
            let first = try await authenticator.authenticate(.bearer(text.text), on: eventLoop).get()
            #expect(first.principal.id == "token:\(text.id)")
            site.redis.kill()
            try await site.wait(site.instances[0], ready: false)
            #expect(try await authenticator.authenticate(.bearer(text.text), on: eventLoop).get() == first)
            authenticator.revoke(Revocation.token(text.id))
            let problem = await #expect(throws: Problem.self) { try await authenticator.authenticate(.bearer(text.text), on: eventLoop).get() }
            #expect(problem?.status == .serviceUnavailable)
        }
    }
}
