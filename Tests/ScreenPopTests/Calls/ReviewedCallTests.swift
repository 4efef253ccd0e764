import Testing

@testable import ScreenPop

/// What transfers and supervisions conclude from a snapshot, in every state.
@Suite struct ReviewedCallTests {
    private static func view(_ alive: String, joined: String = "", alone: String = "") -> AttendedTransferStateMachine.View {
        let alive = Set(alive.map { String($0) })
        let joined = joined.split(separator: " ").map { Set($0.map { String($0) }) }
        let alone = Set(alone.map { String($0) })
        return .init(
            isAlive: { alive.contains($0) }, areJoined: { a, b in joined.contains([a, b]) }, isAlone: { alone.contains($0) })
    }

    private func reviewed(
        _ place: Place, _ view: AttendedTransferStateMachine.View
    ) -> (AttendedTransferStateMachine.State, AttendedTransferStateMachine.ReviewedAction) {
        var machine = AttendedTransferStateMachineTests.machine(place)
        let action = machine.reviewed(view)
        return (machine.state, action)
    }

    typealias Place = AttendedTransferStateMachineTests.Place

    @Test(arguments: Place.allCases) func nothingChangesWhereAllIsAsItWas(place: Place) {
        // `c` has hung up while the two talk on; `a` while it rings unattended; `t` when the transfer is over.
        let alive = [.talkingOn: "at", .unattended: "ct", .ended: "ac"][place] ?? "act"
        let before = AttendedTransferStateMachineTests.machine(place)
        let (state, action) = self.reviewed(place, Self.view(alive, joined: place == .consulting ? "at" : ""))
        #expect(state == before.state)
        #expect(action == .none)
    }

    @Test(arguments: Place.allCases) func whoAreAllGoneAreLost(place: Place) {
        let (state, action) = self.reviewed(place, Self.view(""))
        switch place {
        case .talkingOn: #expect(state == .ended(.failed(.callerHungUp)))
        case .ended: #expect(state == .ended(.failed(.busy)))
        case .requested, .ringing, .consulting, .unattended, .joining, .cancelling, .returning: #expect(state == .ended(.lost))
        }
        #expect(action == .none)
    }

    @Test(arguments: [
        (Place.requested, "act", "", "", AttendedTransferStateMachine.State.requested),
        (.ringing, "act", "at", "", .consulting(target: "t")),
        (.ringing, "ac", "ac", "", .ended(.failed(.failed))),
        (.ringing, "ct", "", "", .unattended),
        (.ringing, "ct", "ct", "", .ended(.completed)),
        (.ringing, "at", "", "", .ended(.failed(.callerHungUp))),
        (.consulting, "ct", "", "", .joining(target: "t", isRepeated: false)),
        (.consulting, "ct", "ct", "", .ended(.completed)),
        (.consulting, "at", "at", "", .talkingOn(target: "t")),
        (.consulting, "ac", "", "", .returning(.failed(.targetHungUp), isRepeated: false)),
        (.consulting, "ac", "ac", "", .ended(.failed(.targetHungUp))),
        (.unattended, "ct", "ct", "", .ended(.completed)),
        (.joining, "ct", "ct", "", .ended(.completed)),
        (.joining, "ac", "ac", "", .ended(.failed(.targetHungUp))),
        (.cancelling, "ac", "ac", "", .ended(.cancelled)),
        (.returning, "ac", "ac", "", .ended(.cancelled)),
        (.talkingOn, "a", "", "", .ended(.failed(.callerHungUp))),
    ]) func theOthersAreConcluded(
        place: Place, alive: String, joined: String, alone: String, state: AttendedTransferStateMachine.State
    ) {
        #expect(self.reviewed(place, Self.view(alive, joined: joined, alone: alone)).0 == state)
    }

    @Test func aCallerIsRescuedWhereHeIsAloneAndNotFromWhomHeTalksTo() {
        #expect(self.reviewed(.consulting, Self.view("c", alone: "c")).1 == .rescueCaller)
        #expect(self.reviewed(.consulting, Self.view("c")).1 == .none)
        #expect(self.reviewed(.unattended, Self.view("c", alone: "c")).1 == .rescueCaller)
        // A target whom nobody is left to talk to.
        #expect(self.reviewed(.consulting, Self.view("t")).1 == .hangUp(["t"]))
        #expect(self.reviewed(.ringing, Self.view("at")).1 == .hangUp(["t"]))
    }

    // MARK: supervision

    @Test(arguments: [
        (SupervisionStateMachineTests.Place.requested, "h", "", SupervisionStateMachine.State.requested),
        (.requested, "", "", .ended(.callEnded)),
        (.ringing, "hs", "", .ringing),
        (.ringing, "hs", "s", .active(leg: "s")),
        (.ringing, "h", "", .ended(.notAnswered)),
        (.ringing, "", "", .ended(.callEnded)),
        (.active, "hs", "s", .active(leg: "s")),
        (.active, "h", "", .ended(.ended)),
        (.active, "s", "s", .ended(.callEnded)),
        (.active, "", "", .ended(.callEnded)),
        (.ending, "hs", "s", .ending(leg: "s")),
        (.ending, "h", "", .ended(.ended)),
        (.ended, "h", "", .ended(.notAnswered)),
    ]) func supervisionsAreConcluded(
        place: SupervisionStateMachineTests.Place, alive: String, answered: String, state: SupervisionStateMachine.State
    ) {
        var machine = SupervisionStateMachineTests.machine(place)
        _ = machine.reviewed(isAlive: { alive.contains($0) }, isAnswered: { answered.contains($0) })
        #expect(machine.state == state)
    }

    @Test func aPhoneThatStillRingsForACallThatIsOverIsHungUp() {
        var machine = SupervisionStateMachineTests.machine(.ringing)
        #expect(machine.reviewed(isAlive: { $0 == "s" }, isAnswered: { _ in false }) == .hangUp(["s"]))
    }
}
