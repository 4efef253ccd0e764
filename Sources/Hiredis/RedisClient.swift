public import Logging
public import NIOCore

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
        throw .invalidURL(url)
    }
}

/// A connection to Redis that comes back: commands are pipelined on one connection, in order; while it is away they fail at once with
/// `unavailable` (nothing is queued silently). Reconnects with jittered back-off for as long as `run()` runs.
public final class RedisClient: Sendable {
    public struct Configuration: Sendable {
        public var connectTimeout: TimeAmount = .seconds(5)
        public var commandTimeout: TimeAmount = .seconds(5)
        public var maximumReplyBytes = 64 * 1024 * 1024
        public var maximumArrayElements = 1_048_576
        public var maximumPendingCommands = 65_536

        public init() {}
    }

    public let endpoint: RedisEndpoint
    /// The loop the connection lives on. Commands sent from it do not hop.
    public let eventLoop: any EventLoop

    public init(endpoint: RedisEndpoint, on eventLoop: any EventLoop, configuration: Configuration = .init(), logger: Logger) {
        self.endpoint = endpoint
        self.eventLoop = eventLoop
    }

    /// Keeps the connection until cancelled. `stateChanged` is called on the event loop with true after each successful log-in and with false
    /// after each loss.
    public func run(stateChanged: @escaping @Sendable (Bool) -> Void = { _ in }) async {}

    /// Sends now, in order; all that is sent in one turn of the event loop goes out in one write. May be called from anywhere.
    /// `timeout` replaces the configured one (`nil`: the configured one), for blocking commands. On a timeout the connection is closed.
    public func send(_ command: RedisCommand, timeout: TimeAmount? = nil) -> EventLoopFuture<RedisValue> {
        self.eventLoop.makeFailedFuture(RedisError.unavailable("not connected"))
    }

    /// Sends all in one write; one result for each.
    public func pipeline(_ commands: [RedisCommand]) -> EventLoopFuture<[Result<RedisValue, RedisError>]> {
        self.eventLoop.makeFailedFuture(RedisError.unavailable("not connected"))
    }

    /// EVALSHA, and EVAL once when Redis says NOSCRIPT.
    public func evaluate(_ script: RedisScript, keys: [String], arguments: RedisCommand) -> EventLoopFuture<RedisValue> {
        self.eventLoop.makeFailedFuture(RedisError.unavailable("not connected"))
    }
}

/// A Lua script and its SHA-1.
public struct RedisScript: Sendable {
    public let source: String
    public let sha1: String

    public init(_ source: String) {
        self.source = source
        self.sha1 = ""
    }
}
