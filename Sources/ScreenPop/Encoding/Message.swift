/// A change as it is logged and pushed: built once, whatever the number of listeners.
public struct Message: Sendable, Equatable {
    /// `pop.offered`, `agent.state`, ...
    public var type: String
    public var agent: String?
    public var queue: String?
    /// A whole JSON object as UTF-8, without its cursor. It begins with `{"type":"TYPE"`, so that a reader can put the cursor in behind that.
    public var json: [UInt8]

    public init(type: String, agent: String? = nil, queue: String? = nil, json: [UInt8]) {
        self.type = type
        self.agent = agent
        self.queue = queue
        self.json = json
    }
}

extension Change {
    /// The message for a logged change; `nil` for one that touches views alone.
    public var message: Message? { nil }
}

extension Pop {
    /// The pop as contract and documentation show it; UTF-8.
    public var json: [UInt8] { [] }
}

extension AgentRecord {
    public var json: [UInt8] { [] }
}

extension QueueRecord {
    public var json: [UInt8] { [] }
}

extension MemberRecord {
    public var json: [UInt8] { [] }
}

extension CallRecord {
    public var json: [UInt8] { [] }
}
