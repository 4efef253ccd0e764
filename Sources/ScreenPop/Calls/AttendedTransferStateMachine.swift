/// One attended transfer, from the call to the target until everybody is where he belongs: the agent consults while the caller hears music; then
/// the agent leaves the two alone, or takes the caller back.
///
/// FreeSWITCH's `att_xfer` moves the legs: a target that is not reached or hangs up brings the caller back to the agent, an agent who hangs up
/// after the answer joins the two others, and one who hangs up before leaves the caller waiting for the target. What it does not do is done from
/// here: who was left alone is sent on, and a join that does not come about is asked for once more.
package struct AttendedTransferStateMachine: Sendable, Equatable {
    /// Why it came to nothing.
    package enum Failure: String, Sendable, CaseIterable {
        case noAnswer = "no-answer"
        case busy
        case rejected
        /// There is no such phone, or it is not registered.
        case notReachable = "not-reachable"
        case targetHungUp = "target-hung-up"
        case callerHungUp = "caller-hung-up"
        case agentHungUp = "agent-hung-up"
        /// FreeSWITCH did not join the two.
        case notJoined = "not-joined"
        case failed
    }

    package enum Outcome: Sendable, Equatable {
        case completed
        case cancelled
        case failed(Failure)
        /// The connection to the node was lost, and with it the view of the call.
        case lost
    }

    package enum State: Sendable, Equatable {
        /// FreeSWITCH was asked; no leg to the target was seen yet.
        case requested
        case ringing
        case consulting(target: String)
        /// The agent hung up while it rang: the caller waits for the target.
        case unattended
        /// The agent leaves, or has left; the caller and the target are to be joined. Whether that was asked for once more.
        case joining(target: String, isRepeated: Bool)
        /// Cancelled before the target answered.
        case cancelling
        /// The consultation is over; the caller is to be joined with the agent again.
        case returning(Outcome, isRepeated: Bool)
        /// The caller hung up during the consultation: agent and target talk on.
        case talkingOn(target: String)
        case ended(Outcome)
    }

    package let agentLeg: String
    package let callerLeg: String
    package private(set) var state = State.requested
    /// Legs to the target that are not hung up: its contact may name several phones.
    private var targets: [String] = []

    package init(agentLeg: String, callerLeg: String) {
        self.agentLeg = agentLeg
        self.callerLeg = callerLeg
    }

    /// How long the state may last, in seconds, before `timedOut` is due.
    package func patience(ringing: Int) -> Int? {
        switch self.state {
        case .requested, .cancelling, .joining, .returning: 5
        // FreeSWITCH gives up by itself before.
        case .ringing, .unattended: ringing + 5
        case .consulting, .talkingOn, .ended: nil
        }
    }

    package func concerns(_ leg: String) -> Bool {
        leg == self.agentLeg || leg == self.callerLeg || self.targets.contains(leg)
    }

    // MARK: what the switch tells

    package enum CreatedAction: Equatable {
        case none
        /// Nobody wants it any more.
        case hangUp(String)
    }

    package mutating func targetCreated(_ leg: String) -> CreatedAction {
        switch self.state {
        case .requested, .ringing:
            self.state = .ringing
            self.targets.append(leg)
            return .none
        case .unattended:
            self.targets.append(leg)
            return .none
        case .cancelling:
            self.targets.append(leg)
            return .hangUp(leg)
        case .consulting, .joining, .returning, .talkingOn, .ended: return .hangUp(leg)
        }
    }

    package mutating func bridged(_ a: String, _ b: String) {
        let pair = [a, b]
        if pair.contains(self.agentLeg), let target = self.targets.first(where: { pair.contains($0) }) {
            self.consulted(target)
        } else if pair.contains(self.callerLeg), self.targets.contains(where: { pair.contains($0) }) {
            self.joined()
        } else if pair.contains(self.agentLeg), pair.contains(self.callerLeg) {
            self.returned()
        }
    }

    private mutating func consulted(_ target: String) {
        switch self.state {
        case .requested, .ringing: self.state = .consulting(target: target)
        // Answered while it was being cancelled: the leg is hung up already.
        case .cancelling: self.state = .returning(.cancelled, isRepeated: false)
        case .consulting, .unattended, .joining, .returning, .talkingOn, .ended: break
        }
    }

    private mutating func joined() {
        switch self.state {
        case .requested, .ringing, .consulting, .unattended, .joining: self.state = .ended(.completed)
        case .cancelling, .returning, .talkingOn, .ended: break
        }
    }

    private mutating func returned() {
        switch self.state {
        case .returning(let outcome, isRepeated: _): self.state = .ended(outcome)
        case .consulting: self.state = .ended(.failed(.targetHungUp))
        case .joining: self.state = .ended(.failed(.notJoined))
        case .requested, .ringing, .unattended, .cancelling, .talkingOn, .ended: break
        }
    }

    package enum HungUpAction: Equatable {
        case none
        case hangUp([String])
        /// Nobody is left whom the caller could talk to.
        case rescueCaller
    }

    package mutating func hungUp(_ leg: String, cause: String?) -> HungUpAction {
        if leg == self.agentLeg { return self.agentHungUp() }
        if leg == self.callerLeg { return self.callerHungUp() }
        guard let index = self.targets.firstIndex(of: leg) else { return .none }
        self.targets.remove(at: index)
        return self.targetHungUp(leg, cause: cause)
    }

    private mutating func agentHungUp() -> HungUpAction {
        switch self.state {
        case .requested:
            // FreeSWITCH has begun nothing: it is as when any agent hangs up.
            self.state = .ended(.failed(.agentHungUp))
            return .none
        case .ringing:
            self.state = .unattended
            return .none
        case .consulting(let target):
            self.state = .joining(target: target, isRepeated: false)
            return .none
        case .cancelling, .returning:
            self.state = .ended(.failed(.agentHungUp))
            return .rescueCaller
        case .talkingOn(let target):
            // FreeSWITCH would join the target with a caller who is gone, and park it.
            self.state = .ended(.failed(.callerHungUp))
            return .hangUp([target])
        case .unattended, .joining, .ended: return .none
        }
    }

    private mutating func callerHungUp() -> HungUpAction {
        switch self.state {
        case .requested, .ringing, .unattended, .joining, .cancelling:
            self.state = .ended(.failed(.callerHungUp))
            return self.targets.isEmpty ? .none : .hangUp(self.targets)
        case .consulting(let target):
            self.state = .talkingOn(target: target)
            return .none
        case .returning:
            self.state = .ended(.failed(.callerHungUp))
            return .none
        case .talkingOn, .ended: return .none
        }
    }

    private mutating func targetHungUp(_ leg: String, cause: String?) -> HungUpAction {
        switch self.state {
        case .requested, .ringing:
            guard self.targets.isEmpty else { return .none }
            self.state = .ended(.failed(Self.failure(cause)))
            return .none
        case .unattended:
            guard self.targets.isEmpty else { return .none }
            self.state = .ended(.failed(Self.failure(cause)))
            return .rescueCaller
        case .consulting(leg):
            self.state = .returning(.failed(.targetHungUp), isRepeated: false)
            return .none
        case .joining(leg, isRepeated: _):
            self.state = .ended(.failed(.targetHungUp))
            return .rescueCaller
        case .cancelling:
            if self.targets.isEmpty { self.state = .ended(.cancelled) }
            return .none
        case .talkingOn(leg):
            self.state = .ended(.failed(.callerHungUp))
            return .none
        // Phones that lost the race.
        case .consulting, .joining, .talkingOn: return .none
        case .returning, .ended: return .none
        }
    }

    private static func failure(_ cause: String?) -> Failure {
        switch cause {
        case "NO_ANSWER", "ALLOTTED_TIMEOUT", "NO_USER_RESPONSE", "PROGRESS_TIMEOUT", "RECOVERY_ON_TIMER_EXPIRE", "ATTENDED_TRANSFER": .noAnswer
        case "USER_BUSY": .busy
        case "CALL_REJECTED": .rejected
        case "USER_NOT_REGISTERED", "SUBSCRIBER_ABSENT", "NO_ROUTE_DESTINATION", "UNALLOCATED_NUMBER": .notReachable
        default: .failed
        }
    }

    // MARK: what the agent wants

    package enum Refusal: Error, Equatable {
        case notAnswered
        /// It is being completed or cancelled, or the agent or the caller is gone.
        case tooLate
        case ended
    }

    package enum CompleteAction: Equatable {
        case hangUpAgent(String)
        case refuse(Refusal)
    }

    package mutating func complete() -> CompleteAction {
        switch self.state {
        case .consulting(let target):
            self.state = .joining(target: target, isRepeated: false)
            return .hangUpAgent(self.agentLeg)
        case .requested, .ringing: return .refuse(.notAnswered)
        case .unattended, .joining, .cancelling, .returning, .talkingOn: return .refuse(.tooLate)
        case .ended: return .refuse(.ended)
        }
    }

    package enum CancelAction: Equatable {
        /// None when no leg was seen yet: it is hung up when it comes.
        case hangUp([String])
        case refuse(Refusal)
    }

    package mutating func cancel() -> CancelAction {
        switch self.state {
        case .requested, .ringing:
            self.state = .cancelling
            return .hangUp(self.targets)
        case .consulting(let target):
            self.state = .returning(.cancelled, isRepeated: false)
            return .hangUp([target])
        case .unattended, .joining, .cancelling, .returning, .talkingOn: return .refuse(.tooLate)
        case .ended: return .refuse(.ended)
        }
    }

    // MARK: time and loss

    package enum TimedOutAction: Equatable {
        case none
        case hangUp([String])
        case hangUpAndRescueCaller([String])
        case bridge(String, String)
    }

    /// - Parameter areJoined: whether the two are known to talk to each other, though no event came that said so.
    package mutating func timedOut(areJoined: (String, String) -> Bool) -> TimedOutAction {
        switch self.state {
        case .requested:
            // Whoever cannot be called at all has no leg, and no event tells.
            self.state = .ended(.failed(.notReachable))
            return .none
        case .ringing:
            self.state = .ended(.failed(.noAnswer))
            return .hangUp(self.targets)
        case .unattended:
            self.state = .ended(.failed(.noAnswer))
            return .hangUpAndRescueCaller(self.targets)
        case .joining(let target, isRepeated: false):
            self.state = .joining(target: target, isRepeated: true)
            return .bridge(self.callerLeg, target)
        case .joining(let target, isRepeated: true):
            if areJoined(self.callerLeg, target) {
                self.state = .ended(.completed)
                return .none
            }
            self.state = .ended(.failed(.notJoined))
            return .hangUpAndRescueCaller(self.targets)
        case .cancelling:
            self.state = .ended(.cancelled)
            return .none
        case .returning(let outcome, isRepeated: false):
            self.state = .returning(outcome, isRepeated: true)
            return .bridge(self.agentLeg, self.callerLeg)
        case .returning(let outcome, isRepeated: true):
            self.state = .ended(outcome)
            return .none
        case .consulting, .talkingOn, .ended: return .none
        }
    }

    /// What a snapshot tells of a call, after events were lost.
    package struct View {
        package var isAlive: (String) -> Bool
        /// Whether the two talk to each other.
        package var areJoined: (String, String) -> Bool
        /// Whether the leg talks to nobody and waits in no queue.
        package var isAlone: (String) -> Bool

        package init(
            isAlive: @escaping (String) -> Bool, areJoined: @escaping (String, String) -> Bool, isAlone: @escaping (String) -> Bool
        ) {
            self.isAlive = isAlive
            self.areJoined = areJoined
            self.isAlone = isAlone
        }
    }

    package enum ReviewedAction: Equatable {
        case none
        case hangUp([String])
        case rescueCaller
    }

    /// Events were lost: what they would have told is concluded from who is still there and talks to whom.
    package mutating func reviewed(_ view: View) -> ReviewedAction {
        switch self.state {
        case .requested, .ringing, .consulting, .unattended, .joining, .cancelling, .returning, .talkingOn: break
        case .ended: return .none
        }
        let gone = self.targets.filter { !view.isAlive($0) }
        let agentIsThere = view.isAlive(self.agentLeg)
        let callerIsThere = view.isAlive(self.callerLeg)
        if !agentIsThere, !callerIsThere {
            // Who left first, and whether the two were joined before, nobody saw.
            if case .talkingOn = self.state { self.state = .ended(.failed(.callerHungUp)) } else { self.state = .ended(.lost) }
            let left = self.targets.filter { view.isAlive($0) }
            self.targets = left
            return left.isEmpty ? .none : .hangUp(left)
        }
        if let target = self.targets.first(where: { view.areJoined(self.callerLeg, $0) }) { self.bridged(self.callerLeg, target) }
        if let target = self.targets.first(where: { view.areJoined(self.agentLeg, $0) }) { self.bridged(self.agentLeg, target) }
        var action = HungUpAction.none
        for leg in (callerIsThere ? [] : [self.callerLeg]) + gone + (agentIsThere ? [] : [self.agentLeg]) {
            // Whoever is told to hang up is there: of those who are not, nothing is wanted.
            switch self.hungUp(leg, cause: nil) {
            case .none: break
            case .hangUp(let legs): action = .hangUp(legs)
            case .rescueCaller: action = .rescueCaller
            }
        }
        if view.areJoined(self.agentLeg, self.callerLeg) { self.bridged(self.agentLeg, self.callerLeg) }
        switch action {
        case .none: return .none
        case .hangUp(let legs):
            let left = legs.filter { view.isAlive($0) }
            return left.isEmpty ? .none : .hangUp(left)
        case .rescueCaller: return view.isAlone(self.callerLeg) ? .rescueCaller : .none
        }
    }

    /// FreeSWITCH did not take the command.
    package mutating func refused(_ failure: Failure) {
        switch self.state {
        case .requested: self.state = .ended(.failed(failure))
        case .ringing, .consulting, .unattended, .joining, .cancelling, .returning, .talkingOn, .ended: break
        }
    }

    package mutating func lost() {
        switch self.state {
        case .requested, .ringing, .consulting, .unattended, .joining, .cancelling, .returning: self.state = .ended(.lost)
        case .talkingOn: self.state = .ended(.failed(.callerHungUp))
        case .ended: break
        }
    }
}
