import CallCenter
import EventSocket
import RecordingsSupport
import ScreenPop
import Synchronization

/// The events of each recording, read once: taking the lines apart is what costs.
enum Recorded {
    private static let cache = Mutex<[String: [Event]]>([:])

    static func events(_ name: String) throws -> [Event] {
        if let known = Self.cache.withLock({ $0[name] }) { return known }
        let events = try Recording(name).events
        Self.cache.withLock { $0[name] = events }
        return events
    }
}

/// A recording played through a reducer.
struct Play {
    var reducer: NodeReducer
    var changes: [Change] = []

    init(_ recording: String, attributes: AttributeFilter = .standard) throws {
        self.init(try Recorded.events(recording), attributes: attributes)
    }

    init(_ events: [Event], attributes: AttributeFilter = .standard, popURL: PopURLTemplate? = nil) {
        self.reducer = NodeReducer(node: "fs1", attributes: attributes, popURL: popURL)
        for event in events { self.reducer.apply(event, to: &self.changes) }
    }

    mutating func apply(_ event: Event) {
        self.reducer.apply(event, to: &self.changes)
    }

    mutating func load(_ snapshot: SwitchSnapshot, isSecondLook: Bool = false) {
        self.reducer.load(snapshot, isSecondLook: isSecondLook, to: &self.changes)
    }

    /// `1001@default completed-caller caller`, in order.
    var ends: [String] {
        self.changes.compactMap { change in
            guard case .pop(.ended, let pop) = change else { return nil }
            return "\(pop.agent) \(pop.endReason?.rawValue ?? "-") \(pop.endedBy?.rawValue ?? "-")"
        }
    }

    /// As last given out.
    func agent(_ name: String) -> AgentRecord? {
        self.changes.reversed().compactMap { if case .agent(let record) = $0, record.name == name { record } else { nil } }.first
    }

    func queue(_ name: String) -> QueueRecord? {
        self.changes.reversed().compactMap { if case .queue(let record) = $0, record.name == name { record } else { nil } }.first
    }

    /// Members as they joined.
    var members: [MemberRecord] {
        self.changes.compactMap { if case .memberJoined(let member) = $0 { member } else { nil } }
            .sorted {
                ($0.joinedAt.microseconds / 1_000_000, $0.caller.number ?? "") < ($1.joinedAt.microseconds / 1_000_000, $1.caller.number ?? "")
            }
    }

    /// One line for each change of a pop: `pop.offered 1001@default support@default`, an end with reason and who.
    var popLines: [String] {
        self.changes.compactMap { change in
            guard case .pop(let transition, let pop) = change else { return nil }
            var line = "\(transition.rawValue) \(pop.agent) \(pop.queue ?? pop.kind.rawValue)"
            if transition == .ended { line += " \(pop.endReason?.rawValue ?? "-") \(pop.endedBy?.rawValue ?? "-")" }
            return line
        }
    }

    /// The pops as they ended, or as they stand, in order of offer.
    var pops: [Pop] {
        var order: [String] = []
        var last: [String: Pop] = [:]
        for case .pop(_, let pop) in self.changes {
            if last.updateValue(pop, forKey: pop.id) == nil { order.append(pop.id) }
        }
        return order.compactMap { last[$0] }
    }

    /// The normalised states an agent went through.
    func states(of agent: String) -> [String] {
        var states: [String] = []
        for case .agent(let record) in self.changes where record.name == agent {
            if states.last != record.normalized.rawValue { states.append(record.normalized.rawValue) }
        }
        return states
    }
}
