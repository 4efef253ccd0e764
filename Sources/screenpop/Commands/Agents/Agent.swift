import ArgumentParser
import NIOHTTP1

/// Agents of a running service.
struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, add, change, delete and switch agents, and steer their calls.",
        groupedSubcommands: [
            CommandGroup(
                name: "Agents", subcommands: [AgentList.self, AgentShow.self, AgentAdd.self, AgentChange.self, AgentDelete.self, AgentPops.self]),
            CommandGroup(
                name: "What the buttons do",
                subcommands: [
                    AgentSetStatus.self, AgentSetState.self, AgentLogIn.self, AgentLogOut.self, AgentReady.self, AgentBreak.self, AgentLeave.self,
                    AgentCancelPending.self, AgentWrapUp.self, AgentEndWrapUp.self, AgentReasons.self,
                ]),
            CommandGroup(
                name: "The agent's call",
                subcommands: [AgentHangUp.self, AgentHold.self, AgentResume.self, AgentTransfer.self, AgentConsult.self, AgentDial.self]),
        ])
}

/// Whom a command is about.
struct AgentArgument: ParsableArguments {
    @Argument(help: "As mod_callcenter calls it: 1001@default") var agent: String
}

struct AgentList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All agents, with what they want and what the switch does.")

    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("AGENT", "name"), Column("IS", "normalized"), Column("STATUS", "status"), Column("STATE", "state"), Column("REASON", "reason"),
        Column("PENDING", "pending.status"), Column("NODE", "node"),
    ]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("agents")), Self.columns, none: "there is no agent; add one with: screenpop agent add")
    }
}

struct AgentShow: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "One agent, and the pop on the screen.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("agent", "name"), Column("node", "node"), Column("type", "type"), Column("contact", "contact"), Column("is", "normalized"),
        Column("status", "status"), Column("state", "state"), Column("reason", "reason"), Column("since", "statusChangedAt"),
        Column("pending", "pending"), Column("wraps up until", "wrapUpUntil"), Column("missed calls until break", "maxNoAnswer"),
        Column("wrap-up time", "wrapUpTime"), Column("delay when rejected", "rejectDelayTime"), Column("delay when busy", "busyDelayTime"),
        Column("delay when not answered", "noAnswerDelayTime"),
    ]

    func carryOut(_ service: APIClient) async throws {
        let answer = try await service.send(.GET, APIClient.path("agents", self.who.agent))
        guard !self.options.json else { return StandardStreams.output(answer.text) }
        let agent = try answer.decoded(APIValue.self)
        Column.showOne(agent, Self.columns)
        for tier in agent["queues"].items {
            StandardStreams.output(
                LineLogHandler.escaped("queue \(tier["queue"].shown), level \(tier["level"].shown), position \(tier["position"].shown)"))
        }
        let pop = try await service.send(.GET, APIClient.path("agents", self.who.agent, "pop"))
        StandardStreams.output(LineLogHandler.escaped("pop " + (pop.status == 204 ? "none" : try pop.decoded(PopView.self).summary)))
    }
}

struct AgentDelete: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete an agent.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        _ = try await service.send(.DELETE, APIClient.path("agents", self.who.agent))
        self.say("deleted \(self.who.agent)")
    }
}

struct AgentPops: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "pops", abstract: "Pops of the agent that ended, newest first.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var page: PageOptions
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("OFFERED", "offeredAt"), Column("CALLER", "caller.number"), Column("NAME", "caller.name"), Column("QUEUE", "queue"),
        Column("ENDED", "endedAt"), Column("HOW", "endReason"), Column("POP", "id"),
    ]

    func carryOut(_ service: APIClient) async throws {
        let path = APIClient.path("agents", self.who.agent, "pops") + self.page.query
        try self.show(await service.send(.GET, path), Self.columns, none: "no pop of \(self.who.agent) has ended yet")
    }
}
