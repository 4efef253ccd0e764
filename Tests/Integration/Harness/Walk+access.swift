import NIOHTTP1
import Testing

@testable import screenpop

/// Who may, who did, and what is asked twice.
extension Walk {
    func access() async throws {
        let agent = try await self.token("agent", agent: self.agent)
        let supervisor = try await self.token("supervisor")
        let integration = try await self.token("integration")
        try await self.take(
            Step(
                name: "the tokens, without their secrets", method: .GET, path: "/api/v1/tokens", status: 200,
                holds: { answer in
                    answer.body["items"].items.count == 3 && ![agent, supervisor, integration].contains { answer.text.contains($0.text) }
                }))
        let boss = self.other("boss")
        try await self.take([
            Step(name: "another agent", method: .POST, path: "/api/v1/agents", body: #"{"name":"\#(boss)"}"#, status: 201),
            Step(
                name: "an agent's own break", method: .POST, path: "\(self.path())/break", body: "{}", status: 200,
                inFreeSWITCH: self.get("status", "On Break"), token: agent.text),
            Step(name: "an agent's self", method: .GET, path: self.path(), status: 200, token: agent.text),
        ])
        let isUntouched = self.column("status", of: boss) { $0 == "Logged Out" }
        for (method, path, body) in Self.changes {
            try await self.take(
                Step(
                    name: "an agent may not \(path) another", method: method, path: self.path(boss) + path, body: body, status: 403,
                    answer: ["code": .string("forbidden")], inFreeSWITCH: isUntouched, token: agent.text))
        }
        try await self.take([
            Step(name: "an agent may not read another", method: .GET, path: self.path(boss), status: 403, token: agent.text),
            Step(
                name: "an agent may not change settings, not even its own", method: .PATCH, path: self.path(), body: #"{"wrapUpTime":99}"#,
                status: 403,
                inFreeSWITCH: self.column("wrap_up_time") { $0 == "7" }, token: agent.text),
            Step(
                name: "a supervisor sets a status", method: .PUT, path: "\(self.path())/status", body: #"{"status":"Available"}"#, status: 200,
                inFreeSWITCH: self.get("status", "Available"), token: supervisor.text),
            Step(
                name: "a supervisor may not delete", method: .DELETE, path: self.path(), status: 403,
                inFreeSWITCH: self.listed(self.agent, "agent list"), token: supervisor.text),
            Step(
                name: "a supervisor may not add", method: .POST, path: "/api/v1/agents", body: #"{"name":"walk-more@default"}"#, status: 403,
                inFreeSWITCH: self.listed("walk-more", "agent list", false), token: supervisor.text),
            Step(name: "a supervisor may not make tokens", method: .POST, path: "/api/v1/tokens", body: "{}", status: 403, token: supervisor.text),
            Step(name: "an integration reads pops", method: .GET, path: "\(self.path())/pops", status: 200, token: integration.text),
        ])
        for (method, path, body) in Self.changes {
            try await self.take([
                Step(
                    name: "an integration may not \(path)", method: method, path: self.path(boss) + path, body: body, status: 403,
                    inFreeSWITCH: isUntouched, token: integration.text),
                Step(
                    name: "nobody may \(path)", method: method, path: self.path(boss) + path, body: body, status: 401, inFreeSWITCH: isUntouched,
                    token: nil),
            ])
        }
        for token in [agent, supervisor, integration] {
            try await self.take([
                Step(name: "revoke a token", method: .DELETE, path: "/api/v1/tokens/\(token.id)", status: 204),
                Step(name: "it is none any more", method: .GET, path: "/api/v1/session", status: 401, token: token.text),
            ])
        }
        try await self.take(
            Step(
                name: "what was refused is in the audit", method: .GET, path: "/api/v1/audit?limit=200", status: 200,
                holds: { answer in
                    answer.body["items"].items.contains {
                        $0["operation"].string == "deleteAgent" && $0["role"].string == "supervisor" && $0["status"] == .number(403)
                    } && !answer.text.contains(agent.text)
                }, isAwaited: true))
        try await self.session()
    }

    /// Everything that changes an agent.
    private static let changes: [(HTTPMethod, String, String?)] = [
        (.DELETE, "", nil), (.PATCH, "", #"{"status":"Available"}"#), (.PUT, "/status", #"{"status":"Available"}"#),
        (.PUT, "/state", #"{"state":"Waiting"}"#), (.POST, "/login", "{}"), (.POST, "/ready", "{}"), (.POST, "/break", "{}"),
        (.POST, "/logout", "{}"), (.POST, "/leave", "{}"), (.POST, "/wrap-up", #"{"seconds":5}"#), (.DELETE, "/wrap-up", nil),
        (.DELETE, "/pending", nil), (.POST, "/call/hangup", "{}"), (.POST, "/call/hold", "{}"), (.POST, "/call/resume", "{}"),
        (.POST, "/call/transfer", #"{"to":{"extension":"1002"}}"#), (.POST, "/dial", #"{"to":{"extension":"1002"}}"#),
    ]

    private func token(_ role: String, agent: String? = nil) async throws -> (id: String, text: String) {
        let member = agent.map { #","agent":"\#($0)""# } ?? ""
        let answer = try await self.take(
            Step(
                name: "a token of role \(role)", method: .POST, path: "/api/v1/tokens",
                body: #"{"name":"walk \#(role)","role":"\#(role)"\#(member)}"#,
                status: 201))
        return (try #require(answer.body["id"].string), try #require(answer.body["token"].string))
    }

    private func session() async throws {
        let name = self.agent
        let user = "/api/v1/users/\(APIClient.pathPart(name))"
        try await self.take([
            Step(
                name: "a user", method: .PUT, path: user, body: #"{"password":"correct horse","role":"agent","agent":"\#(name)"}"#, status: 201,
                holds: { !$0.text.contains("horse") }),
            Step(name: "the user", method: .GET, path: user, status: 200, answer: ["agent": .string(name)]),
            Step(
                name: "the users", method: .GET, path: "/api/v1/users", status: 200,
                holds: { $0.body["items"].items.contains { $0["name"].string == name } }),
            Step(
                name: "a wrong password", method: .POST, path: "/api/v1/session", body: #"{"agent":"\#(name)","password":"wrong horse"}"#,
                status: 401,
                answer: ["code": .string("wrong-password")], token: nil),
        ])
        let begun = try await self.take(
            Step(
                name: "log in at the page", method: .POST, path: "/api/v1/session", body: #"{"agent":"\#(name)","password":"correct horse"}"#,
                status: 200, answer: ["principal.role": .string("agent"), "principal.agent": .string(name)], token: nil))
        let cookie = String(try #require(begun.headers.first(name: "set-cookie")).prefix { $0 != ";" })
        let csrf = try #require(begun.body["csrf"].string)
        try await self.take([
            Step(
                name: "who am I", method: .GET, path: "/api/v1/session", status: 200, answer: ["csrf": .string(csrf)], token: nil,
                headers: ["cookie": cookie]),
            Step(
                name: "a change from another page", method: .POST, path: "\(self.path())/break", body: "{}", status: 403,
                answer: ["code": .string("csrf-token-needed")], inFreeSWITCH: self.get("status", "Available"), token: nil, headers: ["cookie": cookie]
            ),
            Step(
                name: "a change from this one", method: .POST, path: "\(self.path())/break", body: "{}", status: 200,
                inFreeSWITCH: self.get("status", "On Break"), token: nil, headers: ["cookie": cookie, "x-csrf-token": csrf]),
        ])
        let sessions = try await self.take(
            Step(
                name: "everybody's sessions", method: .GET, path: "/api/v1/sessions", status: 200,
                holds: { answer in
                    answer.body["items"].items.contains { $0["principal"]["id"].string == "user:\(name)" }
                        && !answer.text.contains(cookie.drop { $0 != "=" }.dropFirst())
                }))
        let own = sessions.body["items"].items.first { $0["principal"]["id"].string == "user:\(name)" }
        let session = "/api/v1/sessions/\(try #require(own?["id"].string))"
        try await self.take([
            Step(name: "an admin ends it", method: .DELETE, path: session, status: 204),
            Step(name: "it is over at once", method: .GET, path: "/api/v1/session", status: 401, token: nil, headers: ["cookie": cookie]),
            Step(
                name: "there is none of that id any more", method: .DELETE, path: session, status: 404,
                answer: ["code": .string("session-not-found")]),
        ])
        try await self.logOut()
        try await self.take([
            Step(name: "delete the user", method: .DELETE, path: user, status: 204),
            Step(name: "no such user", method: .GET, path: user, status: 404),
        ])
    }

    private func logOut() async throws {
        let begun = try await self.take(
            Step(
                name: "log in again", method: .POST, path: "/api/v1/session", body: #"{"agent":"\#(self.agent)","password":"correct horse"}"#,
                status: 200, token: nil))
        let cookie = String(try #require(begun.headers.first(name: "set-cookie")).prefix { $0 != ";" })
        let csrf = try #require(begun.body["csrf"].string)
        try await self.take([
            Step(
                name: "log out at the page", method: .DELETE, path: "/api/v1/session", status: 204, token: nil,
                headers: ["cookie": cookie, "x-csrf-token": csrf]),
            Step(name: "the session is over", method: .GET, path: "/api/v1/session", status: 401, token: nil, headers: ["cookie": cookie]),
        ])
    }

    /// The same key twice is one change.
    func once() async throws {
        let path = "\(self.path())/break"
        let key = ["idempotency-key": "walk-\(self.agent)"]
        try await self.take([
            Step(name: "be ready before it", method: .POST, path: "\(self.path())/ready", status: 200, inFreeSWITCH: self.get("status", "Available")),
            Step(
                name: "a break with a key", method: .POST, path: path, body: #"{"reason":"training"}"#, status: 200,
                inFreeSWITCH: self.get("status", "On Break"), headers: key, holds: { $0.headers.first(name: "idempotency-replayed") == nil }),
            Step(name: "be ready after it", method: .POST, path: "\(self.path())/ready", status: 200, inFreeSWITCH: self.get("status", "Available")),
            Step(
                name: "the same again is only answered", method: .POST, path: path, body: #"{"reason":"training"}"#, status: 200,
                answer: ["actual.status": .string("On Break")], inFreeSWITCH: self.get("status", "Available"), headers: key,
                holds: { $0.headers.first(name: "idempotency-replayed") == "true" }),
            Step(
                name: "the key with something else", method: .POST, path: "\(self.path())/logout", body: "{}", status: 422,
                answer: ["code": .string("idempotency-mismatch")], inFreeSWITCH: self.get("status", "Available"), headers: key),
        ])
    }
}
