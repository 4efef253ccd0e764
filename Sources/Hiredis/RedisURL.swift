/// The URLs of contract: taken apart by hand, because the parts are few and a wrong one deserves a sentence of its own.
enum RedisURL {
    static func parse(_ url: String) throws(RedisError) -> RedisEndpoint {
        guard let separator = url.firstRange(of: "://") else { throw .invalidURL("no scheme: write redis://HOST:PORT") }
        let rest = url[separator.upperBound...]
        guard !rest.contains("#") else { throw .invalidURL("a # must be written as %23") }
        switch url[..<separator.lowerBound].lowercased() {
        case "redis": return try self.tcp(rest, tls: false)
        case "rediss": return try self.tcp(rest, tls: true)
        case "redis+unix": return try self.unix(rest)
        case "redis+sentinel":
            throw .invalidURL("redis+sentinel:// (Redis Sentinel) is not supported yet: name the master with redis://HOST:PORT")
        case "redis+cluster":
            throw .invalidURL("redis+cluster:// (Redis Cluster) is not supported yet: name one Redis with redis://HOST:PORT")
        default:
            throw .invalidURL("unknown scheme: use redis://, rediss:// (TLS) or redis+unix:///PATH")
        }
    }

    private static func tcp(_ rest: Substring, tls: Bool) throws(RedisError) -> RedisEndpoint {
        let parts = self.split(rest)
        var endpoint = RedisEndpoint(address: .unix(path: ""))
        let place = try self.readCredentials(parts.authority, into: &endpoint)
        let (host, port) = try self.hostAndPort(place)
        endpoint.address = .tcp(host: host, port: port, tls: tls)
        let path = parts.path.dropFirst()
        if !path.isEmpty { endpoint.database = try self.database(path) }
        if let database = try self.databaseQuery(parts.query) { endpoint.database = database }
        return endpoint
    }

    private static func unix(_ rest: Substring) throws(RedisError) -> RedisEndpoint {
        let parts = self.split(rest)
        var endpoint = RedisEndpoint(address: .unix(path: ""))
        let host = try self.readCredentials(parts.authority, into: &endpoint)
        guard host.isEmpty, parts.path.count > 1 else {
            throw .invalidURL("redis+unix:// needs an absolute path: redis+unix:///run/redis/redis.sock")
        }
        endpoint.address = .unix(path: try self.decoded(parts.path))
        if let database = try self.databaseQuery(parts.query) { endpoint.database = database }
        return endpoint
    }

    private static func split(_ rest: Substring) -> (authority: Substring, path: Substring, query: Substring?) {
        let question = rest.firstIndex(of: "?")
        let query = question.map { rest[rest.index(after: $0)...] }
        let beforeQuery = rest[..<(question ?? rest.endIndex)]
        let slash = beforeQuery.firstIndex(of: "/") ?? beforeQuery.endIndex
        return (beforeQuery[..<slash], beforeQuery[slash...], query)
    }

    /// Returns what stands behind the `@`.
    private static func readCredentials(_ authority: Substring, into endpoint: inout RedisEndpoint) throws(RedisError) -> Substring {
        guard let at = authority.lastIndex(of: "@") else { return authority }
        let credentials = authority[..<at]
        guard let colon = credentials.firstIndex(of: ":") else {
            throw .invalidURL("credentials are USER:PASSWORD@ or :PASSWORD@")
        }
        let user = try self.decoded(credentials[..<colon])
        let password = try self.decoded(credentials[credentials.index(after: colon)...])
        guard !password.isEmpty || user.isEmpty else { throw .invalidURL("a user without a password") }
        endpoint.username = user.isEmpty ? nil : user
        endpoint.password = password.isEmpty ? nil : password
        return authority[authority.index(after: at)...]
    }

    private static func hostAndPort(_ place: Substring) throws(RedisError) -> (String, Int) {
        var host = place
        var portText: Substring?
        if place.first == "[" {
            guard let bracket = place.firstIndex(of: "]") else { throw .invalidURL("an IPv6 address needs a closing bracket") }
            host = place[place.index(after: place.startIndex)..<bracket]
            let behind = place[place.index(after: bracket)...]
            guard behind.isEmpty || behind.first == ":" else { throw .invalidURL("only a port may stand behind ]") }
            portText = behind.isEmpty ? nil : behind.dropFirst()
        } else if let colon = place.firstIndex(of: ":") {
            host = place[..<colon]
            portText = place[place.index(after: colon)...]
        }
        guard !host.isEmpty else { throw .invalidURL("no host") }
        guard let portText else { return (String(host), 6379) }
        guard let port = self.number(portText), (1...65535).contains(port) else { throw .invalidURL("a port is a number from 1 to 65535") }
        return (String(host), port)
    }

    private static func databaseQuery(_ query: Substring?) throws(RedisError) -> Int? {
        guard let query, !query.isEmpty else { return nil }
        guard query.hasPrefix("db="), !query.contains("&") else { throw .invalidURL("only db=N may stand behind ?") }
        return try self.database(query.dropFirst(3))
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
        guard let number = self.number(text) else { throw .invalidURL("a database is a number from 0 on") }
        return number
    }

    /// Digits alone: `Int("+1")` would be a number too.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    private static func decoded(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(self.hexadecimal), let low = rest.popFirst().flatMap(self.hexadecimal) else {
                throw .invalidURL("a % must be followed by two hexadecimal digits (%25 for itself)")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !decoded.utf8.contains(0) else { throw .invalidURL("not UTF-8 text") }
        return decoded
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
