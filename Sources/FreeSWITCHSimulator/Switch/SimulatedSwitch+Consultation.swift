import OrderedCollections

/// `att_xfer`, with the events in the order in which a real one sends them.
extension SimulatedSwitch {
    /// `uuid_broadcast UUID att_xfer::DIAL-STRING`: who cannot be called at all shows in nothing.
    mutating func consult(_ leg: String, _ text: String) {
        guard let agent = self.channels[leg], !agent.isHungUp, let party = agent.bridgedTo, self.consultations[leg] == nil else { return }
        let dial = self.dialString(text)
        let phone: PhoneDestination
        switch dial.destination {
        case .fails: return
        case .dialplan(let number):
            guard let outside = self.outsidePhone(number) else { return }
            phone = outside
        case .phone(let destination): phone = destination
        }
        let behaviour = self.phone(at: phone.number)
        guard behaviour != .isUnregistered else { return }
        let target = self.createOutbound(
            address: phone.address, channelName: phone.channelName, callerName: agent.profile.callerName, callerNumber: agent.profile.callerNumber,
            source: "src/switch_ivr_originate.c")
        self.apply(.originatedLegCreated, to: target)
        for (name, value) in dial.variables + phone.variables { self.channels[target]?.variables[name] = value }
        self.channels[target]?.variables["originator"] = leg
        self.channels[target]?.callUUID = agent.callUUID
        self.channels[target]?.other = CallLeg.OtherLeg(type: "originator", profile: agent.profile, times: CallLeg.Times())
        self.consultations[leg] = Consultation(party: party, target: target)
        self.setApplication("att_xfer", text, of: leg)
        self.setApplication("playback", "local_stream://moh", of: party)
        self.emitChannel("CHANNEL_CREATE", .channelCreate, target)
        switch behaviour {
        case .rejects, .isBusy, .isUnregistered:
            self.targetLeaves(leg, cause: behaviour == .rejects ? "CALL_REJECTED" : "USER_BUSY", .refusedByPhone)
        case .rings, .answers:
            self.channels[leg]?.callState = "RING_WAIT"
            self.ring(target)
            self.schedulePickUp(target)
            let seconds = dial.value("originate_timeout").flatMap { Int64($0) } ?? 60
            self.schedule(.consultation(agentLeg: leg, .noAnswer), after: min(seconds, Int64(phone.timeout)) * 1_000_000)
        }
    }

    private mutating func setApplication(_ application: String, _ data: String, of uuid: String) {
        self.channels[uuid]?.application = application
        self.channels[uuid]?.applicationData = data
        self.channels[uuid]?.variables["current_application"] = application
    }

    /// Whose consultation rings or talks at that leg.
    func consultingLeg(of target: String) -> String? { self.consultations.first { $0.value.target == target && !$0.value.isEnding }?.key }

    mutating func answerConsultation(_ leg: String) {
        guard let target = self.consultations[leg]?.target, !self.isScheduled(.consultation(agentLeg: leg, .connect)) else { return }
        self.cancel(.consultation(agentLeg: leg, .noAnswer))
        self.answerOutbound(target)
        self.schedule(.consultation(agentLeg: leg, .connect), after: 20_000)
    }

    /// One of the three hangs up, or is hung up.
    /// - Returns: `false` for one who takes part in none.
    mutating func leaveConsultation(_ call: String, cause: String, _ disposition: HangupDisposition, isKilled: Bool = false) -> Bool {
        for (leg, consultation) in self.consultations where !consultation.isEnding {
            if call == consultation.target {
                let isRefusal = disposition == .receivedBye && self.channels[call]?.answerState == "ringing"
                let isCancelled = disposition == .sentBye && self.channels[call]?.answerState == "ringing"
                self.targetLeaves(
                    leg, cause: isRefusal ? "CALL_REJECTED" : cause, isRefusal ? .refusedByPhone : isCancelled ? .cancelled : disposition,
                    isKilled: isKilled)
            } else if call == leg {
                self.agentLeaves(leg, cause: cause, disposition, isKilled: isKilled)
            } else if call == consultation.party {
                self.partyLeaves(leg, cause: cause, disposition, isKilled: isKilled)
            } else {
                continue
            }
            return true
        }
        return false
    }

    mutating func targetLeaves(_ leg: String, cause: String, _ disposition: HangupDisposition, isKilled: Bool = false) {
        guard let consultation = self.consultations[leg] else { return }
        let target = consultation.target
        let number = self.channels[target]?.profile.destination
        self.cancelSteps(of: leg, [.noAnswer, .connect])
        self.hangUpLeg(target, cause: cause, disposition: disposition, isKilled: isKilled)
        if consultation.agentIsGone {
            self.settleUnattended(leg)
            self.destroy(leg)
        }
        self.complete(target, disposition: disposition)
        if consultation.isConnected {
            self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, leg, bridge: (leg, target))
            self.channels[leg]?.bridgedTo = consultation.party
        }
        self.destroy(target)
        self.channels[leg]?.callState = "ACTIVE"
        if consultation.agentIsGone {
            self.consultations[leg] = nil
            // A real one sends whoever waited on to the number that did not answer.
            if cause == "ATTENDED_TRANSFER", let number { self.transfer(consultation.party, to: number, inline: false) }
        } else if consultation.partyIsGone {
            self.consultations[leg]?.isEnding = true
            self.schedule(.consultation(agentLeg: leg, .endAgentLeg), after: 100_000)
        } else if consultation.isConnected {
            self.consultations[leg]?.isEnding = true
            self.schedule(.consultation(agentLeg: leg, .comeBack), after: 20_000)
        } else {
            self.consultations[leg] = nil
        }
    }

    private mutating func agentLeaves(_ leg: String, cause: String, _ disposition: HangupDisposition, isKilled: Bool) {
        guard let consultation = self.consultations[leg], !consultation.agentIsGone else { return }
        if let member = self.answeredMember(of: leg) { self.members[member]?.isParted = true }
        self.forgetDirectCall(leg, consultation.party)
        self.hangUpLeg(leg, cause: cause, disposition: disposition, isKilled: isKilled)
        if consultation.isConnected {
            self.consultations[leg]?.isEnding = true
            self.schedule(.consultation(agentLeg: leg, .part), after: 20_000)
        } else if consultation.partyIsGone {
            self.targetLeaves(leg, cause: "ORIGINATOR_CANCEL", .cancelled)
        } else {
            self.consultations[leg]?.agentIsGone = true
            self.schedule(.consultation(agentLeg: leg, .tell), after: 60_000)
        }
    }

    /// The agent and who is consulted talk on; or, when the agent is gone, the phone stops to ring.
    private mutating func partyLeaves(_ leg: String, cause: String, _ disposition: HangupDisposition, isKilled: Bool) {
        guard let consultation = self.consultations[leg], !consultation.partyIsGone else { return }
        self.hangUpLeg(consultation.party, cause: cause, disposition: disposition, isKilled: isKilled)
        self.consultations[leg]?.partyIsGone = true
        guard consultation.agentIsGone else { return }
        self.targetLeaves(leg, cause: "ORIGINATOR_CANCEL", .cancelled)
        self.complete(consultation.party, disposition: disposition)
        self.destroy(consultation.party)
    }

    // MARK: by time

    mutating func goOn(_ leg: String, _ step: Consultation.Step) {
        guard let consultation = self.consultations[leg] else { return }
        let (party, target) = (consultation.party, consultation.target)
        switch step {
        case .noAnswer: self.targetLeaves(leg, cause: consultation.agentIsGone ? "ATTENDED_TRANSFER" : "NO_ANSWER", .cancelled)
        case .connect:
            if consultation.agentIsGone { self.joinUnattended(leg) } else { self.connect(leg, target) }
        case .comeBack:
            guard self.areAlive(leg, party) else { return self.consultations[leg] = nil }
            self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, party, bridge: (party, leg))
            self.schedule(.consultation(agentLeg: leg, .rejoin), after: 80_000)
        case .rejoin:
            self.consultations[leg] = nil
            guard self.areAlive(leg, party) else { return }
            self.know(leg, party)
            self.channels[leg]?.state = .softExecute
            self.emitChannel("CHANNEL_BRIDGE", .channelBridge, leg, bridge: (leg, party))
        case .part:
            self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, leg, bridge: (leg, target))
            self.schedule(.consultation(agentLeg: leg, .handOver), after: 20_000)
        case .handOver:
            self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, party, bridge: (party, leg))
            for uuid in [party, target] { self.channels[uuid]?.bridgedTo = nil }
            if consultation.partyIsGone {
                self.complete(party, disposition: self.channels[party]?.hangupDisposition ?? .receivedBye)
            } else if self.areAlive(party, target) {
                self.beOriginator(target)
                self.stepIntoBridge(target, party)
                self.schedule(.uuidBridge(a: target, b: party), after: 21_000)
            }
            self.schedule(.consultation(agentLeg: leg, .tell), after: 20_000)
        case .tell:
            if let member = self.answeredMember(of: leg) { self.endQueueCall(member, destroys: false) }
            self.schedule(.consultation(agentLeg: leg, .finish), after: 40_000)
        case .finish:
            self.complete(leg, disposition: self.channels[leg]?.hangupDisposition ?? .receivedBye)
            guard !consultation.agentIsGone else {
                self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, party, bridge: (party, leg))
                self.channels[party]?.bridgedTo = nil
                return
            }
            self.consultations[leg] = nil
            self.destroy(leg)
            if self.channels[party]?.isHungUp == true { self.destroy(party) }
            // It was to be joined with somebody who is gone.
            if consultation.partyIsGone, self.channels[target]?.isHungUp == false { self.park(target) }
        case .endAgentLeg: self.endAgentLeg(leg, party)
        }
    }

    private mutating func connect(_ leg: String, _ target: String) {
        self.consultations[leg]?.isConnected = true
        self.know(leg, target)
        self.channels[leg]?.bridgedTo = target
        self.channels[target]?.bridgedTo = leg
        self.channels[target]?.times.bridged = self.now
        self.channels[target]?.state = .exchangeMedia
        for uuid in [leg, target] { self.channels[uuid]?.callState = "ACTIVE" }
        self.emitChannel("CHANNEL_BRIDGE", .channelBridge, leg, bridge: (leg, target))
    }

    private mutating func joinUnattended(_ leg: String) {
        guard let consultation = self.consultations[leg] else { return }
        self.settleUnattended(leg)
        self.consultations[leg] = nil
        self.destroy(leg)
        self.stepIntoBridge(consultation.party, consultation.target)
        self.schedule(.uuidBridge(a: consultation.party, b: consultation.target), after: 20_000)
    }

    /// The agent's leg ends before anything else is done with it.
    private mutating func settleUnattended(_ leg: String) {
        for step in [Consultation.Step.tell, .finish] where self.isScheduled(.consultation(agentLeg: leg, step)) {
            self.cancel(.consultation(agentLeg: leg, step))
            self.goOn(leg, step)
        }
    }

    private mutating func endAgentLeg(_ leg: String, _ party: String) {
        self.consultations[leg] = nil
        self.forgetDirectCall(leg, party)
        self.hangUpLeg(leg, cause: "NORMAL_CLEARING", disposition: .sentBye)
        self.complete(leg, disposition: self.channels[leg]?.hangupDisposition ?? .sentBye)
        self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, party, bridge: (party, leg))
        self.complete(party, disposition: self.channels[party]?.hangupDisposition ?? .receivedBye)
        if let member = self.answeredMember(of: leg) {
            self.members[member]?.isParted = true
            self.schedule(.endQueueCall(member: member), after: 60_000)
        } else {
            for uuid in [party, leg] { self.destroy(uuid) }
        }
    }

    /// Somebody takes one of the three elsewhere: what rings or talks for it ends.
    mutating func dropConsultation(of uuid: String) {
        for (leg, consultation) in self.consultations where [leg, consultation.party, consultation.target].contains(uuid) {
            self.cancelSteps(of: leg, [.noAnswer, .connect, .comeBack, .rejoin])
            if consultation.isEnding { continue }
            if consultation.agentIsGone {
                self.settleUnattended(leg)
                self.destroy(leg)
            }
            self.consultations[leg] = nil
            self.channels[leg]?.bridgedTo = consultation.party
            self.channels[consultation.target]?.bridgedTo = nil
            if uuid != consultation.target { self.hangUpAlone(consultation.target, cause: "ORIGINATOR_CANCEL", disposition: .cancelled) }
        }
    }

    // MARK: legs

    private func areAlive(_ a: String, _ b: String) -> Bool { self.channels[a]?.isHungUp == false && self.channels[b]?.isHungUp == false }

    private mutating func cancelSteps(of leg: String, _ steps: [Consultation.Step]) {
        for step in steps { self.cancel(.consultation(agentLeg: leg, step)) }
    }

    private func answeredMember(of leg: String) -> String? {
        self.members.values.first { $0.state == .answered && ($0.agentLeg == leg || $0.channel == leg) }?.uuid
    }

    private mutating func forgetDirectCall(_ a: String, _ b: String) {
        if self.directCalls[a] == b { self.directCalls[a] = nil }
        if self.directCalls[b] == a { self.directCalls[b] = nil }
    }

    /// What the two legs of a bridge know of each other.
    private mutating func know(_ originator: String, _ originatee: String) {
        guard let a = self.channels[originator], let b = self.channels[originatee] else { return }
        self.channels[originator]?.other = CallLeg.OtherLeg(type: "originatee", profile: b.profile, times: b.times)
        self.channels[originatee]?.other = CallLeg.OtherLeg(type: "originator", profile: a.profile, times: CallLeg.Times())
        self.channels[originator]?.profile.calleeNumber = b.profile.calleeNumber ?? b.profile.destination
    }

    /// A leg that was called and now is the first of a bridge shows its own number as the caller's.
    private mutating func beOriginator(_ uuid: String) {
        guard let profile = self.channels[uuid]?.profile else { return }
        self.channels[uuid]?.profile.callerNumber = profile.destination
        self.channels[uuid]?.profile.callerName = profile.calleeName ?? ""
    }
}
