import EventSocket
import FreeSWITCHSimulator
import RecordingsSupport

/// A call's events with what differs from run to run taken out, so that a recorded and a simulated one can be compared.
struct Trace: Equatable {
    struct Step: Equatable, CustomStringConvertible {
        /// `CHANNEL_ANSWER`, `agent-offering`
        var what: String
        /// What is compared, header by header.
        var facts: [String]
        /// Every header name there is; compared apart.
        var names: Set<String>

        var description: String { "\(self.what) \(self.facts.joined(separator: " "))" }

        static func == (a: Step, b: Step) -> Bool { a.what == b.what && a.facts == b.facts }
    }

    let steps: [Step]

    init(recording: String) throws {
        self.init(
            try Recording(recording).events.map { event in
                var headers: [(String, String)] = []
                event.forEachHeader { headers.append(($0, $1)) }
                return headers
            })
    }

    /// - Parameter count: only so many of them, for a recording that was ended in the middle.
    init(_ events: [SwitchEvent], count: Int? = nil) {
        self.init(events.map { event in event.headers.map { ($0.name, $0.value) } }, count: count)
    }

    private init(_ events: [[(String, String)]], count: Int? = nil) {
        // A leg is known by its channel's name; ports and uuids differ.
        var legs: [String: String] = [:]
        for event in events {
            let values = Dictionary(event, uniquingKeysWith: { first, _ in first })
            if let uuid = values["Unique-ID"], let name = values["Channel-Name"] { legs[uuid] = name.prefix { $0 != ":" }.description }
        }
        let steps = events.compactMap { event -> Step? in
            let values = Dictionary(event, uniquingKeysWith: { first, _ in first })
            // The recordings did not subscribe to CHANNEL_PARK.
            guard let name = values["Event-Name"], name != "HEARTBEAT", name != "CHANNEL_PARK" else { return nil }
            return Step(what: values["CC-Action"] ?? name, facts: Self.facts(values, legs), names: Set(event.map(\.0)))
        }
        self.steps = Self.sortRaces(Array(steps.prefix(count ?? steps.count)))
    }

    private static func facts(_ values: [String: String], _ legs: [String: String]) -> [String] {
        var facts: [String] = []
        let compared = [
            "Unique-ID", "Channel-State", "Channel-State-Number", "Channel-Call-State", "Answer-State", "Call-Direction", "Caller-Direction",
            "Caller-Caller-ID-Name", "Caller-Caller-ID-Number", "Caller-Callee-ID-Number", "Caller-Destination-Number", "Caller-RDNIS",
            "Caller-Context",
            "Other-Type", "Other-Leg-Unique-ID", "Bridge-A-Unique-ID", "Bridge-B-Unique-ID", "Channel-Call-UUID", "Hangup-Cause", "DTMF-Digit",
            "variable_hangup_cause", "variable_hangup_cause_q850", "variable_sip_hangup_disposition", "variable_bridge_uuid", "variable_cc_agent",
            "variable_cc_queue", "variable_cc_side", "variable_last_app", "variable_DIALSTATUS", "variable_originate_disposition",
            "variable_Event-Name",
            "variable_last_bridge_role", "variable_cc_cause", "variable_sip_invite_failure_status", "variable_dialed_extension",
        ]
        // Whose uuid an ended leg shows depends on which thread was faster.
        let isEnded = values["Channel-State"] == "CS_REPORTING"
        for name in compared where !(isEnded && name == "Channel-Call-UUID") {
            if let value = values[name] { facts.append("\(name)=\(legs[value] ?? value)") }
        }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where name.hasPrefix("CC-") {
            let isTime = name.hasSuffix("-Time")
            let isMember = name == "CC-Member-UUID"
            facts.append("\(name)=\(isTime ? "time" : isMember ? "member" : legs[value] ?? value)")
        }
        return facts
    }

    /// Several threads of a real switch write at the same moment: neighbours of one kind come in any order.
    private static func sortRaces(_ steps: [Step]) -> [Step] {
        func race(_ step: Step) -> String? {
            switch step.what {
            case "CHANNEL_UNBRIDGE", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY": "end"
            case "agent-offering", "agent-state-change", "bridge-agent-fail", "CHANNEL_PROGRESS": step.what
            case "CHANNEL_CREATE" where step.facts.contains("variable_cc_side=agent"): step.what
            case "CHANNEL_HANGUP" where step.facts.contains("Hangup-Cause=LOSE_RACE"): step.what
            default: nil
            }
        }
        var sorted: [Step] = []
        var run: [Step] = []
        func key(_ step: Step) -> String { step.description }
        for step in steps {
            if let last = run.last, race(last) != race(step) || race(step) == nil {
                sorted += run.sorted { key($0) < key($1) }
                run = []
            }
            run.append(step)
        }
        return sorted + run.sorted { key($0) < key($1) }
    }
}
