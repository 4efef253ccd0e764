/// What the agent wants. FreeSWITCH keeps the text as it was written, so a status that is not one of the four can be read back.
public enum AgentStatus: Sendable, Hashable {
    case loggedOut
    case available
    case availableOnDemand
    case onBreak
    /// What somebody wrote past the four (`available` is accepted by FreeSWITCH and then matches nothing).
    case other(String)

    /// The four that mod_callcenter acts on, in its own spelling.
    public static let legal: [AgentStatus] = [.available, .availableOnDemand, .onBreak, .loggedOut]

    /// Exactly FreeSWITCH's spelling, or `.other`.
    public init(_ text: String) {
        switch text {
        case "Logged Out": self = .loggedOut
        case "Available": self = .available
        case "Available (On Demand)": self = .availableOnDemand
        case "On Break": self = .onBreak
        default: self = .other(text)
        }
    }

    /// Mends the case of one of the four; `nil` for anything else. For what people type.
    public init?(lenient text: String) {
        guard let match = Self.legal.first(where: { $0.text.lowercased() == text.lowercased() }) else { return nil }
        self = match
    }

    public var text: String {
        switch self {
        case .loggedOut: "Logged Out"
        case .available: "Available"
        case .availableOnDemand: "Available (On Demand)"
        case .onBreak: "On Break"
        case .other(let text): text
        }
    }
}
