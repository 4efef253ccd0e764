public import CallCenter

/// What the domain says has changed. The store writes it, the log carries it, everybody else reads the log.
public enum Change: Sendable, Equatable {
    public enum PopTransition: String, Sendable, CaseIterable {
        case offered = "pop.offered"
        case updated = "pop.updated"
        case answered = "pop.answered"
        case ended = "pop.ended"
    }

    /// A setting that no event of the switch announces, or that one does: agents, tiers, queues come and go.
    public struct Configuration: Sendable, Equatable {
        public enum What: String, Sendable {
            case agentAdded = "agent-added"
            case agentChanged = "agent-changed"
            case agentRemoved = "agent-removed"
            case tierAdded = "tier-added"
            case tierChanged = "tier-changed"
            case tierRemoved = "tier-removed"
            case queueAdded = "queue-added"
            case queueChanged = "queue-changed"
            case queueRemoved = "queue-removed"
        }

        /// Whose doing it was.
        public enum Origin: Sendable, Equatable {
            /// A command of ours, and the name of whoever asked for it.
            case screenpop(by: String?)
            /// Somebody past us: fs_cli, another program, FreeSWITCH itself.
            case external
        }

        public var what: What
        public var node: String
        public var agent: String?
        public var queue: String?
        public var origin: Origin

        public init(what: What, node: String, agent: String? = nil, queue: String? = nil, origin: Origin = .external) {
            self.what = what
            self.node = node
            self.agent = agent
            self.queue = queue
            self.origin = origin
        }
    }

    public struct System: Sendable, Equatable {
        public enum What: String, Sendable {
            case degraded = "system.degraded"
            case recovered = "system.recovered"
            case resync = "system.resync"
        }

        public var what: What
        public var node: String?
        /// `freeswitch` or `redis`
        public var part: String
        public var detail: String?
        public var at: Timestamp

        public init(what: What, part: String, node: String? = nil, detail: String? = nil, at: Timestamp) {
            self.what = what
            self.part = part
            self.node = node
            self.detail = detail
            self.at = at
        }
    }

    /// Logged and published as its transition's name.
    case pop(PopTransition, Pop)
    /// A view only: which pop stands at `agent:NAME:pop` from now on.
    case currentPop(agent: String, Pop?)
    /// Logged as `agent.state`.
    case agent(AgentRecord)
    /// Logged as `agent.pending`: what is kept for later now; with why what was kept could not be carried out.
    case pending(agent: String, PendingChange?, PendingFailure? = nil)
    /// A view only: `agent:NAME:reasons`
    case reasonEnded(agent: String, ReasonPeriod)
    /// A view only: the agent's keys go. Comes with a `configuration` change.
    case agentRemoved(String)
    /// Logged as `queue.stats`.
    case queue(QueueRecord)
    /// A view only: the queue's keys go. Comes with a `configuration` change.
    case queueRemoved(String)
    /// Logged as `member.joined`.
    case memberJoined(MemberRecord)
    /// A view only: the member's row (trying, answered).
    case memberUpdated(MemberRecord)
    /// Logged as `member.left`.
    case memberLeft(MemberRecord)
    /// A view only: `call:UUID`.
    case call(CallRecord)
    /// `call:UUID:trace`
    case trace(call: String, TraceEntry)
    /// Logged as `config.changed`.
    case configuration(Configuration)
    /// Logged as its name.
    case system(System)
    /// Logged as it is; no view shows it.
    case notice(Message)
}
