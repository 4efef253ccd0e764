import ArgumentParser
import CallCenter
import NIOHTTP1

/// Parameters of a queue, by their names in `callcenter.conf` or over HTTP.
struct QueueParameterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Which agent is offered the next caller: longest-idle-agent, ring-all, ...", valueName: "word"))
    var strategy: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("One parameter, as often as needed: max-wait-time=300. `screenpop queue parameters` lists them.", valueName: "name=value"))
    var settings: [String] = []

    /// - Throws: `CommandFailure` (usage) for one that there is not.
    func put(into body: inout RequestBody) throws {
        body.set("strategy", self.strategy)
        for text in self.settings {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw CommandFailure(.usage, "--set \(text): write it as name=value") }
            guard let parameter = QueueSetting.named(parts[0]) else {
                throw CommandFailure(.usage, "--set \(text): there is no such parameter; screenpop queue parameters lists them")
            }
            body.set(parameter.memberName, Self.value(parts[1], of: parameter))
        }
    }

    /// What is not of the parameter's kind goes as it is: the service says what would be.
    private static func value(_ text: String, of parameter: QueueSetting) -> APIValue {
        switch parameter.kind {
        case .seconds: Int(text).map { .number(Double($0)) } ?? .text(text)
        case .flag: ["true", "yes"].contains(text) ? .flag(true) : ["false", "no"].contains(text) ? .flag(false) : .text(text)
        case .word, .sound, .template: .text(text)
        }
    }
}

struct QueueCreate: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Define a queue and load it, without editing a file.",
        discussion: """
            FreeSWITCH asks the service for it by mod_xml_curl; `queue-server` in the file of `screenpop freeswitch-config` sets that up. Who reaches
            the queue is for the dialplan to say: <action application="callcenter" data="billing@default"/>.
            """)

    @OptionGroup var which: QueueArgument
    @OptionGroup var parameters: QueueParameterOptions
    @OptionGroup var place: NodeOption
    @Flag(inversion: .prefixedNo, help: "Load it at once.") var load = true
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("name", self.which.queue)
        body.set("node", self.place.node)
        if !self.load { body.set("load", false) }
        try self.parameters.put(into: &body)
        try self.showOutcome(await service.send(.POST, APIClient.path("queues"), body: body.value), of: self.which.queue)
    }
}

struct QueueEdit: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "edit", abstract: "Set parameters of a queue that ScreenPop defines.")

    @OptionGroup var which: QueueArgument
    @OptionGroup var parameters: QueueParameterOptions
    @Flag(help: "Parameters that are not named become mod_callcenter's own again.") var replace = false
    @Flag(help: "Have every node that has the queue read it anew.") var reload = false
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        try self.parameters.put(into: &body)
        let path = APIClient.path("queues", self.which.queue, "definition") + (self.reload ? "?reload=true" : "")
        try self.show(await service.send(self.replace ? .PUT : .PATCH, path, body: body.value)) { state in
            self.say("\(self.which.queue): changed; \(Self.effect(state["takesEffect"].string, self.which.queue))")
        }
    }

    static func effect(_ word: String?, _ queue: String) -> String {
        switch word {
        case "on-reload": "it takes effect with: screenpop queue reload \(queue)"
        case "on-load": "it is not loaded; load it with: screenpop queue load \(queue)"
        case "now": "it is loaded like that"
        default: "whether it is loaded is not known: a node cannot be asked now (screenpop nodes)"
        }
    }
}

struct QueueDelete: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a queue that ScreenPop defines.")

    @OptionGroup var which: QueueArgument
    @Flag(help: "Unload it first, if it is loaded.") var unload = false
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        _ = try await service.send(.DELETE, APIClient.path("queues", self.which.queue, "definition") + (self.unload ? "?unload=true" : ""))
        self.say("\(self.which.queue): deleted")
    }
}

struct QueueShowDefinition: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show-definition", abstract: "How ScreenPop defines a queue, or all of them.")

    @Argument(help: "billing@default. Default: all queues that ScreenPop defines.") var queue: String?
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("QUEUE", "name"), Column("STRATEGY", "parameters.strategy"), Column("TAKES EFFECT", "takesEffect"), Column("LOADED", "loaded"),
        Column("CHANGED", "changedAt"), Column("BY", "changedBy"),
    ]

    func carryOut(_ service: APIClient) async throws {
        guard let queue = self.queue else {
            let none = "ScreenPop defines no queue; screenpop queue create makes one"
            return try self.show(await service.send(.GET, APIClient.path("queue-definitions")), Self.columns, none: none)
        }
        try self.show(await service.send(.GET, APIClient.path("queues", queue, "definition"))) { state in
            Column.showOne(state, state.members.filter { $0.name != "parameters" }.map { Column($0.name, $0.name) })
            Column.showOne(state["parameters"], state["parameters"].members.map { Column($0.name, $0.name) })
            self.say(QueueEdit.effect(state["takesEffect"].string, queue))
        }
    }
}

struct QueueParameters: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "parameters", abstract: "What can be set of a queue, and what it means.")

    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("PARAMETER", "name"), Column("WITHOUT IT", "standard"), Column("ALLOWED", "allowed"), Column("MEANING", "meaning.en"),
    ]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("queue-parameters")), Self.columns, none: "there are none")
    }
}
