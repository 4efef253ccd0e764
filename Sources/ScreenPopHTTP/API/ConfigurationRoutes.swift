import CallCenter
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService

extension API {
    func addConfigurationRoutes(to routes: inout Routes) {
        self.on(&routes, .patch, "/agents/:agent", .changeAgent) { try await self.change($0, $1) }
        for command in QueueCommand.allCases {
            self.on(&routes, .post, "/queues/:queue/\(command.rawValue)", .changeQueues) { request, context in
                let node = try await self.decode(request) { members throws(Problem) in try members.string("node") }
                return .outcome(
                    try await self.controls.configuration.run(command, queue: try context.name("queue"), node: node, by: context.principal))
            }
        }
        self.on(&routes, .get, "/members", .readMembers) { _, _ in
            var members: [ByteBuffer] = []
            for name in try await self.queueNames() { members += try await self.read(self.site.members(queue: name)) }
            return .list(members)
        }
    }

    private func queueNames() async throws(Problem) -> [String] {
        try await self.read(self.site.queues()).compactMap { queue in
            guard case .object(let members)? = try? JSONValue(queue.readableBytesView) else { return nil }
            return members["name"]?.string
        }
    }

    /// Settings first, then what the buttons do, each as if it had been asked for alone.
    private func change(_ request: Request, _ context: HTTPContext) async throws -> Response {
        let agent = try context.name("agent")
        let change = try await self.decode(request) { members throws(Problem) in
            try AgentChange(members: &members, allowDialStrings: self.configuration.allowDialStrings)
        }
        var outcome: CommandOutcome?
        do {
            if let settings = change.settings {
                outcome = try await self.controls.configuration.change(agent, settings, by: context.principal)
            }
            for command in change.commands {
                let next = try await command.run(self.controls.agents, agent: agent, by: context.principal)
                outcome = outcome.map { next.following($0) } ?? next
            }
        } catch {
            guard let outcome else { throw error }
            throw CommandError(error.code, "\(error.message); changed before that: \(outcome.requested.keys.sorted().joined(separator: ", "))")
        }
        guard let outcome else { throw Problem(.unprocessableContent, "invalid-value", "There is nothing to change.") }
        return .outcome(outcome)
    }
}

/// `PATCH /agents/{agent}`: settings, status and state, all of it checked before anything is sent.
private struct AgentChange {
    var settings: AgentChanges?
    var commands: [AgentCommand] = []

    init(members: inout Members, allowDialStrings: Bool) throws(Problem) {
        var settings = AgentChanges()
        settings.type = try members.string("type")
        if let contact = try members.object("contact") {
            settings.contact = try Contact(members: Members(contact), allowDialStrings: allowDialStrings)
        }
        settings.maxNoAnswer = try members.integer("maxNoAnswer")
        settings.wrapUpTime = try members.integer("wrapUpTime")
        settings.rejectDelayTime = try members.integer("rejectDelayTime")
        settings.busyDelayTime = try members.integer("busyDelayTime")
        settings.noAnswerDelayTime = try members.integer("noAnswerDelayTime")
        settings.readyTime = try members.seconds("readyTime")
        if settings != AgentChanges() { self.settings = settings }
        if let status = try members.string("status") {
            guard AgentStatus(lenient: status) != nil else { throw Self.illegal(.invalidStatus, "status", AgentStatus.legal.map(\.text)) }
            self.commands.append(.status(status, reason: try members.string("reason"), force: try members.bool("force") ?? false))
        }
        if let state = try members.string("state") {
            guard AgentState(lenient: state) != nil else { throw Self.illegal(.invalidState, "state", AgentState.legal.map(\.text)) }
            self.commands.append(.state(state))
        }
    }

    private static func illegal(_ code: CommandError.Code, _ what: String, _ legal: [String]) -> Problem {
        Problem(.unprocessableContent, code.rawValue, "the \(what) must be one of \(legal.joined(separator: ", "))")
    }
}

extension CommandOutcome {
    /// As the answer to both: an earlier one and this.
    fileprivate func following(_ earlier: CommandOutcome) -> CommandOutcome {
        var outcome = self
        // A state that was set after a status is the newer truth.
        outcome.requested.merge(earlier.requested) { own, _ in own }
        outcome.actual.merge(earlier.actual) { own, _ in own }
        outcome.applied = self.applied && earlier.applied
        outcome.pending = self.pending ?? earlier.pending
        outcome.tookMilliseconds += earlier.tookMilliseconds
        return outcome
    }
}
