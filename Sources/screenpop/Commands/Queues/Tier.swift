import ArgumentParser
import NIOHTTP1

struct Tier: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who stands where in which queue.", subcommands: [TierList.self, TierSet.self, TierDelete.self])
}

struct TierList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The tiers of a queue, or of all.")

    @Argument(help: "support@default. Default: all queues.") var queue: String?
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("QUEUE", "queue"), Column("AGENT", "agent"), Column("LEVEL", "level"), Column("POSITION", "position"), Column("STATE", "state"),
    ]

    func carryOut(_ service: APIClient) async throws {
        if let queue = self.queue {
            return try self.show(
                await service.send(.GET, APIClient.path("queues", queue, "tiers")), Self.columns,
                none: "\(queue) has no tier; screenpop tier set adds one")
        }
        var tiers: [APIValue] = []
        for agent in try await service.send(.GET, APIClient.path("agents")).decoded(APIValue.self)["items"].items {
            for case .object(var tier) in agent["queues"].items {
                tier["agent"] = agent["name"]
                tiers.append(.object(tier))
            }
        }
        guard !self.options.json else { return try StandardStreams.output(APIValue.object(["items": .list(tiers), "next": .null]).json) }
        Column.show(tiers, Self.columns)
    }
}

struct TierSet: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Add a tier, or set its level, position and state.")

    @Argument(help: "support@default") var queue: String
    @Argument(help: "1001@default") var agent: String
    @Option(help: ArgumentHelp("Lower ones are asked first.", valueName: "number")) var level: Int?
    @Option(help: ArgumentHelp("Within the level.", valueName: "number")) var position: Int?
    @Option(help: ArgumentHelp("Ready, Standby, ...", valueName: "state")) var state: String?
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("level", self.level)
        body.set("position", self.position)
        body.set("state", self.state)
        let answer = try await service.send(.PUT, APIClient.path("queues", self.queue, "tiers", self.agent), body: body.value)
        try self.showOutcome(answer, of: "\(self.agent) in \(self.queue)")
    }
}

struct TierDelete: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Take an agent out of a queue.")

    @Argument(help: "support@default") var queue: String
    @Argument(help: "1001@default") var agent: String
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        _ = try await service.send(.DELETE, APIClient.path("queues", self.queue, "tiers", self.agent))
        self.say("\(self.agent) is no more in \(self.queue)")
    }
}
