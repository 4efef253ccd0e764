/// What the switch does with the agent.
public enum AgentState: Sendable, Hashable {
    case waiting
    case receiving
    case inAQueueCall
    case idle
    case reserved
    case other(String)

    public static let legal: [AgentState] = [.waiting, .receiving, .inAQueueCall, .idle, .reserved]

    public init(_ text: String) {
        switch text {
        case "Waiting": self = .waiting
        case "Receiving": self = .receiving
        case "In a queue call": self = .inAQueueCall
        case "Idle": self = .idle
        case "Reserved": self = .reserved
        default: self = .other(text)
        }
    }

    public init?(lenient text: String) {
        guard let match = Self.legal.first(where: { $0.text.lowercased() == text.lowercased() }) else { return nil }
        self = match
    }

    public var text: String {
        switch self {
        case .waiting: "Waiting"
        case .receiving: "Receiving"
        case .inAQueueCall: "In a queue call"
        case .idle: "Idle"
        case .reserved: "Reserved"
        case .other(let text): text
        }
    }
}
