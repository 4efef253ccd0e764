import ArgumentParser
import NIOHTTP1

struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Calls: what goes on, why it popped or did not, supervision.",
        subcommands: [CallList.self, CallShow.self, CallTrace.self, CallPast.self, CallSupervise.self, CallHangUp.self])
}

struct CallArgument: ParsableArguments {
    @Argument(help: "The call's UUID, as `call list` shows it.") var call: String
}

struct CallList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Calls that go on.")

    @OptionGroup var options: ClientOptions

    static let columns = [
        Column("CALL", "uuid"), Column("CALLER", "caller.number"), Column("NAME", "caller.name"), Column("QUEUE", "queue"), Column("AGENT", "agent"),
        Column("SINCE", "startedAt"), Column("ANSWERED", "answeredAt"),
    ]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("calls")), Self.columns, none: "no call goes on")
    }
}

struct CallShow: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "One call, until a day after its end.")

    @OptionGroup var which: CallArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("calls", self.which.call))) { call in
            Column.showOne(call, call.members.map { Column($0.name, $0.name) })
        }
    }
}

struct CallTrace: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "trace", abstract: "Why did it (not) pop: all that was seen and decided, in order.")

    @OptionGroup var which: CallArgument
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("AT", "at"), Column("", "kind"), Column("WHAT", "what"), Column("AGENT", "agent"), Column("QUEUE", "queue"),
        Column("DETAIL", "detail"),
    ]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("calls", self.which.call, "trace")), Self.columns, none: "nothing was seen of it")
    }
}

struct CallPast: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "past", abstract: "Past calls of a caller.")

    @Argument(help: "+8613900139000") var number: String
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try self.show(
            await service.send(.GET, APIClient.path("callers", self.number, "calls")), CallList.columns, none: "no call of \(self.number) is known")
    }
}

/// How a supervisor takes part.
enum SupervisionMode: String, ExpressibleByArgument, CaseIterable {
    case listen, whisper, barge
}

struct CallSupervise: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise", abstract: "Listen to a call, whisper to its agent, or barge in; your phone rings.",
        discussion: """
            While you hear the call, --change --mode barge makes of it what the mode says, without ringing again. Hanging up ends it, and so does --end.
            """)

    @OptionGroup var which: CallArgument
    @Option(help: ArgumentHelp("listen, whisper or barge.", valueName: "mode")) var mode: SupervisionMode = .listen
    @Option(help: ArgumentHelp("Whose phone rings, when the token is no agent's.", valueName: "name")) var agent: String?
    @Flag(help: "Change a supervision that goes on to another --mode.") var change = false
    @Flag(help: "End it.") var end = false
    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard !(self.change && self.end) else { throw ValidationError("--change or --end, not both") }
    }

    func carryOut(_ service: APIClient) async throws {
        let path = APIClient.path("calls", self.which.call, "supervise")
        if self.end {
            _ = try await service.send(.DELETE, path + (self.agent.map { "?agent=" + APIClient.pathPart($0) } ?? ""))
            return self.say("the supervision has ended")
        }
        var body = RequestBody()
        body.set("mode", self.mode.rawValue)
        body.set("agent", self.agent)
        try self.showOutcome(
            await service.send(self.change ? .PUT : .POST, path, body: body.value), of: "\(self.mode.rawValue) at \(self.which.call)")
    }
}

struct CallHangUp: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "hangup", abstract: "End somebody's call.")

    @OptionGroup var which: CallArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try self.showOutcome(await service.send(.POST, APIClient.path("calls", self.which.call, "hangup")), of: self.which.call)
    }
}
