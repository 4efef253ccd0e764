import OrderedCollections

/// Calls without a queue: to an agent's extension, and the agents' own.
extension SimulatedSwitch {
    /// The dialplan bridges a caller to a phone.
    mutating func callDirectly(
        _ caller: String, destination: PhoneDestination, dialed: String, phone: Phone, variables: [(name: String, value: String)] = []
    ) {
        guard let channel = self.channels[caller] else { return }
        let wasAnswered = channel.times.answered > 0
        if !wasAnswered { self.channels[caller]?.callState = "RINGING" }
        self.channels[caller]?.application = "bridge"
        self.channels[caller]?.applicationData = destination.channelName
        let leg = self.createOutbound(
            address: destination.address, channelName: destination.channelName, callerName: channel.profile.callerName,
            callerNumber: channel.profile.callerNumber, source: "mod_sofia")
        self.channels[leg]?.profile.username = channel.profile.username
        self.channels[leg]?.profile.dialplan = "XML"
        self.channels[leg]?.profile.rdnis = dialed
        self.channels[leg]?.profile.networkAddress = "127.0.0.1"
        self.channels[leg]?.callUUID = caller
        self.channels[leg]?.other = CallLeg.OtherLeg(type: "originator", profile: channel.profile, times: CallLeg.Times())
        self.apply(.directLegCreated, to: leg, TemplateContext(other: caller))
        let isExtension = self.agentName(atExtension: dialed) != nil
        if isExtension {
            self.channels[leg]?.variables["export_vars"] = "dialed_extension"
            self.channels[leg]?.variables["dialed_extension"] = dialed
        }
        for (name, value) in channel.variables where name.hasPrefix("sip_h_") { self.channels[leg]?.variables[name] = value }
        for (name, value) in variables { self.channels[leg]?.variables[name] = value }
        self.directCalls[leg] = caller
        self.emitChannel("CHANNEL_CREATE", .channelCreate, leg)
        self.apply(.directDialing, to: caller, TemplateContext(other: leg))
        self.channels[caller]?.variables["hangup_after_bridge"] = "true"
        if isExtension {
            for (name, value) in [
                "call_timeout": String(self.configuration.directCallTimeout), "dialed_extension": dialed, "export_vars": "dialed_extension",
            ] as KeyValuePairs {
                self.channels[caller]?.variables[name] = value
            }
        }
        switch phone {
        case .rings, .answers:
            self.ring(leg)
            if !wasAnswered { self.channels[caller]?.times.progress = self.now }
            self.channels[caller]?.profile.calleeName = "Outbound Call"
            self.channels[caller]?.profile.calleeNumber = destination.number
            self.apply(.directRinging, to: caller, TemplateContext(other: leg))
            if !wasAnswered { self.emitChannel("CHANNEL_PROGRESS", .channelProgress, caller) }
            self.schedulePickUp(leg)
            self.schedule(.directTimeout(leg: leg), after: Int64(self.configuration.directCallTimeout) * 1_000_000)
        case .rejects: self.failDirectCall(leg, cause: "CALL_REJECTED", disposition: .refusedByPhone)
        case .isBusy, .isUnregistered: self.failDirectCall(leg, cause: "USER_BUSY", disposition: .refusedByPhone)
        }
    }

    mutating func answerDirectCall(_ leg: String) {
        guard let caller = self.directCalls[leg], let channel = self.channels[leg], !channel.isHungUp, channel.answerState == "ringing" else {
            return
        }
        self.cancel(.directTimeout(leg: leg))
        self.answerOutbound(leg)
        self.schedule(.answerDirectCaller(caller: caller), after: 20_000)
    }

    mutating func answerDirectCaller(_ caller: String) {
        self.cancel(.answerDirectCaller(caller: caller))
        guard let leg = self.directCalls.first(where: { $0.value == caller })?.key, let channel = self.channels[caller], !channel.isHungUp else {
            return
        }
        if channel.times.answered == 0 {
            self.channels[caller]?.answerState = "answered"
            self.channels[caller]?.times.answered = self.now
            self.apply(.directAnswered, to: caller, TemplateContext(other: leg))
            self.emitChannel("CHANNEL_ANSWER", .channelAnswer, caller)
        }
        self.join(caller: caller, leg: leg)
        self.apply(.inboundAcknowledged, to: caller)
        self.apply(.directBridged, to: caller, TemplateContext(other: leg))
        let early = ["bridge_to", "last_bridge_to", "bridge_channel", "bridge_uuid", "last_sent_callee_id_name", "last_sent_callee_id_number"]
        let kept = early.map { ($0, self.channels[caller]?.variables[$0]) }
        for name in early { self.channels[caller]?.variables[name] = nil }
        self.emitChannel("CHANNEL_BRIDGE", .channelBridge, caller, bridge: (caller, leg))
        for (name, value) in kept { self.channels[caller]?.variables[name] = value }
        self.channels[leg]?.times.bridged = self.now
        self.apply(.directLegBridged, to: leg, TemplateContext(other: caller))
    }

    /// The phone did not take the call, or nobody answered it in time.
    mutating func failDirectCall(_ leg: String, cause: String, disposition: HangupDisposition) {
        guard let caller = self.directCalls.removeValue(forKey: leg) else { return }
        self.cancel(.directTimeout(leg: leg))
        self.hangUpLeg(leg, cause: cause, disposition: disposition)
        let answered = disposition == .refusedByPhone
        if answered { self.complete(leg, disposition: disposition) }
        for (name, value) in [
            "last_bridge_hangup_cause": cause, "originate_disposition": cause, "DIALSTATUS": cause == "USER_BUSY" ? "BUSY" : "NOANSWER",
            "originate_causes": "\(leg);\(cause)", "originate_failed_cause": cause,
        ] as KeyValuePairs {
            self.channels[caller]?.variables[name] = value
        }
        if answered {
            self.apply(.directRefused, to: caller, TemplateContext(other: leg))
            for name in ["sip_invite_failure_status", "sip_invite_failure_phrase"] {
                let value = self.channels[leg]?.variables[name]
                self.channels[caller]?.variables[name] = value
            }
        }
        // A busy phone's cause goes through to the caller; after a time-out the dialplan ends in good order.
        self.hangUpLeg(caller, cause: cause == "NO_ANSWER" ? "NORMAL_CLEARING" : cause, disposition: .refused)
        self.complete(caller, disposition: .refused)
        if !answered { self.complete(leg, disposition: disposition) }
        self.destroy(leg)
        self.destroy(caller)
    }

    /// - Parameters:
    ///   - killed: by a command, with that cause, and not by a phone.
    ///   - both: that command was for both legs.
    mutating func hangUpDirectCall(_ leg: String, by side: CallSide, killed: String? = nil, both: Bool = false) {
        guard let caller = self.directCalls[leg] else { return }
        if self.isScheduled(.answerDirectCaller(caller: caller)) { self.answerDirectCaller(caller) }
        guard self.channels[caller]?.bridgedTo != nil else {
            switch side {
            case .agent:
                self.failDirectCall(leg, cause: killed ?? "CALL_REJECTED", disposition: killed == nil ? .refusedByPhone : .cancelled)
            case .caller:
                self.cancel(.directTimeout(leg: leg))
                self.directCalls[leg] = nil
                self.hangUpLeg(caller, cause: killed ?? "ORIGINATOR_CANCEL", disposition: .refused)
                self.hangUpLeg(leg, cause: "ORIGINATOR_CANCEL", disposition: .cancelled)
                for uuid in [leg, caller] { self.complete(uuid, disposition: uuid == leg ? .cancelled : .refused) }
                for uuid in [leg, caller] { self.destroy(uuid) }
            }
            return
        }
        self.directCalls[leg] = nil
        let cause = killed ?? "NORMAL_CLEARING"
        let disposition = killed == nil ? HangupDisposition.receivedBye : .sentBye
        func unbridge() {
            self.channels[caller]?.variables["bridge_hangup_cause"] = cause
            self.channels[caller]?.variables["bridge_to"] = nil
            self.emitChannel("CHANNEL_UNBRIDGE", .channelUnbridge, caller, bridge: (caller, leg))
        }
        switch side {
        case .caller:
            self.hangUpLeg(caller, cause: cause, disposition: disposition, isKilled: killed != nil)
            if self.parksAfterBridge(leg), !both {
                unbridge()
                self.park(leg)
            } else {
                if both { self.channels[leg]?.variables["last_bridge_hangup_cause"] = cause }
                self.hangUpLeg(leg, cause: cause, disposition: .sentBye, isKilled: both)
                if killed == nil { self.channels[caller]?.variables["sip_hangup_disposition"] = disposition.rawValue }
                unbridge()
                self.complete(leg, disposition: .sentBye)
                self.release(leg)
            }
            self.complete(caller, disposition: disposition)
            self.release(caller)
        case .agent:
            self.hangUpLeg(leg, cause: cause, disposition: disposition, isKilled: killed != nil)
            self.complete(leg, disposition: disposition)
            unbridge()
            if self.parksAfterBridge(caller) {
                self.park(caller)
                self.release(leg)
            } else {
                self.hangUpLeg(caller, cause: "NORMAL_CLEARING", disposition: .sentBye)
                self.complete(caller, disposition: .sentBye)
                self.release(leg)
                self.release(caller)
            }
        }
    }
}
