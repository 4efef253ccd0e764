/// A dial string as `originate` and `bridge` take it: variables in brackets, then one or more destinations.
///
/// `{a=b,c=d}sofia/internal/1001@127.0.0.1:6001|user/1002`; of several destinations the simulator rings the first.
struct DialString: Sendable {
    /// Where the first destination leads.
    enum Destination: Sendable, Equatable {
        case phone(PhoneDestination)
        /// `loopback/EXTENSION/CONTEXT` to what is no phone: the dialplan's.
        case dialplan(extension: String)
        /// `error/USER_BUSY`
        case fails(cause: String)
    }

    var variables: [(name: String, value: String)] = []
    var destination: Destination

    /// - Parameter phone: the contact behind `user/NAME`, or a loopback extension; `nil` when there is none.
    init(_ text: String, phone: (String) -> String?) {
        var rest = Substring(text)
        var variables: [(name: String, value: String)] = []
        while let open = rest.first, let close: Character = ["{": "}", "[": "]", "<": ">"][open], let end = rest.firstIndex(of: close) {
            variables += Self.variables(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...].drop { $0 == " " }
        }
        self.variables = variables
        let first = rest.prefix { $0 != "|" && $0 != "," }
        let parts = first.split(separator: "/")
        switch (parts.first, parts.count) {
        case ("error", 2): self.destination = .fails(cause: parts[1].uppercased())
        case ("user", 2):
            let name = parts[1].prefix { $0 != "@" }
            guard let contact = phone(String(name)), let found = PhoneDestination(dialString: contact) else {
                self.destination = .fails(cause: "SUBSCRIBER_ABSENT")
                return
            }
            self.destination = .phone(found)
        case ("loopback", 2...):
            guard let contact = phone(String(parts[1])), let found = PhoneDestination(dialString: contact) else {
                self.destination = .dialplan(extension: String(parts[1]))
                return
            }
            self.destination = .phone(found)
        case ("sofia", 3):
            guard let found = PhoneDestination(dialString: String(first)) else {
                self.destination = .fails(cause: "DESTINATION_OUT_OF_ORDER")
                return
            }
            self.destination = .phone(found)
        case ("null", 2):
            let phone = PhoneDestination(dialString: "sofia/internal/\(parts[1])@127.0.0.1")
            self.destination = phone.map { .phone($0) } ?? .fails(cause: "DESTINATION_OUT_OF_ORDER")
        default: self.destination = .fails(cause: "CHAN_NOT_IMPLEMENTED")
        }
    }

    func value(_ name: String) -> String? { self.variables.first { $0.name == name }?.value }

    /// `a=b,c='d,e'`; `^^;` in front changes the separator.
    private static func variables(_ text: Substring) -> [(name: String, value: String)] {
        ArgumentTokens.split(String(text), separator: ",", maximum: 64).compactMap { part in
            let pair = part.split(separator: "=", maxSplits: 1)
            return pair.count == 2 ? (String(pair[0]), String(pair[1])) : nil
        }
    }
}
