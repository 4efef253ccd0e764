import CoreMetrics
import Logging
import NIOCore
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct AuditLiveTests {
    @Test func `a command over HTTP and one over WebSocket leave an entry and a line`() async throws {
        let log = LogCapture()
        try await TestServer.run(logger: log.logger) { server in
            let wire = try await Wire.connect(server.port)
            let body = #"{"status":"On Break","reason":"lunch"}"#
            #expect(try await wire.request("PUT", "/api/v1/agents/1001%40default/status", body: body).status == 200)
            let http = try await server.records.entries(1)[0]
            #expect(http.principal == "admin-token" && http.name == "admin" && http.role == "admin")
            #expect(http.operation == "setStatus" && http.targets == [.init("agent", "1001@default")])
            #expect(http.from == "127.0.0.1" && http.way == .http && http.status == 200 && http.code == nil)
            #expect(http.request.map { String(decoding: $0, as: UTF8.self) } == #"{"reason":"lunch","status":"On Break"}"#)
            #expect(
                log.lines.filter { $0.contains("audit.operation=setStatus") }.map {
                    $0.contains("audit.agent=1001@default") && $0.contains("audit.status=200")
                }
                    == [true])

            server.control.fail(CommandError(.agentNotFound, "there is no such agent"))
            let socket = try await Wire.webSocket(server, "?agent=1001%40default")
            try await socket.send(#"{"id":"c1","type":"agent.break","reason":"lunch"}"#)
            let entry = try await server.records.entries(2)[1]
            #expect(entry.operation == "takeBreak" && entry.targets == [.init("agent", "1001@default")])
            #expect(entry.way == .websocket && entry.status == 404 && entry.code == "agent-not-found" && entry.from == "127.0.0.1")
            #expect(entry.request.map { String(decoding: $0, as: UTF8.self) } == #"{"reason":"lunch"}"#)
            #expect(entry.id != http.id)
        }
    }

    @Test func `what is refused leaves an entry, what only reads leaves none`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            _ = try await wire.request("GET", "/api/v1/agents")
            _ = try await wire.request("GET", "/api/v1/agents", token: "wrong-token-wrong-token")
            _ = try await wire.request("POST", "/api/v1/agents/x/pops/p-1/ack", body: #"{"stage":"shown"}"#)
            #expect(try await wire.request("POST", "/api/v1/agents", token: "wrong-token-wrong-token", body: #"{"name":"x"}"#).status == 401)
            #expect(try await wire.request("POST", "/api/v1/agents", body: #"{"name":1}"#).status == 422)
            let entries = try await server.records.entries(2)
            #expect(entries.map(\.status) == [401, 422])
            #expect(entries.map(\.code) == ["unauthorized", "invalid-value"])
            #expect(entries.map(\.principal) == [nil, "admin-token"])
            // The body of somebody unknown is not even read.
            #expect(entries[0].request == nil)
        }
    }

    @Test func `whoever is refused what is no command leaves an entry, whatever way he came`() async throws {
        try await AccessSite.run { site in
            let (id, token) = try await site.token(.agent, agent: "1001@default")
            let (_, other) = try await site.token(.agent, agent: "1002@default")
            let wire = try await Wire.connect(site.port)
            let socket = try await site.webSocket(token: token)
            #expect(try await socket.outcome(of: #"{"id":"a","type":"subscribe","topics":["queues","agents"]}"#) == "forbidden")
            #expect(try await socket.outcome(of: #"{"id":"b","type":"ack","pop":"p","stage":"shown","agent":"1002@default"}"#) == "forbidden")
            #expect(try await socket.outcome(of: "{\"id\":\"c\",\"type\":\"token\",\"token\":\"\(other)\"}") == "forbidden")
            #expect(try await socket.outcome(of: #"{"id":"d","type":"token","token":"wrong-token-wrong-token"}"#) == "unauthorized")
            #expect(try await wire.request("GET", "/api/v1/users", token: token).status == 403)
            #expect(try await wire.request("GET", "/api/v1/callers/%2B8613900139777/calls", token: token).status == 403)
            #expect(
                try await wire.request("POST", "/api/v1/agents/1002%40default/pops/p/ack", token: token, body: #"{"stage":"shown"}"#).status == 403)
            for (path, headers) in [("/api/v1/ws", Wire.handshake), ("/api/v1/events", [])] {
                for (token, query, status) in [(token, "?agent=1002%40default&topics=queues", 403), ("wrong-token-wrong-token", "", 401)] {
                    let answer = try await Wire.connect(site.port).request("GET", path + query, token: token, headers: headers)
                    #expect(answer.status == status, "\(path) \(answer.body)")
                }
            }
            let elsewhere = try await Wire.connect(site.port).request(
                "GET", "/api/v1/ws", token: token, headers: Wire.handshake + ["Origin: https://elsewhere.example.org"])
            #expect(elsewhere.status == 403)
            #expect(try await wire.request("POST", "/api/v1/agents/1001%40default/ready", token: token, body: "{}").status == 200)

            let entries = try await site.audit(through: "ready").filter { $0["operation"]?.string != "manageTokens" }
            let told = entries.map { entry -> String in
                let principal = entry["principal"]?.string.map { $0 == "token:\(id)" ? "he" : $0 } ?? "nobody"
                let status = if case .number(let number)? = entry["status"] { Int(number) } else { 0 }
                let request = if case .object? = entry["request"] { " asked" } else { "" }
                var target = ""
                if case .object(let members)? = entry["target"] {
                    for (kind, name) in members.sorted(by: { $0.key < $1.key }) { target += " \(kind)=\(name.string ?? "")" }
                }
                return "\(principal) \(entry["operation"]?.string ?? "") \(entry["way"]?.string ?? "")"
                    + " \(status) \(entry["code"]?.string ?? "-")\(target)\(request)"
            }
            #expect(
                told == [
                    "he listen websocket 403 forbidden asked", "he acknowledgePop websocket 403 forbidden agent=1002@default asked",
                    "he renewSession websocket 403 forbidden", "he renewSession websocket 401 unauthorized",
                    "he manageUsers http 403 forbidden", "he readCaller http 403 forbidden number=+***77",
                    "he acknowledgePop http 403 forbidden agent=1002@default pop=p",
                    "he listen websocket 403 forbidden agent=1002@default asked", "nobody listen websocket 401 unauthorized",
                    "he listen http 403 forbidden agent=1002@default asked", "nobody listen http 401 unauthorized",
                    "nobody listen websocket 403 origin-not-allowed", "he ready http 200 - agent=1001@default",
                ], "\(told)")
            for entry in entries { #expect(!"\(entry)".contains("wrong-token") && !"\(entry)".contains(other)) }
        }
    }

    @Test func `a session that goes on as somebody else's says so, one that is renewed as the same does not`() async throws {
        try await AccessSite.run { site in
            let (first, mine) = try await site.token(.supervisor)
            let (second, other) = try await site.token(.supervisor)
            let socket = try await site.webSocket(token: mine)
            #expect(try await socket.outcome(of: "{\"id\":\"a\",\"type\":\"token\",\"token\":\"\(mine)\"}") == "ok")
            #expect(try await socket.outcome(of: "{\"id\":\"b\",\"type\":\"token\",\"token\":\"\(other)\"}") == "ok")
            #expect(try await socket.outcome(of: #"{"id":"c","type":"agent.ready","agent":"1001@default"}"#) == "ok")
            let entries = try await site.audit(through: "ready").filter { $0["operation"]?.string != "manageTokens" }
            #expect(entries.map { $0["operation"]?.string } == ["renewSession", "ready"])
            #expect(entries.map { $0["principal"]?.string } == ["token:\(first)", "token:\(second)"])
            #expect(entries[0]["target"] == .object(["becomes": .string("token:\(second)")]))
            #expect(entries[0]["status"] == .number(200) && entries[0]["way"] == .string("websocket"))
        }
    }

    @Test func `nobody fills the audit by being refused`() async throws {
        try await AccessSite.run(configure: {
            $0.limits.keptRefusals = .init(burst: 2, perSecond: 0.001)
            $0.limits.commands = .init(burst: 3, perSecond: 0.001)
        }) { site in
            let (_, token) = try await site.token(.agent, agent: "1001@default")
            let (_, mine) = try await site.token(.supervisor)
            let (_, other) = try await site.token(.supervisor)
            let wire = try await Wire.connect(site.port)
            let socket = try await site.webSocket(token: token)
            for _ in 0..<5 {
                #expect(try await socket.outcome(of: #"{"id":"a","type":"subscribe","topics":["agents"]}"#) == "forbidden")
                #expect(try await socket.outcome(of: #"{"id":"b","type":"ack","pop":"p","stage":"shown","agent":"x"}"#) == "forbidden")
                #expect(try await wire.request("GET", "/api/v1/users", token: token).status == 403)
                #expect(try await wire.request("GET", "/api/v1/events?topics=agents", token: token).status == 403)
            }
            // A change of whose it is counts as a command.
            let supervisor = try await site.webSocket(token: mine)
            var outcomes: [String] = []
            for number in 0..<10 {
                let token = number % 2 == 0 ? other : mine
                outcomes.append(try await supervisor.outcome(of: "{\"id\":\"t\",\"type\":\"token\",\"token\":\"\(token)\"}"))
            }
            #expect(outcomes.filter { $0 == "ok" }.count == 6 && outcomes.last == "too-many-requests", "\(outcomes)")
            #expect(try await wire.request("POST", "/api/v1/agents/1001%40default/ready", token: token, body: "{}").status == 200)
            let operations = try await site.audit(through: "ready").compactMap { $0["operation"]?.string }.filter { $0 != "manageTokens" }
            #expect(operations == ["listen", "acknowledgePop"] + Array(repeating: "renewSession", count: 7) + ["ready"], "\(operations)")
        }
    }

    @Test func `the audit can be read`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            _ = try await wire.request("POST", "/api/v1/agents/1001%40default/ready", body: "{}")
            _ = try await server.records.entries(1)
            let answer = try await wire.request("GET", "/api/v1/audit?limit=10")
            #expect(answer.status == 200)
            #expect(answer.body.hasPrefix(#"{"items":[{"id":""#) && answer.body.contains(#""operation":"ready","target":{"agent":"1001@default"}"#))
            #expect(try await wire.request("GET", "/api/v1/audit?limit=0").status == 422)
        }
    }

    @Test func `a trusted proxy says where a request came from`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            _ = try await wire.request("POST", "/api/v1/agents/x/ready", headers: ["X-Forwarded-For: 203.0.113.9"], body: "{}")
            #expect(try await server.records.entries(1)[0].from == "127.0.0.1")
        }
        try await TestServer.run(configure: { $0.trustedProxies = [AddressRange("127.0.0.0/8")].compactMap(\.self) }) { server in
            let wire = try await Wire.connect(server.port)
            _ = try await wire.request("POST", "/api/v1/agents/x/ready", headers: ["X-Forwarded-For: 203.0.113.9"], body: "{}")
            #expect(try await server.records.entries(1)[0].from == "203.0.113.9")
            let socket = try await Wire.connect(server.port)
            let answer = try await socket.request("GET", "/api/v1/ws", headers: Wire.handshake + ["X-Forwarded-For: 203.0.113.10"])
            #expect(answer.status == 101)
            try await socket.send(#"{"id":"c","type":"agent.ready","agent":"x"}"#)
            #expect(try await server.records.entries(2)[1].from == "203.0.113.10")
        }
    }

    @Test func `commands do not wait for Redis, entries do, and those beyond the bound are dropped and counted`() async throws {
        let log = LogCapture()
        let records = FakeRecords()
        records.setAway(true)
        let auditor = Auditor(store: records, limit: 3, logger: log.logger)
        await withDiscardingTaskGroup { group in
            group.addTask { await auditor.run() }
            for number in 1...5 {
                auditor.record(AuditEntry(at: WallClock.now(), operation: "ready", from: nil, way: .http, status: 200 + number))
            }
            #expect(auditor.waiting == 3)
            records.setAway(false)
            let written = try? await records.entries(3)
            #expect(written?.map(\.status) == [201, 202, 203])
            while auditor.waiting > 0 { await Task.yield() }
            auditor.finish()
        }
        let lines = log.lines
        #expect(lines.filter { $0.contains("notice audit ") }.count == 5)
        #expect(lines.filter { $0.contains("the audit is full") }.count == 1)
        #expect(lines.contains { $0.contains("audit entries were dropped") && $0.contains("count=2") })
    }

    @Test func `the end of the service writes what waits, and says what it could not`() async throws {
        let log = LogCapture()
        for isAway in [false, true] {
            let records = FakeRecords()
            records.setAway(isAway)
            let auditor = Auditor(store: records, limit: 10, logger: log.logger)
            for _ in 1...4 { auditor.record(AuditEntry(at: WallClock.now(), operation: "ready", from: nil, way: .http, status: 200)) }
            auditor.finish()
            await auditor.run()
            #expect(records.entries.count == (isAway ? 0 : 4))
        }
        #expect(log.lines.filter { $0.contains("Redis did not take") && $0.contains("count=4") }.count == 1)
    }
}
