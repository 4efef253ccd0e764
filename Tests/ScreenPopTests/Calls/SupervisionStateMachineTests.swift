import Testing

@testable import ScreenPop

@Suite struct SupervisionStateMachineTests {
    typealias Machine = SupervisionStateMachine

    enum Place: CaseIterable {
        case requested, ringing, active, ending, ended
    }

    static func machine(_ place: Place) -> Machine {
        var machine = Machine(heard: "h")
        if place == .requested { return machine }
        _ = machine.legCreated("s")
        if place == .ringing { return machine }
        if place == .ended {
            _ = machine.hungUp("s")
            return machine
        }
        machine.answered("s")
        if place == .ending { _ = machine.end() }
        return machine
    }

    private func state(_ place: Place) -> Machine.State {
        switch place {
        case .requested: .requested
        case .ringing: .ringing
        case .active: .active(leg: "s")
        case .ending: .ending(leg: "s")
        case .ended: .ended(.notAnswered)
        }
    }

    private func check<Action: Equatable>(
        otherwise: Action, _ expected: [Place: (Action, Machine.State)], _ event: (inout Machine) -> Action
    ) {
        for place in Place.allCases {
            var machine = Self.machine(place)
            #expect(machine.state == self.state(place))
            let action = event(&machine)
            let (wanted, state) = expected[place] ?? (otherwise, self.state(place))
            #expect(action == wanted, "\(place)")
            #expect(machine.state == state, "\(place)")
        }
    }

    @Test func `a further leg`() {
        self.check(
            otherwise: .hangUp("t"), [.requested: (.none, .ringing), .ringing: (.none, .ringing)] as [Place: (Machine.CreatedAction, Machine.State)]
        ) { $0.legCreated("t") }
    }

    @Test func `an answer`() {
        self.check(otherwise: true, [.ringing: (true, .active(leg: "s"))]) {
            $0.answered("s")
            return true
        }
    }

    @Test func `the supervisor hangs up`() {
        self.check(
            otherwise: .none,
            [.ringing: (.none, .ended(.notAnswered)), .active: (.none, .ended(.ended)), .ending: (.none, .ended(.ended))]
                as [Place: (Machine.HungUpAction, Machine.State)]
        ) { $0.hungUp("s") }
    }

    @Test func `the call that is heard ends`() {
        self.check(
            otherwise: .none,
            [
                .requested: (.none, .ended(.callEnded)), .ringing: (.hangUp(["s"]), .ended(.callEnded)), .active: (.none, .ended(.callEnded)),
                .ending: (.none, .ended(.callEnded)),
            ] as [Place: (Machine.HungUpAction, Machine.State)]
        ) { $0.hungUp("h") }
    }

    @Test func `it is ended by command`() {
        self.check(
            otherwise: .tooLate,
            [
                .requested: (.hangUp([]), .ended(.ended)), .ringing: (.hangUp(["s"]), .ended(.ended)), .active: (.hangUp(["s"]), .ending(leg: "s")),
                .ending: (.hangUp(["s"]), .ending(leg: "s")),
            ]
                as [Place: (Machine.EndAction, Machine.State)]
        ) { $0.end() }
    }

    @Test func `the phone is not reached`() {
        self.check(otherwise: true, [.requested: (true, .ended(.notAnswered)), .ringing: (true, .ended(.notAnswered))]) {
            $0.notReached()
            return true
        }
    }

    @Test func `the node is lost`() {
        let lost = (true, Machine.State.ended(.lost))
        self.check(otherwise: true, [.requested: lost, .ringing: lost, .active: lost, .ending: lost]) {
            $0.lost()
            return true
        }
    }
}
