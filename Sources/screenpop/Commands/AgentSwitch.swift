import ArgumentParser
import NIOHTTP1

/// What the commands that switch an agent have in common: one request, and what was read back as the answer.
private struct Switch {
    var agent: String
    var options: ClientOptions

    func send(_ method: HTTPMethod, _ action: String, body: (any Encodable)? = nil) async throws {
        try await CommandFailure.reported {
            let path = "/api/v1/agents/\(APIClient.pathPart(self.agent))/\(action)"
            let answer = try await self.options.client().send(method, path, body: body)
            if self.options.json {
                StandardStreams.output(String(decoding: answer.body, as: UTF8.self))
                return
            }
            let outcome = try answer.decoded(OutcomeView.self)
            let actual = (outcome.actual ?? [:]).sorted { $0.key > $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            StandardStreams.output(LineLogHandler.escaped("\(self.agent): \(actual)"))
            if outcome.applied == false {
                throw CommandFailure(.failed, "FreeSWITCH said \(outcome.reply ?? "nothing"), but the agent is not as it was asked")
            }
        }
    }
}

struct AgentSetStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Set what the agent wants: Available, 'Available (On Demand)', 'On Break', 'Logged Out'.")

    @Argument(help: "1001@default") var agent: String
    @Argument(help: "As mod_callcenter spells it.") var status: String
    @Option(help: ArgumentHelp("Why, for the wallboard.", valueName: "text")) var reason: String?
    @OptionGroup var options: ClientOptions

    private struct Body: Encodable {
        var status: String
        var reason: String?
    }

    func run() async throws {
        try await Switch(agent: self.agent, options: self.options).send(.PUT, "status", body: Body(status: self.status, reason: self.reason))
    }
}

struct AgentSetState: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "state", abstract: "Set what the switch does with the agent: Waiting, Idle, ...")

    @Argument(help: "1001@default") var agent: String
    @Argument(help: "As mod_callcenter spells it.") var state: String
    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await Switch(agent: self.agent, options: self.options).send(.PUT, "state", body: ["state": self.state])
    }
}

struct AgentLogIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "login", abstract: "Available and Waiting.")

    @Argument(help: "1001@default") var agent: String
    @Flag(help: "Log in On Break.") var notReady = false
    @Option(help: ArgumentHelp("Also a tier in this queue. Repeatable.", valueName: "name")) var queue: [String] = []
    @OptionGroup var options: ClientOptions

    private struct Body: Encodable {
        var ready: Bool
        var queues: [String]
    }

    func run() async throws {
        try await Switch(agent: self.agent, options: self.options).send(.POST, "login", body: Body(ready: !self.notReady, queues: self.queue))
    }
}

struct AgentLogOut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: "Logged Out.")

    @Argument(help: "1001@default") var agent: String
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Switch(agent: self.agent, options: self.options).send(.POST, "logout") }
}

struct AgentReady: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ready", abstract: "Status Available and state Waiting, verified.")

    @Argument(help: "1001@default") var agent: String
    @OptionGroup var options: ClientOptions

    func run() async throws { try await Switch(agent: self.agent, options: self.options).send(.POST, "ready") }
}

struct AgentBreak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "break", abstract: "On Break.")

    @Argument(help: "1001@default") var agent: String
    @Option(help: ArgumentHelp("Why, for the wallboard.", valueName: "text")) var reason: String?
    @OptionGroup var options: ClientOptions

    func run() async throws {
        try await Switch(agent: self.agent, options: self.options).send(.POST, "break", body: self.reason.map { ["reason": $0] } ?? [:])
    }
}
