import ArgumentParser
import NIOHTTP1

struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Queues: who waits, who works, what is loaded.",
        subcommands: [
            QueueList.self, QueueShow.self, QueueMembers.self, QueueAgents.self, QueueLoad.self, QueueReload.self, QueueUnload.self,
            QueueCreate.self, QueueEdit.self, QueueDelete.self, QueueShowDefinition.self, QueueParameters.self,
        ])
}

struct QueueArgument: ParsableArguments {
    @Argument(help: "As mod_callcenter calls it: support@default") var queue: String
}

struct QueueList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All queues, with live counts.")

    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("QUEUE", "name"), Column("WAITING", "waiting"), Column("SINCE", "longestWaitSince"), Column("READY", "agentsReady"),
        Column("TALKING", "agentsTalking"), Column("LOGGED IN", "agentsLoggedIn"), Column("ANSWERED", "answered"), Column("ABANDONED", "abandoned"),
        Column("STRATEGY", "strategy"), Column("NODE", "node"),
    ]

    func carryOut(_ service: APIClient) async throws {
        let none = "no queue is loaded; make one with screenpop queue create NAME, or load one of callcenter.conf.xml with screenpop queue load NAME"
        try self.show(await service.send(.GET, APIClient.path("queues")), Self.columns, none: none)
    }
}

struct QueueShow: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "One queue, with all its parameters.")

    @OptionGroup var which: QueueArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("queues", self.which.queue))) { queue in
            let counts = queue.members.filter { $0.name != "parameters" }.map { Column($0.name, $0.name) }
            Column.showOne(queue, counts)
            Column.showOne(queue["parameters"], queue["parameters"].members.map { Column($0.name, $0.name) })
        }
    }
}

struct QueueMembers: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "members", abstract: "Who waits, in one queue or in all.")

    @Argument(help: "support@default. Default: all queues.") var queue: String?
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("QUEUE", "queue"), Column("CALLER", "caller.number"), Column("NAME", "caller.name"), Column("STATE", "state"),
        Column("SINCE", "joinedAt"),
        Column("AGENT", "servingAgent"), Column("CALL", "callUUID"),
    ]

    func carryOut(_ service: APIClient) async throws {
        let path = self.queue.map { APIClient.path("queues", $0, "members") } ?? APIClient.path("members")
        try self.show(await service.send(.GET, path), Self.columns, none: "nobody waits")
    }
}

struct QueueAgents: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "agents", abstract: "Who works in a queue.")

    @OptionGroup var which: QueueArgument
    @OptionGroup var options: ClientOptions

    private static let columns = [Column("AGENT", "name"), Column("IS", "normalized"), Column("STATUS", "status"), Column("STATE", "state")]

    func carryOut(_ service: APIClient) async throws {
        let answer = try await service.send(.GET, APIClient.path("queues", self.which.queue, "agents"))
        try self.show(answer, Self.columns, none: "nobody works in \(self.which.queue); screenpop tier set adds somebody")
    }
}

extension ClientCommand {
    fileprivate func manage(_ service: APIClient, _ queue: String, _ action: String, node: String?, done: String) async throws {
        var body = RequestBody()
        body.set("node", node)
        let answer = try await service.send(.POST, APIClient.path("queues", queue, action), body: body.value)
        guard !self.options.json else { return StandardStreams.output(answer.text) }
        self.say("\(queue): \(done)")
    }
}

struct NodeOption: ParsableArguments {
    @Option(help: ArgumentHelp("Where, when there are several nodes.", valueName: "name")) var node: String?
}

struct QueueLoad: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Load a queue that ScreenPop defines, or that stands in callcenter.conf.xml.")

    @OptionGroup var which: QueueArgument
    @OptionGroup var place: NodeOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try await self.manage(service, self.which.queue, "load", node: self.place.node, done: "loaded")
    }
}

struct QueueReload: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "reload", abstract: "Read a queue's parameters again.")

    @OptionGroup var which: QueueArgument
    @OptionGroup var place: NodeOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try await self.manage(service, self.which.queue, "reload", node: self.place.node, done: "reloaded")
    }
}

struct QueueUnload: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "unload", abstract: "Take a queue away until it is loaded again.")

    @OptionGroup var which: QueueArgument
    @OptionGroup var place: NodeOption
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try await self.manage(service, self.which.queue, "unload", node: self.place.node, done: "unloaded")
    }
}
