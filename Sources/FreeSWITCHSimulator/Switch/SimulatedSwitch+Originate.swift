import OrderedCollections

/// A leg that `originate` rings.
struct PendingOriginate: Sendable {
    /// The command that waits for it.
    var ticket: Int
    /// What the leg does when it is answered: applications, or an extension of the dialplan.
    var steps: [DialplanStep]
    var `extension`: String?
}

/// `originate`: the switch calls somebody, and connects who answers to something.
extension SimulatedSwitch {
    private static let originateUsage =
        "-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]\n"

    /// - Returns: the answer; `nil` while it rings.
    mutating func originate(_ argument: String, ticket: Int) -> String? {
        let words = ArgumentTokens.split(argument, maximum: 10)
        guard (2...7).contains(words.count) else { return Self.originateUsage }
        func word(_ index: Int) -> String? { words.indices.contains(index) && words[index].lowercased() != "undef" ? words[index] : nil }
        let dial = self.dialString(words[0])
        let phone: PhoneDestination
        switch dial.destination {
        case .fails(let cause): return "-ERR \(cause)\n"
        case .dialplan(let number):
            guard let outside = self.outsidePhone(number) else { return "-ERR NO_ROUTE_DESTINATION\n" }
            phone = outside
        case .phone(let destination): phone = destination
        }
        let behaviour = self.phone(at: phone.number)
        guard behaviour != .isUnregistered else { return "-ERR USER_NOT_REGISTERED\n" }
        let leg = self.createOriginated(
            to: phone, dial, name: dial.value("origination_caller_id_name") ?? word(4) ?? "",
            number: dial.value("origination_caller_id_number") ?? word(5) ?? "0000000000")
        switch behaviour {
        case .rejects, .isBusy, .isUnregistered:
            let cause = behaviour == .rejects ? "CALL_REJECTED" : "USER_BUSY"
            self.hangUpLeg(leg, cause: cause, disposition: .refusedByPhone)
            self.complete(leg, disposition: .refusedByPhone)
            self.destroy(leg)
            return "-ERR \(cause)\n"
        case .rings, .answers: break
        }
        let isInline = word(2)?.lowercased() == "inline"
        let application = DialplanStep(ampersand: words[1])
        self.originates[leg] = PendingOriginate(
            ticket: ticket, steps: application.map { [$0] } ?? (isInline ? DialplanStep.inline(words[1]) : []),
            extension: application == nil && !isInline ? words[1] : nil)
        self.ring(leg)
        self.schedulePickUp(leg)
        let seconds = dial.value("originate_timeout") ?? dial.value("leg_timeout") ?? word(6)
        let timeout = min(seconds.flatMap { Int64($0) } ?? 60, Int64(phone.timeout))
        self.schedule(.originateTimeout(leg: leg), after: timeout * 1_000_000)
        return nil
    }

    private mutating func createOriginated(to phone: PhoneDestination, _ dial: DialString, name: String, number: String) -> String {
        // A uuid that is taken is not given twice.
        let wanted = dial.value("origination_uuid").flatMap { self.channels[$0] == nil ? $0 : nil }
        let leg = self.createOutbound(
            address: phone.address, channelName: phone.channelName, callerName: name, callerNumber: number, source: "src/switch_ivr_originate.c",
            uuid: wanted)
        self.apply(.originatedLegCreated, to: leg)
        for (name, value) in dial.variables + phone.variables { self.channels[leg]?.variables[name] = value }
        self.emitChannel("CHANNEL_CREATE", .channelCreate, leg)
        return leg
    }

    mutating func answerOriginate(_ leg: String) {
        guard let pending = self.originates.removeValue(forKey: leg) else { return }
        self.cancel(.originateTimeout(leg: leg))
        self.answerOutbound(leg)
        self.flipCallerID(leg)
        self.answer(pending.ticket, "+OK \(leg)\n")
        if let destination = pending.extension { self.runDialplan(leg, destination) } else { self.execute(leg, pending.steps) }
    }

    /// The leg ends before anybody answered.
    mutating func failOriginate(_ leg: String, cause: String, disposition: HangupDisposition) {
        guard let pending = self.originates.removeValue(forKey: leg) else { return }
        self.cancel(.originateTimeout(leg: leg))
        self.hangUpLeg(leg, cause: cause, disposition: disposition)
        self.complete(leg, disposition: disposition)
        self.destroy(leg)
        self.answer(pending.ticket, "-ERR \(cause)\n")
    }

    /// A leg that was called and now runs the dialplan is its own caller: who was called becomes who calls.
    private mutating func flipCallerID(_ leg: String) {
        guard let profile = self.channels[leg]?.profile else { return }
        self.channels[leg]?.variables["pre_transfer_caller_id_number"] = profile.callerNumber
        self.channels[leg]?.variables["channel_cid_flipped"] = "yes"
        self.channels[leg]?.profile.callerName = profile.calleeName ?? ""
        self.channels[leg]?.profile.callerNumber = profile.calleeNumber ?? ""
        self.channels[leg]?.profile.calleeName = profile.callerName
        self.channels[leg]?.profile.calleeNumber = profile.callerNumber
        self.channels[leg]?.state = .execute
    }

    func dialString(_ text: String) -> DialString {
        DialString(text) { number in
            if let agent = self.agentName(atExtension: number), let contact = self.agents[agent]?.contact { return contact }
            return self.configuration.deskPhones.contains(number) ? "sofia/internal/\(number)@127.0.0.1:6009" : nil
        }
    }

    /// A phone in the outside world: numbers of seven digits and more lead there.
    func outsidePhone(_ number: String) -> PhoneDestination? {
        let digits = number.first == "+" ? number.dropFirst() : number[...]
        guard digits.count >= 7, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return PhoneDestination(dialString: "sofia/internal/\(number)@127.0.0.1:6010")
    }

    /// How the phone with that number behaves.
    func phone(at number: String) -> Phone { self.agentName(atExtension: number).flatMap { self.phones[$0] } ?? self.phones[number] ?? .rings }

    mutating func schedulePickUp(_ leg: String) {
        guard let number = self.channels[leg]?.address.prefix(while: { $0 != "@" }), self.phone(at: String(number)) == .answers else { return }
        self.schedule(.pickUp(leg: leg), after: 200_000)
    }

    /// Somebody picks up a phone that rings.
    mutating func pickUp(_ leg: String) {
        guard let channel = self.channels[leg], !channel.isHungUp, channel.answerState == "ringing" else { return }
        if self.offers[leg] != nil {
            self.answerOffer(leg)
        } else if self.originates[leg] != nil {
            self.answerOriginate(leg)
        } else if let agentLeg = self.consultingLeg(of: leg) {
            self.answerConsultation(agentLeg)
        } else {
            self.answerDirectCall(leg)
        }
    }
}
