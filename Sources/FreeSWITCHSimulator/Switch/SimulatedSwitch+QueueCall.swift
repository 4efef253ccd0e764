import OrderedCollections

/// From the moment an agent answers to the end of the call; and callers who leave before.
extension SimulatedSwitch {
    /// The agent answers the offer that rings at that leg.
    mutating func answerOffer(_ leg: String) {
        guard let offer = self.takeOffer(leg) else { return }
        self.answerOutbound(leg)
        self.connect(offer)
    }

    /// An agent's leg is there for the member: it has answered, or stood by.
    mutating func connect(_ offer: SimulatedOffer) {
        guard let member = self.members[offer.member] else { return }
        let leg = offer.leg
        let losers = self.offers.values.filter { $0.member == member.uuid }
        for loser in losers { self.hangUpLeg(loser.leg, cause: "LOSE_RACE", disposition: .cancelled) }

        self.members[member.uuid]?.state = .answered
        self.members[member.uuid]?.servingAgent = offer.agent
        self.members[member.uuid]?.bridged = self.now
        self.members[member.uuid]?.agentLeg = leg
        self.members[member.uuid]?.called = offer.called
        self.members[member.uuid]?.isOnDemand = offer.isOnDemand
        self.agents[offer.agent]?.uuid = leg
        self.agents[offer.agent]?.lastBridgeStart = self.now
        self.agents[offer.agent]?.noAnswerCount = 0
        self.agents[offer.agent]?.callsAnswered += 1
        self.queues[member.queue]?.callsAnswered += 1
        self.setTierState("Active Inbound", queue: member.queue, agent: offer.agent)
        self.channels[leg]?.variables["cc_member_pre_answer_uuid"] = nil
        self.emitCallCenter(
            .bridgeStart, channel: leg,
            [
                "CC-Queue": member.queue, "CC-Action": "bridge-agent-start", "CC-Agent": offer.agent, "CC-Agent-System": "single_box",
                "CC-Agent-UUID": leg,
                "CC-Agent-Called-Time": String(offer.called / 1_000_000), "CC-Agent-Answered-Time": String(self.now / 1_000_000),
                "CC-Member-Joined-Time": String(member.joined / 1_000_000), "CC-Member-UUID": member.uuid, "CC-Member-Session-UUID": member.channel,
                "CC-Member-CID-Name": member.name, "CC-Member-CID-Number": member.number, "CC-Member-DNIS": member.dnis,
            ])
        for loser in losers {
            _ = self.takeOffer(loser.leg)
            self.complete(loser.leg, disposition: .cancelled)
        }
        for loser in losers { self.destroy(loser.leg) }
        for loser in losers { self.reportFailedOffer(loser, cause: "LOSE_RACE") }
        for loser in losers { self.releaseAgent(of: loser, cause: "LOSE_RACE") }
        self.schedule(.membersCount(queue: member.queue), after: 20_000)
        self.schedule(.bridge(member: member.uuid), after: 40_000)
    }

    mutating func bridge(member uuid: String) {
        self.cancel(.bridge(member: uuid))
        guard let member = self.members[uuid], let leg = member.agentLeg, let legChannel = self.channels[leg], !legChannel.isHungUp else { return }
        let caller = member.channel
        let answered = legChannel.times.answered
        self.join(caller: caller, leg: leg)
        self.channels[caller]?.profile.transferSource = "\(self.now / 1_000_000):\(self.random.uuid()):uuid_br:\(leg)"
        self.channels[caller]?.profile.index += 1
        self.channels[caller]?.times.profileCreated = answered
        self.channels[caller]?.state = .softExecute
        let context = TemplateContext(other: leg, member: uuid, queue: member.queue, agent: member.servingAgent, joined: member.joined)
        self.apply(.queueBridging, to: caller, context)
        self.emitChannel("CHANNEL_BRIDGE", .channelBridge, caller, bridge: (caller, leg))
        self.apply(.queueBridged, to: caller, context)
        self.channels[caller]?.variables["cc_queue_answered_epoch"] = String(answered / 1_000_000)

        self.channels[leg]?.profile.transferSource = "\(self.now / 1_000_000):\(self.random.uuid()):uuid_br:\(caller)"
        self.channels[leg]?.profile.index += 1
        self.channels[leg]?.times.profileCreated = answered
        self.channels[leg]?.times.bridged = self.now
        self.channels[leg]?.profile.callerName = member.name
        self.channels[leg]?.profile.callerNumber = member.number
        self.apply(.agentLegBridged, to: leg, TemplateContext(other: caller, member: uuid, queue: member.queue))
        self.setState("In a queue call", of: member.servingAgent)
    }

    /// One side of an answered queue call hangs up.
    ///
    /// - Parameter killed: by a command, with that cause, and not by the phone.
    mutating func hangUpQueueCall(_ uuid: String, by side: CallSide, killed: String? = nil) {
        if self.isScheduled(.bridge(member: uuid)) { self.bridge(member: uuid) }
        guard let member = self.members[uuid], let leg = member.agentLeg, let caller = self.channels[member.channel], !caller.isHungUp,
            let agent = self.channels[leg], !agent.isHungUp
        else { return }
        let cause = killed ?? "NORMAL_CLEARING"
        let disposition = killed == nil ? HangupDisposition.receivedBye : .sentBye
        switch side {
        case .caller: self.hangUpLeg(member.channel, cause: cause, disposition: disposition, isKilled: killed != nil)
        case .agent:
            self.hangUpLeg(leg, cause: cause, disposition: disposition, isKilled: killed != nil)
            self.complete(leg, disposition: disposition)
        }
        self.schedule(.endAgentLeg(member: uuid), after: 20_000)
    }

    mutating func endAgentLeg(of uuid: String) {
        guard let member = self.members[uuid], let leg = member.agentLeg, let caller = self.channels[member.channel] else { return }
        // Back from a consultation, the agent's leg comes first.
        let isReversed = caller.other?.type == "originator"
        let (first, bridge) = isReversed ? (leg, (leg, member.channel)) : (member.channel, (member.channel, leg))
        if let cause = caller.hangupCause {
            let disposition = caller.hangupDisposition ?? .receivedBye
            self.hangUpLeg(leg, cause: cause, disposition: .sentBye)
            if disposition == .receivedBye { self.channels[member.channel]?.variables["sip_hangup_disposition"] = disposition.rawValue }
            self.channels[member.channel]?.variables["bridge_hangup_cause"] = "NORMAL_CLEARING"
            self.channels[member.channel]?.variables["bridge_to"] = nil
            self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, first, bridge: bridge)
            self.complete(member.channel, disposition: disposition)
            self.complete(leg, disposition: .sentBye)
            self.schedule(.endQueueCall(member: uuid), after: 80_000)
        } else {
            let cause = self.channels[leg]?.hangupCause ?? "NORMAL_CLEARING"
            self.channels[member.channel]?.variables["bridge_hangup_cause"] = cause
            self.channels[member.channel]?.variables["last_bridge_hangup_cause"] = cause
            if self.channels[leg]?.hangupDisposition == .receivedBye {
                self.channels[member.channel]?.variables["last_bridge_proto_specific_hangup_cause"] = "sip:200"
                self.channels[member.channel]?.variables["sip_hangup_phrase"] = "OK"
            }
            self.channels[member.channel]?.variables["bridge_to"] = nil
            self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, first, bridge: bridge)
            self.channels[member.channel]?.state = .execute
            self.schedule(.endQueueCall(member: uuid), after: 20_000)
            if self.parksAfterBridge(member.channel) {
                self.members[uuid]?.isParted = true
                self.park(member.channel)
            } else {
                self.hangUpLeg(member.channel, cause: "NORMAL_CLEARING", disposition: .sentBye)
                self.complete(member.channel, disposition: .sentBye)
            }
        }
    }

    /// - Parameter destroys: whether the legs that have ended are gone with it.
    mutating func endQueueCall(_ uuid: String, destroys: Bool = true) {
        guard let member = self.members[uuid], let leg = member.agentLeg else { return }
        let seconds = String(self.now / 1_000_000)
        let called = String(member.called / 1_000_000)
        // Of a leg that was not called there is no result of a call.
        let result = member.called == 0 ? "NONE" : "SUCCESS"
        let answered = String(member.bridged / 1_000_000)
        let joined = String(member.joined / 1_000_000)
        let agent = member.servingAgent
        self.emitCallCenter(
            .bridgeEnd, channel: leg,
            [
                "CC-Queue": member.queue, "CC-Action": "bridge-agent-end", "CC-Hangup-Cause": result, "CC-Agent": agent,
                "CC-Agent-System": "single_box",
                "CC-Agent-UUID": leg, "CC-Agent-Bridged": "true", "CC-Agent-Called-Time": called, "CC-Agent-Answered-Time": answered,
                "CC-Member-Joined-Time": joined, "CC-Bridge-Terminated-Time": seconds, "CC-Member-UUID": uuid,
                "CC-Member-Session-UUID": member.channel,
                "CC-Member-CID-Name": member.name, "CC-Member-CID-Number": member.number,
            ])
        self.channels[member.channel]?.variables["cc_queue_terminated_epoch"] = seconds
        self.emitCallCenter(
            .memberEnd, channel: member.channel,
            [
                "CC-Queue": member.queue, "CC-Action": "member-queue-end", "CC-Hangup-Cause": result, "CC-Cause": "Terminated", "CC-Agent": agent,
                "CC-Agent-System": "single_box", "CC-Agent-UUID": leg, "CC-Agent-Called-Time": called, "CC-Agent-Answered-Time": answered,
                "CC-Member-Leaving-Time": seconds, "CC-Member-Joined-Time": joined, "CC-Member-UUID": uuid, "CC-Member-Session-UUID": member.channel,
                "CC-Member-CID-Name": member.name, "CC-Member-CID-Number": member.number,
            ])
        self.members[uuid] = nil
        if self.agents[agent] != nil {
            if member.called > 0 { self.agents[agent]?.uuid = "" }
            self.agents[agent]?.lastBridgeEnd = self.now
            self.agents[agent]?.talkTime += Int((self.now - member.bridged) / 1_000_000)
            self.freeTiers(of: agent, in: member.queue, as: "Ready")
            // By the status in which the agent was called, whatever it is now.
            self.setState(member.isOnDemand ? "Idle" : "Waiting", of: agent)
        }
        guard destroys else { return }
        for uuid in [member.channel, leg] where self.channels[uuid]?.isHungUp == true { self.destroy(uuid) }
    }

    /// The caller leaves before anybody answered.
    mutating func abandon(_ uuid: String, cause: String, disposition: HangupDisposition) {
        guard let member = self.members[uuid], member.state == .waiting || member.state == .trying else { return }
        let offers = self.offers.values.filter { $0.member == uuid }
        self.hangUpLeg(member.channel, cause: cause, disposition: disposition)
        for offer in offers { self.hangUpLeg(offer.leg, cause: "ORIGINATOR_CANCEL", disposition: .cancelled) }
        if disposition == .receivedBye { self.channels[member.channel]?.variables["sip_hangup_disposition"] = disposition.rawValue }
        self.leaveQueue(member, reason: "BREAK_OUT")
        self.endCancelledOffers(offers, of: member, disposition: disposition)
    }

    /// The queue gives the caller up; the dialplan goes on and ends the call.
    mutating func timeOut(_ uuid: String, reason: String) {
        guard let member = self.members[uuid] else { return }
        let offers = self.offers.values.filter { $0.member == uuid }
        self.leaveQueue(member, reason: reason)
        for offer in offers { self.hangUpLeg(offer.leg, cause: "ORIGINATOR_CANCEL", disposition: .cancelled) }
        self.hangUpLeg(member.channel, cause: "NORMAL_CLEARING", disposition: .sentBye)
        self.endCancelledOffers(offers, of: member, disposition: .sentBye)
    }

    private mutating func leaveQueue(_ member: SimulatedMember, reason: String) {
        for (name, value) in ["playback_last_offset_pos": "320", "playback_seconds": "2", "playback_ms": "2048", "playback_samples": "16384"]
            as KeyValuePairs
        {
            self.channels[member.channel]?.variables[name] = value
        }
        self.emitCallCenter(
            .memberCancel, channel: member.channel,
            [
                "CC-Queue": member.queue, "CC-Action": "member-queue-end", "CC-Member-Leaving-Time": String(self.now / 1_000_000),
                "CC-Member-Joined-Time": String(member.joined / 1_000_000), "CC-Cause": "Cancel", "CC-Cancel-Reason": reason,
                "CC-Member-UUID": member.uuid,
                "CC-Member-Session-UUID": member.channel, "CC-Member-CID-Name": member.name, "CC-Member-CID-Number": member.number,
            ])
        self.members[member.uuid]?.state = .abandoned
        self.members[member.uuid]?.abandoned = self.now
        self.members[member.uuid]?.servingAgent = ""
        self.queues[member.queue]?.callsAbandoned += 1
        let keep = self.queues[member.queue]?.discardAbandonedAfter ?? 0
        self.schedule(.discardMember(member.uuid), after: Int64(keep) * 1_000_000)
        self.emitMembersCount(member.queue)
        self.channels[member.channel]?.variables["cc_queue_canceled_epoch"] = String(self.now / 1_000_000)
        self.channels[member.channel]?.variables["cc_cause"] = "cancel"
        self.channels[member.channel]?.variables["cc_cancel_reason"] = reason
    }

    private mutating func endCancelledOffers(_ offers: [SimulatedOffer], of member: SimulatedMember, disposition: HangupDisposition) {
        for offer in offers {
            _ = self.takeOffer(offer.leg)
            self.complete(offer.leg, disposition: .cancelled)
        }
        if self.channels[member.channel]?.isHungUp == true { self.complete(member.channel, disposition: disposition) }
        for offer in offers { self.destroy(offer.leg) }
        for offer in offers {
            self.reportFailedOffer(offer, cause: "ORIGINATOR_CANCEL")
            self.releaseAgent(of: offer, cause: "ORIGINATOR_CANCEL")
        }
        if self.channels[member.channel]?.isHungUp == true { self.schedule(.destroy(channel: member.channel), after: 450_000) }
    }

    /// The caller is taken out of the queue and lives on elsewhere.
    mutating func takeOutOfQueue(_ member: SimulatedMember) {
        let offers = self.offers.values.filter { $0.member == member.uuid }
        for offer in offers { self.hangUpLeg(offer.leg, cause: "ORIGINATOR_CANCEL", disposition: .cancelled) }
        self.leaveQueue(member, reason: "BREAK_OUT")
        self.endCancelledOffers(offers, of: member, disposition: .sentBye)
    }
}
