import NIOCore
import ScreenPopStore
import Testing

@testable import ScreenPopService

/// Every event in every state, and what is particular to some.
struct LeaseStateMachineTests {
    typealias Machine = LeaseStateMachine

    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    static let holder = LeaseHolder(owner: "web1:812", remaining: .seconds(4))

    enum Place: String, CaseIterable {
        case idle
        case startingAway, startingThere, startingAsking
        case standbyAway, standbyThere, standbyAsking
        /// Active without the lease.
        case aloneAway, aloneThere, aloneAsking
        case activeAway, activeThere, activeAsking
        case retiringAway, retiringThere
        case leavingAloneAway, leavingAloneThere, leavingAloneAsking
        case leavingAway, leavingThere, leavingAsking
        case stopped
    }

    enum Input: String, CaseIterable {
        case start, connected, disconnected, held, refused, failed, late, fenced, retired, tickEarly, tickDue, tickLate, stop, end
    }

    // MARK: places

    static func machine(_ place: Place) -> Machine {
        var machine = Machine()
        func asking() {
            machine.start(now: start)
            #expect(machine.connected(now: start) == Machine.Question(claim: .acquire, number: 1))
        }
        func active() {
            asking()
            #expect(machine.answered(1, .held, now: start) == .start)
        }
        func alone() {
            asking()
            #expect(machine.ticked(now: start + .seconds(2)) == .startWithout)
        }
        func leaving() { #expect(machine.stop() == .endPipelines) }
        switch place {
        case .idle: break
        case .startingAway: machine.start(now: start)
        case .startingAsking: asking()
        case .startingThere:
            asking()
            #expect(machine.answered(1, .failed, now: start) == .nothing)
        case .standbyThere, .standbyAway, .standbyAsking:
            asking()
            #expect(machine.answered(1, .refused(holder), now: start) == .standBy(holder))
            if place == .standbyAway { machine.disconnected() }
            if place == .standbyAsking {
                #expect(machine.ticked(now: start + .milliseconds(500)) == .ask(Machine.Question(claim: .acquire, number: 2)))
            }
        case .aloneAsking, .leavingAloneAsking: alone()
        case .aloneThere, .leavingAloneThere:
            alone()
            #expect(machine.answered(1, .failed, now: start) == .nothing)
        case .aloneAway, .leavingAloneAway:
            alone()
            machine.disconnected()
        case .activeThere, .leavingThere: active()
        case .activeAway, .leavingAway:
            active()
            machine.disconnected()
        case .activeAsking, .leavingAsking:
            active()
            #expect(machine.ticked(now: start + .milliseconds(1667)) == .ask(Machine.Question(claim: .renew, number: 2)))
        case .retiringThere:
            active()
            #expect(act(&machine, .fenced) == "retire")
        case .retiringAway:
            active()
            machine.disconnected()
            #expect(act(&machine, .fenced) == "retire")
        case .stopped:
            machine.start(now: start)
            #expect(machine.stop() == .nothing)
        }
        switch place {
        case .leavingAloneAway, .leavingAloneThere, .leavingAloneAsking, .leavingAway, .leavingThere, .leavingAsking: leaving()
        case .idle, .startingAway, .startingThere, .startingAsking, .standbyAway, .standbyThere, .standbyAsking, .aloneAway, .aloneThere,
            .aloneAsking, .activeAway, .activeThere, .activeAsking, .retiringAway, .retiringThere, .stopped:
            break
        }
        return machine
    }

    static func place(_ state: Machine.State) -> Place {
        func by(_ link: Machine.Link, _ away: Place, _ there: Place, _ asking: Place) -> Place {
            switch link {
            case .away: away
            case .there: there
            case .asking: asking
            }
        }
        switch state {
        case .idle: return .idle
        case .starting(let link, until: _): return by(link, .startingAway, .startingThere, .startingAsking)
        case .standingBy(let link, holder: _): return by(link, .standbyAway, .standbyThere, .standbyAsking)
        case .active(let link, .none): return by(link, .aloneAway, .aloneThere, .aloneAsking)
        case .active(let link, .ours): return by(link, .activeAway, .activeThere, .activeAsking)
        case .retiring(let askAt): return askAt == nil ? .retiringAway : .retiringThere
        case .leaving(let link, .none): return by(link, .leavingAloneAway, .leavingAloneThere, .leavingAloneAsking)
        case .leaving(let link, .ours): return by(link, .leavingAway, .leavingThere, .leavingAsking)
        case .stopped: return .stopped
        }
    }

    /// Of the question that waits; 99 where none does.
    static func number(_ state: Machine.State) -> Int {
        switch state {
        case .starting(.asking(let number), until: _), .standingBy(.asking(let number), holder: _), .active(.asking(let number), _),
            .leaving(.asking(let number), _):
            number
        case .idle, .starting, .standingBy, .active, .retiring, .leaving, .stopped: 99
        }
    }

    /// The action by name; `-` is "nothing".
    static func act(_ machine: inout Machine, _ input: Input) -> String {
        let number = number(machine.state)
        switch input {
        case .start:
            machine.start(now: start)
            return "-"
        case .connected: return machine.connected(now: start)?.claim.rawValue ?? "-"
        case .disconnected:
            machine.disconnected()
            return "-"
        case .held: return name(machine.answered(number, .held, now: start))
        case .refused: return name(machine.answered(number, .refused(holder), now: start))
        case .failed: return name(machine.answered(number, .failed, now: start))
        case .late: return name(machine.answered(number - 1, .held, now: start))
        case .fenced: return machine.fenced(now: start) ? "retire" : "-"
        case .retired: return machine.retired(now: start)?.claim.rawValue ?? "-"
        case .tickEarly: return name(machine.ticked(now: start))
        case .tickDue: return name(machine.ticked(now: start + .milliseconds(1700)))
        case .tickLate: return name(machine.ticked(now: start + .seconds(10)))
        case .stop: return machine.stop() == .endPipelines ? "end" : "-"
        case .end:
            machine.end()
            return "-"
        }
    }

    static func name(_ action: Machine.AnswerAction) -> String {
        switch action {
        case .start: "start"
        case .confirmed: "confirmed"
        case .standBy: "stand by"
        case .retire: "retire"
        case .nothing: "-"
        }
    }

    static func name(_ action: Machine.TickAction) -> String {
        switch action {
        case .ask(let question): question.claim.rawValue
        case .startWithout: "without"
        case .nothing: "-"
        }
    }

    // MARK: all pairs

    typealias Moves = [Place: (String, Place)]

    static let due: Moves = [
        .startingThere: ("acquire", .startingAsking), .standbyThere: ("acquire", .standbyAsking), .aloneThere: ("acquire", .aloneAsking),
        .activeThere: ("renew", .activeAsking), .leavingAloneThere: ("acquire", .leavingAloneAsking), .leavingThere: ("renew", .leavingAsking),
    ]

    /// Action and next place; where a place is missing, nothing happens and it stays.
    static let moves: [Input: Moves] = [
        .start: [.idle: ("-", .startingAway)],
        .connected: [
            .startingAway: ("acquire", .startingAsking), .startingThere: ("acquire", .startingAsking), .startingAsking: ("acquire", .startingAsking),
            .standbyAway: ("-", .standbyThere), .standbyThere: ("-", .standbyThere), .standbyAsking: ("-", .standbyThere),
            .aloneAway: ("acquire", .aloneAsking), .aloneThere: ("acquire", .aloneAsking), .aloneAsking: ("acquire", .aloneAsking),
            .activeAway: ("renew", .activeAsking), .activeThere: ("renew", .activeAsking), .activeAsking: ("renew", .activeAsking),
            .retiringAway: ("-", .retiringThere), .retiringThere: ("-", .retiringThere),
            .leavingAloneAway: ("acquire", .leavingAloneAsking), .leavingAloneThere: ("acquire", .leavingAloneAsking),
            .leavingAloneAsking: ("acquire", .leavingAloneAsking),
            .leavingAway: ("renew", .leavingAsking), .leavingThere: ("renew", .leavingAsking), .leavingAsking: ("renew", .leavingAsking),
        ],
        .disconnected: [
            .startingThere: ("-", .startingAway), .startingAsking: ("-", .startingAway), .standbyThere: ("-", .standbyAway),
            .standbyAsking: ("-", .standbyAway), .aloneThere: ("-", .aloneAway), .aloneAsking: ("-", .aloneAway), .activeThere: ("-", .activeAway),
            .activeAsking: ("-", .activeAway), .retiringThere: ("-", .retiringAway), .leavingAloneThere: ("-", .leavingAloneAway),
            .leavingAloneAsking: ("-", .leavingAloneAway), .leavingThere: ("-", .leavingAway), .leavingAsking: ("-", .leavingAway),
        ],
        .held: [
            .startingAsking: ("start", .activeThere), .standbyAsking: ("start", .activeThere), .aloneAsking: ("confirmed", .activeThere),
            .activeAsking: ("confirmed", .activeThere), .leavingAloneAsking: ("confirmed", .leavingThere),
            .leavingAsking: ("confirmed", .leavingThere),
        ],
        // Who stands by knows that holder already.
        .refused: [
            .startingAsking: ("stand by", .standbyThere), .standbyAsking: ("-", .standbyThere), .aloneAsking: ("retire", .retiringThere),
            .activeAsking: ("retire", .retiringThere), .leavingAloneAsking: ("retire", .retiringAway), .leavingAsking: ("retire", .retiringAway),
        ],
        .failed: [
            .startingAsking: ("-", .startingThere), .standbyAsking: ("-", .standbyThere), .aloneAsking: ("-", .aloneThere),
            .activeAsking: ("-", .activeThere), .leavingAloneAsking: ("-", .leavingAloneThere), .leavingAsking: ("-", .leavingThere),
        ],
        .late: [:],
        .fenced: [
            .aloneAway: ("retire", .retiringAway), .aloneThere: ("retire", .retiringThere), .aloneAsking: ("retire", .retiringThere),
            .activeAway: ("retire", .retiringAway), .activeThere: ("retire", .retiringThere), .activeAsking: ("retire", .retiringThere),
            .leavingAloneAway: ("retire", .retiringAway), .leavingAloneThere: ("retire", .retiringAway),
            .leavingAloneAsking: ("retire", .retiringAway), .leavingAway: ("retire", .retiringAway), .leavingThere: ("retire", .retiringAway),
            .leavingAsking: ("retire", .retiringAway),
        ],
        .retired: [.retiringAway: ("-", .standbyAway), .retiringThere: ("acquire", .standbyAsking)],
        .tickEarly: [:],
        .tickDue: due,
        .tickLate: due.merging([
            .startingAway: ("without", .aloneAway), .startingThere: ("without", .aloneThere), .startingAsking: ("without", .aloneAsking),
        ]) { _, late in late },
        .stop: [
            .idle: ("-", .stopped), .startingAway: ("-", .stopped), .startingThere: ("-", .stopped), .startingAsking: ("-", .stopped),
            .standbyAway: ("-", .stopped), .standbyThere: ("-", .stopped), .standbyAsking: ("-", .stopped), .retiringAway: ("-", .stopped),
            .retiringThere: ("-", .stopped), .aloneAway: ("end", .leavingAloneAway), .aloneThere: ("end", .leavingAloneThere),
            .aloneAsking: ("end", .leavingAloneAsking), .activeAway: ("end", .leavingAway), .activeThere: ("end", .leavingThere),
            .activeAsking: ("end", .leavingAsking),
        ],
        .end: Dictionary(uniqueKeysWithValues: Place.allCases.map { ($0, ("-", Place.stopped)) }),
    ]

    @Test(arguments: Place.allCases) func `every event in every state`(place: Place) {
        #expect(Self.place(Self.machine(place).state) == place)
        #expect(Set(Self.moves.keys) == Set(Input.allCases))
        for input in Input.allCases {
            var machine = Self.machine(place)
            let (action, next) = Self.moves[input]?[place] ?? ("-", place)
            #expect(Self.act(&machine, input) == action, "\(input) in \(place)")
            #expect(Self.place(machine.state) == next, "\(input) in \(place)")
        }
    }

    // MARK: when

    @Test func `the deadline is that of the next question, or of the patience with Redis`() {
        let renewal = Self.start + .nanoseconds(5_000_000_000 / 3)
        let rhythm = Self.start + .milliseconds(500)
        let patience = Self.start + .seconds(2)
        let deadlines: [Place: NIODeadline] = [
            .startingAway: patience, .startingThere: rhythm, .startingAsking: patience, .standbyThere: rhythm, .aloneThere: renewal,
            .activeThere: renewal, .leavingAloneThere: renewal, .leavingThere: renewal,
        ]
        for place in Place.allCases { #expect(Self.machine(place).deadline == deadlines[place], "\(place)") }
    }

    @Test func `one that stands by asks no later than when the lease runs out`() {
        var machine = Self.machine(.startingAsking)
        _ = machine.answered(1, .refused(LeaseHolder(owner: "web1:812", remaining: .milliseconds(40))), now: Self.start)
        #expect(machine.deadline == Self.start + .milliseconds(41))
    }

    @Test func `each holder is told once`() {
        var machine = Self.machine(.standbyAsking)
        let next = LeaseHolder(owner: "web3:7", remaining: .seconds(5))
        #expect(machine.answered(2, .refused(next), now: Self.start) == .standBy(next))
        #expect(machine.ticked(now: Self.start + .seconds(1)) == .ask(.init(claim: .acquire, number: 3)))
        #expect(machine.answered(3, .refused(next), now: Self.start) == .nothing)
    }

    @Test func `after a loss of Redis the one that held the lease comes first`() {
        var standby = Self.machine(.standbyAway)
        var active = Self.machine(.activeAway)
        #expect(active.connected(now: Self.start) == .init(claim: .renew, number: 2))
        #expect(standby.connected(now: Self.start) == nil)
        #expect(standby.deadline == Self.start + .seconds(5))
    }

    @Test func `one whose connection ends before it has asked does not wait anew, unless Redis was away for long`() {
        // A Redis with `timeout 1` closes what is idle.
        var machine = Self.machine(.standbyAway)
        #expect(machine.connected(now: Self.start) == nil)
        for second in 1...4 {
            machine.disconnected()
            #expect(machine.connected(now: Self.start + .seconds(Int64(second))) == nil)
            #expect(machine.deadline == Self.start + .seconds(5))
        }
        machine.disconnected()
        #expect(machine.connected(now: Self.start + .seconds(6)) == nil)
        #expect(machine.ticked(now: Self.start + .seconds(6)) == .ask(.init(claim: .acquire, number: 2)))
        // It has asked: another loss is another one.
        machine.disconnected()
        #expect(machine.connected(now: Self.start + .seconds(7)) == nil)
        #expect(machine.deadline == Self.start + .seconds(12))
        machine.disconnected()
        #expect(machine.connected(now: Self.start + .seconds(60)) == nil)
        #expect(machine.deadline == Self.start + .seconds(65))
    }

    @Test func `one that lost the lease and then Redis waits as well`() {
        var machine = Self.machine(.retiringAway)
        #expect(machine.connected(now: Self.start) == nil)
        #expect(machine.retired(now: Self.start + .seconds(1)) == nil)
        #expect(machine.deadline == Self.start + .seconds(5))
    }
}
