import HTTPTypes

/// What somebody shows to say who he is.
enum Credential: Sendable, Equatable {
    /// The service's own token, a stored one, or a JWT.
    case bearer(String)
    /// The id of a session, from a browser's cookie.
    case session(String)

    static let cookie = "screenpop_session"

    /// A token is meant; a cookie comes along by itself. So the token wins.
    init?(authorization: String?, cookies: [String]) {
        if let token = Self.bearer(authorization) {
            self = .bearer(String(token))
        } else if let id = Self.session(cookies) {
            self = .session(String(id))
        } else {
            return nil
        }
    }

    init?(_ headers: HTTPFields) {
        self.init(authorization: headers[.authorization], cookies: headers[values: .cookie])
    }

    /// `Bearer TOKEN`
    static func bearer(_ header: String?) -> Substring? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].drop { $0 == " " }
    }

    /// `Basic BASE64(NAME:TOKEN)`, the name whatever it is.
    static func basic(_ header: String?) -> Credential? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Self.decode(parts[1].drop { $0 == " " }),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { return nil }
        return .bearer(String(text[text.index(after: colon)...]))
    }

    /// Base64 with the ordinary alphabet, padded or not.
    private static func decode(_ text: Substring) -> [UInt8]? {
        Base64URL.decode(text.replacing("+", with: "-").replacing("/", with: "_").prefix { $0 != "=" })
    }

    /// `a=b; screenpop_session=ID`
    private static func session(_ headers: [String]) -> Substring? {
        for header in headers {
            for pair in header.split(separator: ";") {
                let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] == Self.cookie { return parts[1] }
            }
        }
        return nil
    }
}

extension Problem {
    static let unauthorized = Problem.unauthorized("A token is needed: Authorization: Bearer TOKEN.")

    static func unauthorized(_ detail: String) -> Problem {
        Problem(.unauthorized, "unauthorized", detail, headers: [.wwwAuthenticate: "Bearer"])
    }
}
