import CallCenter
import NIOCore
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// A session begun by the JWT of the company's log-in.
@Suite(.timeLimit(.minutes(1))) struct CompanyLogInTests {
    private static let secret = "a-secret-of-more-than-64-characters-so-that-it-is-one-for-HS512-too"

    private func withLogIn(
        instances: Int = 1, sessionLife: TimeAmount = .hours(12), _ body: @escaping @Sendable (AccessSite) async throws -> Void
    ) async throws {
        try await AccessSite.run(
            instances: instances,
            configure: {
                $0.jwt = HTTPService.Configuration.JWT(keys: .secret(Self.secret), audience: "screenpop", issuer: nil)
                $0.logInURL = "https://login.example.org/"
                $0.sessionLife = sessionLife
            }, body)
    }

    private func token(_ role: Role = .agent, expiresIn: Double = 3600, _ more: [String: String] = [:]) async throws -> String {
        try await TestJWT.hs256(
            Self.secret, role: role, expiresIn: expiresIn, more: ["agent": "1001@default", "name": "Anna B."].merging(more) { $1 })
    }

    private func logIn(
        _ site: AccessSite, _ token: String, headers: [String] = [], isolation: isolated (any Actor)? = #isolation
    ) async throws -> Wire.Answer {
        try await Wire.connect(site.port).request("POST", "/api/v1/session", token: nil, headers: headers, body: "{\"token\":\"\(token)\"}")
    }

    private func cookie(_ answer: Wire.Answer) throws -> String {
        "Cookie: \(try #require(answer["set-cookie"]?.split(separator: ";").first))"
    }

    @Test func `a token of the company's log-in begins a session, which works as any, on every instance`() async throws {
        try await self.withLogIn(instances: 2) { site in
            let token = try await self.token()
            let answer = try await self.logIn(site, token)
            #expect(answer.status == 200, "\(answer.body)")
            #expect(answer.body.hasPrefix(#"{"principal":{"id":"jwt:anna","name":"Anna B.","role":"agent","agent":"1001@default"},"csrf":""#))
            let cookie = try self.cookie(answer)
            let csrf = try #require(answer.object?["csrf"]?.string)
            for instance in site.instances {
                let wire = try await Wire.connect(instance.port)
                #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [cookie]).body == answer.body)
                let path = "/api/v1/agents/1001%40default/ready"
                #expect(try await wire.request("POST", path, token: nil, headers: [cookie]).code == "csrf-token-needed")
                #expect(try await wire.request("POST", path, token: nil, headers: [cookie, "X-CSRF-Token: \(csrf)"]).status == 200)
                #expect(try await wire.request("GET", "/api/v1/agents", token: nil, headers: [cookie]).code == "forbidden")
            }
            #expect(site.instances.flatMap(\.control.by) == ["Anna B.", "Anna B."])
            // Neither the token nor the session's id is kept.
            for key in try await site.keys() { #expect(!key.contains(token) && !key.contains(cookie.dropFirst("Cookie: screenpop_session=".count))) }
        }
    }

    @Test func `the session ends with the token, or before`() async throws {
        try await self.withLogIn { site in
            let end = TestJWT.now + 600
            let short = try await self.logIn(site, try await self.token(expiresIn: 600))
            let age = try #require(short["set-cookie"]?.firstMatch(of: /Max-Age=([0-9]+)/).flatMap { Double($0.output.1) })
            #expect((580...600).contains(age), "\(age)")
            let until = try #require(short.object?["expiresAt"]?.string.flatMap { Timestamp(rfc3339: $0) })
            #expect(abs(Double(until.microseconds) / 1_000_000 - end) < 2)
            let long = try await self.logIn(site, try await self.token(expiresIn: 7 * 24 * 3600))
            #expect(long["set-cookie"]?.contains("Max-Age=43200;") == true)

            let dying = try await self.logIn(site, try await self.token(expiresIn: 2))
            let socket = try await site.webSocket(token: nil, headers: [try self.cookie(dying)])
            #expect(try await socket.closeCode() == 1008)
            let wire = try await Wire.connect(site.port)
            #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [try self.cookie(dying)]).status == 401)
        }
    }

    @Test func `a token that is over begins nothing, though clocks may differ elsewhere`() async throws {
        try await self.withLogIn { site in
            let token = try await self.token(expiresIn: -20)
            #expect(try await Wire.connect(site.port).request("GET", "/api/v1/session", token: token).status == 200)
            let answer = try await self.logIn(site, token)
            #expect(answer.status == 401 && answer.object?["detail"]?.string == JWTRejection.expired.rawValue, "\(answer.body)")
            #expect(answer["set-cookie"] == nil)
        }
    }

    @Test func `what vouches for nobody here begins nothing`() async throws {
        try await self.withLogIn { site in
            let (id, stored) = try await site.token(.agent, agent: "1001@default")
            let other = try await TestJWT.hs256(Self.secret + "x", role: .agent, more: ["agent": "1001@default"])
            for (token, reason) in [
                (try await self.token(.agent, ["aud": "crm"]), JWTRejection.audience), (try await self.token(.agent, ["role": "root"]), .noRole),
                (try await self.token(.agent, ["agent": "a|b"]), .noAgent), (try await self.token(.agent, ["sub": ""]), .noSubject),
                (other, .signature), ("a.b.c", .malformed), (stored, .malformed), (TestServer.token, .malformed), ("", .malformed),
            ] {
                let answer = try await self.logIn(site, token)
                #expect(answer.status == 401 && answer.code == "unauthorized", "\(reason) \(answer.body)")
                #expect(answer.object?["detail"]?.string == reason.rawValue, "\(answer.body)")
                #expect(answer["set-cookie"] == nil)
            }
            _ = id
            let wire = try await Wire.connect(site.port)
            let token = try await self.token()
            for body in ["{\"token\":\"\(token)\",\"user\":\"anna\"}", "{\"token\":\"\(token)\",\"password\":\"x\"}", #"{"token":7}"#] {
                #expect(try await wire.request("POST", "/api/v1/session", token: nil, body: body).status == 422, "\(body)")
            }
            let elsewhere = try await self.logIn(site, token, headers: ["Origin: https://evil.example"])
            #expect(elsewhere.status == 403 && elsewhere.code == "origin-not-allowed" && elsewhere["set-cookie"] == nil)
        }
    }

    @Test func `log-ins by tokens are limited, those that succeed and those that do not`() async throws {
        try await AccessSite.run(configure: {
            $0.jwt = HTTPService.Configuration.JWT(keys: .secret(Self.secret), audience: "screenpop", issuer: nil)
            $0.limits.logIns = .init(burst: 3, perSecond: 0)
            $0.limits.attempts = .init(burst: 2, perSecond: 0)
        }) { site in
            let token = try await self.token()
            for _ in 0..<3 { #expect(try await self.logIn(site, token).status == 200) }
            for _ in 0..<3 {
                let refused = try await self.logIn(site, token)
                #expect(refused.status == 429 && refused.code == "too-many-requests" && refused["retry-after"] != nil, "\(refused.body)")
                #expect(refused["set-cookie"] == nil)
            }
            #expect(try await site.keys().count { $0.contains(":session:") } == 3)
            // Others come in.
            #expect(try await self.logIn(site, try await self.token(.agent, ["sub": "ben"])).status == 200)
            for status in [401, 401, 429, 429] { #expect(try await self.logIn(site, "a.b.c").status == status) }
            // A good one is good whatever else comes from its address.
            #expect(try await self.logIn(site, try await self.token(.agent, ["sub": "carl"])).status == 200)
            let wire = try await Wire.connect(site.port)
            var audit = ""
            while !audit.contains(#""principal":"jwt:carl""#) { audit = try await wire.request("GET", "/api/v1/audit").body }
            let (entries, refused) = (audit.ranges(of: #""operation":"openSession""#).count, audit.ranges(of: #""status":429"#).count)
            // Of each series of refusals the first.
            #expect(entries == 9, "\(audit)")
            #expect(refused == 2)
        }
    }

    @Test func `without keys for JWTs there is no such log-in`() async throws {
        try await AccessSite.run { site in
            let answer = try await self.logIn(site, try await self.token())
            #expect(answer.status == 401 && answer.code == "unauthorized")
            #expect(try await Wire.connect(site.port).request("GET", "/sign-in.json", token: nil).body == #"{"companyLogIn":null}"#)
        }
    }

    @Test func `logging out ends it and its sockets, and no user of the same name has to do with it`() async throws {
        try await self.withLogIn(instances: 2) { site in
            try await site.addUser("anna", "correct horse", .supervisor)
            let answer = try await self.logIn(site, try await self.token())
            let cookie = try self.cookie(answer)
            let csrf = try #require(answer.object?["csrf"]?.string)
            let socket = try await site.webSocket(token: nil, headers: [cookie], instance: 1)
            #expect(try await Wire.connect(site.port).request("DELETE", "/api/v1/users/anna").status == 204)
            #expect(try await socket.ask(#"{"id":"p","type":"ping"}"#)["ok"]?.bool == true)
            let out = try await Wire.connect(site.port).request("DELETE", "/api/v1/session", token: nil, headers: [cookie, "X-CSRF-Token: \(csrf)"])
            #expect(out.status == 204)
            #expect(try await socket.closeCode() == 1008)
        }
    }

    @Test func `pages learn where the company's log-in is`() async throws {
        try await self.withLogIn { site in
            let answer = try await Wire.connect(site.port).request("GET", "/sign-in.json", token: nil)
            #expect(answer.body == #"{"companyLogIn":"https://login.example.org/"}"#)
        }
    }

    @Test func `who logged in is in the audit, and his token is not`() async throws {
        try await self.withLogIn { site in
            let token = try await self.token()
            _ = try await self.logIn(site, token)
            let wire = try await Wire.connect(site.port)
            var audit = ""
            while !audit.contains("openSession") { audit = try await wire.request("GET", "/api/v1/audit").body }
            #expect(audit.contains(#""principal":"jwt:anna""#) && !audit.contains(token))
        }
    }

    @Test func `an admin sees who is logged in, and ends a session with its sockets at once, on every instance`() async throws {
        try await self.withLogIn(instances: 2) { site in
            try await site.addUser("root", "correct horse", .admin)
            let root = try await site.logIn("root", "correct horse")
            let cookie = try self.cookie(try await self.logIn(site, try await self.token()))
            let secret = String(cookie.dropFirst("Cookie: screenpop_session=".count))
            let sockets = [
                try await site.webSocket(token: nil, headers: [cookie], instance: 0),
                try await site.webSocket(token: nil, headers: [cookie], instance: 1),
            ]
            let wire = try await Wire.connect(site.port)
            let list = try await wire.request("GET", "/api/v1/sessions", token: nil, headers: [root.cookie])
            #expect(list.status == 200 && !list.body.contains(secret) && !list.body.contains(Secret.hash(secret)))
            let items = try #require(list.object?["items"]?.objects)
            #expect(items.count == 2, "\(list.body)")
            let (anna, own) = (items[0], items[1])
            #expect(anna["principal"]?.members?["id"] == .string("jwt:anna") && anna["principal"]?.members?["agent"] == .string("1001@default"))
            #expect(anna["current"] == .bool(false) && own["current"] == .bool(true) && own["principal"]?.members?["id"] == .string("user:root"))
            for time in ["begunAt", "expiresAt"] { #expect(anna[time]?.string?.hasSuffix("Z") == true) }
            let id = try #require(anna["id"]?.string)

            for wrong in ["x", String(id.dropLast()), id + "0", Secret.hash(secret)] {
                #expect(try await wire.request("DELETE", "/api/v1/sessions/\(wrong)").status == 404, "\(wrong)")
            }
            let refused = try await wire.request("DELETE", "/api/v1/sessions/\(id)", token: nil, headers: [root.cookie])
            #expect(refused.code == "csrf-token-needed")
            let ended = try await wire.request(
                "DELETE", "/api/v1/sessions/\(id)", token: nil, headers: [root.cookie, "X-CSRF-Token: \(root.csrf)"])
            #expect(ended.status == 204)
            // Before anything else is heard of it.
            #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [cookie]).status == 401)
            for socket in sockets { #expect(try await socket.closeCode() == 1008) }
            #expect(try await wire.request("DELETE", "/api/v1/sessions/\(id)").code == "session-not-found")
            let second = try await Wire.connect(site.instances[1].port)
            #expect(try await second.request("GET", "/api/v1/session", token: nil, headers: [cookie]).status == 401)
            // The admin's own goes on, and whose it was is known.
            #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [root.cookie]).status == 200)
            var audit = ""
            let target = "\"operation\":\"manageSessions\",\"target\":{\"session\":\"\(id)\",\"subject\":\"anna\"}"
            let patience = ContinuousClock.now + .seconds(10)
            while !audit.contains(target), ContinuousClock.now < patience { audit = try await wire.request("GET", "/api/v1/audit").body }
            #expect(audit.contains(target), "\(audit)")
        }
    }
}

extension JSONValue {
    fileprivate var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
    fileprivate var objects: [[String: JSONValue]]? { if case .array(let items) = self { items.compactMap(\.members) } else { nil } }
}
