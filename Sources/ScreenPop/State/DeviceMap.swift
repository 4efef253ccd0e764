import CallCenter

/// Which phone is whose: read from the agents' contacts, so that calls which pass no queue find their agent.
///
/// The surest sign counts first: the address of a `sofia/` contact as the leg's name has it; then user and domain of a `user/` contact, as the leg
/// was dialled or as its presence says; then the extension alone (the user part of the contact, else what stands before the `@` of the agent's
/// name), unless the leg names another domain than the contact, or is on another profile. What follows the `@` of an agent's name is no domain of
/// the phones. Where several agents fit, the one who is logged in, if there is one alone. A leg that goes out by a gateway is nobody's phone.
struct DeviceMap: Sendable {
    private struct Device {
        var addresses: Set<String> = []
        var users: Set<String> = []
        var extensions: Set<String> = []
        /// Those that `user/` and `%` contacts name.
        var domains: Set<String> = []
        var profiles: Set<String> = []
        /// Profiles on which the phone was seen: a `user/` contact names none.
        var learned: Set<String> = []
        var contact = ""
    }

    /// A phone moves between two or three profiles at most.
    private static let mostLearned = 8

    private var devices: [String: Device] = [:]
    private var byAddress: [String: Set<String>] = [:]
    private var byUser: [String: Set<String>] = [:]
    private var byExtension: [String: Set<String>] = [:]

    mutating func remove(_ agent: String) {
        guard let device = self.devices.removeValue(forKey: agent) else { return }
        for key in device.addresses { Self.remove(agent, from: &self.byAddress, key) }
        for key in device.users { Self.remove(agent, from: &self.byUser, key) }
        for key in device.extensions { Self.remove(agent, from: &self.byExtension, key) }
    }

    mutating func set(_ agent: String, contact: String) {
        let known = self.devices[agent]
        if let known, known.contact == contact { return }
        self.remove(agent)
        var device = Device()
        device.contact = contact
        for dialled in Self.alternatives(contact) { Self.read(dialled, into: &device) }
        if device.extensions.isEmpty, let name = agent.split(separator: "@").first { device.extensions = [String(name)] }
        if agent.contains("@") { device.users.insert(agent) }
        for key in device.addresses { self.byAddress[key, default: []].insert(agent) }
        for key in device.users { self.byUser[key, default: []].insert(agent) }
        for key in device.extensions { self.byExtension[key, default: []].insert(agent) }
        self.devices[agent] = device
    }

    /// Whose phone rings: for a leg that FreeSWITCH makes.
    /// - Parameter isLoggedIn: settles it between agents who share a phone.
    func agent(ringing leg: Leg, isLoggedIn: (String) -> Bool) -> String? {
        guard let name = leg.name, !name.hasPrefix("loopback/") else { return nil }
        let address = Self.address(channel: name)
        if let address, let agent = Self.only(self.byAddress[address], isLoggedIn) { return agent }
        if let user = leg.dialedUser, let domain = leg.dialedDomain, let agent = Self.only(self.byUser["\(user)@\(domain)"], isLoggedIn) {
            return agent
        }
        if let presence = leg.presenceID, let agent = Self.only(self.byUser[presence], isLoggedIn) { return agent }
        guard leg.gateway == nil else { return nil }
        guard let number = leg.dialedUser ?? address.flatMap(Self.user) else { return nil }
        return Self.only(self.byExtension[number]?.filter { self.mayBe($0, leg) }, isLoggedIn)
    }

    /// Who calls: for a leg that came in. Whoever logged in is known. Without a log-in anybody may claim the number: it counts on a profile of the
    /// agent's phone alone, one that the contact names or on which the phone was seen. Before it was seen, a `user/` contact has nothing but its
    /// domain to compare with: what an outside caller's number is like by accident, his domain is not.
    func agent(calling leg: Leg, isLoggedIn: (String) -> Bool) -> String? {
        guard leg.gateway == nil, leg.name?.hasPrefix("loopback/") != true else { return nil }
        if let user = leg.authenticatedUser {
            if let presence = leg.presenceID, let agent = Self.only(self.byUser[presence], isLoggedIn) { return agent }
            return Self.only(self.byExtension[user]?.filter { self.isOfDomain($0, leg) }, isLoggedIn)
        }
        guard let user = leg.sipFromUser ?? leg.callerNumber, let profile = leg.ownProfile else { return nil }
        let known = self.byExtension[user]?.filter { agent in
            guard self.isOfDomain(agent, leg), let device = self.devices[agent] else { return false }
            if device.profiles.isEmpty, device.learned.isEmpty { return leg.host.map { device.domains.contains($0) } ?? false }
            return device.profiles.contains(profile) || device.learned.contains(profile)
        }
        return Self.only(known, isLoggedIn)
    }

    /// The leg goes to the agent's phone, or comes from it: it tells the phone's profile, unless nothing but a number says whose it is.
    mutating func learn(_ agent: String, _ leg: Leg) {
        guard let profile = leg.ownProfile, leg.gateway == nil, let device = self.devices[agent], !device.profiles.contains(profile),
            device.learned.count < Self.mostLearned
        else { return }
        let isSure = leg.authenticatedUser != nil || leg.dialedUser != nil || leg.presenceID.map { device.users.contains($0) } ?? false
        guard isSure else { return }
        self.devices[agent]?.learned.insert(profile)
    }

    /// Whether nothing but the extension speaks for the agent, and nothing against.
    private func mayBe(_ agent: String, _ leg: Leg) -> Bool {
        guard self.isOfDomain(agent, leg) else { return false }
        guard let profile = leg.ownProfile, let profiles = self.devices[agent]?.profiles, !profiles.isEmpty else { return true }
        return profiles.contains(profile)
    }

    private func isOfDomain(_ agent: String, _ leg: Leg) -> Bool {
        guard let domain = leg.domain, let domains = self.devices[agent]?.domains, !domains.isEmpty else { return true }
        return domains.contains(domain)
    }

    // MARK: contacts

    /// The dial strings of a contact, without the variables in brackets: separated by `,` (at once), `|` (one after the other) or `:_:`.
    private static func alternatives(_ contact: String) -> [Substring] {
        var bare = ""
        var closing: [Character] = []
        for character in contact {
            switch character {
            case "{": closing.append("}")
            case "[": closing.append("]")
            case "<": closing.append(">")
            case closing.last: closing.removeLast()
            case "|" where closing.isEmpty: bare.append(",")
            default: if closing.isEmpty { bare.append(character) }
            }
        }
        return bare.replacing(":_:", with: ",").split(separator: ",")
    }

    private static func read(_ dialled: Substring, into device: inout Device) {
        let parts = dialled.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("user", 2):
            if let at = parts[1].firstIndex(of: "@") {
                device.users.insert(String(parts[1]))
                device.domains.insert(String(parts[1][parts[1].index(after: at)...]))
            }
            if let user = parts[1].split(separator: "@").first { device.extensions.insert(String(user)) }
        case ("sofia", 3) where parts[1] == "gateway": break
        case ("sofia", 3):
            device.profiles.insert(String(parts[1]))
            if let percent = parts[2].firstIndex(of: "%") {
                let user = parts[2][..<percent]
                let domain = String(parts[2][parts[2].index(after: percent)...])
                device.users.insert("\(user)@\(domain)")
                device.domains.insert(domain)
                device.extensions.insert(String(user))
            } else {
                let address = Self.bare(parts[2])
                device.addresses.insert(address)
                if let user = Self.user(address) { device.extensions.insert(user) }
            }
        case ("loopback", 2...): device.extensions.insert(String(parts[1]))
        default: break
        }
    }

    /// `1001@192.0.2.7:5060` of `sofia/internal/sip:1001@192.0.2.7:5060;fs_path=...`
    private static func address(channel name: String) -> String? {
        let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard let last = parts.last, parts.count > 1 else { return nil }
        return Self.bare(last)
    }

    private static func bare(_ address: Substring) -> String {
        var address = address
        for scheme in ["sip:", "sips:"] where address.hasPrefix(scheme) { address = address.dropFirst(scheme.count) }
        return String(address.prefix { $0 != ";" && $0 != "?" })
    }

    private static func user(_ address: String) -> String? {
        address.split(separator: "@", omittingEmptySubsequences: false).first.flatMap { $0.isEmpty ? nil : String($0) }
    }

    private static func only(_ agents: Set<String>?, _ isLoggedIn: (String) -> Bool) -> String? {
        guard let agents, agents.count > 1 else { return agents?.first }
        let present = agents.filter(isLoggedIn)
        return present.count == 1 ? present.first : nil
    }

    private static func remove(_ agent: String, from map: inout [String: Set<String>], _ key: String) {
        map[key]?.remove(agent)
        if map[key]?.isEmpty == true { map[key] = nil }
    }
}

extension DeviceMap {
    /// What tells whose phone a leg goes to or comes from.
    struct Leg: Sendable {
        var name: String?
        var presenceID: String?
        var dialedUser: String?
        var dialedDomain: String?
        var gateway: String?
        var authenticatedUser: String?
        var sipFromUser: String?
        var callerNumber: String?
        var profile: String?

        init() {}

        /// The domain that the leg names.
        var domain: String? {
            if let domain = self.dialedDomain { return domain }
            guard let presence = self.presenceID, let at = presence.firstIndex(of: "@") else { return nil }
            return String(presence[presence.index(after: at)...])
        }

        /// `192.0.2.7` of `sofia/internal/1001@192.0.2.7:5060`
        var host: String? {
            guard let name = self.name, let at = name.lastIndex(of: "@") else { return nil }
            return String(name[name.index(after: at)...].prefix { $0 != ":" && $0 != ";" })
        }

        /// `internal` of `sofia/internal/1001@192.0.2.7:5060`
        var ownProfile: String? {
            if let profile = self.profile { return profile }
            guard let parts = self.name?.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false), parts.count == 3, parts[0] == "sofia"
            else { return nil }
            return String(parts[1])
        }

        init(_ facts: ChannelFacts) {
            self.name = facts.name
            self.presenceID = facts.presenceID
            self.dialedUser = facts.dialedUser
            self.dialedDomain = facts.dialedDomain
            self.gateway = facts.gateway
            self.authenticatedUser = facts.authenticatedUser
            self.sipFromUser = facts.sipFromUser
            self.callerNumber = facts.callerNumber
            self.profile = facts.profile
        }
    }
}
