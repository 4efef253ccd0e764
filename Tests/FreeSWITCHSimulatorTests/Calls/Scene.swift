import FreeSWITCHSimulator

/// A switch on a table: time passes when the test says so.
struct Scene {
    static let start: Int64 = 1_795_386_829_000_000
    private(set) var telephony: SimulatedSwitch
    private(set) var events: [SwitchEvent] = []

    init(_ change: (inout SimulatedSwitch.Configuration) -> Void = { _ in }) {
        var configuration = SimulatedSwitch.Configuration()
        change(&configuration)
        self.telephony = SimulatedSwitch(configuration: configuration, now: Self.start)
    }

    mutating func act<Result>(_ body: (inout SimulatedSwitch) -> Result) -> Result {
        defer { self.events += self.telephony.takeEvents() }
        return body(&self.telephony)
    }

    mutating func wait(_ seconds: Double) {
        let until = self.telephony.now + Int64(seconds * 1_000_000)
        self.act { $0.advance(to: until) }
    }

    /// Runs `FUNCTION ARGUMENT`; an answer that comes later is empty here.
    mutating func command(_ line: String) -> String { self.act { $0.api(line) } }

    mutating func callcenter(_ command: String) -> String { self.act { $0.api("callcenter_config \(command)") } }

    /// What the recordings begin with: agent, contact, status, state, delays and tier.
    mutating func logIn(_ number: String, status: String = "Available", queue: String = "support@default", maxNoAnswer: Int = 3) {
        let agent = "\(number)@default"
        let port = 5000 + (Int(number) ?? 0)
        for command in [
            "agent add \(agent) Callback", "agent set contact \(agent) [call_timeout=10]sofia/internal/\(number)@127.0.0.1:\(port)",
            "agent set status \(agent) '\(status)'", "agent set state \(agent) Waiting", "agent set max_no_answer \(agent) \(maxNoAnswer)",
            "agent set reject_delay_time \(agent) 2", "agent set busy_delay_time \(agent) 1", "agent set no_answer_delay_time \(agent) 1",
            "agent set wrap_up_time \(agent) 2", "tier add \(queue) \(agent) 1 1",
        ] { _ = self.callcenter(command) }
    }

    mutating func dial(_ number: String, _ name: String, to destination: String) -> String {
        self.act { $0.dial(number: number, name: name, to: destination, variables: [("sip_h_X-CRM-Id", "crm-1")]) }
    }
}
