import FreeSWITCHSimulator
import NIOHTTP1
import Testing

/// What the buttons do, in FreeSWITCH and not only on the screen.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AgentCommandTests {
    private func inFreeSWITCH(_ site: RunningSite, _ key: String) async -> String {
        await site.simulator.api("callcenter_config agent get \(key) 1001@default")
    }

    @Test func `a status set by HTTP is in FreeSWITCH, in Redis, and on the desktop`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            let answer = try await site.request(
                .PUT, "/api/v1/agents/1001%40default/status", body: #"{"status":"On Break","reason":"lunch"}"#)
            #expect(answer.status == 200)
            #expect(answer.body["requested"]["status"].string == "On Break")
            #expect(answer.body["reply"].string?.hasPrefix("+OK") == true)
            #expect(answer.body["actual"]["status"].string == "On Break")
            #expect(answer.body["applied"].bool == true)
            #expect(await self.inFreeSWITCH(site, "status") == "On Break")
            try await eventually("the desktop sees it, with the reason") {
                guard let message = desktop.transcript.all("agent.state").last else { return false }
                let state = message["agentState"] == .null ? message : message["agentState"]
                return state["status"].string == "On Break" && state["reason"].string == "lunch"
            }
            try await eventually("the agent's view shows it") {
                let agent = try await site.request(.GET, "/api/v1/agents/1001%40default").body
                return agent["status"].string == "On Break" && agent["normalized"].string == "notReady" && agent["reason"].string == "lunch"
            }
        }
    }

    @Test func `a status set over WebSocket is answered under its id and read back`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            try await desktop.send(#"{"id":"c1","type":"agent.status","agent":"1001@default","status":"Logged Out"}"#)
            let result = try await eventually("the command is answered") {
                desktop.transcript.all("result").first { $0["re"].string == "c1" }
            }
            #expect(result["ok"].bool == true)
            #expect(result["actual"]["status"].string == "Logged Out")
            #expect(await self.inFreeSWITCH(site, "status") == "Logged Out")
            try await desktop.send(#"{"id":"c2","type":"agent.ready","agent":"1001@default"}"#)
            let ready = try await eventually("the second command is answered") {
                desktop.transcript.all("result").first { $0["re"].string == "c2" }
            }
            #expect(ready["ok"].bool == true)
            #expect(await self.inFreeSWITCH(site, "status") == "Available")
            #expect(await self.inFreeSWITCH(site, "state") == "Waiting")
        }
    }

    @Test func `an agent that does not exist is a 404 by HTTP and an error over WebSocket`() async throws {
        try await RunningSite.run { site in
            let answer = try await site.request(.POST, "/api/v1/agents/nobody%40default/ready")
            #expect(answer.status == 404)
            #expect(answer.body["code"].string == "agent-not-found")
            let desktop = try await site.desktop()
            try await desktop.send(#"{"id":"c1","type":"agent.ready","agent":"nobody@default"}"#)
            let result = try await eventually("the command is answered") { desktop.transcript.all("result").first }
            #expect(result["ok"].bool == false)
            #expect(result["error"]["code"].string == "agent-not-found")
        }
    }

    @Test func `an agent is added with a tier, logs in, gets the call, and is deleted`() async throws {
        try await RunningSite.run { site in
            #expect(try await site.request(.POST, "/api/v1/agents/1001%40default/logout").status == 200)
            let added = try await site.request(
                .POST, "/api/v1/agents",
                body: #"{"name":"2001@default","contact":{"sofia":{"profile":"internal","address":"2001@127.0.0.1:7001"},"callTimeout":20}}"#)
            #expect(added.status == 201)
            let login = try await site.request(.POST, "/api/v1/agents/2001%40default/login", body: #"{"queues":["support@default"]}"#)
            #expect(login.status == 200)
            await site.simulator.dial(number: "100", name: "", to: "7000")
            let pop = try await eventually("the new agent has a pop") { try await site.pop("2001@default") }
            #expect(pop["caller"]["number"].string == "100")
            #expect(pop["caller"]["name"] == .null)
            #expect(try await site.request(.DELETE, "/api/v1/agents/2001%40default").status == 204)
            try await eventually("the agent is gone") { try await site.request(.GET, "/api/v1/agents/2001%40default").status == 404 }
        }
    }
}
