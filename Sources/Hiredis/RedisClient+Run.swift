import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

extension RedisClient {
    /// Keeps the connection until cancelled. `stateChanged` is called on the event loop with true after each successful log-in and with false
    /// after each loss. Called once for a client.
    public func run(stateChanged: @escaping @Sendable (Bool) -> Void = { _ in }) async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var reported: RedisChannelHandler.Ending?
        while !Task.isCancelled {
            let started = NIODeadline.now()
            let (ending, wasLoggedIn) = await self.connectOnce(stateChanged)
            guard !Task.isCancelled else { return }
            if wasLoggedIn {
                reported = nil
                // A connection that is lost as soon as it is made (a replica that refuses writes, say) must not be remade in a tight loop.
                if NIODeadline.now() - started > Backoff.longest { backoff.reset() }
            }
            self.trouble.withLock { $0 = ending.sentence }
            if ending != reported { self.report(ending) }
            reported = ending
            let pause =
                if case .refused = ending {
                    Backoff.jittered(Backoff.afterRefusal, using: &generator)
                } else {
                    backoff.next(using: &generator)
                }
            try? await Task.sleep(for: .nanoseconds(pause.nanoseconds))
        }
    }

    private func report(_ ending: RedisChannelHandler.Ending) {
        switch ending {
        case .unreachable(let why): self.logger.warning("cannot reach Redis, trying on", metadata: ["error": "\(why)"])
        case .refused(let why):
            self.logger.error(
                "Redis refused the log-in: check user, password and database in the Redis URL, and the user's ACL", metadata: ["error": "\(why)"])
        case .notYet(let why): self.logger.info("Redis is not ready yet", metadata: ["error": "\(why)"])
        case .lost(let why): self.logger.warning("lost the connection to Redis, reconnecting", metadata: ["error": "\(why)"])
        case .closed: break
        }
    }

    /// One connection from its first packet to its end.
    private func connectOnce(_ stateChanged: @escaping @Sendable (Bool) -> Void) async -> (RedisChannelHandler.Ending, wasLoggedIn: Bool) {
        let attempt = ConnectionAttempt()
        let tls: NIOSSLContext?
        do { tls = try self.makeTLSContext() } catch {
            return (.unreachable("TLS cannot be set up: \(error)"), false)
        }
        return await withTaskCancellationHandler {
            let ended = self.eventLoop.flatSubmit { self.connect(attempt, tls: tls, stateChanged) }
            do { return try await ended.get() } catch { return (.unreachable(self.endpoint.sentence(ConnectionFailure(error))), false) }
        } onCancel: {
            // The handler closes in an orderly way when there is one; a channel that is still connecting is just closed.
            for channel in attempt.cancel() {
                channel.eventLoop.execute {
                    if let handler = self.current.value { handler.close() } else { channel.close(promise: nil) }
                }
            }
        }
    }

    private func connect(
        _ attempt: ConnectionAttempt, tls: NIOSSLContext?, _ stateChanged: @escaping @Sendable (Bool) -> Void
    ) -> EventLoopFuture<(RedisChannelHandler.Ending, wasLoggedIn: Bool)> {
        let ended = self.eventLoop.makePromise(of: (RedisChannelHandler.Ending, wasLoggedIn: Bool).self)
        self.open(attempt, tls: tls).assumeIsolated().whenComplete { result in
            do {
                let handler = try result.get().pipeline.syncOperations.handler(type: RedisChannelHandler.self)
                handler.start(
                    .init(
                        loggedIn: { handler in
                            self.trouble.withLock { $0 = nil }
                            self.logger.info("connected to Redis")
                            self.current.value = handler
                            stateChanged(true)
                        },
                        ended: { handler, ending in
                            let wasLoggedIn = self.current.value === handler
                            if wasLoggedIn {
                                self.current.value = nil
                                stateChanged(false)
                            }
                            ended.succeed((ending, wasLoggedIn))
                        }))
            } catch {
                ended.succeed((.unreachable(self.endpoint.sentence(ConnectionFailure(error))), false))
            }
        }
        return ended.futureResult
    }

    private func open(_ attempt: ConnectionAttempt, tls: NIOSSLContext?) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: self.eventLoop)
            .connectTimeout(self.configuration.connectTimeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard attempt.add(channel) else { throw CancellationError() }
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: self.serverName))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        RedisChannelHandler(
                            endpoint: self.endpoint, configuration: self.configuration, eventLoop: channel.eventLoop, logger: self.logger))
                }
            }
        return switch self.endpoint.address {
        case .tcp(let host, let port, tls: _): bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1).connect(host: host, port: port)
        case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    /// The name for SNI and the certificate's check; an address has none, and its certificate is checked against the address.
    private var serverName: String? {
        guard case .tcp(let host, port: _, tls: true) = self.endpoint.address else { return nil }
        return (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }

    private func makeTLSContext() throws -> NIOSSLContext? {
        guard case .tcp(host: _, port: _, tls: true) = self.endpoint.address else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = self.configuration.certificateAuthorities { configuration.trustRoots = .file(file) }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// The channels of one attempt (a name with several addresses may open several), so that a cancellation finds them.
private final class ConnectionAttempt: Sendable {
    private struct State {
        var channels: [any Channel] = []
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// False when the attempt is cancelled.
    func add(_ channel: any Channel) -> Bool {
        self.state.withLock { state in
            guard !state.isCancelled else { return false }
            state.channels.append(channel)
            return true
        }
    }

    /// The channels to close.
    func cancel() -> [any Channel] {
        self.state.withLock { state in
            state.isCancelled = true
            defer { state.channels = [] }
            return state.channels
        }
    }
}
