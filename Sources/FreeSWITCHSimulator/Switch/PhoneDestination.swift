/// Where an agent's contact leads: read the way FreeSWITCH does, as far as the simulator goes.
struct PhoneDestination: Sendable, Equatable {
    /// `1001@127.0.0.1:6001`
    var address: String
    /// `sofia/internal/1001@127.0.0.1:6001`
    var channelName: String
    /// Seconds until the offer ends as not answered.
    var timeout: Int
    /// The variables in front, in brackets.
    var variables: [(name: String, value: String)]

    /// The extension: what stands before `@`.
    var number: String { String(self.address.prefix { $0 != "@" }) }

    /// `nil` when the contact leads nowhere.
    init?(dialString: String) {
        var rest = dialString.prefix { $0 != "|" && $0 != "," }
        var variables: [(name: String, value: String)] = []
        if dialString.hasPrefix("["), let end = dialString.firstIndex(of: "]") {
            let inside = dialString[dialString.index(after: dialString.startIndex)..<end]
            for part in inside.split(separator: ",") {
                let pair = part.split(separator: "=", maxSplits: 1)
                if pair.count == 2 { variables.append((String(pair[0]), String(pair[1]))) }
            }
            rest = dialString[dialString.index(after: end)...].prefix { $0 != "|" && $0 != "," }
        }
        let parts = rest.split(separator: "/")
        guard let kind = parts.first, parts.count >= 2 else { return nil }
        func seconds(_ name: String) -> Int? { variables.first { $0.name == name }.flatMap { Int($0.value) } }
        let address: String
        switch kind {
        case "sofia" where parts.count == 3:
            address = String(parts[2])
            self.channelName = String(rest)
            // `call_timeout` is read by the user/ endpoint alone.
            self.timeout = seconds("leg_timeout") ?? 60
        case "user":
            address = parts[1].contains("@") ? String(parts[1]) : "\(parts[1])@127.0.0.1"
            self.channelName = "sofia/internal/\(address)"
            self.timeout = seconds("leg_timeout") ?? seconds("call_timeout") ?? 60
        case "loopback":
            address = "\(parts[1])@127.0.0.1"
            self.channelName = "loopback/\(parts[1])-a"
            self.timeout = seconds("leg_timeout") ?? 60
        default: return nil
        }
        self.address = address
        self.variables = variables
    }

    static func == (a: PhoneDestination, b: PhoneDestination) -> Bool {
        a.address == b.address && a.channelName == b.channelName && a.timeout == b.timeout
    }
}
