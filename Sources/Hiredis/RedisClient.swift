public import Logging
public import NIOCore
import Synchronization

/// A connection to Redis that comes back: commands are pipelined on one connection, in order; while it is away they fail at once with
/// `unavailable` (nothing is queued silently). Reconnects with jittered back-off for as long as `run()` runs.
public final class RedisClient: Sendable {
    public struct Configuration: Sendable {
        /// For the connection itself, and again for the log-in.
        public var connectTimeout: TimeAmount = .seconds(5)
        public var commandTimeout: TimeAmount = .seconds(5)
        /// How long replies may still come in when `run()` is cancelled.
        public var drainTimeout: TimeAmount = .milliseconds(250)
        public var maximumReplyBytes = 64 * 1024 * 1024
        /// Of one reply, arrays in arrays counted together.
        public var maximumArrayElements = 1_048_576
        public var maximumPendingCommands = 65_536
        /// Commands that are sent and not answered, as bytes. A single command may be larger.
        public var maximumPendingBytes = 64 * 1024 * 1024
        /// For `rediss://`: a PEM file with the authorities to trust instead of the system's.
        public var certificateAuthorities: String?

        public init() {}
    }

    public let endpoint: RedisEndpoint
    /// The loop the connection lives on. Commands sent from it do not hop.
    public let eventLoop: any EventLoop
    let configuration: Configuration
    let logger: Logger
    /// The connection that is logged in, if there is one.
    let current: NIOLoopBoundBox<RedisChannelHandler?>
    /// Why the last attempt made no connection, or lost it.
    let trouble = Mutex<String?>(nil)

    public init(endpoint: RedisEndpoint, on eventLoop: any EventLoop, configuration: Configuration = .init(), logger: Logger) {
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        self.configuration = configuration
        var logger = logger
        logger[metadataKey: "redis.endpoint"] = "\(endpoint)"
        self.logger = logger
        self.current = .makeEmptyBox(eventLoop: eventLoop)
    }

    /// Sends now, in order; all that is sent in one turn of the event loop goes out in one write. May be called from anywhere.
    /// `timeout` replaces the configured one (`nil`: the configured one), for blocking commands. On a timeout the connection is closed.
    /// A command waits for those ahead of it: its time is not over before theirs.
    public func send(_ command: RedisCommand, timeout: TimeAmount? = nil) -> EventLoopFuture<RedisValue> {
        guard self.eventLoop.inEventLoop else {
            return self.eventLoop.flatSubmit { self.send(command, timeout: timeout) }
        }
        let promise = self.eventLoop.makePromise(of: RedisValue.self)
        if let connection = self.current.value {
            connection.send(command, timeout: timeout ?? self.configuration.commandTimeout, promise: promise)
        } else {
            promise.fail(RedisError.unavailable(self.trouble.withLock { $0 } ?? "not connected to Redis"))
        }
        return promise.futureResult
    }

    /// Sends all in one write; one result for each.
    public func pipeline(_ commands: [RedisCommand]) -> EventLoopFuture<[Result<RedisValue, RedisError>]> {
        self.eventLoop.flatSubmit {
            EventLoopFuture.whenAllComplete(commands.map { self.send($0) }, on: self.eventLoop).map { results in
                results.map { result in
                    result.mapError { error in error as? RedisError ?? .connectionLost("\(error)") }
                }
            }
        }
    }

    /// EVALSHA, and EVAL once when Redis says NOSCRIPT. `arguments` is a command without a name.
    ///
    /// A caller that must keep the order of two evaluations waits for the first: the second one's EVALSHA may pass the first one's EVAL.
    public func evaluate(_ script: RedisScript, keys: [String], arguments: RedisCommand) -> EventLoopFuture<RedisValue> {
        var bySum = RedisCommand("EVALSHA", script.sha1)
        bySum.append(keys: keys, arguments: arguments)
        return self.send(bySum).flatMapError { error in
            guard (error as? RedisError)?.serverCode == "NOSCRIPT" else { return self.eventLoop.makeFailedFuture(error) }
            var bySource = RedisCommand("EVAL", script.source)
            bySource.append(keys: keys, arguments: arguments)
            return self.send(bySource)
        }
    }
}

extension RedisCommand {
    fileprivate mutating func append(keys: [String], arguments: RedisCommand) {
        self.append(Int64(keys.count))
        for key in keys { self.append(key) }
        self.append(argumentsOf: arguments)
    }
}
