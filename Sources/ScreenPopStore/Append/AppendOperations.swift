import CallCenter
import Hiredis
import ScreenPop

/// A batch as arguments of the append script: what each change does to the log, the views and the streams.
struct AppendOperations {
    private(set) var arguments = RedisCommand()
    private let keys: Keys
    private let node: String
    /// A pop usually comes twice in a row, as a message and as the current one: it is serialised once.
    private var lastPop: (pop: Pop, json: [UInt8])?

    /// - Parameter instance: who writes.
    init(_ batch: Batch, keys: Keys, instance: String) {
        self.keys = keys
        self.node = batch.node
        self.arguments.reserveCapacity(arguments: 16 + batch.changes.count * 32, bytes: 256 + batch.changes.count * 2048)
        self.arguments.append(batch.fence)
        self.arguments.append(batch.number)
        self.arguments.append(batch.coreUUID ?? "")
        self.arguments.append(batch.sequence)
        self.arguments.append(keys.popsChannel)
        self.arguments.append(Lives.logEntries)
        self.arguments.append(Lives.batches)
        self.arguments.append(instance)
        for change in batch.changes { self.append(change) }
    }

    private mutating func append(_ change: Change) {
        if let message = change.message { self.log(message, isPublished: change.isPop) }
        switch change {
        case .pop(let transition, let pop): self.pop(pop, transition)
        case .currentPop(let agent, let pop): self.current(pop, agent: agent)
        case .agent(let agent): self.agent(agent)
        case .reasonEnded(let agent, let period):
            var fields = Fields()
            fields.set("json", json: period.json)
            self.stream(self.keys.agentReasons(agent), keeping: Lives.agentReasons, life: 0, fields)
        case .agentRemoved(let name): self.agentRemoved(name)
        case .queue(let queue):
            self.hash(self.keys.queue(queue.name), life: 0, Fields(queue))
            self.operation("add", self.keys.queues, queue.name)
            self.operation("add", self.keys.nodeQueues(self.node), queue.name)
        case .queueRemoved(let name):
            for key in [self.keys.queue(name), self.keys.queueMembers(name), self.keys.queueOrder(name)] { self.operation("del", key) }
            self.operation("remove", self.keys.queues, name)
            self.operation("remove", self.keys.nodeQueues(self.node), name)
        case .memberJoined(let member), .memberUpdated(let member):
            self.open("put", 3)
            self.arguments.append(self.keys.queueMembers(member.queue))
            self.arguments.append(member.uuid)
            self.arguments.append(member.json)
            self.operation("rank", self.keys.queueOrder(member.queue), String(member.joinedAt.microseconds), member.uuid)
        case .memberLeft(let member):
            self.operation("drop", self.keys.queueMembers(member.queue), member.uuid)
            self.operation("unrank", self.keys.queueOrder(member.queue), member.uuid)
        case .call(let call): self.call(call)
        case .trace(let call, let entry):
            self.stream(self.keys.callTrace(call), keeping: Lives.traceEntries, life: Lives.trace, Fields(entry))
        case .pending, .configuration, .system, .notice: break
        }
    }

    // MARK: changes

    private mutating func log(_ message: Message, isPublished: Bool) {
        // The script publishes the last argument: json stays at the end.
        self.open("log", 5 + (message.agent == nil ? 0 : 2) + (message.queue == nil ? 0 : 2))
        self.arguments.append(isPublished ? "1" : "0")
        self.arguments.append("type")
        self.arguments.append(message.type)
        if let agent = message.agent {
            self.arguments.append("agent")
            self.arguments.append(agent)
        }
        if let queue = message.queue {
            self.arguments.append("queue")
            self.arguments.append(queue)
        }
        self.arguments.append("json")
        self.arguments.append(message.json)
    }

    private mutating func pop(_ pop: Pop, _ transition: Change.PopTransition) {
        let json = self.json(of: pop)
        switch pop.state {
        case .offered, .answered:
            // The node's own come first, and go last: whatever a batch leaves half done, they name every pop that the views may show.
            self.open("put", 3)
            self.arguments.append(self.keys.nodePops(self.node))
            self.arguments.append(pop.id)
            self.arguments.append(json)
            self.open("show", 4)
            self.arguments.append(self.keys.agentLive(pop.agent))
            self.arguments.append(self.keys.popDismissed(pop.id))
            self.arguments.append(pop.id)
            self.arguments.append(json)
        case .ended:
            self.operation("drop", self.keys.agentLive(pop.agent), pop.id)
            self.operation("drop", self.keys.nodePops(self.node), pop.id)
        }
        switch transition {
        case .ended:
            var fields = Fields()
            fields.set("id", pop.id)
            fields.set("json", json: json)
            self.stream(self.keys.agentPops(pop.agent), keeping: Lives.agentPops, life: 0, fields)
        case .offered, .updated, .answered: break
        }
    }

    private mutating func current(_ pop: Pop?, agent: String) {
        guard let pop else { return self.operation("del", self.keys.agentPop(agent)) }
        let fields = Fields(pop, json: self.json(of: pop))
        self.open("view", 2 + 2 * fields.items.count)
        self.arguments.append(self.keys.agentPop(agent))
        self.arguments.append(self.keys.popDismissed(pop.id))
        self.append(fields)
    }

    private mutating func agent(_ agent: AgentRecord) {
        self.hash(self.keys.agent(agent.name), life: 0, Fields(agent))
        self.operation("add", self.keys.agents, agent.name)
        self.operation("add", self.keys.nodeAgents(self.node), agent.name)
        // One that was removed and came back keeps its past.
        self.operation("persist", self.keys.agentPops(agent.name))
        self.operation("persist", self.keys.agentReasons(agent.name))
    }

    private mutating func agentRemoved(_ name: String) {
        self.operation("del", self.keys.agent(name))
        self.operation("del", self.keys.agentPop(name))
        self.operation("remove", self.keys.agents, name)
        self.operation("remove", self.keys.nodeAgents(self.node), name)
        self.operation("expire", self.keys.agentPops(name), String(Lives.agentPopsOfRemoved))
        self.operation("expire", self.keys.agentReasons(name), String(Lives.agentPopsOfRemoved))
    }

    private mutating func call(_ call: CallRecord) {
        let fields = Fields(call, json: call.json)
        let hasEnded = call.endedAt != nil
        self.open("call", 6 + 2 * fields.items.count)
        self.arguments.append(self.keys.call(call.uuid))
        self.arguments.append(hasEnded ? Lives.callEnded : Lives.callLive)
        // Empty: not ended, or nobody knows who called.
        let number = hasEnded ? call.caller.number ?? "" : ""
        self.arguments.append(number.isEmpty ? "" : self.keys.callerCalls(number))
        self.arguments.append(Lives.callerCalls)
        self.arguments.append(Lives.callerCallsUnused)
        self.arguments.append(call.uuid)
        self.append(fields)
    }

    private mutating func json(of pop: Pop) -> [UInt8] {
        if let lastPop = self.lastPop, lastPop.pop == pop { return lastPop.json }
        let json = pop.json
        self.lastPop = (pop, json)
        return json
    }

    // MARK: operations

    private mutating func open(_ name: String, _ count: Int) {
        self.arguments.append(name)
        self.arguments.append(Int64(count))
    }

    private mutating func operation(_ name: String, _ arguments: String...) {
        self.open(name, arguments.count)
        for argument in arguments { self.arguments.append(argument) }
    }

    private mutating func hash(_ key: String, life: Int64, _ fields: Fields) {
        self.open("hash", 2 + 2 * fields.items.count)
        self.arguments.append(key)
        self.arguments.append(life)
        self.append(fields)
    }

    private mutating func stream(_ key: String, keeping: Int64, life: Int64, _ fields: Fields) {
        self.open("stream", 3 + 2 * fields.items.count)
        self.arguments.append(key)
        self.arguments.append(keeping)
        self.arguments.append(life)
        self.append(fields)
    }

    private mutating func append(_ fields: Fields) {
        for field in fields.items {
            self.arguments.append(field.name)
            self.arguments.append(field.value)
        }
    }
}

extension Change {
    fileprivate var isPop: Bool {
        switch self {
        case .pop: true
        case .currentPop, .agent, .pending, .reasonEnded, .agentRemoved, .queue, .queueRemoved, .memberJoined, .memberUpdated, .memberLeft, .call,
            .trace, .configuration, .system, .notice:
            false
        }
    }
}
