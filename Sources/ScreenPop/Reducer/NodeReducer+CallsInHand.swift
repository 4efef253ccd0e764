import CallCenter

/// A live pop with the legs that commands are about.
package struct CallInHand: Sendable {
    package var pop: Pop
    /// The agent's, once it is known; of an offer the one that rings.
    package var agentLeg: String?
    /// The caller's, or of an outbound call the one the agent talks to.
    package var partyLeg: String?
    /// An agent on a standing leg keeps it between calls.
    package var isStandby: Bool
}

// For commands: what an agent, or a supervisor, may mean by a call.
extension NodeReducer {
    /// - Parameter name: a pop's id or the uuid of one of its channels; `nil` means the current one.
    package func callInHand(agent: String, named name: String? = nil) -> CallInHand? {
        let pops = (self.agents[agent]?.pops ?? []).compactMap { self.pops[$0]?.pop }.filter { pop in
            pop.state != .ended && (name == nil || pop.id == name || pop.callUUID == name || pop.agentCallUUID == name)
        }
        return Self.currentFirst(pops).first.flatMap { self.callInHand($0) }
    }

    /// The call with an agent to which the channel belongs.
    package func callInHand(channel uuid: String) -> CallInHand? {
        let pops = self.sortedPops().map(\.pop).filter { $0.callUUID == uuid || $0.agentCallUUID == uuid }
        return Self.currentFirst(pops).first.flatMap { self.callInHand($0) }
    }

    private func callInHand(_ pop: Pop) -> CallInHand? {
        guard let live = self.pops[pop.id] else { return nil }
        let agentLeg = pop.state == .answered ? pop.agentCallUUID : pop.agentCallUUID ?? live.ringing.last
        return CallInHand(
            pop: pop, agentLeg: agentLeg.flatMap { self.isAlive($0) ? $0 : nil }, partyLeg: live.party.flatMap { self.isAlive($0) ? $0 : nil },
            isStandby: self.agents[pop.agent]?.record.type == CallCenterCommand.AgentType.uuidStandby.rawValue)
    }

    package func isAlive(_ leg: String) -> Bool {
        self.channels[leg].map { $0.hangup == nil } ?? false
    }

    /// Whether each is the other's peer.
    package func areJoined(_ a: String, _ b: String) -> Bool {
        self.isAlive(a) && self.isAlive(b) && self.channels[a]?.peer == b && self.channels[b]?.peer == a
    }

    package func isAnswered(_ leg: String) -> Bool { self.channels[leg]?.answeredAt != nil }

    /// Whether it is there, talks to nobody, and waits in no queue.
    package func isAlone(_ leg: String) -> Bool {
        self.isAlive(leg) && !self.isWaiting(leg) && !(self.channels[leg]?.peer.map { self.areJoined(leg, $0) } ?? false)
    }

    /// Calls that are not over, oldest first.
    package var liveCalls: [CallRecord] {
        self.calls.values.filter { !$0.isOver }.map(\.record).sorted { ($0.startedAt, $0.uuid) < ($1.startedAt, $1.uuid) }
    }

    package func isLive(call uuid: String) -> Bool { self.calls[uuid].map { !$0.isOver } ?? false }

    package func isLive(pop id: String) -> Bool { self.pops[id].map { $0.pop.state != .ended } ?? false }

    /// The agent's dial string; `nil` for an agent that is not known here.
    package func contact(of agent: String) -> String? { self.agents[agent]?.record.contact }

    // MARK: what a command is about to do

    /// A command takes the caller's leg from its agent; to be told before it does. `target` is what people are shown.
    /// - Parameter leg: the agent's, when he has consulted the target: who was consulted talks on, with the caller.
    package mutating func announceTransfer(of party: String, to target: String, consultedOn leg: String? = nil) {
        if let leg { self.channels[leg]?.handsOver = true }
        guard self.channels[party]?.hangup == nil else { return }
        self.channels[party]?.announcedTarget = target
        self.move(party, to: target)
    }

    /// The command did not do it.
    package mutating func withdrawTransfer(of leg: String) {
        self.channels[leg]?.announcedTarget = nil
        self.channels[leg]?.transferTarget = nil
        self.channels[leg]?.movedOn = false
    }

    /// A command of the agent hangs the leg up, his own or another's; to be told before it does.
    package mutating func announceHangUp(of leg: String, by agent: String) {
        self.channels[leg]?.endedFor = agent
    }

    /// The command did not do it: whoever hangs up does so himself.
    package mutating func withdrawHangUp(of leg: String) {
        self.channels[leg]?.endedFor = nil
    }
}

extension SwitchSnapshot {
    /// Legs that commands of ours made, with the ids of what they were made for.
    package var legsOfActions: [(leg: String, id: String)] {
        self.dumps.compactMap { leg, headers in ChannelDumpFacts(headers: headers)["variable_screenpop_id"].map { (leg, $0) } }
            .sorted { $0.leg < $1.leg }
    }
}
