public import CallCenter

extension NormalizedState {
    /// What an agent is doing, for whoever needs one word. The first line that fits:
    ///
    /// | | |
    /// |---|---|
    /// | talks (a pop is answered, whatever kind, whatever the status) and the caller is on hold | `hold` |
    /// | talks | `talking` |
    /// | state In a queue call, though no pop tells of it: the switch will offer nothing | `talking` |
    /// | a pop is offered, whatever kind: the phone rings, or the agent is dialling | `reserved` |
    /// | status Logged Out; the state that mod_callcenter left behind means nothing then | `loggedOut` |
    /// | state Receiving or Reserved | `reserved` |
    /// | status On Break, or one that mod_callcenter does not act on (`available`) | `notReady` |
    /// | wrap-up time runs | `wrapUp` |
    /// | `ready_time` is to come: an offer failed a moment ago, or somebody set it | `notReady` |
    /// | status Available or Available (On Demand), state Waiting | `ready` |
    /// | the same, any other state (Idle gets no calls) | `notReady` |
    ///
    /// - Parameters:
    ///   - isOnHold: the answered pop is on hold.
    public init(
        status: AgentStatus, state: AgentState, isTalking: Bool, isOnHold: Bool, isOffered: Bool, isWrappingUp: Bool, isHeldBack: Bool = false
    ) {
        if isTalking {
            self = isOnHold ? .hold : .talking
        } else if state == .inAQueueCall {
            self = .talking
        } else if isOffered {
            self = .reserved
        } else if status == .loggedOut {
            self = .loggedOut
        } else if state == .receiving || state == .reserved {
            self = .reserved
        } else {
            switch status {
            case .available, .availableOnDemand: self = isWrappingUp ? .wrapUp : state == .waiting && !isHeldBack ? .ready : .notReady
            case .onBreak, .other, .loggedOut: self = .notReady
            }
        }
    }
}
