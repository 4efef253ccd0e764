/// What the demo's callers and phones decide, step by step: seeded, without a clock of its own.
struct DemoScript: Sendable {
    enum Act: Sendable, Equatable {
        case dial(number: String, name: String, extension: String, variables: [String: String])
        case press(digit: String, call: String)
        case answer(agent: String)
        case reject(agent: String)
        case hold(agent: String)
        case unhold(agent: String)
        case hangUp(call: String, by: CallSide)
        case dialOut(agent: String, number: String)
        case answerFarEnd(call: String)
        /// A colleague who stands in for a person: back from a break.
        case comeBack(agent: String)
    }

    /// What can be seen of the switch.
    struct View: Sendable {
        struct Agent: Sendable {
            var name: String
            var status: String
            var ringingLeg: String?
            var talkingLeg: String?
        }

        /// Microseconds since 1970.
        var now: Int64
        var agents: [Agent]
        /// Callers in the menu or in a queue, not yet connected to anybody.
        var waitingCallers: [String]
        /// The agents' own calls whose far end still rings.
        var unansweredFarEnds: [String]
    }

    private enum Plan: Sendable {
        case answer(at: Int64)
        case reject(at: Int64)
        /// The phone rings until the offer ends.
        case ignore
    }

    private let callsPerMinute: Double
    private let extensions: [String]
    private let menu: String?
    private let keys: [String]
    private var random: SwitchRandom
    private var nextCall: Int64 = 0
    private var plans: [String: Plan] = [:]
    private var farEnds: [String: Int64] = [:]
    /// Until when a call goes on, and when it is held and taken back, by the agent's leg.
    private var talks: [String: (until: Int64, holdAt: Int64?, unholdAt: Int64?)] = [:]
    private var patience: [String: Int64] = [:]
    private var menuAt: [String: Int64] = [:]
    private var breakUntil: [String: Int64] = [:]

    /// - Parameters:
    ///   - extensions: what callers dial for a queue; most of them the first.
    ///   - menu: what they dial for the menu; `nil` when there is none.
    ///   - keys: those of the menu.
    init(
        callsPerMinute: Double, seed: UInt64, extensions: [String] = ["7000", "7001"], menu: String? = "5000", keys: [String] = ["1", "2", "2", "3"]
    ) {
        self.callsPerMinute = callsPerMinute
        self.extensions = extensions
        self.menu = menu
        self.keys = keys
        self.random = SwitchRandom(seed: seed)
    }

    /// What happens now. Called a few times per second.
    mutating func step(_ view: View) -> [Act] {
        self.callers(view) + self.phones(view) + self.breaks(view)
    }

    /// A call made by `dial`: callers lose patience; those in the menu press a key.
    mutating func dialed(_ call: String, menu: Bool, now: Int64) {
        self.patience[call] = now + self.seconds(15...60)
        if menu { self.menuAt[call] = now + self.seconds(1...4) }
    }

    private mutating func callers(_ view: View) -> [Act] {
        var acts: [Act] = []
        let waiting = Set(view.waitingCallers)
        self.patience = self.patience.filter { waiting.contains($0.key) }
        for (call, time) in self.menuAt.sorted(by: { $0.key < $1.key }) where time <= view.now {
            self.menuAt[call] = nil
            if waiting.contains(call) { acts.append(.press(digit: self.keys.randomElement(using: &self.random) ?? "2", call: call)) }
        }
        for (call, time) in self.patience.sorted(by: { $0.key < $1.key }) where time <= view.now {
            self.patience[call] = nil
            acts.append(.hangUp(call: call, by: .caller))
        }
        guard self.callsPerMinute > 0 else { return acts }
        if self.nextCall == 0 { self.nextCall = view.now + 1_000_000 }
        guard self.nextCall <= view.now else { return acts }
        let mean = 60_000_000 / self.callsPerMinute
        self.nextCall = view.now + Int64(mean * Double.random(in: 0.5...1.5, using: &self.random))
        acts.append(self.newCall(view))
        return acts
    }

    private mutating func newCall(_ view: View) -> Act {
        let caller = DemoCast.callers.randomElement(using: &self.random) ?? ("Anonymous", "anonymous")
        let customer = ["crm_id": "crm-\(Int.random(in: 1000...9999, using: &self.random))"]
        func dial(_ destination: String) -> Act { .dial(number: caller.number, name: caller.name, extension: destination, variables: customer) }
        let usual = self.extensions.first ?? "7000"
        switch Int.random(in: 0..<20, using: &self.random) {
        case 0..<10: return dial(usual)
        case 10..<13: return dial(self.extensions.dropFirst().randomElement(using: &self.random) ?? usual)
        case 13..<17: return dial(self.menu ?? usual)
        case 17..<19:
            guard let agent = view.agents.filter({ $0.talkingLeg == nil && $0.ringingLeg == nil }).randomElement(using: &self.random) else {
                return dial(usual)
            }
            return dial(String(agent.name.prefix { $0 != "@" }))
        default:
            guard let agent = view.agents.filter({ $0.talkingLeg == nil && $0.ringingLeg == nil }).randomElement(using: &self.random) else {
                return dial(usual)
            }
            return .dialOut(agent: agent.name, number: caller.number)
        }
    }

    private mutating func phones(_ view: View) -> [Act] {
        var acts: [Act] = []
        let ringing = Set(view.agents.compactMap(\.ringingLeg))
        let talking = Set(view.agents.compactMap(\.talkingLeg))
        self.plans = self.plans.filter { ringing.contains($0.key) }
        self.talks = self.talks.filter { talking.contains($0.key) }
        self.farEnds = self.farEnds.filter { view.unansweredFarEnds.contains($0.key) }
        for agent in view.agents {
            if let leg = agent.ringingLeg {
                if self.plans[leg] == nil { self.plans[leg] = self.plan(now: view.now) }
                switch self.plans[leg] {
                case .answer(let time) where time <= view.now: acts.append(.answer(agent: agent.name))
                case .reject(let time) where time <= view.now: acts.append(.reject(agent: agent.name))
                case .answer, .reject, .ignore, nil: break
                }
            }
            if let leg = agent.talkingLeg { acts += self.talk(agent: agent.name, leg: leg, now: view.now) }
        }
        for call in view.unansweredFarEnds {
            guard let time = self.farEnds[call] else {
                self.farEnds[call] = view.now + self.seconds(2...5)
                continue
            }
            if time <= view.now { acts.append(.answerFarEnd(call: call)) }
        }
        return acts
    }

    private mutating func plan(now: Int64) -> Plan {
        switch Int.random(in: 0..<20, using: &self.random) {
        case 0..<16: .answer(at: now + self.seconds(2...6))
        case 16..<18: .reject(at: now + self.seconds(2...4))
        default: .ignore
        }
    }

    private mutating func talk(agent: String, leg: String, now: Int64) -> [Act] {
        guard let talk = self.talks[leg] else {
            let until = now + self.seconds(8...25)
            let holds = Int.random(in: 0..<4, using: &self.random) == 0
            self.talks[leg] = (until, holds ? now + 3_000_000 : nil, holds ? now + 6_000_000 : nil)
            return []
        }
        if talk.until <= now {
            self.talks[leg] = nil
            return [.hangUp(call: leg, by: Bool.random(using: &self.random) ? .caller : .agent)]
        }
        if let time = talk.holdAt, time <= now {
            self.talks[leg]?.holdAt = nil
            return [.hold(agent: agent)]
        }
        if let time = talk.unholdAt, time <= now {
            self.talks[leg]?.unholdAt = nil
            return [.unhold(agent: agent)]
        }
        return []
    }

    /// Agents who missed too many calls are put On Break by the queue. A person at the page goes on or off by the buttons; a break nobody ends lasts
    /// a minute, but never for the first agent, who belongs to whoever looks at the demo.
    private mutating func breaks(_ view: View) -> [Act] {
        var acts: [Act] = []
        for agent in view.agents.dropFirst() {
            guard agent.status == "On Break" else {
                self.breakUntil[agent.name] = nil
                continue
            }
            guard let time = self.breakUntil[agent.name] else {
                self.breakUntil[agent.name] = view.now + self.seconds(45...75)
                continue
            }
            if time <= view.now { acts.append(.comeBack(agent: agent.name)) }
        }
        return acts
    }

    private mutating func seconds(_ range: ClosedRange<Double>) -> Int64 { Int64(Double.random(in: range, using: &self.random) * 1_000_000) }
}
