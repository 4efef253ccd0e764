import HTTPTypes

/// Who may come in: for now whoever has the one token.
struct Credential: Sendable {
    private let token: [UInt8]

    init(adminToken: String) {
        self.token = Array(adminToken.utf8)
    }

    /// Takes as long for a token that is nearly right as for one that is all wrong.
    func accepts(_ candidate: some StringProtocol) -> Bool {
        let candidate = Array(candidate.utf8)
        guard !self.token.isEmpty, candidate.count == self.token.count else { return false }
        var difference: UInt8 = 0
        for index in candidate.indices { difference |= candidate[index] ^ self.token[index] }
        return difference == 0
    }

    /// `Bearer TOKEN`
    static func bearer(_ header: String?) -> Substring? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].drop { $0 == " " }
    }
}

extension Problem {
    static let unauthorized = Problem(
        .unauthorized, "unauthorized", "A token is needed: Authorization: Bearer TOKEN.", headers: [.wwwAuthenticate: "Bearer"])
}
