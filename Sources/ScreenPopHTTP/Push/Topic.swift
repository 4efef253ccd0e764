/// What a desktop may listen to.
enum Topic: Hashable, Sendable {
    case agent(String)
    case agents
    case queue(String)
    case queues
    case nodes
    /// What concerns all: every listener has it from the start and cannot name it.
    case everybody

    /// `agent:1001@default`, `agents`, `queue:support@default`, `queues`, `nodes`
    init?(_ text: String) {
        switch text {
        case "agents": self = .agents
        case "queues": self = .queues
        case "nodes": self = .nodes
        default:
            guard let colon = text.firstIndex(of: ":") else { return nil }
            let name = String(text[text.index(after: colon)...])
            guard !name.isEmpty, name.utf8.count <= 255, !name.contains(":") else { return nil }
            switch text[..<colon] {
            case "agent": self = .agent(name)
            case "queue": self = .queue(name)
            default: return nil
            }
        }
    }

    var text: String {
        switch self {
        case .agent(let name): "agent:\(name)"
        case .agents: "agents"
        case .queue(let name): "queue:\(name)"
        case .queues: "queues"
        case .nodes: "nodes"
        case .everybody: "*"
        }
    }
}

/// Whom a message concerns, found once for each message.
struct Audience: Equatable {
    /// What it is about: not every listener may see all of a topic.
    enum Subject: Equatable {
        case pop, agent, desk, queue, member, system
        /// Ours alone, or of a kind that is not known here: no desktop is sent it.
        case nobody
    }

    var subject: Subject
    var agent: String?
    var queue: String?

    var isEverybody: Bool { self.subject == .system }

    /// Pops, agents, their desks and what is done with their calls go to their agent's listeners, queues and members to their queue's, settings to both, or to
    /// all where they are of neither (the reasons, say), the system's own state to all.
    init(type: String, agent: String?, queue: String?) {
        if type == DeskBook.type {
            self.subject = .desk
            self.agent = agent
        } else if type.hasPrefix("pop.") || type.hasPrefix("agent.") || type.hasPrefix("call.") {
            self.subject = type.hasPrefix("pop.") ? .pop : .agent
            self.agent = agent
        } else if type.hasPrefix("queue.") || type.hasPrefix("member.") {
            self.subject = type.hasPrefix("queue.") ? .queue : .member
            self.queue = queue
        } else if type.hasPrefix("config.") {
            self.subject = agent != nil ? .agent : queue != nil ? .queue : .system
            self.agent = agent
            self.queue = queue
        } else {
            self.subject = type.hasPrefix("system.") ? .system : .nobody
        }
    }

    func includes(_ topic: Topic) -> Bool {
        switch topic {
        case .agent(let name): name == self.agent
        case .agents: self.agent != nil
        case .queue(let name): name == self.queue
        case .queues: self.queue != nil
        case .nodes: false
        case .everybody: self.isEverybody
        }
    }
}
