package import CallCenter

/// Whom a call is made to, or handed to.
package enum CallTarget: Sendable, Equatable {
    /// Within the company; checked against `--dial-extension`.
    case `extension`(String)
    /// Outside of it; checked against `--dial-number`.
    case number(String)
    case agent(String)
    case queue(String)

    package var kind: StaticString {
        switch self {
        case .extension: "extension"
        case .number: "number"
        case .agent: "agent"
        case .queue: "queue"
        }
    }

    package var text: String {
        switch self {
        case .extension(let text), .number(let text), .agent(let text), .queue(let text): text
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { $0.member(self.kind, self.text) }
    }
}

/// An attended transfer as it is shown.
package struct TransferRecord: Sendable, Equatable {
    package var id: String
    package var node: String
    package var agent: String
    /// The pop's `callUUID`.
    package var call: String?
    package var pop: String
    /// Where the caller goes when nobody is left to talk to him.
    package var queue: String?
    package var target: CallTarget
    package var machine: AttendedTransferStateMachine
    /// The name of who began it.
    package var by: String
    package var createdAt: Timestamp
    package var answeredAt: Timestamp?
    package var endedAt: Timestamp?

    package init(
        id: String, node: String, agent: String, pop: Pop, target: CallTarget, machine: AttendedTransferStateMachine, by: String, createdAt: Timestamp
    ) {
        self.id = id
        self.node = node
        self.agent = agent
        self.call = pop.callUUID
        self.pop = pop.id
        self.queue = pop.queue
        self.target = target
        self.machine = machine
        self.by = by
        self.createdAt = createdAt
    }

    /// `ringing`, `consulting`, `unattended`, `completing`, `cancelling`, `returning`; at the end `completed`, `cancelled`, `failed`, `lost`.
    package var state: StaticString {
        switch self.machine.state {
        case .requested, .ringing: "ringing"
        case .consulting: "consulting"
        case .unattended: "unattended"
        case .joining: "completing"
        case .cancelling, .returning(.cancelled, isRepeated: _): "cancelling"
        case .returning: "returning"
        case .talkingOn: "failed"
        case .ended(.completed): "completed"
        case .ended(.cancelled): "cancelled"
        case .ended(.failed): "failed"
        case .ended(.lost): "lost"
        }
    }

    package var failure: AttendedTransferStateMachine.Failure? {
        switch self.machine.state {
        case .ended(.failed(let failure)), .returning(.failed(let failure), isRepeated: _): failure
        case .talkingOn: .callerHungUp
        case .requested, .ringing, .consulting, .unattended, .joining, .cancelling, .returning, .ended: nil
        }
    }

    package var isOver: Bool {
        switch self.machine.state {
        case .ended, .talkingOn: true
        case .requested, .ringing, .consulting, .unattended, .joining, .cancelling, .returning: false
        }
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("node", self.node)
            writer.member("agent", self.agent)
            writer.member("call", self.call)
            writer.member("pop", self.pop)
            writer.name("to")
            self.target.write(to: &writer)
            writer.member("state", self.state.description)
            writer.member("reason", self.failure?.rawValue)
            writer.member("by", self.by)
            writer.member("createdAt", self.createdAt)
            writer.member("answeredAt", self.answeredAt)
            writer.member("endedAt", self.endedAt)
        }
    }

    /// `{"type":"call.transfer","agent":"1001@default","transfer":{...}}`
    package var message: Message {
        Message("call.transfer", agent: self.agent) { writer in
            writer.member("agent", self.agent)
            writer.name("transfer")
            self.write(to: &writer)
        }
    }
}

/// A supervisor on a call, as it is shown.
package struct SupervisionRecord: Sendable, Equatable {
    package var id: String
    package var node: String
    package var call: String
    /// Whose phone hears.
    package var supervisor: String
    /// Who is heard.
    package var agent: String
    package var mode: SupervisionMode
    package var machine: SupervisionStateMachine
    package var by: String
    package var createdAt: Timestamp
    package var answeredAt: Timestamp?
    package var endedAt: Timestamp?

    package init(
        id: String, node: String, call: String, supervisor: String, agent: String, mode: SupervisionMode, machine: SupervisionStateMachine,
        by: String,
        createdAt: Timestamp
    ) {
        self.id = id
        self.node = node
        self.call = call
        self.supervisor = supervisor
        self.agent = agent
        self.mode = mode
        self.machine = machine
        self.by = by
        self.createdAt = createdAt
    }

    /// `ringing`, `active`, `ended`
    package var state: StaticString {
        switch self.machine.state {
        case .requested, .ringing: "ringing"
        case .active, .ending: "active"
        case .ended: "ended"
        }
    }

    package var outcome: SupervisionStateMachine.Outcome? {
        switch self.machine.state {
        case .ended(let outcome): outcome
        case .requested, .ringing, .active, .ending: nil
        }
    }

    package var isOver: Bool { self.outcome != nil }

    package var json: [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", self.id)
            writer.member("node", self.node)
            writer.member("call", self.call)
            writer.member("supervisor", self.supervisor)
            writer.member("agent", self.agent)
            writer.member("mode", self.mode.rawValue)
            writer.member("state", self.state.description)
            writer.member("reason", self.outcome?.rawValue)
            writer.member("by", self.by)
            writer.member("createdAt", self.createdAt)
            writer.member("answeredAt", self.answeredAt)
            writer.member("endedAt", self.endedAt)
        }
    }

    /// `{"type":"call.supervision","agent":"2001@default","supervision":{...}}`: for the supervisor. The agent who is heard is not told.
    package var message: Message {
        Message("call.supervision", agent: self.supervisor) { writer in
            writer.member("agent", self.supervisor)
            writer.name("supervision")
            self.write(to: &writer)
        }
    }
}
