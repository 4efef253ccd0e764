/// Where Redis is: `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`, `rediss://...`, `redis+unix:///path[?db=N]`.
/// `redis+sentinel://` and `redis+cluster://` are recognised and refused by name until they are built.
public struct RedisEndpoint: Sendable, Hashable {
    public enum Address: Sendable, Hashable {
        case tcp(host: String, port: Int, tls: Bool)
        case unix(path: String)
    }

    public var address: Address
    public var username: String?
    public var password: String?
    public var database: Int

    public init(address: Address, username: String? = nil, password: String? = nil, database: Int = 0) {
        self.address = address
        self.username = username
        self.password = password
        self.database = database
    }

    public init(url: String) throws(RedisError) {
        self = try RedisURL.parse(url)
    }
}

extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL with `***` for the password: fit for logs.
    public var description: String {
        let credentials = self.password == nil ? "" : "\(self.username ?? ""):***@"
        switch self.address {
        case .tcp(let host, let port, let tls):
            let host = host.contains(":") ? "[\(host)]" : host
            return "\(tls ? "rediss" : "redis")://\(credentials)\(host):\(port)/\(self.database)"
        case .unix(let path):
            return "redis+unix://\(credentials)\(path)?db=\(self.database)"
        }
    }

    public var debugDescription: String { self.description }

    /// `dump` and string interpolation of a container go through the mirror: it must not show the password either.
    public var customMirror: Mirror { Mirror(self, children: ["url": self.description]) }
}
