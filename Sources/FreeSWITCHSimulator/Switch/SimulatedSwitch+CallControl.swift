import OrderedCollections

/// The functions that do something to a channel, with the replies a real one gave.
extension SimulatedSwitch {
    /// - Returns: `nil` for a function that is none of these.
    mutating func callControl(_ function: String, _ argument: String) -> String? {
        switch function {
        case "uuid_kill": self.uuidKill(argument)
        case "uuid_hold": self.uuidHold(argument)
        case "uuid_transfer": self.uuidTransfer(argument)
        case "uuid_dual_transfer": self.uuidDualTransfer(argument)
        case "uuid_bridge": self.uuidBridge(argument)
        case "uuid_broadcast": self.uuidBroadcast(argument)
        case "uuid_park": self.uuidPark(argument)
        case "uuid_setvar": self.uuidSetvar(argument)
        case "uuid_getvar": self.uuidGetvar(argument)
        case "uuid_exists": self.channels[argument] == nil ? "false" : "true"
        case "uuid_send_dtmf": self.uuidDTMF(argument, sent: true)
        case "uuid_recv_dtmf": self.uuidDTMF(argument, sent: false)
        case "uuid_break": self.channels[String(argument.prefix { $0 != " " })] == nil ? Self.noSuchChannel : "+OK\n"
        case "hupall": self.hangUpAll(argument)
        default: nil
        }
    }

    private static let noSuchChannel = "-ERR No such channel!\n"

    private mutating func uuidKill(_ argument: String) -> String {
        guard !argument.isEmpty else { return "-USAGE: <uuid> [cause]\n" }
        let words = argument.split(separator: " ", maxSplits: 1)
        return self.kill(String(words[0]), cause: words.count > 1 ? words[1].uppercased() : "NORMAL_CLEARING") ? "+OK\n" : Self.noSuchChannel
    }

    private mutating func hangUpAll(_ argument: String) -> String {
        let cause = argument.isEmpty ? "MANAGER_REQUEST" : argument.prefix { $0 != " " }.uppercased()
        for uuid in Array(self.channels.keys) {
            guard let channel = self.channels[uuid], !channel.isHungUp else { continue }
            if self.directCalls[uuid] != nil, channel.bridgedTo != nil {
                self.hangUpDirectCall(uuid, by: .caller, killed: cause, both: true)
            } else if let leg = self.directCalls.first(where: { $0.value == uuid })?.key, channel.bridgedTo != nil {
                self.hangUpDirectCall(leg, by: .caller, killed: cause, both: true)
            } else {
                _ = self.kill(uuid, cause: cause)
            }
        }
        return "+OK hangup all channels with cause \(cause)\n"
    }

    /// A real one says `+OK Success` for a uuid it does not know, too.
    private mutating func uuidHold(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 4)
        guard let first = words.first else { return "-USAGE: [off|toggle] <uuid> [<display>]\n-ERR Operation failed\n" }
        let uuid: String
        let isHeld: Bool
        switch first.lowercased() {
        case "off": (uuid, isHeld) = (words.count > 1 ? words[1] : "", false)
        case "toggle":
            uuid = words.count > 1 ? words[1] : ""
            isHeld = self.channels[uuid]?.callState != "HELD"
        default: (uuid, isHeld) = (first, true)
        }
        guard let channel = self.channels[uuid] else { return "+OK Success\n" }
        guard (channel.callState == "HELD") != isHeld, !channel.isHungUp else { return "-ERR Operation failed\n" }
        self.setHold(uuid, isHeld)
        return "+OK Success\n"
    }

    private mutating func uuidTransfer(_ argument: String) -> String {
        var words = ArgumentTokens.split(argument, maximum: 5)
        guard (2...5).contains(words.count) else { return "-USAGE: <uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]\n" }
        var uuid = words.removeFirst()
        guard let channel = self.channels[uuid] else { return Self.noSuchChannel }
        let flag = words[0].hasPrefix("-") ? words.removeFirst().lowercased() : ""
        guard let destination = words.first else { return "-ERR\n" }
        let inline = words.count > 1 && words[1].lowercased() == "inline"
        switch (flag, channel.bridgedTo) {
        case ("-bleg", let partner?): uuid = partner
        case ("-both", let partner?):
            // Both know at once that they go elsewhere, so that neither ends for want of the other.
            self.partForTransfer(uuid, partner)
            self.transfer(partner, to: destination, inline: inline)
        default: break
        }
        self.transfer(uuid, to: destination, inline: inline)
        return "+OK\n"
    }

    private mutating func uuidDualTransfer(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 5)
        guard words.count == 3 else {
            return "-USAGE: <uuid> <A-dest-exten>[/<A-dialplan>][/<A-context>] <B-dest-exten>[/<B-dialplan>][/<B-context>]\n"
        }
        guard let channel = self.channels[words[0]] else { return Self.noSuchChannel }
        func transfer(_ uuid: String, _ text: String) {
            if text.hasSuffix("/inline") {
                self.transfer(uuid, to: String(text.dropLast(7)), inline: true)
            } else {
                self.transfer(uuid, to: String(text.prefix { $0 != "/" }), inline: false)
            }
        }
        if let partner = channel.bridgedTo {
            self.partForTransfer(words[0], partner)
            transfer(partner, words[2])
        }
        transfer(words[0], words[1])
        return "+OK\n"
    }

    private mutating func uuidBridge(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 4)
        guard words.count >= 2 else { return "-USAGE: <uuid> <other_uuid>\n" }
        for other in words[1...].prefix(2) where self.uuidBridge(words[0], other) { return "+OK \(other)\n" }
        return "-ERR Invalid uuid\n"
    }

    /// Of what can be broadcast the simulator does `att_xfer` alone.
    private mutating func uuidBroadcast(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 4)
        guard words.count >= 2 else { return "-USAGE: <uuid> <path> [aleg|bleg|holdb|both]\n" }
        guard self.channels[words[0]] != nil else { return "-ERR invalid uuid\n" }
        if words[1].hasPrefix("att_xfer::") { self.consult(words[0], String(words[1].dropFirst(10))) }
        return "+OK Message sent\n"
    }

    private mutating func uuidPark(_ argument: String) -> String {
        guard self.channels[argument] != nil else { return Self.noSuchChannel }
        self.takeAndPark(argument)
        return "+OK\n"
    }

    private mutating func uuidSetvar(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 3)
        guard (2...3).contains(words.count) else { return "-USAGE: <uuid> <var> [value]\n" }
        guard self.channels[words[0]] != nil else { return Self.noSuchChannel }
        self.channels[words[0]]?.variables[words[1]] = words.count > 2 && !words[2].isEmpty ? words[2] : nil
        return "+OK\n"
    }

    private func uuidGetvar(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 4)
        guard words.count >= 2 else { return "-USAGE: <uuid> <var>\n" }
        guard let channel = self.channels[words[0]] else { return Self.noSuchChannel }
        return channel.variables[words[1]] ?? "_undef_"
    }

    private mutating func uuidDTMF(_ argument: String, sent: Bool) -> String {
        let words = ArgumentTokens.split(argument, maximum: 2)
        guard words.count == 2, !words[1].isEmpty else { return "-USAGE: <uuid> <dtmf_data>\n" }
        guard let channel = self.channels[words[0]], !channel.isHungUp else { return "-ERR Cannot locate session!\n" }
        if !sent { for digit in words[1].prefix(32) { _ = self.dtmf(String(digit), call: words[0]) } }
        return "+OK \(words[0]) \(sent ? "sent" : "received") DTMF \(words[1]).\n"
    }
}
