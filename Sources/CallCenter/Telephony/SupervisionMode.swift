/// Whom a supervisor's voice reaches: nobody, the agent, both.
public enum SupervisionMode: String, Sendable, Hashable, CaseIterable {
    case listen, whisper, barge

    // The channel that is heard is the agent's.
    var reachesAgent: Bool {
        switch self {
        case .listen: false
        case .whisper, .barge: true
        }
    }

    var reachesCaller: Bool {
        switch self {
        case .listen, .whisper: false
        case .barge: true
        }
    }
}
