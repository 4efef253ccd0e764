import OrderedCollections

/// How a leg ended, in sofia's words.
enum HangupDisposition: String, Sendable {
    case receivedBye = "recv_bye"
    case sentBye = "send_bye"
    case cancelled = "send_cancel"
    case refusedByPhone = "recv_refuse"
    case refused = "send_refuse"
}

/// What a `VariableTemplate` cannot find in the channel itself.
struct TemplateContext: Sendable {
    /// The other leg.
    var other: String?
    var member = ""
    var queue = ""
    var agent = ""
    var joined: Int64 = 0
}

/// One leg's life: made, ringing, answered, hung up, gone.
extension SimulatedSwitch {
    mutating func apply(_ template: VariableTemplate, to uuid: String, _ context: TemplateContext = TemplateContext()) {
        guard var channel = self.channels[uuid] else { return }
        let other = context.other.flatMap { self.channels[$0] }
        let transfer = channel.profile.transferSource?.split(separator: ":").dropFirst().first.map(String.init) ?? ""
        let (host, port) = channel.hostAndPort
        let profile = channel.profile
        let (created, address, id) = (channel.times.created, channel.address, channel.id)
        template.apply(to: &channel) { field in
            switch field {
            case .uuid: uuid
            case .other: context.other ?? ""
            case .number: profile.callerNumber
            case .name: profile.callerName
            case .destination: profile.destination
            case .member: context.member
            case .queue: context.queue
            case .agent: context.agent
            case .created: String(created)
            case .core: self.coreUUID
            case .address: address
            case .host: host
            case .port: port
            case .otherAddress: other?.address ?? ""
            case .otherNumber: profile.direction == .outbound ? profile.destination : other?.profile.destination ?? ""
            case .otherName: other?.profile.channelName ?? ""
            case .id: String(id)
            case .timestamp: String(self.now)
            case .local: SwitchTime.local(self.now)
            case .gmt: SwitchTime.gmt(self.now)
            case .sequence: String(self.lastSequence)
            case .joined: String(context.joined / 1_000_000)
            case .seconds: String(self.now / 1_000_000)
            case .transfer: transfer
            }
        }
        self.channels[uuid] = channel
    }

    /// A call arrives at the switch.
    mutating func createInbound(number: String, name: String, destination: String, port: Int, variables: [(String, String)]) -> String {
        let uuid = self.random.uuid()
        let address = "\(number)@127.0.0.1:\(port)"
        var channel = CallLeg(
            id: self.nextSession(),
            profile: CallLeg.Profile(
                uuid: uuid, direction: .inbound, username: number, dialplan: "XML", callerName: name, callerNumber: number,
                networkAddress: "127.0.0.1",
                destination: destination, source: "mod_sofia", context: "public", channelName: "sofia/internal/\(address)"),
            times: CallLeg.Times(profileCreated: self.now, created: self.now), address: address, initialDestination: destination, callUUID: uuid)
        channel.hasCodec = true
        self.channels[uuid] = channel
        self.apply(.inboundCreated, to: uuid)
        for (name, value) in variables { self.channels[uuid]?.variables[name] = value }
        self.emitChannel("CHANNEL_CREATE", .channelCreate, uuid)
        return uuid
    }

    /// The dialplan takes the call to an extension.
    mutating func route(_ uuid: String, to destination: String) {
        guard let channel = self.channels[uuid] else { return }
        let transfer = "\(self.now / 1_000_000):\(self.random.uuid()):bl_xfer:\(destination)/default/XML"
        self.channels[uuid]?.profile.rdnis = channel.profile.destination
        self.channels[uuid]?.profile.destination = destination
        self.channels[uuid]?.profile.transferSource = transfer
        self.channels[uuid]?.profile.context = "default"
        self.channels[uuid]?.profile.index += 1
        self.channels[uuid]?.state = .execute
    }

    /// The dialplan answers the caller.
    mutating func answerInbound(_ uuid: String) {
        self.channels[uuid]?.callState = "RINGING"
        self.channels[uuid]?.answerState = "answered"
        self.channels[uuid]?.times.answered = self.now
        self.apply(.inboundAnswered, to: uuid)
        self.emitChannel("CHANNEL_ANSWER", .channelAnswer, uuid)
        self.channels[uuid]?.callState = "ACTIVE"
        self.apply(.inboundAcknowledged, to: uuid)
    }

    /// A leg to a phone, not yet announced.
    mutating func createOutbound(
        address: String, channelName: String, callerName: String, callerNumber: String, source: String, uuid wanted: String? = nil
    ) -> String {
        let uuid = wanted ?? self.random.uuid()
        let number = address.prefix { $0 != "@" }
        self.channels[uuid] = CallLeg(
            id: self.nextSession(),
            profile: CallLeg.Profile(
                uuid: uuid, direction: .outbound, callerName: callerName, callerNumber: callerNumber, calleeName: "Outbound Call",
                calleeNumber: String(number), destination: String(number), source: source, context: "default", channelName: channelName),
            times: CallLeg.Times(profileCreated: self.now, created: self.now), address: address, initialDestination: String(number), callUUID: uuid)
        return uuid
    }

    mutating func ring(_ uuid: String) {
        self.channels[uuid]?.state = .consumeMedia
        self.channels[uuid]?.profile.networkAddress = "127.0.0.1"
        self.channels[uuid]?.times.progress = self.now
        self.apply(.legRinging, to: uuid)
        self.emitChannel("CHANNEL_PROGRESS", .channelProgress, uuid)
        self.channels[uuid]?.callState = "RINGING"
    }

    mutating func answerOutbound(_ uuid: String) {
        self.channels[uuid]?.answerState = "answered"
        self.channels[uuid]?.hasCodec = true
        self.channels[uuid]?.times.answered = self.now
        self.apply(.legAnswered, to: uuid)
        self.emitChannel("CHANNEL_ANSWER", .channelAnswer, uuid)
        self.channels[uuid]?.callState = "ACTIVE"
        self.channels[uuid]?.variables["endpoint_disposition"] = "ANSWER"
        if let step = self.channels[uuid]?.variables["execute_on_answer"]?.split(separator: " ", maxSplits: 1), step.count == 2,
            step[0] == "callcenter_track"
        {
            self.track(uuid, agent: String(step[1]))
        }
    }

    /// Announces that a leg ends. `complete` and `destroy` follow.
    /// - Parameter isKilled: it ends by a command for this very leg, not because its other side has gone.
    mutating func hangUpLeg(_ uuid: String, cause: String, disposition: HangupDisposition, isKilled: Bool = false) {
        guard let channel = self.channels[uuid], !channel.isHungUp else { return }
        let wasBridged = channel.bridgedTo != nil
        self.channels[uuid]?.hangupCause = cause
        self.channels[uuid]?.hangupDisposition = disposition
        self.channels[uuid]?.stateNumber = 10
        self.channels[uuid]?.answerState = "hangup"
        self.channels[uuid]?.times.hungUp = self.now
        if channel.state == .initial { self.channels[uuid]?.state = .consumeMedia }
        func set(_ name: String, _ value: String) { self.channels[uuid]?.variables[name] = value }
        switch disposition {
        case .receivedBye:
            set("sip_term_status", "200")
            set("proto_specific_hangup_cause", "sip:200")
            set("sip_term_cause", "16")
            if wasBridged { set("last_bridge_role", channel.other?.type == "originatee" ? "originator" : "originatee") }
        case .sentBye where isKilled:
            if wasBridged { set("last_bridge_role", channel.other?.type == "originatee" ? "originator" : "originatee") }
        case .sentBye where wasBridged && channel.profile.direction == .outbound:
            set("sip_hangup_phrase", "OK")
            set("last_bridge_hangup_cause", cause)
            set("last_bridge_proto_specific_hangup_cause", "sip:200")
        case .refusedByPhone:
            let (status, phrase) = cause == "USER_BUSY" ? ("486", "Busy Here") : ("603", "Decline")
            self.channels[uuid]?.profile.networkAddress = "127.0.0.1"
            set("sip_call_id", uuid)
            set("sip_reply_host", channel.hostAndPort.host)
            set("sip_reply_port", channel.hostAndPort.port)
            set("sip_network_ip", channel.hostAndPort.host)
            set("sip_network_port", channel.hostAndPort.port)
            set("sip_hangup_disposition", disposition.rawValue)
            set("sip_invite_failure_status", status)
            set("sip_invite_failure_phrase", phrase)
            set("sip_term_status", status)
            set("proto_specific_hangup_cause", "sip:\(status)")
            set("sip_term_cause", cause == "USER_BUSY" ? "17" : "21")
        case .sentBye, .cancelled, .refused: break
        }
        if let agent = channel.trackedAgent, self.isCallCenterLoaded { self.agents[agent]?.externalCalls -= 1 }
        self.channels[uuid]?.trackedAgent = nil
        self.emitChannel("CHANNEL_HANGUP", .channelHangup, uuid)
        self.channels[uuid]?.times.hungUp = 0
    }

    mutating func complete(_ uuid: String, disposition: HangupDisposition) {
        guard var channel = self.channels[uuid], let cause = channel.hangupCause else { return }
        channel.state = .reporting
        channel.stateNumber = nil
        channel.callState = "HANGUP"
        channel.times.hungUp = self.now
        if channel.profile.direction == .outbound, channel.bridgedTo != nil {
            channel.callUUID = uuid
            channel.variables["call_uuid"] = uuid
        }
        channel.setCallDetail(cause: cause)
        channel.variables["sip_hangup_disposition"] = disposition.rawValue
        if disposition == .cancelled {
            channel.variables["sip_invite_failure_status"] = "487"
            channel.variables["sip_invite_failure_phrase"] = "CANCEL"
            if cause == "LOSE_RACE" { channel.variables["call_completed_elsewhere"] = "true" }
        }
        if channel.bridgedTo != nil, channel.times.bridged > 0 { channel.variables["bridge_hangup_cause"] = cause }
        channel.variables["bridge_to"] = nil
        self.channels[uuid] = channel
        if channel.times.answered > 0 { self.apply(.mediaStatistics, to: uuid) }
        self.emitChannel("CHANNEL_HANGUP_COMPLETE", .channelHangupComplete, uuid)
        self.channels[uuid]?.stateNumber = 12
    }

    mutating func destroy(_ uuid: String) {
        self.emitChannel("CHANNEL_DESTROY", .channelDestroy, uuid)
        self.channels[uuid] = nil
        self.eavesdroppers[uuid] = nil
        // Whoever listened to it has nothing to listen to.
        for (listener, target) in self.eavesdroppers where target == uuid { self.schedule(.endEavesdropping(leg: listener), after: 20_000) }
    }

    /// What the two legs of a bridge know of each other.
    mutating func join(caller: String, leg: String) {
        guard let callerChannel = self.channels[caller], let legChannel = self.channels[leg] else { return }
        self.channels[caller]?.other = CallLeg.OtherLeg(type: "originatee", profile: legChannel.profile, times: legChannel.times)
        self.channels[leg]?.other = CallLeg.OtherLeg(type: "originator", profile: callerChannel.profile, times: CallLeg.Times())
        self.channels[caller]?.bridgedTo = leg
        self.channels[leg]?.bridgedTo = caller
        self.channels[caller]?.profile.calleeName = legChannel.profile.calleeName
        self.channels[caller]?.profile.calleeNumber = legChannel.profile.calleeNumber
        self.channels[leg]?.profile.callerName = callerChannel.profile.callerName
        self.channels[leg]?.profile.callerNumber = callerChannel.profile.callerNumber
        self.channels[caller]?.times.bridged = self.now
        self.channels[caller]?.callState = "ACTIVE"
        self.channels[leg]?.callState = "ACTIVE"
        self.channels[leg]?.state = .exchangeMedia
        self.channels[leg]?.callUUID = caller
    }
}
