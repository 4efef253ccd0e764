import ScreenPop
import ScreenPopService

/// What a button does, asked over HTTP or WebSocket with the same members.
enum AgentCommand: Equatable, Sendable {
    case status(String, reason: String?, force: Bool)
    case state(String)
    case logIn(ready: Bool, queues: [String], force: Bool)
    case logOut(force: Bool)
    case ready(force: Bool)
    case takeBreak(reason: String?, force: Bool)
    /// `nil`: all queues.
    case leave(queues: [String]?, force: Bool)
    case cancelPending
    case extendWrapUp(seconds: Int)
    case endWrapUp

    enum Kind: String, CaseIterable, Sendable {
        case status, state, login, logout, ready, leave
        case takeBreak = "break"
        case cancelPending = "cancel-pending"
        case wrapUp = "wrap-up"
        case endWrapUp = "end-wrap-up"
    }

    var operation: Operation {
        switch self {
        case .status: .setStatus
        case .state: .setState
        case .logIn: .logIn
        case .logOut: .logOut
        case .ready: .ready
        case .takeBreak: .takeBreak
        case .leave: .leaveQueues
        case .cancelPending: .cancelPending
        case .extendWrapUp, .endWrapUp: .wrapUp
        }
    }

    init(_ kind: Kind, members: inout Members) throws(Problem) {
        switch kind {
        case .status:
            self = .status(try members.requiredString("status"), reason: try members.string("reason"), force: try Self.force(&members))
        case .state:
            self = .state(try members.requiredString("state"))
        case .login:
            self = .logIn(
                ready: try members.bool("ready") ?? true, queues: try members.strings("queues") ?? [], force: try Self.force(&members))
        case .logout:
            self = .logOut(force: try Self.force(&members))
        case .ready:
            self = .ready(force: try Self.force(&members))
        case .takeBreak:
            self = .takeBreak(reason: try members.string("reason"), force: try Self.force(&members))
        case .leave:
            self = .leave(queues: try members.strings("queues"), force: try Self.force(&members))
        case .cancelPending:
            self = .cancelPending
        case .wrapUp:
            self = .extendWrapUp(seconds: try members.requiredInteger("seconds"))
        case .endWrapUp:
            self = .endWrapUp
        }
    }

    /// Not to wait for the end of an offer or a call.
    private static func force(_ members: inout Members) throws(Problem) -> Bool { try members.bool("force") ?? false }

    func run(_ control: any AgentControl, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        switch self {
        case .status(let status, let reason, let force):
            try await control.setStatus(status, reason: reason, force: force, agent: agent, by: by)
        case .state(let state): try await control.setState(state, agent: agent, by: by)
        case .logIn(let ready, let queues, let force):
            try await control.logIn(ready: ready, queues: queues, force: force, agent: agent, by: by)
        case .logOut(let force): try await control.logOut(force: force, agent: agent, by: by)
        case .ready(let force): try await control.ready(force: force, agent: agent, by: by)
        case .takeBreak(let reason, let force): try await control.takeBreak(reason: reason, force: force, agent: agent, by: by)
        case .leave(let queues, let force): try await control.leave(queues: queues, force: force, agent: agent, by: by)
        case .cancelPending: try await control.cancelPending(agent: agent, by: by)
        case .extendWrapUp(let seconds): try await control.extendWrapUp(seconds: seconds, agent: agent, by: by)
        case .endWrapUp: try await control.endWrapUp(agent: agent, by: by)
        }
    }
}

extension CommandOutcome {
    /// `"requested":{...},"reply":"+OK","actual":{...},"applied":true,"tookMilliseconds":3`, and `"pending":{...}` when it is kept for later
    func write(to object: inout JSONWriter) {
        object.member("requested", self.requested)
        object.member("reply", self.reply)
        object.member("actual", self.actual)
        object.member("applied", self.applied)
        object.member("tookMilliseconds", self.tookMilliseconds)
        guard let pending = self.pending else { return }
        object.name("pending")
        pending.write(to: &object)
    }
}
