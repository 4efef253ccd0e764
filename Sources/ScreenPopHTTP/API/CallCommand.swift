import HTTPTypes
import ScreenPop
import ScreenPopService

/// What an agent does with calls, asked over HTTP or WebSocket with the same members.
enum CallCommand: Equatable, Sendable {
    case hangUp(call: String?)
    case hold(call: String?)
    case resume(call: String?)
    case transfer(call: String?, to: CallTarget)
    case dial(to: CallTarget)
    case consult(call: String?, to: CallTarget)
    /// `nil`: the one under way.
    case complete(transfer: String?)
    case cancel(transfer: String?)

    enum Kind: String, CaseIterable, Sendable {
        case hangUp = "hangup"
        case hold, resume, transfer, dial, consult, complete, cancel
    }

    /// What came of it.
    enum Answer: Sendable {
        case outcome(CommandOutcome)
        case transfer(TransferRecord)
    }

    var operation: Operation {
        switch self {
        case .hangUp, .hold, .resume, .transfer, .consult, .complete, .cancel: .controlCall
        case .dial: .dial
        }
    }

    init(_ kind: Kind, members: inout Members) throws(Problem) {
        switch kind {
        case .hangUp: self = .hangUp(call: try members.call())
        case .hold: self = .hold(call: try members.call())
        case .resume: self = .resume(call: try members.call())
        case .transfer: self = .transfer(call: try members.call(), to: try members.target())
        case .dial: self = .dial(to: try members.target())
        case .consult: self = .consult(call: try members.call(), to: try members.target())
        case .complete: self = .complete(transfer: try members.string("transfer"))
        case .cancel: self = .cancel(transfer: try members.string("transfer"))
        }
    }

    func run(_ control: any CallControl, agent: String, by: Principal) async throws(CommandError) -> Answer {
        switch self {
        case .hangUp(let call): .outcome(try await control.hangUp(agent: agent, call: call, by: by))
        case .hold(let call): .outcome(try await control.hold(agent: agent, call: call, by: by))
        case .resume(let call): .outcome(try await control.resume(agent: agent, call: call, by: by))
        case .transfer(let call, let target): .outcome(try await control.transfer(agent: agent, call: call, to: target, by: by))
        case .dial(let target): .outcome(try await control.dial(agent: agent, to: target, by: by))
        case .consult(let call, let target): .transfer(try await control.consult(agent: agent, call: call, to: target, by: by))
        case .complete(let transfer): .transfer(try await control.complete(agent: agent, id: transfer, by: by))
        case .cancel(let transfer): .transfer(try await control.cancel(agent: agent, id: transfer, by: by))
        }
    }
}

extension CallCommand.Answer {
    /// The members of an outcome, or `"transfer":{...}`.
    func write(to object: inout JSONWriter) {
        switch self {
        case .outcome(let outcome): outcome.write(to: &object)
        case .transfer(let transfer):
            object.name("transfer")
            transfer.write(to: &object)
        }
    }
}

extension Members {
    /// Which of the agent's calls: `"call"`, a channel's uuid, or `"pop"`, a pop's id.
    mutating func call() throws(Problem) -> String? {
        let call = try self.string("call")
        let pop = try self.string("pop")
        guard call == nil || pop == nil else { throw Problem(.unprocessableContent, "invalid-value", "Give \"call\" or \"pop\", not both.") }
        return call ?? pop
    }

    /// `"to":{"extension":"1002"}`, or `number`, `agent`, `queue`
    mutating func target() throws(Problem) -> CallTarget {
        guard let object = try self.object("to") else { throw Problem(.unprocessableContent, "invalid-value", "\"to\" is missing.") }
        var members = Members(object)
        var targets: [CallTarget] = []
        if let text = try members.string("extension") { targets.append(.extension(text)) }
        if let text = try members.string("number") { targets.append(.number(text)) }
        if let text = try members.string("agent") { targets.append(.agent(text)) }
        if let text = try members.string("queue") { targets.append(.queue(text)) }
        try members.finish()
        guard let target = targets.first, targets.count == 1 else {
            throw Problem(.unprocessableContent, "invalid-value", "\"to\" has one of extension, number, agent, queue.")
        }
        return target
    }
}
