/// A supervisor hears a call: the phone rings, is answered, hears, and is hung up.
package struct SupervisionStateMachine: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// By the supervisor, or by command.
        case ended
        /// The call that was heard is over.
        case callEnded = "call-ended"
        /// The supervisor's phone was not answered, or could not be rung.
        case notAnswered = "not-answered"
        /// The connection to the node was lost, and with it the view of the call.
        case lost
    }

    package enum State: Sendable, Equatable {
        case requested
        case ringing
        case active(leg: String)
        case ending(leg: String)
        case ended(Outcome)
    }

    /// The agent's leg.
    package let heard: String
    package private(set) var state = State.requested
    /// The supervisor's, while they are not hung up.
    private var legs: [String] = []

    package init(heard: String) {
        self.heard = heard
    }

    package func concerns(_ leg: String) -> Bool { leg == self.heard || self.legs.contains(leg) }

    package enum CreatedAction: Equatable {
        case none
        case hangUp(String)
    }

    package mutating func legCreated(_ leg: String) -> CreatedAction {
        switch self.state {
        case .requested, .ringing:
            self.state = .ringing
            self.legs.append(leg)
            return .none
        case .active, .ending, .ended: return .hangUp(leg)
        }
    }

    package mutating func answered(_ leg: String) {
        guard self.legs.contains(leg) else { return }
        switch self.state {
        case .requested, .ringing: self.state = .active(leg: leg)
        case .active, .ending, .ended: break
        }
    }

    package enum HungUpAction: Equatable {
        case none
        case hangUp([String])
    }

    package mutating func hungUp(_ leg: String) -> HungUpAction {
        if leg == self.heard { return self.heardHungUp() }
        guard let index = self.legs.firstIndex(of: leg) else { return .none }
        self.legs.remove(at: index)
        switch self.state {
        case .requested, .ringing: if self.legs.isEmpty { self.state = .ended(.notAnswered) }
        case .active(leg), .ending(leg): self.state = .ended(.ended)
        case .active, .ending, .ended: break
        }
        return .none
    }

    /// FreeSWITCH lets the supervisor's leg go by itself once it hears; while it rings, it would answer to nothing.
    private mutating func heardHungUp() -> HungUpAction {
        switch self.state {
        case .requested, .ringing:
            self.state = .ended(.callEnded)
            return self.legs.isEmpty ? .none : .hangUp(self.legs)
        case .active, .ending:
            self.state = .ended(.callEnded)
            return .none
        case .ended: return .none
        }
    }

    /// Events were lost: what they would have told is concluded from the legs that are still there.
    package mutating func reviewed(isAlive: (String) -> Bool, isAnswered: (String) -> Bool) -> HungUpAction {
        if let leg = self.legs.first(where: { isAlive($0) && isAnswered($0) }) { self.answered(leg) }
        let gone = self.legs.filter { !isAlive($0) }
        // First: FreeSWITCH lets the supervisor go when the call that he hears is over.
        let action = isAlive(self.heard) ? HungUpAction.none : self.hungUp(self.heard)
        for leg in gone { _ = self.hungUp(leg) }
        guard case .hangUp(let legs) = action else { return .none }
        let left = legs.filter { isAlive($0) }
        return left.isEmpty ? .none : .hangUp(left)
    }

    package enum EndAction: Equatable {
        case hangUp([String])
        case tooLate
    }

    package mutating func end() -> EndAction {
        switch self.state {
        case .requested, .ringing:
            self.state = .ended(.ended)
            return .hangUp(self.legs)
        case .active(let leg):
            self.state = .ending(leg: leg)
            return .hangUp([leg])
        // Asked again: the first hang-up may have been lost.
        case .ending(let leg): return .hangUp([leg])
        case .ended: return .tooLate
        }
    }

    /// The job that rang the phone has failed.
    package mutating func notReached() {
        switch self.state {
        case .requested, .ringing: self.state = .ended(.notAnswered)
        case .active, .ending, .ended: break
        }
    }

    package mutating func lost() {
        switch self.state {
        case .requested, .ringing, .active, .ending: self.state = .ended(.lost)
        case .ended: break
        }
    }
}
