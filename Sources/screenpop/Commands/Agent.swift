import ArgumentParser
import Foundation
import NIOHTTP1

/// Agents of a running service.
struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, add, delete and switch agents of a running service.",
        subcommands: [
            AgentList.self, AgentShow.self, AgentAdd.self, AgentDelete.self, AgentSetStatus.self, AgentSetState.self, AgentLogIn.self,
            AgentLogOut.self, AgentReady.self, AgentBreak.self,
        ])
}

/// What of an agent is shown to people.
struct AgentView: Decodable {
    var name: String
    var status: String?
    var state: String?
    var normalized: String?
    var reason: String?
    var node: String?
}

struct Page<Item: Decodable>: Decodable {
    var items: [Item]
    var next: String?
}

/// What of a command's answer is shown to people.
struct OutcomeView: Decodable {
    var requested: [String: String]?
    var reply: String?
    var actual: [String: String]?
    var applied: Bool?
}

struct AgentList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All agents, with what they want and what the switch does.")

    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await CommandFailure.reported {
            let client = try self.options.client()
            var agents: [AgentView] = []
            var next: String?
            repeat {
                let query = next.map { "?cursor=" + APIClient.pathPart($0) } ?? ""
                let answer = try await client.send(.GET, "/api/v1/agents" + query)
                if self.options.json { StandardStreams.output(String(decoding: answer.body, as: UTF8.self)) }
                let page = try answer.decoded(Page<AgentView>.self)
                agents += page.items
                next = page.next
            } while next != nil
            guard !self.options.json else { return }
            let rows = agents.map { [$0.name, $0.normalized ?? "", $0.status ?? "", $0.state ?? "", $0.reason ?? "", $0.node ?? ""] }
            for line in Table(header: ["AGENT", "IS", "STATUS", "STATE", "REASON", "NODE"], rows: rows).lines { StandardStreams.output(line) }
        }
    }
}

struct AgentShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "One agent, and the pop on the screen.")

    @Argument(help: "1001@default") var agent: String
    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await CommandFailure.reported {
            let client = try self.options.client()
            let path = "/api/v1/agents/\(APIClient.pathPart(self.agent))"
            let answer = try await client.send(.GET, path)
            if self.options.json {
                StandardStreams.output(String(decoding: answer.body, as: UTF8.self))
                return
            }
            let agent = try answer.decoded(AgentView.self)
            var rows = [["agent", agent.name], ["is", agent.normalized ?? ""], ["status", agent.status ?? ""], ["state", agent.state ?? ""]]
            if let reason = agent.reason { rows.append(["reason", reason]) }
            rows.append(["node", agent.node ?? ""])
            let pop = try await client.send(.GET, path + "/pop")
            rows.append(["pop", pop.status == 204 ? "none" : try pop.decoded(PopView.self).summary])
            for line in Table(header: ["", ""], rows: rows).lines.dropFirst() { StandardStreams.output(line) }
        }
    }
}

struct AgentAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add an agent, and say how FreeSWITCH reaches it.")

    @Argument(help: "1001@default") var agent: String
    @Option(help: ArgumentHelp("A user of FreeSWITCH's directory: 1001@example.org", valueName: "user@domain")) var user: String?
    @Option(help: ArgumentHelp("A SIP address through a profile: internal/1001@192.0.2.7:5060", valueName: "profile/address")) var sofia: String?
    @Option(help: ArgumentHelp("How long it rings, in seconds.", valueName: "seconds")) var callTimeout: Int?
    @Option(help: ArgumentHelp("Missed calls until On Break.", valueName: "number")) var maxNoAnswer: Int?
    @Option(help: ArgumentHelp("Rest after a call, in seconds.", valueName: "seconds")) var wrapUpTime: Int?
    @OptionGroup var options: ClientOptions

    private struct Body: Encodable {
        struct Contact: Encodable {
            struct Sofia: Encodable {
                var profile: String
                var address: String
            }
            var user: String?
            var sofia: Sofia?
            var callTimeout: Int?
        }
        var name: String
        var contact: Contact?
        var maxNoAnswer: Int?
        var wrapUpTime: Int?
    }

    func validate() throws {
        guard self.user == nil || self.sofia == nil else { throw ValidationError("--user and --sofia are two ways to say one thing; give one") }
        guard self.sofia.map({ $0.split(separator: "/").count == 2 }) ?? true else { throw ValidationError("--sofia is PROFILE/ADDRESS") }
    }

    func run() async throws {
        try await CommandFailure.reported {
            var body = Body(name: self.agent, maxNoAnswer: self.maxNoAnswer, wrapUpTime: self.wrapUpTime)
            if let user = self.user {
                body.contact = Body.Contact(user: user, callTimeout: self.callTimeout)
            } else if let parts = self.sofia?.split(separator: "/").map(String.init), parts.count == 2 {
                body.contact = Body.Contact(sofia: .init(profile: parts[0], address: parts[1]), callTimeout: self.callTimeout)
            }
            let answer = try await self.options.client().send(.POST, "/api/v1/agents", body: body)
            StandardStreams.output(self.options.json ? String(decoding: answer.body, as: UTF8.self) : "added \(self.agent)")
        }
    }
}

struct AgentDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete an agent.")

    @Argument(help: "1001@default") var agent: String
    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await CommandFailure.reported {
            _ = try await self.options.client().send(.DELETE, "/api/v1/agents/\(APIClient.pathPart(self.agent))")
            if !self.options.json { StandardStreams.output("deleted \(self.agent)") }
        }
    }
}
