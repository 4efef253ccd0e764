import FreeSWITCHSimulator
import NIOHTTP1
import Testing

@testable import screenpop

/// A queue from nothing to a pop, as an administrator makes it: over HTTP and from the command line, while the switch asks over HTTP as well.
@Suite(.serialized, .timeLimit(.minutes(3))) struct QueuesWithoutFilesTests {
    /// The switch asks with a token that can do nothing else of it.
    private func ask(_ site: RunningSite) async throws -> (id: String, token: String) {
        let made = try await site.request(.POST, "/api/v1/tokens", body: #"{"name":"freeswitch","role":"integration"}"#).body
        let token = try #require(made["token"].string)
        let url = "http://127.0.0.1:\(site.port)/api/v1/freeswitch/configuration"
        await site.simulator.act { $0.setConfigurationServer(ConfigurationServer(url: url, credentials: "freeswitch:\(token)")) }
        return (try #require(made["id"].string), token)
    }

    @Test func `created, loaded, given an agent, called: it pops`() async throws {
        try await RunningSite.run { site in
            _ = try await self.ask(site)
            let created = try await site.request(
                .POST, "/api/v1/queues", body: #"{"name":"billing@default","strategy":"ring-all","maxWaitTime":90,"mohSound":"$${hold_music}"}"#)
            #expect(created.status == 201, "\(created.body.text)")
            #expect(created.body["applied"].bool == true && created.body["actual"]["maxWaitTime"].number == 90)
            let tier = try await site.request(
                .PUT, "/api/v1/queues/billing%40default/tiers/1001%40default", body: #"{"level":1,"position":1}"#)
            #expect(tier.status == 201, "\(tier.body.text)")
            #expect(await site.simulator.api("simulate extension 7100 billing@default") == "+OK\n")
            await site.simulator.dial(number: "4711", name: "Ann", to: "7100")
            let pop = try await eventually("it pops") { try await site.pop() }
            #expect(pop["queue"].string == "billing@default" && pop["caller"]["number"].string == "4711")
        }
    }

    @Test func `a token that was revoked loads nothing, and the file's queues go on`() async throws {
        try await RunningSite.run { site in
            let (id, _) = try await self.ask(site)
            #expect(try await site.request(.DELETE, "/api/v1/tokens/\(id)").status == 204)
            let refused = try await site.request(.POST, "/api/v1/queues", body: #"{"name":"billing@default"}"#)
            #expect(refused.status == 409 && refused.body["code"].string == "not-applied", "\(refused.body.text)")
            #expect(refused.body["detail"].string?.contains("mod_xml_curl") == true)
            #expect(try await site.request(.GET, "/api/v1/queue-definitions").body["items"].items.isEmpty)
            #expect(try await site.request(.POST, "/api/v1/queues/support%40default/reload", body: "{}").status == 200)
        }
    }

    @Test func `the command line creates, shows, edits and deletes`() async throws {
        try await RunningSite.run { site in
            _ = try await self.ask(site)
            func run(_ arguments: String...) async throws -> (exit: ChildProcess.Exit?, said: String) {
                try await Program.run(
                    ["queue"] + arguments,
                    environment: ["SCREENPOP_TOKEN": RunningSite.token, "SCREENPOP_SERVER": "http://127.0.0.1:\(site.port)"])
            }
            let created = try await run(
                "create", "billing@default", "--strategy", "top-down", "--set", "max-wait-time=60", "--set", "tierRulesApply=yes")
            #expect(created.exit == .status(0) && created.said.contains("maxWaitTime 60"), "\(created.said)")
            let list = try await run("show-definition")
            #expect(list.said.contains("billing@default") && list.said.contains("top-down") && list.said.contains("node fs1"), "\(list.said)")
            let edited = try await run("edit", "billing@default", "--set", "max-wait-time=30")
            #expect(edited.said.contains("screenpop queue reload billing@default"), "\(edited.said)")
            let shown = try await run("show-definition", "billing@default")
            #expect(shown.said.contains("maxWaitTime") && shown.said.contains("30"), "\(shown.said)")
            #expect(try await run("edit", "billing@default", "--set", "max-wait-time=30", "--reload").said.contains("loaded like that"))
            #expect(try JSON(await run("show-definition", "billing@default", "--json").said)["takesEffect"].string == "now")
            #expect(try await run("parameters").said.contains("Seconds after which a caller is taken out"))
            let wrong = try await run("edit", "billing@default", "--set", "max-wait-time=soon")
            #expect(wrong.exit == .status(1) && wrong.said.contains("maxWaitTime"), "\(wrong.said)")
            #expect(try await run("edit", "billing@default", "--set", "colour=red").exit == .status(64))
            let loaded = try await run("delete", "billing@default")
            #expect(loaded.exit == .status(1) && loaded.said.contains("wrong-state"), "\(loaded.said)")
            #expect(try await run("delete", "billing@default", "--unload").exit == .status(0))
            #expect(try await run("show-definition").said.contains("screenpop queue create"))
        }
    }
}
