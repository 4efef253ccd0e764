import OrderedCollections

/// Who does something to a call: the one who dialled, or the phone that was rung.
package enum CallSide: String, Sendable, CaseIterable {
    case caller, agent
}

/// What the outside world does to the switch. Whatever does not fit the state is ignored and says so by its result.
extension SimulatedSwitch {
    /// Somebody dials. The uuid of the caller's channel.
    @discardableResult
    package mutating func dial(number: String, name: String, to destination: String, variables: [(String, String)] = []) -> String {
        let caller = self.createInbound(number: number, name: name, destination: destination, port: 5555, variables: variables)
        self.route(caller, to: destination)
        self.runDialplan(caller, destination)
        return caller
    }

    /// An agent dials from the desk phone; `nil` when the agent has no phone.
    package mutating func dialOut(agent: String, number: String, name: String? = nil, variables: [(String, String)] = []) -> String? {
        guard let phone = PhoneDestination(dialString: self.agents[agent]?.contact ?? "") else { return nil }
        let caller = self.createInbound(number: phone.number, name: name ?? phone.number, destination: number, port: 5580, variables: variables)
        self.route(caller, to: number)
        guard let callee = PhoneDestination(dialString: "sofia/internal/\(number)@127.0.0.1:6010") else { return nil }
        self.callDirectly(caller, destination: callee, dialed: number, phone: .rings)
        return caller
    }

    /// A key pressed in the menu.
    @discardableResult
    package mutating func dtmf(_ digit: String, call: String) -> Bool {
        guard let channel = self.channels[call], !channel.isHungUp else { return false }
        self.emitChannel(
            "DTMF", .dtmf, call, withVariables: false, ["DTMF-Digit": digit, "DTMF-Duration": "2000", "DTMF-Source": "APP"])
        guard channel.profile.destination == self.configuration.menuExtension, let choice = self.configuration.menu[digit],
            let queue = self.configuration.queueExtensions[choice.extension]
        else { return true }
        self.channels[call]?.variables["ivr_menu_status"] = "success"
        self.channels[call]?.variables["ivr_choice"] = choice.choice
        self.route(call, to: choice.extension)
        self.execute(call, [DialplanStep("callcenter", queue)])
        return true
    }

    /// The agent picks up whatever rings; `false` when nothing does.
    package mutating func answer(agent: String) -> Bool {
        guard let leg = self.ringingLeg(of: agent) else { return false }
        self.pickUp(leg)
        return true
    }

    /// The far end of an agent's own call picks up.
    package mutating func answerFarEnd(call: String) -> Bool {
        if self.originates[call] != nil {
            self.answerOriginate(call)
            return true
        }
        guard let leg = self.directCalls.first(where: { $0.value == call })?.key else { return false }
        self.answerDirectCall(leg)
        return true
    }

    package mutating func reject(agent: String, busy: Bool = false) -> Bool {
        guard let leg = self.ringingLeg(of: agent) else { return false }
        let cause = busy ? "USER_BUSY" : "CALL_REJECTED"
        if self.offers[leg] != nil {
            self.endOffer(leg, cause: cause, disposition: .refusedByPhone)
        } else if self.originates[leg] != nil {
            self.failOriginate(leg, cause: cause, disposition: .refusedByPhone)
        } else if let agentLeg = self.consultingLeg(of: leg) {
            self.targetLeaves(agentLeg, cause: cause, .refusedByPhone)
        } else {
            self.failDirectCall(leg, cause: cause, disposition: .refusedByPhone)
        }
        return true
    }

    /// Either side ends a call, whatever phase it is in. `call` is the caller's channel or the agent's leg.
    @discardableResult
    package mutating func hangUp(_ call: String, by side: CallSide) -> Bool {
        guard let channel = self.channels[call], !channel.isHungUp else { return false }
        if self.leaveConsultation(call, cause: "NORMAL_CLEARING", .receivedBye) { return true }
        if self.offers[call] != nil {
            self.endOffer(call, cause: "CALL_REJECTED", disposition: .refusedByPhone)
        } else if self.originates[call] != nil {
            self.failOriginate(call, cause: "CALL_REJECTED", disposition: .refusedByPhone)
        } else if let member = self.member(of: call) {
            switch member.state {
            case .answered: self.hangUpQueueCall(member.uuid, by: side)
            case .waiting, .trying, .abandoned: self.abandon(member.uuid, cause: "NORMAL_CLEARING", disposition: .receivedBye)
            }
        } else if let leg = self.directCalls.first(where: { $0.key == call || $0.value == call })?.key {
            self.hangUpDirectCall(leg, by: side)
        } else {
            self.hangUpAlone(call, cause: "NORMAL_CLEARING", disposition: .receivedBye)
        }
        return true
    }

    /// The switch itself ends one leg, by command; the other follows.
    package mutating func kill(_ call: String, cause: String = "MANAGER_REQUEST") -> Bool {
        guard let channel = self.channels[call], !channel.isHungUp else { return false }
        if self.leaveConsultation(call, cause: cause, .sentBye, isKilled: true) { return true }
        if self.offers[call] != nil {
            self.endOffer(call, cause: cause, disposition: .cancelled)
        } else if self.originates[call] != nil {
            self.failOriginate(call, cause: cause, disposition: .cancelled)
        } else if let member = self.member(of: call) {
            switch member.state {
            case .answered: self.hangUpQueueCall(member.uuid, by: member.agentLeg == call ? .agent : .caller, killed: cause)
            case .waiting, .trying, .abandoned: self.abandon(member.uuid, cause: cause, disposition: .sentBye)
            }
        } else if self.directCalls[call] != nil {
            self.hangUpDirectCall(call, by: .agent, killed: cause)
        } else if let leg = self.directCalls.first(where: { $0.value == call })?.key {
            self.hangUpDirectCall(leg, by: .caller, killed: cause)
        } else {
            self.hangUpAlone(call, cause: cause, disposition: .sentBye)
        }
        return true
    }

    /// The member that a channel is in a queue, or talks to an agent, as; or whom that agent's leg talks to.
    private func member(of call: String) -> SimulatedMember? {
        self.members.values.first { ($0.channel == call || $0.agentLeg == call) && $0.state != .abandoned && !$0.isParted }
    }

    package mutating func hold(agent: String, _ held: Bool) -> Bool {
        guard let leg = self.talkingLeg(of: agent), let channel = self.channels[leg] else { return false }
        let isHeld = channel.callState == "HELD"
        guard isHeld != held else { return false }
        self.setHold(leg, held)
        return true
    }

    mutating func setHold(_ leg: String, _ held: Bool) {
        guard let channel = self.channels[leg] else { return }
        if held {
            self.channels[leg]?.callState = "HELD"
            self.channels[leg]?.times.lastHold = self.now
            self.emitChannel("CHANNEL_HOLD", .channelHold, leg)
        } else {
            self.channels[leg]?.callState = "UNHELD"
            self.channels[leg]?.times.holdAccumulated += self.now - channel.times.lastHold
            self.channels[leg]?.times.holds.append((channel.times.lastHold, self.now))
            self.emitChannel("CHANNEL_UNHOLD", .channelUnhold, leg)
            self.channels[leg]?.callState = "ACTIVE"
        }
    }

    package var allAgents: [SimulatedAgent] { Array(self.agents.values) }

    package func agent(named name: String) -> SimulatedAgent? { self.agents[name] }

    /// Changes the file that `queue load` and `queue reload` read; what is loaded stays as it is.
    package mutating func writeQueueFile(_ queues: [SimulatedQueue]) { self.configuration.queues = queues }

    package mutating func setCallsAbandoned(_ count: Int, of queue: String) { self.queues[queue]?.callsAbandoned = count }

    package mutating func setPhone(_ phone: Phone, of agent: String) { self.phones[agent] = phone }

    /// The leg that rings at an agent's phone, or at the phone with that number.
    package func ringingLeg(of agent: String) -> String? {
        if let offer = self.offers.values.first(where: { $0.agent == agent }) { return offer.leg }
        let number = PhoneDestination(dialString: self.agents[agent]?.contact ?? "")?.number ?? agent
        return (Array(self.directCalls.keys) + Array(self.originates.keys) + self.consultations.values.map(\.target)).first {
            guard let channel = self.channels[$0], channel.answerState == "ringing" else { return false }
            return channel.address.prefix { $0 != "@" } == number
        }
    }

    /// The leg an agent talks on: of a queue call, of a direct call, or of the agent's own.
    package func talkingLeg(of agent: String) -> String? {
        if let member = self.members.values.first(where: { $0.state == .answered && $0.servingAgent == agent }), let leg = member.agentLeg,
            self.channels[leg]?.isHungUp == false
        {
            return leg
        }
        guard let phone = PhoneDestination(dialString: self.agents[agent]?.contact ?? "") else { return nil }
        for consultation in self.consultations.values where self.channels[consultation.target]?.address == phone.address {
            if consultation.isConnected, self.channels[consultation.target]?.isHungUp == false { return consultation.target }
        }
        for (leg, caller) in self.directCalls where self.channels[caller]?.bridgedTo != nil {
            if self.channels[leg]?.address == phone.address { return leg }
            if self.channels[caller]?.profile.callerNumber == phone.number { return caller }
        }
        return nil
    }

    /// Callers in the menu or in a queue, not yet connected to anybody.
    var waitingCallers: [String] {
        self.channels.values.filter { channel in
            guard channel.profile.direction == .inbound, !channel.isHungUp, channel.bridgedTo == nil else { return false }
            return self.members.values.allSatisfy { $0.channel != channel.uuid || $0.state != .answered }
                && !self.directCalls.values.contains(channel.uuid)
        }.map(\.uuid)
    }

    /// The agents' own calls whose far end still rings.
    var unansweredFarEnds: [String] {
        self.directCalls.filter { leg, _ in
            guard let channel = self.channels[leg] else { return false }
            return channel.answerState == "ringing" && self.agentName(atExtension: channel.profile.destination) == nil
        }.map(\.value) + self.originates.keys.filter { self.agentName(atExtension: self.channels[$0]?.profile.destination ?? "") == nil }
    }

    func agentName(atExtension number: String) -> String? {
        self.agents.values.first { PhoneDestination(dialString: $0.contact)?.number == number }?.name
    }
}
