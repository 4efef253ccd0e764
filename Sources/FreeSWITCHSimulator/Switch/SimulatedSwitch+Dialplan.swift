import OrderedCollections

/// Where a channel goes: extensions of the dialplan, and the applications they run.
extension SimulatedSwitch {
    /// An extension of the context `default`.
    mutating func runDialplan(_ uuid: String, _ destination: String) {
        if let queue = self.configuration.queueExtensions[destination] {
            for (name, value) in self.configuration.extensionVariables[destination] ?? [:] { self.channels[uuid]?.variables[name] = value }
            self.execute(uuid, [DialplanStep("callcenter", queue)])
        } else if destination == self.configuration.menuExtension {
            self.answerIfNeeded(uuid)
        } else if self.agentName(atExtension: destination) != nil || self.configuration.deskPhones.contains(destination) {
            self.execute(uuid, [DialplanStep("bridge", "user/\(destination)")], dialed: destination)
        } else if self.outsidePhone(destination) != nil {
            self.execute(uuid, [DialplanStep("bridge", "loopback/\(destination)/default")], dialed: destination)
        } else {
            self.hangUpAlone(uuid, cause: "NO_ROUTE_DESTINATION", disposition: .refused)
        }
    }

    /// Runs applications until one keeps the channel; when none does, the call is over.
    mutating func execute(_ uuid: String, _ steps: [DialplanStep], dialed: String? = nil) {
        for step in steps {
            guard let channel = self.channels[uuid], !channel.isHungUp else { return }
            switch step.application.lowercased() {
            case "answer": self.answerIfNeeded(uuid)
            case "set", "export":
                let pair = step.argument.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { self.channels[uuid]?.variables[String(pair[0])] = String(pair[1]) }
            case "callcenter":
                if self.enterQueue(uuid, queue: step.argument) { return }
            case "bridge":
                if self.bridge(uuid, to: step.argument, dialed: dialed) { return }
            case "callcenter_track": self.track(uuid, agent: step.argument)
            case "park": return self.park(uuid)
            case "eavesdrop":
                if self.eavesdrop(uuid, on: step.argument) { return }
            case "transfer": return self.runDialplan(uuid, String(step.argument.prefix { $0 != " " }))
            case "hangup":
                return self.hangUpAlone(uuid, cause: step.argument.isEmpty ? "NORMAL_CLEARING" : step.argument, disposition: .sentBye)
            default: continue
            }
        }
        let isAnswered = self.channels[uuid]?.answerState != "ringing"
        self.hangUpAlone(uuid, cause: "NORMAL_CLEARING", disposition: isAnswered ? .sentBye : .refused)
    }

    /// The application `callcenter_track`: the agent has a call that is none of a queue's, until the leg ends. As there, a second time counts twice, and
    /// only one of them is taken back.
    mutating func track(_ uuid: String, agent name: String) {
        guard self.isCallCenterLoaded, let agent = self.agents[name] else { return }
        self.emitCallCenter(.agentGet, ["CC-Agent": name, "CC-Action": "agent-status-get", "CC-Agent-Status": agent.status])
        self.channels[uuid]?.variables["cc_tracked_agent"] = name
        self.channels[uuid]?.trackedAgent = name
        self.agents[name]?.externalCalls += 1
    }

    mutating func answerIfNeeded(_ uuid: String) {
        if self.channels[uuid]?.answerState == "ringing", self.channels[uuid]?.profile.direction == .inbound { self.answerInbound(uuid) }
    }

    /// - Returns: whether it rings somewhere, or has ended with a cause of its own.
    private mutating func bridge(_ uuid: String, to text: String, dialed: String?) -> Bool {
        let dial = self.dialString(text)
        let phone: PhoneDestination
        switch dial.destination {
        case .fails(let cause):
            self.hangUpAlone(uuid, cause: cause, disposition: .refused)
            return true
        case .dialplan(let number):
            guard let outside = self.outsidePhone(number) else {
                self.hangUpAlone(uuid, cause: "NO_ROUTE_DESTINATION", disposition: .refused)
                return true
            }
            phone = outside
        case .phone(let destination): phone = destination
        }
        self.callDirectly(
            uuid, destination: phone, dialed: dialed ?? phone.number, phone: self.phone(at: phone.number), variables: dial.variables)
        return true
    }

    /// The channel waits until somebody takes it elsewhere.
    mutating func park(_ uuid: String) {
        self.channels[uuid]?.state = .execute
        self.channels[uuid]?.stateNumber = nil
        self.channels[uuid]?.bridgedTo = nil
        self.channels[uuid]?.application = "park"
        self.channels[uuid]?.applicationData = ""
        self.channels[uuid]?.variables["current_application"] = "park"
        self.emitChannel("CHANNEL_PARK", .channelPark, uuid)
    }

    /// The channel hears, whispers to or joins a call; what exactly its variables and keys say.
    private mutating func eavesdrop(_ uuid: String, on target: String) -> Bool {
        guard let other = self.channels[target], !other.isHungUp, target != uuid else { return false }
        self.eavesdroppers[uuid] = target
        self.channels[uuid]?.application = "eavesdrop"
        self.channels[uuid]?.applicationData = target
        self.channels[uuid]?.variables["current_application"] = "eavesdrop"
        self.channels[uuid]?.variables["current_application_data"] = target
        return true
    }
}

extension DialplanStep {
    init(_ application: String, _ argument: String) {
        self.application = application
        self.argument = argument
    }
}
