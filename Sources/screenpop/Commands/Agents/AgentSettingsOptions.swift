import ArgumentParser
import NIOHTTP1

/// Every setting of mod_callcenter that an agent has.
struct AgentSettingsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A user of FreeSWITCH's directory: 1001@example.org", valueName: "user@domain")) var user: String?
    @Option(help: ArgumentHelp("A SIP address through a profile: internal/1001@192.0.2.7:5060", valueName: "profile/address")) var sofia: String?
    @Option(help: ArgumentHelp("An extension of a dialplan: 1001/default", valueName: "extension/context")) var loopback: String?
    @Option(help: ArgumentHelp("How long it rings, in seconds.", valueName: "seconds")) var callTimeout: Int?
    @Option(help: ArgumentHelp("Callback or uuid-standby.", valueName: "type")) var type: String?
    @Option(help: ArgumentHelp("Missed calls until On Break.", valueName: "number")) var maxNoAnswer: Int?
    @Option(help: ArgumentHelp("Rest after a call, in seconds.", valueName: "seconds")) var wrapUpTime: Int?
    @Option(help: ArgumentHelp("Rest after a call that was rejected, in seconds.", valueName: "seconds")) var rejectDelayTime: Int?
    @Option(help: ArgumentHelp("Rest after the phone was busy, in seconds.", valueName: "seconds")) var busyDelayTime: Int?
    @Option(help: ArgumentHelp("Rest after nobody answered, in seconds.", valueName: "seconds")) var noAnswerDelayTime: Int?

    func validate() throws {
        guard [self.user, self.sofia, self.loopback].filter({ $0 != nil }).count <= 1 else {
            throw ValidationError("--user, --sofia and --loopback are ways to say one thing; give one")
        }
        guard self.sofia.map({ Self.halves($0) != nil }) ?? true else { throw ValidationError("--sofia is PROFILE/ADDRESS") }
        guard self.loopback.map({ Self.halves($0) != nil }) ?? true else { throw ValidationError("--loopback is EXTENSION/CONTEXT") }
        guard self.callTimeout == nil || self.user != nil || self.sofia != nil else {
            throw ValidationError("--call-timeout goes with --user or --sofia")
        }
    }

    func write(to body: inout RequestBody) {
        var contact = RequestBody()
        contact.set("user", self.user)
        if let (profile, address) = self.sofia.flatMap(Self.halves) {
            contact.set("sofia", .object(["profile": .text(profile), "address": .text(address)]))
        }
        if let (number, context) = self.loopback.flatMap(Self.halves) {
            contact.set("loopback", .object(["extension": .text(number), "context": .text(context)]))
        }
        contact.set("callTimeout", self.callTimeout)
        if !contact.isEmpty { body.set("contact", contact.value) }
        body.set("type", self.type)
        body.set("maxNoAnswer", self.maxNoAnswer)
        body.set("wrapUpTime", self.wrapUpTime)
        body.set("rejectDelayTime", self.rejectDelayTime)
        body.set("busyDelayTime", self.busyDelayTime)
        body.set("noAnswerDelayTime", self.noAnswerDelayTime)
    }

    private static func halves(_ text: String) -> (String, String)? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } ? (parts[0], parts[1]) : nil
    }
}

struct AgentAdd: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add an agent, and say how FreeSWITCH reaches it.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var settings: AgentSettingsOptions
    @Option(help: ArgumentHelp("Where, when there are several nodes.", valueName: "name")) var node: String?
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("name", self.who.agent)
        self.settings.write(to: &body)
        body.set("node", self.node)
        let answer = try await service.send(.POST, APIClient.path("agents"), body: body.value)
        try self.showOutcome(answer, of: "added \(self.who.agent)")
    }
}

struct AgentChange: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Change settings of an agent; those that are not named stay.")

    @OptionGroup var who: AgentArgument
    @OptionGroup var settings: AgentSettingsOptions
    @Option(help: ArgumentHelp("No call before this time, RFC 3339: 2026-11-24T15:00:00Z", valueName: "time")) var readyTime: String?
    @Option(help: ArgumentHelp("What the agent wants.", valueName: "status")) var status: String?
    @Option(help: ArgumentHelp("What the switch does with the agent.", valueName: "state")) var state: String?
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        self.settings.write(to: &body)
        body.set("readyTime", self.readyTime)
        body.set("status", self.status)
        body.set("state", self.state)
        guard !body.isEmpty else { throw CommandFailure(.usage, "nothing to change; `screenpop help agent change` lists the settings") }
        try self.showOutcome(await service.send(.PATCH, APIClient.path("agents", self.who.agent), body: body.value), of: self.who.agent)
    }
}
