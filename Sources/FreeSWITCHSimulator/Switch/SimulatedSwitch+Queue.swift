import OrderedCollections

/// mod_callcenter: members wait, agents are offered calls, one of them answers.
extension SimulatedSwitch {
    /// The application `callcenter`. As mod_callcenter does, a queue that is not loaded is looked for in the configuration.
    /// - Returns: false where there is no such queue: then nothing was done, and the dialplan goes on.
    mutating func enterQueue(_ caller: String, queue: String) -> Bool {
        guard let channel = self.channels[caller], self.isCallCenterLoaded, self.findQueue(queue) else { return false }
        self.answerIfNeeded(caller)
        self.channels[caller]?.variables["cc_agent_bridged"] = nil
        let member = SimulatedMember(
            uuid: self.random.uuid(), channel: caller, queue: queue, number: channel.profile.callerNumber, name: channel.profile.callerName,
            dnis: channel.initialDestination, joined: self.now)
        self.members[member.uuid] = member
        self.channels[caller]?.application = "callcenter"
        self.channels[caller]?.applicationData = queue
        self.channels[caller]?.variables["cc_export_vars"] = self.configuration.exportedVariables.joined(separator: ",")
        self.apply(.queued, to: caller, TemplateContext(member: member.uuid, queue: queue, joined: self.now))
        self.emitCallCenter(
            .memberStart, channel: caller,
            [
                "CC-Queue": queue, "CC-Action": "member-queue-start", "CC-Member-UUID": member.uuid, "CC-Member-Session-UUID": caller,
                "CC-Member-CID-Name": member.name, "CC-Member-CID-Number": member.number,
            ])
        self.emitMembersCount(queue)
        self.scheduleDispatch()
        return true
    }

    private mutating func findQueue(_ name: String) -> Bool {
        if self.queues[name] == nil { self.queues[name] = self.configuration.queues.first { $0.name == name } }
        return self.queues[name] != nil
    }

    mutating func scheduleDispatch() {
        if !self.isScheduled(.dispatch) { self.schedule(.dispatch, after: 100_000) }
    }

    /// The module's own thread: every 100 ms while somebody waits.
    mutating func dispatch() {
        for member in Array(self.members.values) where member.state == .waiting || member.state == .trying {
            guard let queue = self.queues[member.queue], !self.giveUpIfWaitedTooLong(member, in: queue) else { continue }
            let free = self.freeAgents(of: queue, for: member)
            switch (queue.strategy, member.state) {
            case (.ringAll, _): self.offer(member.uuid, to: free)
            case (_, .waiting): self.offer(member.uuid, to: Array(free.prefix(1)))
            case (_, .trying), (_, .answered), (_, .abandoned): break
            }
        }
        if self.members.values.contains(where: { $0.state == .waiting || $0.state == .trying }) { self.scheduleDispatch() }
    }

    /// - Returns: whether the member has left.
    private mutating func giveUpIfWaitedTooLong(_ member: SimulatedMember, in queue: SimulatedQueue) -> Bool {
        let waited = (self.now - member.joined) / 1_000_000
        let someoneIsThere = self.tiers.contains { $0.queue == queue.name && Self.isAvailable(self.agents[$0.agent]?.status) }
        if queue.maxWaitTime > 0, waited >= queue.maxWaitTime {
            self.timeOut(member.uuid, reason: "TIMEOUT")
            return true
        }
        if queue.maxWaitTimeWithNoAgent > 0, !someoneIsThere, waited >= queue.maxWaitTimeWithNoAgent {
            self.timeOut(member.uuid, reason: "NO_AGENT_TIMEOUT")
            return true
        }
        return false
    }

    private func freeAgents(of queue: SimulatedQueue, for member: SimulatedMember) -> [String] {
        let seconds = self.now / 1_000_000
        let candidates = self.tiers.filter { $0.queue == queue.name }.compactMap { tier -> (SimulatedTier, SimulatedAgent)? in
            guard let agent = self.agents[tier.agent], Self.isAvailable(agent.status), agent.state == "Waiting", agent.readyTime <= seconds,
                agent.externalCalls <= 0 || queue.shown("skip-agents-with-external-calls") == "false",
                tier.state == "Ready" || tier.state == "No Answer", agent.lastBridgeEnd / 1_000_000 < seconds - Int64(agent.wrapUpTime)
            else { return nil }
            return (tier, agent)
        }
        func precedes(_ a: (SimulatedTier, SimulatedAgent), _ b: (SimulatedTier, SimulatedAgent)) -> Bool {
            if a.0.level != b.0.level { return a.0.level < b.0.level }
            switch queue.strategy {
            case .longestIdleAgent where a.1.lastBridgeEnd != b.1.lastBridgeEnd: return a.1.lastBridgeEnd < b.1.lastBridgeEnd
            case .roundRobin where a.1.lastOfferedCall != b.1.lastOfferedCall: return a.1.lastOfferedCall < b.1.lastOfferedCall
            case .agentWithLeastTalkTime where a.1.talkTime != b.1.talkTime: return a.1.talkTime < b.1.talkTime
            case .agentWithFewestCalls where a.1.callsAnswered != b.1.callsAnswered: return a.1.callsAnswered < b.1.callsAnswered
            case .longestIdleAgent, .roundRobin, .agentWithLeastTalkTime, .agentWithFewestCalls, .ringAll, .topDown:
                return a.0.position < b.0.position
            }
        }
        // A stable order for equals: the one in which the tiers were added.
        return candidates.enumerated().sorted { precedes($0.element, $1.element) || (!precedes($1.element, $0.element) && $0.offset < $1.offset) }
            .map(\.element.1.name)
    }

    static func isAvailable(_ status: String?) -> Bool { status == "Available" || status == "Available (On Demand)" }

    private mutating func offer(_ uuid: String, to names: [String]) {
        guard let member = self.members[uuid], let queue = self.queues[member.queue], !names.isEmpty else { return }
        self.members[uuid]?.state = .trying
        self.members[uuid]?.servingAgent = queue.strategy == .ringAll ? "ring-all" : names[0]
        for name in names {
            self.agents[name]?.lastOfferedCall = self.now
            self.setTierState("Offering", queue: member.queue, agent: name)
            self.moveOtherTiers(of: name, than: member.queue, from: "Ready", to: "Standby")
            self.setState("Receiving", of: name)
        }
        for name in names {
            self.emitCallCenter(
                .agentOffering,
                [
                    "CC-Queue": member.queue, "CC-Action": "agent-offering", "CC-Agent": name, "CC-Agent-Type": self.agents[name]?.type,
                    "CC-Agent-System": "single_box", "CC-Member-UUID": uuid, "CC-Member-Session-UUID": member.channel,
                    "CC-Member-CID-Name": member.name,
                    "CC-Member-CID-Number": member.number, "CC-Member-DNIS": member.dnis,
                ])
        }
        for name in names where self.agents[name]?.type == "uuid-standby" { self.fetchStandby(name, for: member) }
        let offers = names.filter { self.agents[$0]?.type != "uuid-standby" }.map { self.call(agent: $0, for: member) }
        for (offer, timeout) in offers {
            self.offers[offer.leg] = offer
            switch self.phones[offer.agent] ?? .rings {
            case _ where self.channels[offer.leg] == nil: self.endOffer(offer.leg, cause: "DESTINATION_OUT_OF_ORDER", disposition: .refused)
            case .rings, .answers:
                self.ring(offer.leg)
                self.schedule(.offerTimeout(leg: offer.leg), after: Int64(timeout) * 1_000_000)
                self.schedulePickUp(offer.leg)
            case .rejects: self.endOffer(offer.leg, cause: "CALL_REJECTED", disposition: .refusedByPhone)
            case .isBusy: self.endOffer(offer.leg, cause: "USER_BUSY", disposition: .refusedByPhone)
            case .isUnregistered: self.endOffer(offer.leg, cause: "USER_NOT_REGISTERED", disposition: .refusedByPhone)
            }
        }
    }

    /// An agent who stands by on a parked leg of their own gets the member at once; without that leg mod_callcenter logs the agent out.
    private mutating func fetchStandby(_ name: String, for member: SimulatedMember) {
        let leg = self.agents[name]?.uuid ?? ""
        let offer = SimulatedOffer(
            agent: name, leg: leg, member: member.uuid, called: 0, isOnDemand: self.agents[name]?.status == "Available (On Demand)")
        guard let channel = self.channels[leg], !channel.isHungUp, channel.bridgedTo == nil else {
            self.setStatus("Logged Out", of: name)
            self.agents[name]?.uuid = ""
            self.reportFailedOffer(offer, cause: "NONE")
            return self.releaseAgent(of: offer, cause: "NONE")
        }
        self.apply(.standbyFetched, to: leg, TemplateContext(other: member.channel, member: member.uuid, queue: member.queue, agent: name))
        self.connect(offer)
    }

    /// Makes the leg to an agent's phone; none when the contact leads nowhere or the phone is not registered.
    private mutating func call(agent name: String, for member: SimulatedMember) -> (SimulatedOffer, timeout: Int) {
        var offer = SimulatedOffer(
            agent: name, leg: "", member: member.uuid, called: self.now, isOnDemand: self.agents[name]?.status == "Available (On Demand)")
        guard let destination = PhoneDestination(dialString: self.agents[name]?.contact ?? ""), self.phones[name] != .isUnregistered else {
            offer.leg = self.random.uuid()
            return (offer, 0)
        }
        let leg = self.createOutbound(
            address: destination.address, channelName: destination.channelName, callerName: Self.nameOnAgentLeg(member.name),
            callerNumber: member.number, source: "src/switch_ivr_originate.c")
        offer.leg = leg
        let context = TemplateContext(other: member.channel, member: member.uuid, queue: member.queue, agent: name, joined: member.joined)
        self.apply(.agentLegCreated, to: leg, context)
        for (name, value) in destination.variables { self.channels[leg]?.variables[name] = value }
        let exported = self.configuration.exportedVariables
        self.channels[leg]?.variables["cc_export_vars"] = exported.joined(separator: ",")
        for name in exported {
            if let value = self.channels[member.channel]?.variables[name] { self.channels[leg]?.variables[name] = value }
        }
        self.emitChannel("CHANNEL_CREATE", .channelCreate, leg)
        return (offer, destination.timeout)
    }

    /// Of a name with a colon a real agent's leg shows, until it is bridged, only what follows it.
    private static func nameOnAgentLeg(_ name: String) -> String {
        name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
    }

    /// A phone did not take the call.
    mutating func endOffer(_ leg: String, cause: String, disposition: HangupDisposition) {
        guard let offer = self.takeOffer(leg) else { return }
        self.hangUpLeg(leg, cause: cause, disposition: disposition)
        self.finishFailedLeg(leg, disposition: disposition)
        self.reportFailedOffer(offer, cause: cause)
        self.releaseAgent(of: offer, cause: cause)
    }

    mutating func takeOffer(_ leg: String) -> SimulatedOffer? {
        self.cancel(.offerTimeout(leg: leg))
        return self.offers.removeValue(forKey: leg)
    }

    mutating func finishFailedLeg(_ leg: String, disposition: HangupDisposition) {
        self.complete(leg, disposition: disposition)
        self.destroy(leg)
    }

    mutating func reportFailedOffer(_ offer: SimulatedOffer, cause: String) {
        guard let member = self.members[offer.member], var agent = self.agents[offer.agent] else { return }
        let seconds = self.now / 1_000_000
        let isNoAnswer = Self.isNoAnswer(cause)
        let delay =
            switch cause {
            case "LOSE_RACE", "ORIGINATOR_CANCEL": 0
            case "CALL_REJECTED": agent.rejectDelayTime
            case "USER_BUSY", "NORMAL_CIRCUIT_CONGESTION": agent.busyDelayTime
            case "USER_NOT_REGISTERED": 5
            default: agent.noAnswerDelayTime
            }
        if isNoAnswer { agent.noAnswerCount += 1 }
        // Without a delay, a time that somebody set stays.
        if delay > 0 { agent.readyTime = seconds + Int64(delay) }
        let exhausted = isNoAnswer && agent.maxNoAnswer > 0 && agent.noAnswerCount >= agent.maxNoAnswer
        if exhausted, let status = self.queues[member.queue]?.agentNoAnswerStatus {
            self.emitCallCenter(
                .maxNoAnswer,
                [
                    "CC-Agent": agent.name, "CC-Action": "agent-max-no-answer", "CC-Agent-No-Answer-Count": String(agent.maxNoAnswer),
                    "CC-Agent-No-Answer-Status": status, "CC-Member-UUID": member.uuid, "CC-Member-Session-UUID": member.channel,
                ])
            self.agents[agent.name] = agent
            self.setStatus(status, of: agent.name)
        } else {
            self.agents[agent.name] = agent
        }
        self.emitCallCenter(
            .bridgeFail,
            [
                "CC-Queue": member.queue, "CC-Action": "bridge-agent-fail", "CC-Hangup-Cause": cause, "CC-Agent": agent.name,
                "CC-Agent-System": "single_box",
                "CC-Agent-Called-Time": String(offer.called / 1_000_000), "CC-Agent-Aborted-Time": String(seconds), "CC-Member-UUID": member.uuid,
                "CC-Member-Session-UUID": member.channel, "CC-Member-CID-Name": member.name, "CC-Member-CID-Number": member.number,
                "CC-Member-Joined-Time": String(member.joined / 1_000_000),
            ])
    }

    /// Whatever keeps a phone from being answered counts as no answer, unless it is one of those that mod_callcenter knows better.
    private static func isNoAnswer(_ cause: String) -> Bool {
        !["LOSE_RACE", "ORIGINATOR_CANCEL", "CALL_REJECTED", "USER_BUSY", "NORMAL_CIRCUIT_CONGESTION", "USER_NOT_REGISTERED"].contains(cause)
    }

    /// - Parameter cause: why the offer failed.
    mutating func releaseAgent(of offer: SimulatedOffer, cause: String) {
        if let queue = self.members[offer.member]?.queue {
            self.freeTiers(of: offer.agent, in: queue, as: Self.isNoAnswer(cause) ? "No Answer" : "Ready")
        }
        // Whatever state somebody set meanwhile.
        self.setState("Waiting", of: offer.agent)
        let stillRinging = self.offers.values.contains { $0.member == offer.member }
        if self.members[offer.member]?.state == .trying, !stillRinging {
            self.members[offer.member]?.state = .waiting
            self.members[offer.member]?.servingAgent = ""
            self.scheduleDispatch()
        }
    }

    mutating func setState(_ state: String, of agent: String) {
        guard self.agents[agent] != nil else { return }
        self.agents[agent]?.state = state
        self.emitCallCenter(.agentState, ["CC-Agent": agent, "CC-Action": "agent-state-change", "CC-Agent-State": state])
    }

    mutating func setStatus(_ status: String, of agent: String) {
        guard let before = self.agents[agent]?.status else { return }
        if status.lowercased() != "available" {
            self.agents[agent]?.status = status
            self.agents[agent]?.lastStatusChange = self.now
        } else if before != status {
            // Who becomes Available begins to count anew.
            self.agents[agent]?.status = status
            self.agents[agent]?.lastStatusChange = self.now
            self.agents[agent]?.noAnswerCount = 0
            self.agents[agent]?.callsAnswered = 0
            self.agents[agent]?.talkTime = 0
        }
        self.emitCallCenter(.agentStatus, ["CC-Agent": agent, "CC-Action": "agent-status-change", "CC-Agent-Status": status])
    }

    /// What mod_callcenter does with an agent's tiers once a call or an offer is over.
    mutating func freeTiers(of agent: String, in queue: String, as state: String) {
        if let index = self.tiers.firstIndex(where: { $0.queue == queue && $0.agent == agent }),
            ["Active Inbound", "Standby", "Offering"].contains(self.tiers[index].state)
        {
            self.tiers[index].state = state
        }
        self.moveOtherTiers(of: agent, than: queue, from: "Standby", to: "Ready")
    }

    private mutating func moveOtherTiers(of agent: String, than queue: String, from: String, to: String) {
        for index in self.tiers.indices where self.tiers[index].agent == agent && self.tiers[index].queue != queue && self.tiers[index].state == from
        {
            self.tiers[index].state = to
        }
    }

    mutating func setTierState(_ state: String, queue: String, agent: String) {
        guard let index = self.tiers.firstIndex(where: { $0.queue == queue && $0.agent == agent }) else { return }
        self.tiers[index].state = state
    }
}
