import CallCenter
import CoreMetrics
import ScreenPop
import ScreenPopService
import Synchronization
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct APITests {
    @Test func `health needs no token, the API does`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let health = try await wire.request("GET", "/healthz", token: nil)
            #expect(health.status == 200)
            #expect(health.body == #"{"status":"ok"}"#)
            let none = try await wire.request("GET", "/api/v1/agents", token: nil)
            #expect(none.status == 401)
            #expect(none["www-authenticate"] == "Bearer")
            #expect(none["content-type"] == "application/problem+json")
            #expect(none.body.contains(#""code":"unauthorized""#))
            #expect(try await wire.request("GET", "/api/v1/agents", token: "a-token-of-24-characterX").status == 401)
            #expect(try await wire.request("GET", "/api/v1/agents", token: "").status == 401)
            #expect(try await wire.request("GET", "/api/v1/agents").status == 200)
        }
    }

    @Test func `readiness names what is missing`() async throws {
        let nodes: @Sendable () -> [(name: String, status: NodeStatus)] = {
            [("fs1", .live(coreUUID: "c")), ("fs2", .failed("fs2 refused the password"))]
        }
        try await TestServer.run(nodes: nodes, redis: false) { server in
            let answer = try await Wire.connect(server.port).request("GET", "/readyz", token: nil)
            #expect(answer.status == 503)
            #expect(answer.body.contains(#""redis":{"ready":false,"detail":"Redis is not connected."}"#))
            #expect(answer.body.contains(#""ready":false,"degraded":["fs2"]"#))
            #expect(answer.body.contains(#"{"name":"fs2","status":"failed","ready":false,"detail":"fs2 refused the password"}"#))
        }
        try await TestServer.run { server in
            let answer1 = try await Wire.connect(server.port).request("GET", "/readyz", token: nil)
            #expect(answer1.status == 200)
            #expect(answer1.body.hasPrefix(#"{"ready":true,"degraded":[],"#))
        }
    }

    @Test func `one node away leaves the others' desktops where they are, all away does not`() async throws {
        let one: @Sendable () -> [(name: String, status: NodeStatus)] = { [("fs1", .live(coreUUID: "c")), ("fs2", .connecting("refused"))] }
        try await TestServer.run(nodes: one) { server in
            let answer = try await Wire.connect(server.port).request("GET", "/readyz", token: nil)
            #expect(answer.status == 200)
            #expect(answer.body.hasPrefix(#"{"ready":true,"degraded":["fs2"],"#))
            #expect(answer.body.contains(#"{"name":"fs2","status":"connecting","ready":false,"detail":"refused"}"#))
        }
        let none: @Sendable () -> [(name: String, status: NodeStatus)] = { [("fs1", .synchronizing), ("fs2", .connecting("refused"))] }
        try await TestServer.run(nodes: none) { server in
            let answer = try await Wire.connect(server.port).request("GET", "/readyz", token: nil)
            #expect(answer.status == 503)
            #expect(answer.body.hasPrefix(#"{"ready":false,"degraded":["fs1","fs2"],"#))
        }
    }

    @Test func `an instance that stands by is not ready, and says who has its nodes`() async throws {
        let line = "this instance is standing by; web1:812 holds node fs1"
        try await TestServer.run(nodes: { [("fs1", .standby(line))] }) { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request("GET", "/readyz", token: nil)
            #expect(answer.status == 503)
            // The proxy's check looks for just this.
            #expect(answer.body.contains(#"{"name":"fs1","status":"standby","ready":false,"detail":"\#(line)"}"#))
            #expect(try await wire.request("GET", "/healthz", token: nil).status == 200)
        }
    }

    @Test func `stored JSON passes through as it is`() async throws {
        try await TestServer.run { server in
            let agent = #"{"name":"1001@default", "queues":[{"queue":"support@default","level":2,"position":3,"state":"Ready"}]}"#
            server.site.change {
                $0.agents["1001@default"] = agent
                $0.queues["support@default"] = #"{"name":"support@default"}"#
                $0.members["support@default"] = [#"{"uuid":"m1"}"#]
                $0.pop["1001@default"] = #"{"id":"p-1"}"#
            }
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/agents").body == "{\"items\":[\(agent)],\"next\":null}")
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default").body == agent)
            #expect(try await wire.request("GET", "/api/v1/agents/1001@default").body == agent)
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default/pop").body == #"{"id":"p-1"}"#)
            #expect(try await wire.request("GET", "/api/v1/queues/support%40default").body == #"{"name":"support@default"}"#)
            #expect(try await wire.request("GET", "/api/v1/queues/support%40default/members").body == #"{"items":[{"uuid":"m1"}],"next":null}"#)
            #expect(try await wire.request("GET", "/api/v1/queues/support%40default/agents").body == "{\"items\":[\(agent)],\"next\":null}")
            #expect(
                try await wire.request("GET", "/api/v1/queues/support%40default/tiers").body
                    == #"{"items":[{"queue":"support@default","agent":"1001@default","level":2,"position":3,"state":"Ready"}],"next":null}"#)
            let head = try await wire.request("HEAD", "/api/v1/agents/1001%40default")
            #expect(head.status == 200)
        }
    }

    @Test func `what is not there is 404, no pop is 204`() async throws {
        try await TestServer.run { server in
            server.site.change { $0.agents["1001@default"] = "{}" }
            let wire = try await Wire.connect(server.port)
            let agent = try await wire.request("GET", "/api/v1/agents/nobody")
            #expect(agent.status == 404)
            #expect(agent.body.contains(#""code":"agent-not-found""#))
            #expect(try await wire.request("GET", "/api/v1/agents/nobody/pop").status == 404)
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default/pop").status == 204)
            #expect(try await wire.request("GET", "/api/v1/queues/none").body.contains(#""code":"queue-not-found""#))
            #expect(try await wire.request("GET", "/api/v1/calls/none").body.contains(#""code":"call-not-found""#))
            #expect(try await wire.request("GET", "/api/v1/nothing").status == 404)
            #expect(try await wire.request("GET", "/nothing", token: nil).body.contains(#""code":"not-found""#))
            #expect(try await wire.request("GET", "/api/v1/agents/%FF").status == 400)
        }
    }

    @Test func `ended pops come in pages`() async throws {
        try await TestServer.run { server in
            server.site.change { $0.endedPops["1001@default"] = ["1", "2", "3"] }
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default/pops?limit=2").body == #"{"items":[1,2],"next":"2-0"}"#)
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default/pops?limit=2&before=2-0").body == #"{"items":[3],"next":null}"#)
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default/pops?limit=0").status == 422)
            #expect(try await wire.request("GET", "/api/v1/agents/1001%40default/pops?before=x").status == 422)
        }
    }

    private static func pop(_ id: String, _ kind: Pop.Kind, _ number: String?, _ state: Pop.State = .answered) -> String {
        var pop = Pop(id: id, kind: kind, agent: "1001@default", node: "fs1", offeredAt: Timestamp(microseconds: 1))
        pop.state = state
        pop.caller.number = number
        pop.dialed = "+442079460999"
        return String(decoding: pop.json, as: UTF8.self)
    }

    /// The number comes from the pop, not from whoever asks; and from no pop of a call that the agent makes, for he may dial what he likes.
    @Test func `past calls are those of whoever calls, live or ended`() async throws {
        let live = [Self.pop("p-1", .queue, "+442079460123"), Self.pop("p-2", .outbound, "1001"), Self.pop("p-3", .direct, nil)]
        let ended = [Self.pop("p-4", .queue, "+8613900139000", .ended)]
        try await TestServer.run { server in
            server.site.change {
                $0.livePops["1001@default"] = live
                $0.endedPops["1001@default"] = ended
            }
            let wire = try await Wire.connect(server.port)
            for (id, answer) in [
                ("p-1", #"{"caller":"+442079460123"}"#), ("p-2", ""), ("p-3", ""),
                ("p-4", #"{"caller":"+8613900139000"}"#),
            ] {
                let calls = try await wire.request("GET", "/api/v1/agents/1001%40default/pops/\(id)/calls")
                #expect(calls.body == #"{"items":[\#(answer)],"next":null}"#)
            }
            for path in ["1001%40default/pops/p-5", "1002%40default/pops/p-1"] {
                #expect(try await wire.request("GET", "/api/v1/agents/\(path)/calls").body.contains(#""code":"pop-not-found""#))
            }
        }
    }

    @Test func `commands reach the switch and say what came of them`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let agent = "/api/v1/agents/1001%40default"
            let status = try await wire.request("PUT", agent + "/status", body: #"{"status":"On Break","reason":"lunch"}"#)
            #expect(status.status == 200)
            #expect(
                status.body
                    == #"{"requested":{"status":"On Break"},"reply":"+OK","actual":{"status":"On Break"},"applied":true,"tookMilliseconds":3}"#)
            _ = try await wire.request("PUT", agent + "/state", body: #"{"state":"Waiting"}"#)
            _ = try await wire.request("POST", agent + "/login", body: #"{"ready":false,"queues":["support@default"]}"#)
            _ = try await wire.request("POST", agent + "/login")
            _ = try await wire.request("POST", agent + "/ready")
            _ = try await wire.request("POST", agent + "/break", body: #"{"reason":"午饭"}"#)
            _ = try await wire.request("POST", agent + "/logout", body: "{}")
            #expect(try await wire.request("DELETE", agent).status == 204)
            #expect(try await wire.request("PUT", "/api/v1/queues/support%40default/tiers/1001%40default", body: "{}").status == 201)
            #expect(
                try await wire.request("PUT", "/api/v1/queues/support%40default/tiers/1001%40default", body: #"{"level":2,"position":5}"#).status
                    == 200)
            #expect(try await wire.request("DELETE", "/api/v1/queues/support%40default/tiers/1001%40default").status == 204)
            #expect(
                server.control.asked == [
                    "status 1001@default On Break lunch", "state 1001@default Waiting", "login 1001@default false support@default",
                    "login 1001@default true ", "ready 1001@default", "break 1001@default 午饭", "logout 1001@default", "delete 1001@default",
                    "tier support@default 1001@default 1 1", "tier support@default 1001@default 2 5", "delete tier support@default 1001@default",
                ])
        }
    }

    @Test func `what is kept for later answers 202 and says what`() async throws {
        try await TestServer.run { server in
            server.control.keep(PendingChange(status: .onBreak, reason: "lunch", by: "Ann", since: Timestamp(microseconds: 1_795_386_830_037_390)))
            let wire = try await Wire.connect(server.port)
            let agent = "/api/v1/agents/1001%40default"
            let kept = try await wire.request("PUT", agent + "/status", body: #"{"status":"On Break","reason":"lunch"}"#)
            #expect(kept.status == 202)
            #expect(
                kept.body
                    == #"{"requested":{"status":"On Break"},"reply":null,"actual":{"status":"On Break"},"applied":false,"tookMilliseconds":3,"#
                    + #""pending":{"status":"On Break","state":null,"reason":"lunch","leave":null,"by":"Ann","since":"2026-11-22T22:33:50.037Z"}}"#)
            for path in ["/login", "/logout", "/ready", "/break", "/leave"] {
                #expect(try await wire.request("POST", agent + path, body: "{}").status == 202, "\(path)")
            }
        }
    }

    @Test func `what an agent does at the desk`() async throws {
        try await TestServer.run { server in
            server.site.change {
                $0.agents["1001@default"] = "{}"
                $0.reasons["1001@default"] = [#"{"reason":"lunch"}"#]
            }
            let wire = try await Wire.connect(server.port)
            let agent = "/api/v1/agents/1001%40default"
            _ = try await wire.request("PUT", agent + "/status", body: #"{"status":"Logged Out","force":true}"#)
            _ = try await wire.request("POST", agent + "/login", body: #"{"force":true}"#)
            _ = try await wire.request("POST", agent + "/logout", body: #"{"force":true}"#)
            _ = try await wire.request("POST", agent + "/ready", body: #"{"force":true}"#)
            _ = try await wire.request("POST", agent + "/break", body: #"{"force":true}"#)
            _ = try await wire.request("POST", agent + "/leave", body: #"{"queues":["a","b"],"force":true}"#)
            _ = try await wire.request("POST", agent + "/leave")
            #expect(try await wire.request("DELETE", agent + "/pending").status == 204)
            #expect(try await wire.request("POST", agent + "/wrap-up", body: #"{"seconds":60}"#).status == 200)
            #expect(try await wire.request("POST", agent + "/wrap-up", body: "{}").status == 422)
            #expect(try await wire.request("DELETE", agent + "/wrap-up").status == 200)
            #expect(
                server.control.asked == [
                    "status 1001@default Logged Out - force", "login 1001@default true  force", "logout 1001@default force",
                    "ready 1001@default force", "break 1001@default - force", "leave 1001@default a,b force", "leave 1001@default all",
                    "cancel 1001@default", "wrap-up 1001@default 60", "end wrap-up 1001@default",
                ])
            #expect(try await wire.request("GET", agent + "/reasons").body == #"{"items":[{"reason":"lunch"}],"next":null}"#)
            #expect(try await wire.request("GET", "/api/v1/agents/nobody/reasons").status == 404)
        }
    }

    @Test func `the reasons are read and set in one form`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let standard = try await wire.request("GET", "/api/v1/reasons")
            #expect(standard.status == 200)
            #expect(standard.body.contains(#"{"code":"lunch","labels":{"en":"Lunch","zh":"午餐"}}"#))
            let body = #"{"items":[{"code":"coffee","labels":{"en":"Coffee","zh":"咖啡"}}],"freeText":false}"#
            let set = try await wire.request("PUT", "/api/v1/reasons", body: body)
            #expect(set.status == 200)
            #expect(set.body == body)
            #expect(try await wire.request("GET", "/api/v1/reasons").body == body)
            for bad in [
                #"{}"#, #"{"items":[1]}"#, #"{"items":[{}]}"#, #"{"items":[{"code":"a","labels":{"en":1}}]}"#,
                #"{"items":[{"code":"a","label":"x"}]}"#, #"{"items":[],"freetext":true}"#,
            ] {
                #expect(try await wire.request("PUT", "/api/v1/reasons", body: bad).status == 422, "\(bad)")
            }
            #expect(server.control.asked == ["reasons coffee false"])
        }
    }

    @Test func `an agent is added with a contact made of parts`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request(
                "POST", "/api/v1/agents",
                body: #"{"name":"1009@default","contact":{"user":"1009@example.org","callTimeout":10},"wrapUpTime":5}"#)
            #expect(answer.status == 201)
            #expect(server.control.asked == ["add 1009@default [call_timeout=10]user/1009@example.org 5"])
            for (body, code, status) in [
                (#"{"name":"x","contact":{"dialString":"user/1"}}"#, "dial-strings-not-allowed", 403),
                (#"{"name":"x","contact":{"user":"a","loopback":{"extension":"1","context":"c"}}}"#, "invalid-contact", 422),
                (#"{"name":"x","contact":{"user":"${system(reboot)}"}}"#, "invalid-contact", 422),
                (#"{"name":"x","contact":{}}"#, "invalid-contact", 422),
                (#"{"name":"x","contact":{"usr":"a"}}"#, "unknown-member", 422),
                (#"{"name":"x","contact":{"loopback":{"extension":"1","context":"c"},"callTimeout":3}}"#, "invalid-contact", 422),
                (#"{"contact":{"user":"a@b"}}"#, "invalid-value", 422),
                (#"{"name":1}"#, "invalid-value", 422),
            ] {
                let refused = try await wire.request("POST", "/api/v1/agents", body: body)
                #expect(refused.status == status, "\(body)")
                #expect(refused.body.contains("\"code\":\"\(code)\""), "\(body) \(refused.body)")
            }
            #expect(server.control.asked.count == 1)
        }
        try await TestServer.run(configure: { $0.allowDialStrings = true }) { server in
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("POST", "/api/v1/agents", body: #"{"name":"x","contact":{"dialString":"user/1"}}"#).status == 201)
            let evil = try await wire.request("POST", "/api/v1/agents", body: #"{"name":"x","contact":{"dialString":"${system(id)}user/1"}}"#)
            #expect(evil.status == 422)
            #expect(server.control.asked == ["add x user/1 -1"])
        }
    }

    @Test func `what is asked wrongly is refused with a code`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let path = "/api/v1/agents/1001%40default/status"
            for (body, status, code) in [
                ("{", 400, "malformed-json"), ("[]", 400, "malformed-json"), ("{}", 422, "invalid-value"),
                (#"{"status":3}"#, 422, "invalid-value"), (#"{"status":"Available","raeson":"x"}"#, 422, "unknown-member"),
            ] {
                let answer = try await wire.request("PUT", path, body: body)
                #expect(answer.status == status, "\(body)")
                #expect(answer.body.contains("\"code\":\"\(code)\""), "\(body) \(answer.body)")
            }
            let method = try await wire.request("PATCH", path, body: "{}")
            #expect(method.status == 405)
            #expect(method["allow"] == "PUT")
            #expect(try await wire.request("DELETE", "/api/v1/agents")["allow"] == "GET, HEAD, POST")
            #expect(server.control.asked.isEmpty)
        }
    }

    @Test func `a large body is refused and the connection ends`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            try await wire.write(
                "PUT /api/v1/agents/a/status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestServer.token)\r\nContent-Length: 10000000\r\n\r\n"
                    + String(repeating: "x", count: 70_000))
            let answer = try await wire.answer()
            #expect(answer.status == 413)
            #expect(answer["connection"] == "close")
            #expect(await wire.end() == "")
        }
    }

    @Test func `errors of the switch keep their code`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            for (code, status) in [
                (CommandError.Code.agentNotFound, 404), (.agentExists, 409), (.invalidStatus, 422), (.nodeUnavailable, 503), (.timedOut, 504),
                (.refused, 502),
            ] {
                server.control.fail(CommandError(code, "so it is"))
                let answer = try await wire.request("POST", "/api/v1/agents/1001%40default/ready")
                #expect(answer.status == status)
                #expect(answer.body.contains("\"detail\":\"so it is\",\"code\":\"\(code.rawValue)\""))
                #expect((answer["retry-after"] != nil) == (status == 503))
            }
        }
    }

    @Test func `Redis away is 503`() async throws {
        try await TestServer.run { server in
            server.site.change { $0.isAway = true }
            let answer = try await Wire.connect(server.port).request("GET", "/api/v1/agents")
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "1")
            #expect(answer.body.contains(#""code":"store-unavailable""#))
        }
    }

    @Test func `acknowledgements`() async throws {
        try await TestServer.run { server in
            server.site.change { $0.livePops["1001@default"] = [#"{"id":"p-1"}"#] }
            let wire = try await Wire.connect(server.port)
            let path = "/api/v1/agents/1001%40default/pops/"
            #expect(try await wire.request("POST", path + "p-1/ack", body: #"{"stage":"shown"}"#).status == 204)
            #expect(try await wire.request("POST", path + "p-2/ack", body: #"{"stage":"shown"}"#).status == 404)
            #expect(try await wire.request("POST", path + "p-1/ack", body: #"{"stage":"seen"}"#).status == 422)
            #expect(server.site.content.withLock { $0.acknowledged } == ["1001@default p-1 shown admin", "1001@default p-2 shown admin"])
        }
    }

    @Test func `metrics are counted by route`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let counter = server.metrics.makeCounter(label: "screenpop_events_total", dimensions: [("node", "fs1")])
            counter.increment(by: 3)
            let answer = try await wire.request("GET", "/metrics", token: nil)
            #expect(answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(answer.body == "# TYPE screenpop_events_total counter\nscreenpop_events_total{node=\"fs1\"} 3\n")
        }
    }
}
