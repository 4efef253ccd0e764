import ScreenPop
import ScreenPopService

/// What a button does, asked over HTTP or WebSocket with the same members.
enum AgentCommand: Equatable, Sendable {
    case status(String, reason: String?)
    case state(String)
    case logIn(ready: Bool, queues: [String])
    case logOut
    case ready
    case takeBreak(reason: String?)

    enum Kind: String, CaseIterable, Sendable {
        case status, state, login, logout, ready
        case takeBreak = "break"
    }

    var operation: Operation {
        switch self {
        case .status: .setStatus
        case .state: .setState
        case .logIn: .logIn
        case .logOut: .logOut
        case .ready: .ready
        case .takeBreak: .takeBreak
        }
    }

    init(_ kind: Kind, members: inout Members) throws(Problem) {
        switch kind {
        case .status:
            self = .status(try members.requiredString("status"), reason: try members.string("reason"))
        case .state:
            self = .state(try members.requiredString("state"))
        case .login:
            self = .logIn(ready: try members.bool("ready") ?? true, queues: try members.strings("queues") ?? [])
        case .logout:
            self = .logOut
        case .ready:
            self = .ready
        case .takeBreak:
            self = .takeBreak(reason: try members.string("reason"))
        }
    }

    func run(_ control: any AgentControl, agent: String, by: Principal) async throws(CommandError) -> CommandOutcome {
        switch self {
        case .status(let status, let reason): try await control.setStatus(status, reason: reason, agent: agent, by: by)
        case .state(let state): try await control.setState(state, agent: agent, by: by)
        case .logIn(let ready, let queues): try await control.logIn(agent: agent, ready: ready, queues: queues, by: by)
        case .logOut: try await control.logOut(agent: agent, by: by)
        case .ready: try await control.ready(agent: agent, by: by)
        case .takeBreak(let reason): try await control.takeBreak(agent: agent, reason: reason, by: by)
        }
    }
}

extension CommandOutcome {
    /// `"requested":{...},"reply":"+OK","actual":{...},"applied":true,"tookMilliseconds":3`
    func write(to object: inout JSONWriter) {
        object.member("requested", self.requested)
        object.member("reply", self.reply)
        object.member("actual", self.actual)
        object.member("applied", self.applied)
        object.member("tookMilliseconds", self.tookMilliseconds)
    }
}
