import CallCenter
import Testing

@testable import ScreenPopHTTP
@testable import ScreenPopService

@Suite(.timeLimit(.minutes(1))) struct ConfigurationRouteTests {
    @Test func `PATCH sends settings, then status and state, and answers for all of them`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let agent = "/api/v1/agents/1001%40default"
            let answer = try await wire.request(
                "PATCH", agent, body: #"{"wrapUpTime":9,"readyTime":null,"status":"on break","reason":"lunch","state":"Idle"}"#)
            #expect(answer.status == 200)
            #expect(answer.body.contains(#""requested":{"readyTime":0,"state":"Idle","status":"on break","wrapUpTime":9}"#))
            #expect(
                server.control.asked == [
                    "change 1001@default readyTime,wrapUpTime", "status 1001@default on break lunch", "state 1001@default Idle",
                ])
            for (body, code) in [
                ("{}", "invalid-value"), (#"{"status":"Lunch","wrapUpTime":9}"#, "invalid-status"), (#"{"state":"Asleep"}"#, "invalid-state"),
                (#"{"wrapUpTime":"9"}"#, "invalid-value"), (#"{"readyTime":"soon"}"#, "invalid-value"), (#"{"wrapuptime":9}"#, "unknown-member"),
                (#"{"reason":"lunch"}"#, "unknown-member"), (#"{"contact":{"user":"1@x${y}"}}"#, "invalid-contact"),
            ] {
                let refused = try await wire.request("PATCH", agent, body: body)
                #expect(refused.status == 422)
                #expect(refused.body.contains(#""code":"\#(code)""#), "\(body)")
            }
            #expect(server.control.asked.count == 3)
        }
    }

    @Test func `queues are commanded on the node that is named`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            for command in ["load", "reload", "unload"] {
                #expect(try await wire.request("POST", "/api/v1/queues/support%40default/\(command)", body: #"{"node":"fs2"}"#).status == 200)
            }
            #expect(try await wire.request("POST", "/api/v1/queues/q/load").status == 200)
            #expect(try await wire.request("DELETE", "/api/v1/agents/a?node=fs2").status == 204)
            #expect(
                server.control.asked == [
                    "load support@default on fs2", "reload support@default on fs2", "unload support@default on fs2", "load q", "delete a on fs2",
                ])
        }
    }

    @Test func `members of all queues, and the nodes`() async throws {
        try await TestServer.run { server in
            server.site.change {
                $0.queues = ["a": #"{"name":"a"}"#, "b": #"{"name":"b"}"#]
                $0.members = ["a": ["1"], "b": ["2", "3"]]
            }
            let wire = try await Wire.connect(server.port)
            #expect(try await wire.request("GET", "/api/v1/members").body == #"{"items":[1,2,3],"next":null}"#)
            #expect(
                try await wire.request("GET", "/api/v1/nodes").body
                    == #"{"items":[{"name":"fs1","status":"live","ready":true,"detail":null,"coreUUID":"core"}],"next":null}"#)
        }
    }

    @Test func `a list goes out as CSV and comes in again as it was`() async throws {
        try await TestServer.run { server in
            var agent = SettingsList.Agent(name: "+86@default")
            agent.node = "fs1"
            agent.changes.type = "Callback"
            agent.changes.contact = .sofia(profile: "internal", address: "1@192.0.2.7:5060", callTimeout: 5)
            agent.changes.wrapUpTime = 3
            var odd = SettingsList.Agent(name: "a, \"b\"")
            odd.changes.contact = .dialString("=cmd|x,error/user_busy")
            var tier = SettingsList.Tier(queue: "support@default", agent: "+86@default")
            tier.level = 2
            server.control.list = SettingsList(agents: [agent, odd], tiers: [tier])
            let wire = try await Wire.connect(server.port)
            for (format, type) in [("csv", "text/csv; charset=utf-8"), ("json", "application/json")] {
                let exported = try await wire.request("GET", "/api/v1/export?format=\(format)")
                #expect(exported.status == 200)
                if format == "csv" {
                    #expect(exported.body.contains("\r\nagent,'+86@default,,fs1,Callback,[leg_timeout=5]sofia/internal/1@192.0.2.7:5060,,3,"))
                }
                let (read, faults) = try SettingsList.read(Array(exported.body.utf8), try SettingsFormat(contentType: type))
                #expect(faults.isEmpty)
                #expect(read.agents.map(\.name) == [agent.name, odd.name])
                #expect(read.agents.map(\.changes) == [agent.changes, odd.changes])
                #expect(read.agents[0].node == "fs1")
                #expect(read.tiers[0].level == 2 && read.tiers[0].position == nil)
            }
            #expect(try await wire.request("GET", "/api/v1/export?format=xml").status == 422)
        }
    }

    @Test func `faults are told by line and entry, and nothing is asked of the nodes`() async throws {
        let csv = "kind,name,queue,wrapUpTime\r\nagent,1001@default,,x\r\ntier,1001@default,,\r\nagent,1001@default\r\nqueue,q,,\r\n"
        let (_, lines) = try SettingsList.readCSV(Array(csv.utf8))
        #expect(lines.map(\.place) == [.line(2), .line(3), .line(4), .line(5)])
        #expect(throws: Problem.self) { try SettingsList.readCSV(Array("kind,name,colour\r\n".utf8)) }
        #expect(throws: Problem.self) { try SettingsList.readCSV(Array("name\r\nx\r\n".utf8)) }
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let answer = try await wire.request(
                "POST", "/api/v1/import", body: #"{"agents":[{"name":"a"},{"name":"b","wrapUpTime":"x"}],"tiers":[{"queue":"q"}]}"#)
            #expect(answer.status == 422)
            #expect(answer.body.hasPrefix(#"{"plan":false,"changes":[],"errors":[{"entry":"agents[1]","code":"invalid-value","#))
            #expect(answer.body.contains(#"{"entry":"tiers[0]""#))
            #expect(server.control.asked.isEmpty)
            var plan = ImportPlan()
            plan.steps = [
                .init(action: .change, kind: .agent, node: "fs1", agent: "a", fields: [.init(name: "wrapUpTime", from: 10, to: 20)])
            ]
            server.control.answer(plan)
            let planned = try await wire.request("POST", "/api/v1/import?plan=true&delete=true", body: #"{"agents":[{"name":"a"}]}"#)
            #expect(
                planned.body
                    == #"{"plan":true,"changes":[{"action":"change","kind":"agent","node":"fs1","agent":"a","queue":null,"fields":{"wrapUpTime":{"from":10,"to":20}}}],"errors":[],"applied":0}"#
            )
            #expect(server.control.asked == ["import 1 0 plan delete"])
        }
    }
}
