import Testing

@testable import ScreenPop

/// Every event in every state.
@Suite struct AttendedTransferStateMachineTests {
    typealias Machine = AttendedTransferStateMachine

    enum Place: CaseIterable {
        case requested, ringing, consulting, unattended, joining, cancelling, returning, talkingOn, ended
    }

    /// A machine brought to the state by events, as the switch brings it there. Its target has the two legs `t` and, until one is answered, `u`.
    static func machine(_ place: Place) -> Machine {
        var machine = Machine(agentLeg: "a", callerLeg: "c")
        if place == .requested { return machine }
        _ = machine.targetCreated("t")
        switch place {
        case .requested, .ringing: break
        case .unattended: _ = machine.hungUp("a", cause: nil)
        case .cancelling: _ = machine.cancel()
        case .consulting: machine.bridged("a", "t")
        case .joining:
            machine.bridged("a", "t")
            _ = machine.complete()
        case .returning:
            machine.bridged("a", "t")
            _ = machine.cancel()
        case .talkingOn:
            machine.bridged("a", "t")
            _ = machine.hungUp("c", cause: nil)
        case .ended: _ = machine.hungUp("t", cause: "USER_BUSY")
        }
        return machine
    }

    private func state(_ place: Place) -> Machine.State {
        switch place {
        case .requested: .requested
        case .ringing: .ringing
        case .consulting: .consulting(target: "t")
        case .unattended: .unattended
        case .joining: .joining(target: "t", isRepeated: false)
        case .cancelling: .cancelling
        case .returning: .returning(.cancelled, isRepeated: false)
        case .talkingOn: .talkingOn(target: "t")
        case .ended: .ended(.failed(.busy))
        }
    }

    @Test func `events bring it to each state`() {
        for place in Place.allCases { #expect(Self.machine(place).state == self.state(place)) }
    }

    /// - Parameter expected: what is done and where it leads; places that are left out do nothing and stay.
    private func check<Action: Equatable>(
        _ what: String, otherwise: Action, _ expected: [Place: (Action, Machine.State)], _ event: (inout Machine) -> Action
    ) {
        for place in Place.allCases {
            var machine = Self.machine(place)
            let action = event(&machine)
            let (wanted, state) = expected[place] ?? (otherwise, self.state(place))
            #expect(action == wanted, "\(what) in \(place)")
            #expect(machine.state == state, "\(what) in \(place)")
        }
    }

    @Test func `a further leg to the target`() {
        self.check(
            "created", otherwise: .hangUp("u"),
            [
                .requested: (.none, .ringing), .ringing: (.none, .ringing), .unattended: (.none, .unattended),
            ] as [Place: (Machine.CreatedAction, Machine.State)]
        ) { $0.targetCreated("u") }
    }

    @Test func `the agent and the target are joined`() {
        self.check(
            "bridged", otherwise: true,
            [.ringing: (true, .consulting(target: "t")), .cancelling: (true, .returning(.cancelled, isRepeated: false))]
        ) {
            $0.bridged("a", "t")
            return true
        }
    }

    @Test func `the caller and the target are joined`() {
        self.check(
            "bridged", otherwise: true,
            [
                .ringing: (true, .ended(.completed)), .consulting: (true, .ended(.completed)), .unattended: (true, .ended(.completed)),
                .joining: (true, .ended(.completed)),
            ]
        ) {
            $0.bridged("t", "c")
            return true
        }
    }

    @Test func `the agent and the caller are joined again`() {
        self.check(
            "bridged", otherwise: true,
            [
                .consulting: (true, .ended(.failed(.targetHungUp))), .joining: (true, .ended(.failed(.notJoined))),
                .returning: (true, .ended(.cancelled)),
            ]
        ) {
            $0.bridged("a", "c")
            return true
        }
    }

    @Test func `the agent hangs up`() {
        self.check(
            "hung up", otherwise: .none,
            [
                .requested: (.none, .ended(.failed(.agentHungUp))), .ringing: (.none, .unattended),
                .consulting: (.none, .joining(target: "t", isRepeated: false)), .cancelling: (.rescueCaller, .ended(.failed(.agentHungUp))),
                .returning: (.rescueCaller, .ended(.failed(.agentHungUp))), .talkingOn: (.hangUp(["t"]), .ended(.failed(.callerHungUp))),
            ] as [Place: (Machine.HungUpAction, Machine.State)]
        ) { $0.hungUp("a", cause: nil) }
    }

    @Test func `the caller hangs up`() {
        let over = Machine.State.ended(.failed(.callerHungUp))
        self.check(
            "hung up", otherwise: .none,
            [
                .requested: (.none, over), .ringing: (.hangUp(["t"]), over), .consulting: (.none, .talkingOn(target: "t")),
                .unattended: (.hangUp(["t"]), over), .joining: (.hangUp(["t"]), over), .cancelling: (.hangUp(["t"]), over),
                .returning: (.none, over),
            ] as [Place: (Machine.HungUpAction, Machine.State)]
        ) { $0.hungUp("c", cause: nil) }
    }

    @Test func `the target hangs up`() {
        self.check(
            "hung up", otherwise: .none,
            [
                .ringing: (.none, .ended(.failed(.noAnswer))), .consulting: (.none, .returning(.failed(.targetHungUp), isRepeated: false)),
                .unattended: (.rescueCaller, .ended(.failed(.noAnswer))), .joining: (.rescueCaller, .ended(.failed(.targetHungUp))),
                .cancelling: (.none, .ended(.cancelled)), .talkingOn: (.none, .ended(.failed(.callerHungUp))),
            ] as [Place: (Machine.HungUpAction, Machine.State)]
        ) { $0.hungUp("t", cause: "NO_ANSWER") }
    }

    @Test func `a stranger hangs up`() {
        self.check("hung up", otherwise: Machine.HungUpAction.none, [:]) { $0.hungUp("x", cause: nil) }
    }

    @Test func `completing`() {
        self.check(
            "complete", otherwise: .refuse(.tooLate),
            [
                .requested: (.refuse(.notAnswered), .requested), .ringing: (.refuse(.notAnswered), .ringing),
                .consulting: (.hangUpAgent("a"), .joining(target: "t", isRepeated: false)), .ended: (.refuse(.ended), .ended(.failed(.busy))),
            ] as [Place: (Machine.CompleteAction, Machine.State)]
        ) { $0.complete() }
    }

    @Test func `cancelling`() {
        self.check(
            "cancel", otherwise: .refuse(.tooLate),
            [
                .requested: (.hangUp([]), .cancelling), .ringing: (.hangUp(["t"]), .cancelling),
                .consulting: (.hangUp(["t"]), .returning(.cancelled, isRepeated: false)), .ended: (.refuse(.ended), .ended(.failed(.busy))),
            ] as [Place: (Machine.CancelAction, Machine.State)]
        ) { $0.cancel() }
    }

    @Test func `time runs out`() {
        self.check(
            "timed out", otherwise: .none,
            [
                .requested: (.none, .ended(.failed(.notReachable))), .ringing: (.hangUp(["t"]), .ended(.failed(.noAnswer))),
                .unattended: (.hangUpAndRescueCaller(["t"]), .ended(.failed(.noAnswer))),
                .joining: (.bridge("c", "t"), .joining(target: "t", isRepeated: true)), .cancelling: (.none, .ended(.cancelled)),
                .returning: (.bridge("a", "c"), .returning(.cancelled, isRepeated: true)),
            ] as [Place: (Machine.TimedOutAction, Machine.State)]
        ) { $0.timedOut { _, _ in false } }
    }

    @Test func `what was asked for once more and does not come is given up`() {
        var joining = Self.machine(.joining)
        _ = joining.timedOut { _, _ in false }
        #expect(joining.timedOut { _, _ in false } == .hangUpAndRescueCaller(["t"]))
        #expect(joining.state == .ended(.failed(.notJoined)))
        var returning = Self.machine(.returning)
        _ = returning.timedOut { _, _ in false }
        #expect(returning.timedOut { _, _ in false } == .none)
        #expect(returning.state == .ended(.cancelled))
    }

    @Test func `two who talk though nobody told it are left alone`() {
        var joining = Self.machine(.joining)
        _ = joining.timedOut { _, _ in false }
        #expect(joining.timedOut { Set([$0, $1]) == ["c", "t"] } == .none)
        #expect(joining.state == .ended(.completed))
    }

    @Test func `the command is refused`() {
        self.check("refused", otherwise: true, [.requested: (true, .ended(.failed(.failed)))]) {
            $0.refused(.failed)
            return true
        }
    }

    @Test func `the node is lost`() {
        let lost = (true, Machine.State.ended(.lost))
        self.check(
            "lost", otherwise: true,
            [
                .requested: lost, .ringing: lost, .consulting: lost, .unattended: lost, .joining: lost, .cancelling: lost, .returning: lost,
                .talkingOn: (true, .ended(.failed(.callerHungUp))),
            ]
        ) {
            $0.lost()
            return true
        }
    }

    @Test func `one phone of several that loses the race is no end`() {
        var machine = Self.machine(.ringing)
        _ = machine.targetCreated("u")
        machine.bridged("a", "t")
        #expect(machine.hungUp("u", cause: "LOSE_RACE") == .none)
        #expect(machine.state == .consulting(target: "t"))
        var busy = Self.machine(.ringing)
        _ = busy.targetCreated("u")
        #expect(busy.hungUp("u", cause: "USER_BUSY") == .none)
        #expect(busy.state == .ringing)
        #expect(busy.hungUp("t", cause: "USER_BUSY") == .none)
        #expect(busy.state == .ended(.failed(.busy)))
    }

    @Test func `a leg that comes after it was cancelled is hung up, and nothing is left`() {
        var machine = Machine(agentLeg: "a", callerLeg: "c")
        #expect(machine.cancel() == .hangUp([]))
        #expect(machine.targetCreated("t") == .hangUp("t"))
        #expect(machine.hungUp("t", cause: "NORMAL_CLEARING") == .none)
        #expect(machine.state == .ended(.cancelled))
        #expect(machine.targetCreated("u") == .hangUp("u"))
    }
}
