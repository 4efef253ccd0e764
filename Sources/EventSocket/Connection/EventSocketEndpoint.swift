/// Where a node's event socket is and how to log in. Its descriptions never show a password.
public struct EventSocketEndpoint: Sendable, Hashable {
    public enum Credentials: Sendable, Hashable {
        /// `auth PASSWORD`
        case password(String)
        /// `userauth USER@DOMAIN:PASSWORD`
        case user(String, password: String)
    }

    public var host: String
    public var port: Int
    public var credentials: Credentials
    /// The node's name: `?name=` of the URL, else `HOST:PORT`.
    public var name: String

    public init(host: String, port: Int = 8021, credentials: Credentials, name: String? = nil) {
        self.host = host
        self.port = port
        self.credentials = credentials
        self.name = name ?? (host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)")
    }

    /// Reads `esl://:PASSWORD@HOST:8021?name=NODE` or `esl://USER%40DOMAIN:PASSWORD@HOST:8021`. An IPv6 address stands in brackets; the port may
    /// be left out.
    ///
    /// - Throws: `invalidURL` that says what is wrong and never quotes the password.
    public init(url: String) throws(EventSocketError) {
        let scheme = "esl://"
        guard url.lowercased().hasPrefix(scheme) else { throw .invalidURL("an event socket's URL begins with esl://") }
        let rest = url.dropFirst(scheme.count)
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let authority = parts.first.map({ $0.hasSuffix("/") ? $0.dropLast() : $0 }), let at = authority.lastIndex(of: "@") else {
            throw .invalidURL("no password: write esl://:PASSWORD@HOST:8021 or esl://USER%40DOMAIN:PASSWORD@HOST:8021")
        }
        let credentials = try Self.credentials(authority[..<at])
        let (host, port) = try Self.address(authority[authority.index(after: at)...])
        self.init(host: host, port: port, credentials: credentials, name: try Self.name(parts.dropFirst().first))
    }

    private static func credentials(_ text: Substring) throws(EventSocketError) -> Credentials {
        guard let colon = text.firstIndex(of: ":") else { throw .invalidURL("no password: a colon stands before it, as in esl://:PASSWORD@HOST") }
        let user = try Self.decoded(text[..<colon], as: "the user")
        let password = try Self.decoded(text[text.index(after: colon)...], as: "the password")
        guard !password.isEmpty else { throw .invalidURL("the password is empty") }
        let credentials = user.isEmpty ? Credentials.password(password) : .user(user, password: password)
        do {
            _ = try Command.login(credentials)
        } catch {
            throw .invalidURL(error.reason)
        }
        return credentials
    }

    private static func address(_ text: Substring) throws(EventSocketError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { throw .invalidURL("an IPv6 address without its closing bracket") }
            host = text[text.index(after: text.startIndex)..<bracket]
            let rest = text[text.index(after: bracket)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .invalidURL("something between the IPv6 address and the port") }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard port?.contains(":") != true else { throw .invalidURL("an IPv6 address stands in brackets: esl://:PASSWORD@[::1]:8021") }
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw .invalidURL("no host, or one with a space or slash in it")
        }
        guard let port else { return (String(host), 8021) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(port), (1...65535).contains(number)
        else { throw .invalidURL("a port is a number from 1 to 65535") }
        return (String(host), number)
    }

    private static func name(_ query: Substring?) throws(EventSocketError) -> String? {
        guard let query else { return nil }
        var name: String?
        for item in query.split(separator: "&") {
            guard item.hasPrefix("name="), name == nil else { throw .invalidURL("behind the question mark stands name=NODE, once, and nothing else") }
            let text = try Self.decoded(item.dropFirst("name=".count), as: "the name")
            guard !text.isEmpty, text.utf8.count <= 128, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
                throw .invalidURL("a node's name has 1 to 128 bytes and no space")
            }
            name = text
        }
        return name
    }

    private static func decoded(_ text: Substring, as what: StaticString) throws(EventSocketError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(PercentDecoder.hexadecimalDigit),
                let low = rest.popFirst().flatMap(PercentDecoder.hexadecimalDigit)
            else { throw .invalidURL("\(what) has a % without two hexadecimal digits: write %25 for a percent sign") }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .invalidURL("\(what) is not UTF-8") }
        return decoded
    }
}

extension EventSocketEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "\(self.name) (\(self.host), port \(self.port), \(self.credentials))" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: ["name": self.name, "host": self.host, "port": self.port]) }
}

extension EventSocketEndpoint.Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .password: "password"
        case .user(let user, password: _): "user \(user)"
        }
    }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
