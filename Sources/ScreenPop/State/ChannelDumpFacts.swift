import CallCenter

/// What `uuid_dump` says of a channel: the headers that its events would have.
struct ChannelDumpFacts: Sendable {
    var headers: [String: String]

    /// `nil` when absent, empty or `_undef_`.
    subscript(_ name: String) -> String? {
        self.headers[name].flatMap { $0.isEmpty || $0 == "_undef_" ? nil : $0 }
    }

    var createdAt: Timestamp? { self.time("Caller-Channel-Created-Time") }
    var answeredAt: Timestamp? { self.time("Caller-Channel-Answered-Time") }
    var bridgedAt: Timestamp? { self.time("Caller-Channel-Bridged-Time") }
    var lastTransfer: Transfer? { self["variable_transfer_history"].flatMap { Transfer(history: $0) } }

    /// The leg it talks to: `signal_bond` goes with the bridge, but stands on a ringing leg as well.
    var peer: String? {
        self.bridgedAt == nil ? nil : self["variable_signal_bond"] ?? self["Other-Leg-Unique-ID"]
    }

    var offer: Channel.Offer? {
        guard self["variable_cc_side"] == "agent", let agent = self["variable_cc_agent"], let member = self["variable_cc_member_uuid"] else {
            return nil
        }
        return Channel.Offer(agent: agent, member: member)
    }

    var isOfCallCenter: Bool { self["variable_cc_side"] != nil || self["variable_cc_member_uuid"] != nil }

    func leg(_ row: ChannelRow) -> DeviceMap.Leg {
        var leg = DeviceMap.Leg()
        leg.name = row.name.isEmpty ? nil : row.name
        leg.presenceID = row.presenceID ?? self["variable_presence_id"]
        leg.dialedUser = self["variable_dialed_user"]
        leg.dialedDomain = self["variable_dialed_domain"]
        leg.gateway = self["variable_sip_gateway_name"]
        leg.authenticatedUser = self["variable_user_name"]
        leg.sipFromUser = self["variable_sip_from_user"]
        leg.callerNumber = row.callerNumber
        leg.profile = self["variable_sofia_profile_name"]
        return leg
    }

    /// Microseconds, 0 is "never".
    private func time(_ name: String) -> Timestamp? {
        self[name].flatMap { Int64($0) }.flatMap { $0 > 0 ? Timestamp(microseconds: $0) : nil }
    }
}
