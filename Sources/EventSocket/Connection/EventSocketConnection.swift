public import Logging
public import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One authenticated connection to FreeSWITCH's event socket. One command is in flight at a time; the others wait in order.
///
/// A command always ends: with its answer, with the deadline, which closes the connection, or with the connection.
public final class EventSocketConnection: Sendable {
    public struct Configuration: Sendable {
        public var connectTimeout: TimeAmount = .seconds(5)
        /// How long a reply may take, the log-in's among them. Afterwards the connection is closed.
        public var commandTimeout: TimeAmount = .seconds(10)
        /// How long a background job may take. Afterwards its caller is told; the connection stays.
        public var jobTimeout: TimeAmount = .seconds(60)
        /// How long FreeSWITCH may take to say good-bye.
        public var closeTimeout: TimeAmount = .seconds(1)
        /// The outer header block of one frame.
        public var maximumHeaderBytes = 64 * 1024
        public var maximumBodyBytes = 16 * 1024 * 1024
        /// Commands that may wait for their turn.
        public var maximumQueuedCommands = 1024
        /// The kernel closes a connection whose peer has not acknowledged what was sent for so long, or has not answered a keep-alive probe.
        public var unansweredTimeout: TimeAmount = .seconds(30)

        public init() {}
    }

    private let channel: any Channel
    private let handler: NIOLoopBound<EventSocketHandler>
    private let loggedIn: EventLoopFuture<Void>

    private init(channel: any Channel, handler: EventSocketHandler, loggedIn: EventLoopFuture<Void>) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        self.loggedIn = loggedIn
    }

    /// Connects, logs in, and returns. `sink` is called on `eventLoop`; it gets nothing when this throws.
    ///
    /// - Throws: `unreachable`, `authenticationRefused`, `accessDenied`, `timedOut`, `closed`, `protocolViolation`; `illegalCommand` for a
    ///   password that cannot be sent.
    public static func connect(
        to endpoint: EventSocketEndpoint, on eventLoop: any EventLoop, configuration: Configuration = .init(), logger: Logger,
        sink: @escaping @Sendable (EventSocketDelivery) -> Void
    ) async throws(EventSocketError) -> EventSocketConnection {
        let login = try Command.login(endpoint.credentials)
        let connection: EventSocketConnection
        do {
            connection = try await Self.bootstrap(on: eventLoop, configuration).connect(host: endpoint.host, port: endpoint.port) { channel in
                // A host with several addresses has a channel for each attempt, so each has a promise of its own.
                channel.eventLoop.makeCompletedFuture {
                    let loggedIn = channel.eventLoop.makePromise(of: Void.self)
                    let handler = EventSocketHandler(login: login, configuration: configuration, logger: logger, loggedIn: loggedIn, sink: sink)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    return EventSocketConnection(channel: channel, handler: handler, loggedIn: loggedIn.futureResult)
                }
            }
        } catch {
            throw .unreachable("\(endpoint.host):\(endpoint.port): \(Self.reason(of: error))")
        }
        do {
            try await connection.loggedIn.get()
        } catch {
            throw (error as? EventSocketError) ?? .closed("\(error)")
        }
        return connection
    }

    private static func bootstrap(on eventLoop: any EventLoop, _ configuration: Configuration) -> ClientBootstrap {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            // An event has 5 to 12 KB, and they come in bursts.
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 16 * 1024, initial: 64 * 1024, maximum: 256 * 1024)
            )
            .channelOption(.maxMessagesPerRead, value: 4)
        #if os(Linux)
        let seconds = max(1, CInt(clamping: configuration.unansweredTimeout.nanoseconds / 1_000_000_000))
        let options: [(CInt, CInt)] = [
            (CInt(TCP_KEEPIDLE), max(1, seconds / 2)), (CInt(TCP_KEEPINTVL), max(1, seconds / 6)), (CInt(TCP_KEEPCNT), 3),
            (CInt(TCP_USER_TIMEOUT), seconds * 1000),
        ]
        return options.reduce(bootstrap) { bootstrap, option in
            bootstrap.channelOption(
                ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: option.0)), value: Int(option.1))
        }
        #else
        return bootstrap
        #endif
    }

    private static func reason(of error: any Error) -> String {
        var single = error
        if let error = error as? NIOConnectionError {
            guard let first = error.connectionErrors.first else { return "no such host" }
            single = first.error
        }
        if case .connectTimeout = single as? ChannelError { return "no answer in time" }
        // NIO's own text of an error of connect(2) speaks of a reset.
        return (single as? IOError).map { String(cString: strerror($0.errnoCode)).lowercased() } ?? "\(single)"
    }

    // MARK: Commands

    /// `event plain A B CUSTOM x::y ...`
    public func subscribe(events: [String], custom: [String]) async throws(EventSocketError) {
        _ = try await self.execute(.subscribe(events: events, custom: custom))
    }

    /// `api FUNCTION ARGUMENT`: the body of the answer, as it came, `-ERR` texts included.
    public func api(_ call: APICall) async throws(EventSocketError) -> String {
        try await self.execute(.api(call))
    }

    /// `bgapi`: returns when the BACKGROUND_JOB event with its Job-UUID arrives (this connection subscribes to it itself); the job's result.
    public func backgroundAPI(_ call: APICall) async throws(EventSocketError) -> String {
        var random = SystemRandomNumberGenerator()
        return try await self.execute(.backgroundAPI(call, jobUUID: JobUUID.make(using: &random)))
    }

    /// `sendevent NAME` with headers and no body; the event's UUID.
    @discardableResult
    public func sendEvent(_ name: String, headers: [(String, String)]) async throws(EventSocketError) -> String {
        let reply = try await self.execute(.sendEvent(name, headers: headers))
        return String(reply.dropFirst("+OK ".count))
    }

    /// `log LEVEL`: log lines arrive as deliveries.
    public func log(level: String) async throws(EventSocketError) {
        _ = try await self.execute(.log(level: level))
    }

    /// `filter HEADER VALUE`: of the subscribed events only those with one of the filtered headers arrive.
    public func filter(_ header: String, _ value: String) async throws(EventSocketError) {
        _ = try await self.execute(.filter(header, value))
    }

    /// Says `exit` and closes; returns when the channel is closed.
    public func close() async {
        self.channel.eventLoop.execute { self.handler.value.close() }
        // A close that fails is a channel that is closed already.
        try? await self.channel.closeFuture.get()
    }

    private func execute(_ command: Command) async throws(EventSocketError) -> String {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<String, EventSocketError>, Never>) in
            self.channel.eventLoop.execute {
                self.handler.value.submit(command) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }
}
