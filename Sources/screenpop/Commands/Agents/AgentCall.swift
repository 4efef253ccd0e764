import ArgumentParser
import NIOHTTP1

/// Where a call goes.
struct TargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("An extension of the dialplan.", valueName: "digits")) var `extension`: String?
    @Option(help: ArgumentHelp("Another agent.", valueName: "name")) var toAgent: String?
    @Option(help: ArgumentHelp("A queue.", valueName: "name")) var toQueue: String?
    @Option(help: ArgumentHelp("A number outside; the service must allow it with --dial-number.", valueName: "digits")) var number: String?

    private var given: [(name: String, value: String)] {
        [("extension", self.extension), ("agent", self.toAgent), ("queue", self.toQueue), ("number", self.number)].compactMap { name, value in
            value.map { (name, $0) }
        }
    }

    func validate() throws {
        guard self.given.count == 1 else { throw ValidationError("say where to: one of --extension, --to-agent, --to-queue, --number") }
    }

    /// `{"extension":"1002"}`
    var target: APIValue { .object(Dictionary(uniqueKeysWithValues: self.given.map { ($0.name, .text($0.value)) })) }
    var text: String { self.given.first?.value ?? "" }
}

/// Which of the agent's calls, when there are several.
struct PopOption: ParsableArguments {
    @Option(help: ArgumentHelp("Which of the agent's calls, by its pop. Default: the current one.", valueName: "id")) var pop: String?
}

extension ClientCommand {
    fileprivate func steer(_ service: APIClient, _ agent: String, _ action: String, _ body: RequestBody) async throws {
        try self.showOutcome(await service.send(.POST, APIClient.path("agents", agent, "call", action), body: body.value), of: agent)
    }
}

struct AgentHangUp: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "hangup", abstract: "End the agent's call.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var which: PopOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("pop", self.which.pop)
        try await self.steer(service, self.who.agent, "hangup", body)
    }
}

struct AgentHold: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "hold", abstract: "Let the caller wait with music.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var which: PopOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("pop", self.which.pop)
        try await self.steer(service, self.who.agent, "hold", body)
    }
}

struct AgentResume: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Talk on with a caller on hold.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var which: PopOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("pop", self.which.pop)
        try await self.steer(service, self.who.agent, "resume", body)
    }
}

struct AgentTransfer: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "transfer", abstract: "Give the caller to somebody else, unannounced.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var target: TargetOptions
    @OptionGroup var which: PopOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("to", self.target.target)
        body.set("pop", self.which.pop)
        try await self.steer(service, self.who.agent, "transfer", body)
    }
}

struct AgentDial: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "dial", abstract: "Ring the agent's phone, and then somebody else's.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var target: TargetOptions
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        let answer = try await service.send(
            .POST, APIClient.path("agents", self.who.agent, "dial"), body: APIValue.object(["to": self.target.target]))
        try self.showOutcome(answer, of: "\(self.who.agent) calls \(self.target.text)")
    }
}

/// An attended transfer: ask first, then hand over or come back.
struct AgentConsult: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consult", abstract: "Ask somebody while the caller waits, then hand over or come back.",
        subcommands: [Start.self, Show.self, Complete.self, Cancel.self])

    struct TransferArguments: ParsableArguments {
        @OptionGroup var who: AgentArgument
        @Argument(help: "As `start` said it.") var transfer: String
    }

    struct Start: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Put the caller on hold and ring somebody.")

        @OptionGroup var who: AgentArgument
        @OptionGroup var target: TargetOptions
        @OptionGroup var options: ClientOptions

        func carryOut(_ service: APIClient) async throws {
            let body = APIValue.object(["to": self.target.target])
            let answer = try await service.send(.POST, APIClient.path("agents", self.who.agent, "transfers"), body: body)
            try self.show(answer) { value in self.say("transfer \(value["id"].shown) to \(self.target.text): \(value["state"].shown)") }
        }
    }

    struct Show: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "How far it is.")

        @OptionGroup var which: TransferArguments
        @OptionGroup var options: ClientOptions

        func carryOut(_ service: APIClient) async throws {
            let answer = try await service.send(.GET, APIClient.path("agents", self.which.who.agent, "transfers", self.which.transfer))
            try self.show(answer) { value in self.say("transfer \(value["id"].shown): \(value["state"].shown)") }
        }
    }

    struct Complete: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Connect the caller with who was asked.")

        @OptionGroup var which: TransferArguments
        @OptionGroup var options: ClientOptions

        func carryOut(_ service: APIClient) async throws {
            let path = APIClient.path("agents", self.which.who.agent, "transfers", self.which.transfer, "complete")
            _ = try await service.send(.POST, path)
            self.say("handed over")
        }
    }

    struct Cancel: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Come back to the caller.")

        @OptionGroup var which: TransferArguments
        @OptionGroup var options: ClientOptions

        func carryOut(_ service: APIClient) async throws {
            _ = try await service.send(.DELETE, APIClient.path("agents", self.which.who.agent, "transfers", self.which.transfer))
            self.say("cancelled; the caller is back")
        }
    }
}
