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
    ///
    /// - `{"type":"pop.offered","agent":"1001@default","pop":{...}}`, and so `pop.updated`, `pop.answered`, `pop.ended`
    /// - `{"type":"agent.state","agent":"1001@default","agentState":{...}}`
    /// - `{"type":"agent.pending","agent":"1001@default","pending":{...}}`, with `"error":{"code":...,"message":...}` when it failed
    /// - `{"type":"queue.stats","queue":"support@default","stats":{...}}`
    /// - `{"type":"member.joined","queue":"support@default","member":{...}}`, and so `member.left`
    /// - `{"type":"config.changed","what":"agent-added","node":...,"agent":...,"queue":...,"source":"screenpop","by":"admin"}`
    /// - `{"type":"system.resync","part":"freeswitch","node":...,"detail":...,"at":...}`
    public var message: Message? {
        switch self {
        case .pop(let transition, let pop):
            Message(transition.rawValue, agent: pop.agent, queue: pop.queue) { writer in
                writer.member("agent", pop.agent)
                writer.name("pop")
                pop.write(to: &writer)
            }
        case .agent(let agent):
            Message("agent.state", agent: agent.name) { writer in
                writer.member("agent", agent.name)
                writer.name("agentState")
                agent.write(to: &writer)
            }
        case .pending(let agent, let pending, let failure):
            Message("agent.pending", agent: agent) { writer in
                writer.member("agent", agent)
                writer.name("pending")
                if let pending { pending.write(to: &writer) } else { writer.null() }
                guard let failure else { return }
                writer.name("error")
                failure.write(to: &writer)
            }
        case .queue(let queue):
            Message("queue.stats", queue: queue.name) { writer in
                writer.member("queue", queue.name)
                writer.name("stats")
                queue.write(to: &writer)
            }
        case .memberJoined(let member): Message("member.joined", member)
        case .memberLeft(let member): Message("member.left", member)
        case .configuration(let configuration):
            Message("config.changed", agent: configuration.agent, queue: configuration.queue) { writer in
                writer.member("what", configuration.what.rawValue)
                writer.member("node", configuration.node)
                writer.member("agent", configuration.agent)
                writer.member("queue", configuration.queue)
                switch configuration.origin {
                case .screenpop(let by):
                    writer.member("source", "screenpop")
                    writer.member("by", by)
                case .external:
                    writer.member("source", "external")
                    writer.member("by", nil as String?)
                }
            }
        case .system(let system):
            Message(system.what.rawValue) { writer in
                writer.member("part", system.part)
                writer.member("node", system.node)
                writer.member("detail", system.detail)
                writer.member("at", system.at)
            }
        case .notice(let message): message
        case .currentPop, .reasonEnded, .agentRemoved, .queueRemoved, .memberUpdated, .call, .trace: nil
        }
    }
}

extension Message {
    init(_ type: String, agent: String? = nil, queue: String? = nil, _ members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 1200)
        writer.object { writer in
            writer.member("type", type)
            members(&writer)
        }
        self.init(type: type, agent: agent, queue: queue, json: writer.bytes)
    }

    fileprivate init(_ type: String, _ member: MemberRecord) {
        self.init(type, queue: member.queue) { writer in
            writer.member("queue", member.queue)
            writer.name("member")
            member.write(to: &writer)
        }
    }
}
