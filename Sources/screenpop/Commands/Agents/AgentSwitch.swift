import ArgumentParser
import NIOHTTP1

/// Whether the change may wait while the agent is offered a call.
struct ForceOption: ParsableArguments {
    @Flag(help: "At once, even while the agent is offered a call; otherwise it is kept until the offer ends.") var force = false
}

struct AgentSetStatus: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Set what the agent wants: Available, 'Available (On Demand)', 'On Break', 'Logged Out'.")

    @OptionGroup var who: AgentArgument
    @Argument(help: "As mod_callcenter spells it.", completion: .list(["Available", "Available (On Demand)", "On Break", "Logged Out"]))
    var status: String
    @Option(help: ArgumentHelp("Why, for the wallboard: a code of `screenpop reasons list`, or text.", valueName: "text")) var reason: String?
    @OptionGroup var force: ForceOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("status", self.status)
        body.set("reason", self.reason)
        body.flag("force", self.force.force)
        try self.showOutcome(await service.send(.PUT, APIClient.path("agents", self.who.agent, "status"), body: body.value), of: self.who.agent)
    }
}

struct AgentSetState: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "state", abstract: "Set what the switch does with the agent: Waiting, Idle, ...")

    @OptionGroup var who: AgentArgument
    @Argument(help: "As mod_callcenter spells it.", completion: .list(["Waiting", "Idle", "Receiving", "In a queue call", "Reserved"]))
    var state: String
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        let path = APIClient.path("agents", self.who.agent, "state")
        try self.showOutcome(await service.send(.PUT, path, body: ["state": self.state]), of: self.who.agent)
    }
}

struct AgentLogIn: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "login", abstract: "Available and Waiting.")

    @OptionGroup var who: AgentArgument
    @Flag(help: "Log in On Break.") var notReady = false
    @Option(help: ArgumentHelp("Also a tier in this queue. Repeatable.", valueName: "name")) var queue: [String] = []
    @OptionGroup var force: ForceOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("ready", !self.notReady)
        body.set("queues", self.queue)
        body.flag("force", self.force.force)
        try self.showOutcome(await service.send(.POST, APIClient.path("agents", self.who.agent, "login"), body: body.value), of: self.who.agent)
    }
}

struct AgentLogOut: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: "Logged Out.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var force: ForceOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.flag("force", self.force.force)
        try self.showOutcome(await service.send(.POST, APIClient.path("agents", self.who.agent, "logout"), body: body.value), of: self.who.agent)
    }
}

struct AgentReady: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "ready", abstract: "Status Available and state Waiting, verified.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var force: ForceOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.flag("force", self.force.force)
        try self.showOutcome(await service.send(.POST, APIClient.path("agents", self.who.agent, "ready"), body: body.value), of: self.who.agent)
    }
}

struct AgentBreak: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "break", abstract: "On Break.")

    @OptionGroup var who: AgentArgument
    @Option(help: ArgumentHelp("Why, for the wallboard: a code of `screenpop reasons list`, or text.", valueName: "text")) var reason: String?
    @OptionGroup var force: ForceOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("reason", self.reason)
        body.flag("force", self.force.force)
        try self.showOutcome(await service.send(.POST, APIClient.path("agents", self.who.agent, "break"), body: body.value), of: self.who.agent)
    }
}

struct AgentLeave: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Leave queues: at once when free, after the call otherwise.", discussion: "Without --queue: all of them.")

    @OptionGroup var who: AgentArgument
    @Option(help: ArgumentHelp("This one. Repeatable.", valueName: "name")) var queue: [String] = []
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("queues", self.queue)
        try self.showOutcome(await service.send(.POST, APIClient.path("agents", self.who.agent, "leave"), body: body.value), of: self.who.agent)
    }
}

struct AgentCancelPending: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "cancel-pending", abstract: "Forget the change that is kept for later.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        _ = try await service.send(.DELETE, APIClient.path("agents", self.who.agent, "pending"))
        self.say("\(self.who.agent): nothing is kept for later")
    }
}

struct AgentWrapUp: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "wrap-up", abstract: "More time for the work after a call.")

    @OptionGroup var who: AgentArgument
    @Option(help: ArgumentHelp("How much more.", valueName: "seconds")) var seconds = 60
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        let path = APIClient.path("agents", self.who.agent, "wrap-up")
        try self.showOutcome(await service.send(.POST, path, body: ["seconds": self.seconds]), of: self.who.agent)
    }
}

struct AgentEndWrapUp: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "end-wrap-up", abstract: "The work after the call is done: the next one may come.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        let answer = try await service.send(.DELETE, APIClient.path("agents", self.who.agent, "wrap-up"))
        guard answer.body.isEmpty else { return try self.showOutcome(answer, of: self.who.agent) }
        self.say("\(self.who.agent): the wrap-up has ended")
    }
}

struct AgentReasons: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "reasons", abstract: "Why the agent was On Break, and how long.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var options: ClientOptions

    private static let columns = [Column("REASON", "reason"), Column("BY", "by"), Column("SINCE", "since"), Column("UNTIL", "until")]

    func carryOut(_ service: APIClient) async throws {
        let answer = try await service.send(.GET, APIClient.path("agents", self.who.agent, "reasons"))
        try self.show(answer, Self.columns, none: "\(self.who.agent) gave no reason yet")
    }
}
