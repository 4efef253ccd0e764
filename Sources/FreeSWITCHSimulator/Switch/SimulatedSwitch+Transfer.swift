import OrderedCollections

/// Channels that are taken out of what they do and put to something else.
extension SimulatedSwitch {
    /// What is left to be told once a channel has left its place.
    private struct Departure {
        /// The bridge it was in; `a` is the originator.
        var bridge: (a: String, b: String)?
        /// The member of that bridge, when mod_callcenter made it.
        var answered: SimulatedMember?
        /// The member that waited.
        var waiting: SimulatedMember?
    }

    /// `uuid_transfer`: to an extension, or to applications.
    mutating func transfer(_ uuid: String, to destination: String, inline: Bool) {
        guard let channel = self.channels[uuid], !channel.isHungUp else { return }
        for leg in [uuid, channel.bridgedTo].compactMap({ $0 }) { self.channels[leg]?.variables["signal_bond"] = nil }
        let departure = self.depart(uuid)
        self.route(uuid, to: destination)
        self.channels[uuid]?.state = .softExecute
        self.channels[uuid]?.stateNumber = 2
        self.channels[uuid]?.other = nil
        self.announce(departure, of: uuid)
        self.channels[uuid]?.state = .execute
        self.channels[uuid]?.stateNumber = nil
        if inline { self.execute(uuid, DialplanStep.inline(destination)) } else { self.runDialplan(uuid, destination) }
    }

    /// Two legs of a bridge that both go elsewhere leave it together: neither is ended for want of the other.
    mutating func partForTransfer(_ uuid: String, _ partner: String) {
        let before = [uuid, partner].map { self.channels[$0]?.variables["park_after_bridge"] }
        for leg in [uuid, partner] { self.channels[leg]?.variables["park_after_bridge"] = "true" }
        let departure = self.depart(uuid)
        for (leg, value) in zip([uuid, partner], before) { self.channels[leg]?.variables["park_after_bridge"] = value }
        self.channels[partner]?.bridgedTo = nil
        guard let bridge = departure.bridge else { return }
        self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, bridge.a, bridge: bridge)
        if let member = departure.answered, member.called == 0 { self.schedule(.endQueueCall(member: member.uuid), after: 100_000) }
    }

    /// `uuid_park`
    mutating func takeAndPark(_ uuid: String) {
        let departure = self.depart(uuid)
        self.channels[uuid]?.other = nil
        self.announce(departure, of: uuid)
        self.park(uuid)
    }

    /// `uuid_bridge`: the first leg becomes the originator, unless only the second is answered.
    /// - Returns: whether both are there and one of them is answered.
    mutating func uuidBridge(_ first: String, _ second: String) -> Bool {
        guard let one = self.channels[first], let two = self.channels[second], !one.isHungUp, !two.isHungUp, first != second else { return false }
        guard one.answerState == "answered" || two.answerState == "answered" else { return false }
        let (a, b) = one.answerState == "answered" ? (first, second) : (second, first)
        if one.bridgedTo == second { return true }
        let departures = [(a, self.depart(a)), (b, self.depart(b))]
        self.stepIntoBridge(a, b)
        for (uuid, departure) in departures {
            self.channels[uuid]?.stateNumber = 8
            self.announce(departure, of: uuid)
            self.channels[uuid]?.stateNumber = nil
        }
        self.schedule(.uuidBridge(a: a, b: b), after: 20_000)
        return true
    }

    /// Both legs take on the profile they have in the bridge.
    mutating func stepIntoBridge(_ a: String, _ b: String) {
        for (uuid, other) in [(a, b), (b, a)] {
            guard let channel = self.channels[uuid] else { continue }
            let source = "\(self.now / 1_000_000):\(self.random.uuid()):uuid_br:\(other)"
            self.channels[uuid]?.profile.transferSource = source
            self.channels[uuid]?.profile.index += 1
            self.channels[uuid]?.times.profileCreated = self.now
            for (name, value) in [
                "original_destination_number": channel.profile.destination, "original_caller_id_name": channel.profile.callerName,
                "original_caller_id_number": channel.profile.callerNumber, "transfer_history": source, "transfer_source": source,
                "bridge_channel": self.channels[other]?.profile.channelName ?? "", "bridge_uuid": other, "signal_bond": other,
            ] as KeyValuePairs { self.channels[uuid]?.variables[name] = value }
        }
        guard let originator = self.channels[a], let originatee = self.channels[b] else { return }
        self.channels[a]?.variables["uuid_bridge"] = b
        self.channels[a]?.state = .softExecute
        self.channels[a]?.other = CallLeg.OtherLeg(type: "originatee", profile: originatee.profile, times: originatee.times)
        self.channels[a]?.profile.calleeName = originatee.profile.calleeName
        self.channels[a]?.profile.calleeNumber = originatee.profile.calleeNumber
        self.channels[b]?.other = CallLeg.OtherLeg(type: "originator", profile: originator.profile, times: CallLeg.Times())
        self.channels[b]?.profile.callerName = originator.profile.callerName
        self.channels[b]?.profile.callerNumber = originator.profile.callerNumber
    }

    mutating func completeUUIDBridge(_ a: String, _ b: String) {
        guard let one = self.channels[a], let two = self.channels[b] else { return }
        guard !one.isHungUp, !two.isHungUp else {
            // One of them did not live to see it; the other has nobody to talk to.
            for channel in [one, two] where !channel.isHungUp { self.hangUpAlone(channel.uuid, cause: "NORMAL_CLEARING", disposition: .sentBye) }
            return
        }
        self.channels[a]?.variables["uuid_bridge"] = nil
        self.directCalls[b] = a
        self.channels[a]?.bridgedTo = b
        self.channels[b]?.bridgedTo = a
        self.emitChannel("CHANNEL_BRIDGE", .channelBridge, a, bridge: (a, b))
        for (uuid, other) in [(a, two), (b, one)] {
            self.channels[uuid]?.times.bridged = self.now
            self.channels[uuid]?.callState = "ACTIVE"
            let (name, number) =
                uuid == a ? (other.profile.calleeNumber, other.profile.calleeNumber) : (other.profile.callerName, other.profile.callerNumber)
            for (name, value) in [
                "bridge_to": other.uuid, "last_bridge_to": other.uuid, "last_sent_callee_id_name": name ?? "",
                "last_sent_callee_id_number": number ?? "",
            ] as KeyValuePairs { self.channels[uuid]?.variables[name] = value }
        }
        self.channels[b]?.state = .exchangeMedia
        self.channels[b]?.callUUID = a
        self.channels[b]?.variables["call_uuid"] = a
    }

    /// Takes a channel out of its bridge or its queue. Whom it talked to ends, or parks when it is set to.
    private mutating func depart(_ uuid: String) -> Departure {
        self.eavesdroppers[uuid] = nil
        self.dropConsultation(of: uuid)
        guard let channel = self.channels[uuid], let partner = channel.bridgedTo else {
            if let leg = self.directCalls.first(where: { $0.value == uuid })?.key {
                // What rings for it stops.
                self.cancel(.directTimeout(leg: leg))
                self.cancel(.answerDirectCaller(caller: uuid))
                self.directCalls[leg] = nil
                self.hangUpLeg(leg, cause: "ORIGINATOR_CANCEL", disposition: .cancelled)
                self.complete(leg, disposition: .cancelled)
                self.destroy(leg)
            }
            return Departure(waiting: self.members.values.first { $0.channel == uuid && ($0.state == .waiting || $0.state == .trying) })
        }
        let answered = self.members.values.first { $0.state == .answered && !$0.isParted && ($0.channel == uuid || $0.agentLeg == uuid) }
        let isOriginator = channel.other?.type == "originatee"
        let bridge = isOriginator ? (a: uuid, b: partner) : (a: partner, b: uuid)
        if let answered {
            self.cancel(.bridge(member: answered.uuid))
            self.members[answered.uuid]?.isParted = true
        }
        self.directCalls[bridge.b] = nil
        self.channels[uuid]?.bridgedTo = nil
        for name in ["bridge_to"] {
            self.channels[uuid]?.variables[name] = nil
            self.channels[partner]?.variables[name] = nil
        }
        self.channels[uuid]?.variables["bridge_hangup_cause"] = "NORMAL_CLEARING"
        if isOriginator, !self.parksAfterBridge(partner) {
            self.channels[uuid]?.variables["last_bridge_hangup_cause"] = "NORMAL_CLEARING"
            self.channels[partner]?.bridgedTo = nil
            self.hangUpLeg(partner, cause: "NORMAL_CLEARING", disposition: .sentBye)
            self.complete(partner, disposition: .sentBye)
        }
        return Departure(bridge: bridge, answered: answered)
    }

    private mutating func announce(_ departure: Departure, of uuid: String) {
        if let member = departure.waiting { self.takeOutOfQueue(member) }
        guard let bridge = departure.bridge else { return }
        let partner = bridge.a == uuid ? bridge.b : bridge.a
        self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, bridge.a, bridge: bridge)
        if self.channels[partner]?.isHungUp == true {
            self.release(partner)
        } else if self.parksAfterBridge(partner) {
            self.park(partner)
        } else {
            self.channels[partner]?.bridgedTo = nil
            self.hangUpLeg(partner, cause: "NORMAL_CLEARING", disposition: .sentBye)
            self.complete(partner, disposition: .sentBye)
            self.release(partner)
        }
        // mod_callcenter waits for the agent's leg to end; an agent who stands by is free as soon as the bridge is gone.
        if let member = departure.answered, let leg = member.agentLeg, self.channels[leg]?.isHungUp == false, member.called == 0 {
            self.schedule(.endQueueCall(member: member.uuid), after: 100_000)
        }
    }

    /// `park_after_bridge`: what a leg does when the one it talked to goes.
    func parksAfterBridge(_ uuid: String) -> Bool { ["true", "yes", "1"].contains(self.channels[uuid]?.variables["park_after_bridge"] ?? "") }

    /// A leg that has ended is gone, unless mod_callcenter still looks at it: then it goes with the end of the queue's call.
    mutating func release(_ uuid: String) {
        guard let member = self.members.values.first(where: { $0.state == .answered && ($0.channel == uuid || $0.agentLeg == uuid) }) else {
            return self.destroy(uuid)
        }
        if member.agentLeg == uuid, !self.isScheduled(.endQueueCall(member: member.uuid)) {
            self.schedule(.endQueueCall(member: member.uuid), after: member.isParted ? 110_000 : 60_000)
        }
    }

    /// Ends a channel that talks to nobody.
    mutating func hangUpAlone(_ uuid: String, cause: String, disposition: HangupDisposition) {
        guard let channel = self.channels[uuid], !channel.isHungUp else { return }
        self.eavesdroppers[uuid] = nil
        self.hangUpLeg(uuid, cause: cause, disposition: disposition)
        self.complete(uuid, disposition: disposition)
        self.release(uuid)
    }
}
