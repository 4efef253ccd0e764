import NIOCore
import ScreenPopService
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct SessionTests {
    @Test func `a log-in gives a cookie that only the browser reads, and who one is`() async throws {
        try await AccessSite.run { site in
            try await site.addUser("anna", "correct horse", .agent, agent: "1001@default")
            let wire = try await Wire.connect(site.port)
            let answer = try await wire.request("POST", "/api/v1/session", token: nil, body: #"{"user":"anna","password":"correct horse"}"#)
            #expect(answer.status == 200)
            let cookie = try #require(answer["set-cookie"])
            #expect(cookie.hasSuffix("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"))
            let id = try #require(cookie.split(separator: ";").first?.split(separator: "=").last)
            #expect(Secret.isWellFormed(id) && !answer.body.contains(id))
            #expect(answer.body.hasPrefix(#"{"principal":{"id":"user:anna","name":"anna","role":"agent","agent":"1001@default"},"csrf":""#))
            let header = "Cookie: theme=dark; screenpop_session=\(id)"
            let me = try await wire.request("GET", "/api/v1/session", token: nil, headers: [header])
            #expect(me.body == answer.body)
            // Redis holds neither of the two.
            for key in try await site.keys() { #expect(!key.contains(id)) }
        }
    }

    @Test(arguments: [
        ("https", true, true), ("http, HTTPS", true, true), ("http", true, false), ("https, http", true, false), ("", true, false),
        ("https", false, false),
    ])
    func `behind a trusted proxy that does TLS the cookie is Secure`(said: String, isTrusted: Bool, isSecure: Bool) async throws {
        try await AccessSite.run(configure: {
            $0.trustedProxies = [AddressRange(isTrusted ? "127.0.0.0/8" : "192.0.2.0/24")].compactMap(\.self)
        }) { site in
            try await site.addUser("anna", "correct horse", .supervisor)
            let wire = try await Wire.connect(site.port)
            let header = "X-Forwarded-Proto: \(said)"
            let answer = try await wire.request(
                "POST", "/api/v1/session", token: nil, headers: [header], body: #"{"user":"anna","password":"correct horse"}"#)
            let end = isSecure ? "SameSite=Strict; Secure" : "SameSite=Strict"
            #expect(answer.status == 200)
            #expect(answer["set-cookie"]?.hasSuffix(end) == true)
            let cookie = "Cookie: \(try #require(answer["set-cookie"]?.split(separator: ";").first))"
            let csrf = "X-CSRF-Token: \(try #require(answer.object?["csrf"]?.string))"
            let out = try await wire.request("DELETE", "/api/v1/session", token: nil, headers: [header, cookie, csrf])
            #expect(out.status == 204)
            #expect(out["set-cookie"]?.hasSuffix(end) == true)
        }
    }

    @Test func `an agent logs in under its name`() async throws {
        try await AccessSite.run { site in
            try await site.addUser("1001%40default", "correct horse", .agent, agent: "1001@default")
            let wire = try await Wire.connect(site.port)
            #expect(
                try await wire.request("POST", "/api/v1/session", token: nil, body: #"{"agent":"1001@default","password":"correct horse"}"#).status
                    == 200)
        }
    }

    @Test func `a change by cookie needs the CSRF token, one by token does not`() async throws {
        try await AccessSite.run { site in
            try await site.addUser("anna", "correct horse", .agent, agent: "1001@default")
            let (cookie, csrf) = try await site.logIn("anna", "correct horse")
            let wire = try await Wire.connect(site.port)
            let path = "/api/v1/agents/1001%40default/ready"
            for headers in [[cookie], [cookie, "X-CSRF-Token: "], [cookie, "X-CSRF-Token: \(String(csrf.reversed()))"]] {
                let answer = try await wire.request("POST", path, token: nil, headers: headers)
                #expect(answer.status == 403 && answer.code == "csrf-token-needed")
            }
            #expect(try await wire.request("POST", path, token: nil, headers: [cookie, "X-CSRF-Token: \(csrf)"]).status == 200)
            #expect(try await wire.request("POST", path).status == 200)
            #expect(site.control.by == ["anna", "admin"])
            #expect(
                try await wire.request("POST", "/api/v1/agents/1002%40default/ready", token: nil, headers: [cookie, "X-CSRF-Token: \(csrf)"]).code
                    == "forbidden")
        }
    }

    @Test func `the end of a session ends its sockets and no others`() async throws {
        try await AccessSite.run(instances: 2) { site in
            try await site.addUser("anna", "correct horse", .agent, agent: "1001@default")
            let (first, csrf) = try await site.logIn("anna", "correct horse")
            let (second, _) = try await site.logIn("anna", "correct horse")
            let ended = try await site.webSocket(token: nil, headers: [first], instance: 1)
            let staying = try await site.webSocket(token: nil, headers: [second], instance: 1)
            let wire = try await Wire.connect(site.port)
            #expect(try await wire.request("DELETE", "/api/v1/session", token: nil, headers: [first]).status == 403)
            let answer = try await wire.request("DELETE", "/api/v1/session", token: nil, headers: [first, "X-CSRF-Token: \(csrf)"])
            #expect(answer.status == 204)
            #expect(answer["set-cookie"]?.hasPrefix("screenpop_session=; Path=/; Max-Age=0; HttpOnly") == true)
            #expect(try await ended.closeCode() == 1008)
            #expect(try await staying.ask(#"{"id":"x","type":"ping"}"#)["ok"]?.bool == true)
            #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [first]).status == 401)
            #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [second]).status == 200)
        }
    }

    @Test func `a user who is changed or deleted is logged out everywhere`() async throws {
        try await AccessSite.run(instances: 2) { site in
            try await site.addUser("anna", "correct horse", .agent, agent: "1001@default")
            let wire = try await Wire.connect(site.port)
            for change in 0..<3 {
                let (cookie, _) = try await site.logIn("anna", change == 2 ? "other horse" : "correct horse")
                let socket = try await site.webSocket(token: nil, headers: [cookie], instance: change % 2)
                switch change {
                case 0:
                    let answer = try await wire.request("PUT", "/api/v1/users/anna", body: #"{"role":"supervisor"}"#)
                    #expect(answer.status == 200 && answer.body.hasPrefix(#"{"name":"anna","role":"supervisor","agent":null,"createdAt":"#))
                case 1:
                    #expect(
                        try await wire.request("PUT", "/api/v1/users/anna", body: #"{"role":"supervisor","password":"other horse"}"#).status == 200)
                default:
                    #expect(try await wire.request("DELETE", "/api/v1/users/anna").status == 204)
                }
                #expect(try await socket.closeCode() == 1008)
                #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [cookie]).status == 401)
            }
            #expect(try await wire.request("DELETE", "/api/v1/users/anna").code == "user-not-found")
            #expect(try await wire.request("GET", "/api/v1/users/anna").code == "user-not-found")
        }
    }

    /// The log takes a moment to tell it; who asked is answered only when it is so.
    @Test func `what was revoked opens nothing from the answer on`() async throws {
        try await AccessSite.run { site in
            let wire = try await Wire.connect(site.port)
            try await site.addUser("anna", "correct horse", .agent, agent: "1001@default")
            for _ in 0..<25 {
                let token = try await site.token(.supervisor)
                let (ended, csrf) = try await site.logIn("anna", "correct horse")
                let (changed, _) = try await site.logIn("anna", "correct horse")
                for header in ["Authorization: Bearer \(token.text)", ended, changed] {
                    #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [header]).status == 200)
                }
                #expect(try await wire.request("DELETE", "/api/v1/tokens/\(token.id)").status == 204)
                #expect(try await wire.request("GET", "/api/v1/session", token: token.text).status == 401)
                #expect(try await wire.request("DELETE", "/api/v1/session", token: nil, headers: [ended, "X-CSRF-Token: \(csrf)"]).status == 204)
                #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [ended]).status == 401)
                #expect(
                    try await wire.request("PUT", "/api/v1/users/anna", body: #"{"role":"agent","agent":"1001@default"}"#).status == 200)
                #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [changed]).status == 401)
            }
            let (deleted, _) = try await site.logIn("anna", "correct horse")
            #expect(try await wire.request("DELETE", "/api/v1/users/anna").status == 204)
            #expect(try await wire.request("GET", "/api/v1/session", token: nil, headers: [deleted]).status == 401)
        }
    }

    @Test func `nobody learns who exists, and guessing becomes slow`() async throws {
        try await AccessSite.run { site in
            try await site.addUser("anna", "correct horse", .supervisor)
            let wire = try await Wire.connect(site.port)
            let wrong = try await wire.request("POST", "/api/v1/session", token: nil, body: #"{"user":"anna","password":"wrong"}"#)
            let unknown = try await wire.request("POST", "/api/v1/session", token: nil, body: #"{"user":"nobody","password":"wrong"}"#)
            #expect(wrong.status == 401 && wrong.code == "wrong-password")
            #expect(wrong.body == unknown.body)
            for _ in 0..<4 {
                #expect(
                    try await wire.request("POST", "/api/v1/session", token: nil, body: #"{"user":"anna","password":"wrong"}"#).status == 401)
            }
            let slowed = try await wire.request("POST", "/api/v1/session", token: nil, body: #"{"user":"anna","password":"correct horse"}"#)
            #expect(slowed.status == 429 && slowed.code == "too-many-attempts" && slowed["retry-after"] == "1")
            // Others come in.
            try await site.addUser("ben", "correct horse", .supervisor)
            _ = try await site.logIn("ben", "correct horse")
        }
    }

    @Test func `a name that nobody has does not get into the audit: it may be a password`() async throws {
        try await AccessSite.run { site in
            try await site.addUser("anna", "correct horse", .supervisor)
            let wire = try await Wire.connect(site.port)
            for (user, password) in [("correct horse", "x"), ("anna", "x"), ("anna", "correct horse")] {
                _ = try await wire.request("POST", "/api/v1/session", token: nil, body: "{\"user\":\"\(user)\",\"password\":\"\(password)\"}")
            }
            var audit = ""
            while audit.components(of: "openSession") < 3 { audit = try await wire.request("GET", "/api/v1/audit").body }
            #expect(!audit.contains("correct horse"))
            #expect(audit.components(of: #""operation":"openSession","target":{"user":"***"}"#) == 1)
            #expect(audit.components(of: #""operation":"openSession","target":{"user":"anna"}"#) == 2)
        }
    }

    @Test func `another origin's page cannot log somebody in`() async throws {
        try await AccessSite.run { site in
            let answer = try await Wire.connect(site.port).request(
                "POST", "/api/v1/session", token: nil, headers: ["Origin: https://evil.example"], body: #"{"user":"anna","password":"correct horse"}"#
            )
            #expect(answer.status == 403 && answer.code == "origin-not-allowed")
        }
    }

    @Test func `what is no log-in and no user`() async throws {
        try await AccessSite.run { site in
            let wire = try await Wire.connect(site.port)
            for (body, status) in [
                ("{}", 422), (#"{"user":"a","agent":"a","password":"x"}"#, 422), (#"{"user":"a"}"#, 422), (#"{"user":"","password":"x"}"#, 422),
                ("{\"user\":\"\(String(repeating: "a", count: 200))\",\"password\":\"x\"}", 401),
                ("{\"user\":\"a\",\"password\":\"\(String(repeating: "a", count: 2000))\"}", 401),
            ] {
                #expect(try await wire.request("POST", "/api/v1/session", token: nil, body: body).status == status, "\(body)")
            }
            for (body, code) in [
                (#"{"role":"supervisor"}"#, "invalid-value"), (#"{"role":"supervisor","password":"short"}"#, "invalid-value"),
                (#"{"role":"agent","password":"correct horse"}"#, "invalid-value"), (#"{"password":"correct horse"}"#, "invalid-value"),
            ] {
                let answer = try await wire.request("PUT", "/api/v1/users/anna", body: body)
                #expect(answer.status == 422 && answer.code == code, "\(body) \(answer.body)")
            }
            #expect(
                try await wire.request("PUT", "/api/v1/users/a%0Ab", body: #"{"role":"admin","password":"correct horse"}"#).code == "invalid-name")
            #expect(try await wire.request("GET", "/api/v1/users").body == #"{"items":[],"next":null}"#)
            #expect(
                try await wire.request("GET", "/api/v1/session", token: nil, headers: ["Cookie: screenpop_session=nonsense"]).code
                    == "unauthorized")
        }
    }

    @Test func `sample users are there when the service listens`() async throws {
        try await AccessSite.run(configure: {
            $0.sampleUsers = [.init(name: "anna", password: "correct horse", role: .supervisor)]
        }) { site in
            _ = try await site.logIn("anna", "correct horse")
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { self.ranges(of: part).count }
}
