import Logging
import NIOCore
import NIOSSL

/// Runs one connection: owns the reply reader, the state machine and the timer, and does what the machine says.
///
/// Everything that is sent in one turn of the event loop goes out in one write.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How a connection ended.
    enum Ending: Sendable, Equatable {
        /// Never got as far as a log-in.
        case unreachable(String)
        case refused(String)
        case notYet(String)
        case lost(String)
        /// We closed it.
        case closed

        /// For whoever asks while there is no connection; `nil`: nothing is wrong.
        var sentence: String? {
            switch self {
            case .unreachable(let text), .lost(let text): text
            case .refused(let text): "Redis refused the log-in (\(text)); check user, password and database in its URL, and the user's ACL"
            case .notYet(let text): "Redis is not ready yet (\(text)); wait until it has read its data"
            case .closed: nil
            }
        }
    }

    /// What the owner is told, on the event loop: `loggedIn` at most once, then `ended` exactly once.
    struct Delegate {
        var loggedIn: (RedisChannelHandler) -> Void
        var ended: (RedisChannelHandler, Ending) -> Void
    }

    private typealias StateMachine = RedisConnectionStateMachine<EventLoopPromise<RedisValue>>

    private let eventLoop: any EventLoop
    private let endpoint: RedisEndpoint
    private let configuration: RedisClient.Configuration
    private let logger: Logger
    private let reader: ReplyReader
    private var machine: StateMachine
    private var delegate: Delegate?
    private var context: ChannelHandlerContext?
    private var outbound = ByteBuffer()
    private var flushIsScheduled = false
    private var timer: NIOScheduledCallback?
    private var timerDeadline = NIODeadline.distantFuture
    private var ending: Ending?

    init(endpoint: RedisEndpoint, configuration: RedisClient.Configuration, eventLoop: any EventLoop, logger: Logger) {
        self.endpoint = endpoint
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.reader = ReplyReader(
            limits: .init(bytes: configuration.maximumReplyBytes, elements: configuration.maximumArrayElements))
        self.machine = StateMachine(
            maximumPending: configuration.maximumPendingCommands, maximumPendingBytes: configuration.maximumPendingBytes)
    }

    // MARK: the owner's side

    /// Logs in. Called once, when the channel is connected.
    func start(_ delegate: Delegate) {
        self.delegate = delegate
        guard self.context != nil else { return self.end(.unreachable("the connection was closed at once")) }
        var steps: [StateMachine.LogInStep] = []
        if self.endpoint.password != nil { steps.append(.auth) }
        if self.endpoint.database != 0 { steps.append(.select) }
        steps.append(.ping)
        switch self.machine.connected(steps: steps, deadline: self.eventLoop.now + self.configuration.connectTimeout) {
        case .logIn(let steps):
            for step in steps { self.write(self.command(for: step)) }
            self.armTimer()
        case .ignore: break
        }
    }

    func send(_ command: RedisCommand, timeout: TimeAmount, promise: EventLoopPromise<RedisValue>) {
        // Formatted before the machine counts it: a command that cannot be written must not wait for a reply.
        let before = self.outbound.writerIndex
        do { try CommandWriter.write(command, to: &self.outbound) } catch { return promise.fail(error) }
        switch self.machine.send(promise, bytes: self.outbound.writerIndex - before, deadline: self.eventLoop.now + timeout) {
        case .write(let oldestDeadline):
            self.scheduleFlush()
            // A timer that fires too early looks again; one that fires too late (for a blocking command before this one) must be moved.
            if let oldestDeadline, self.timer == nil || oldestDeadline < self.timerDeadline { self.armTimer() }
        case .fail(let promise, let error):
            self.outbound.moveWriterIndex(to: before)
            promise.fail(error)
        }
    }

    /// Ends the connection after the outstanding replies, or when the drain time is up.
    func close() {
        self.ending = self.ending ?? .closed
        switch self.machine.close(drainUntil: self.eventLoop.now + self.configuration.drainTimeout) {
        case .closeNow: self.closeChannel()
        case .drain: self.armTimer()
        case .ignore: break
        }
    }

    // MARK: the channel's side

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.finish(.lost("the connection was taken apart"))
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try self.reader.feed(self.unwrapInboundIn(data))
            while let value = try self.reader.next() { self.received(value) }
        } catch {
            self.logger.debug("Redis sent bytes that cannot be read", metadata: ["redis.diagnosis": "\(self.reader.diagnosis)"])
            self.breakOff(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.flush()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // TLS fails after the connection is made.
        if error is NIOSSLError || error is NIOSSLExtraError {
            self.ending = self.ending ?? .lost(self.endpoint.sentence(ConnectionFailure(error)))
        }
        self.ending = self.ending ?? .lost("\(error)")
        self.breakOff(.connectionLost("\(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.finish(.lost("Redis closed the connection"))
        context.fireChannelInactive()
    }

    // MARK: carrying out

    private func received(_ value: RedisValue) {
        switch self.machine.received(value, now: self.eventLoop.now, drainLimit: self.configuration.drainTimeout) {
        case .wait, .ignore: break
        case .loggedIn:
            self.delegate?.loggedIn(self)
        case .logInFailed(.refused(let text)):
            self.ending = self.ending ?? .refused(text)
            self.closeChannel()
        case .logInFailed(.notYet(let text)):
            self.ending = self.ending ?? .notYet(text)
            self.closeChannel()
        case .succeed(let promise, let value, let then):
            promise.succeed(value)
            self.goOn(then)
        case .fail(let promise, let error, let then):
            promise.fail(error)
            self.goOn(then)
        case .unsolicited:
            self.breakOff(.protocolViolation("a reply without a command"))
        }
    }

    private func goOn(_ afterwards: StateMachine.Afterwards) {
        switch afterwards {
        case .goOn: break
        case .drain: self.armTimer()
        case .close: self.closeChannel()
        }
    }

    private func breakOff(_ error: RedisError) {
        self.ending = self.ending ?? .lost("\(error)")
        for promise in self.machine.failed() { promise.fail(error) }
        self.closeChannel()
    }

    private func closeChannel() {
        self.flush()
        self.context?.close(promise: nil)
    }

    private func finish(_ ending: Ending) {
        self.timer?.cancel()
        self.timer = nil
        for promise in self.machine.failed() { promise.fail(RedisError.connectionLost("the connection to Redis ended")) }
        self.end(self.ending ?? ending)
    }

    private func end(_ ending: Ending) {
        guard let delegate = self.delegate else { return }
        self.delegate = nil
        delegate.ended(self, ending)
    }

    // MARK: writing

    private func command(for step: StateMachine.LogInStep) -> RedisCommand {
        switch step {
        case .auth:
            var command = RedisCommand("AUTH")
            if let username = self.endpoint.username { command.append(username) }
            command.append(self.endpoint.password ?? "")
            return command
        case .select: return RedisCommand("SELECT", String(self.endpoint.database))
        case .ping: return RedisCommand("PING")
        }
    }

    private func write(_ command: RedisCommand) {
        do { try CommandWriter.write(command, to: &self.outbound) } catch { return self.breakOff(error) }
        self.scheduleFlush()
    }

    private func scheduleFlush() {
        guard !self.flushIsScheduled else { return }
        self.flushIsScheduled = true
        self.eventLoop.assumeIsolated().execute {
            self.flushIsScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard self.outbound.readableBytes > 0, let context = self.context else { return }
        context.writeAndFlush(self.wrapOutboundOut(self.outbound), promise: nil)
        // The channel holds the old storage now; the next turn's commands start a new one.
        self.outbound = context.channel.allocator.buffer(capacity: 1024)
    }

    // MARK: the timer

    /// One timer, for the oldest deadline. It is not moved with every reply: it looks again when it fires.
    private func armTimer() {
        self.timer?.cancel()
        self.timer = nil
        switch self.machine.checkDeadline(now: self.eventLoop.now) {
        case .none: break
        case .wait(let deadline):
            self.timerDeadline = deadline
            do {
                self.timer = try self.eventLoop.assumeIsolated().scheduleCallback(at: deadline, handler: self)
            } catch {
                // Only an event loop that is shutting down refuses; it closes its channels itself.
                self.breakOff(.connectionLost("the event loop is shutting down"))
            }
        case .logInTimedOut:
            self.ending = self.ending ?? .lost("Redis did not answer the log-in in time")
            self.closeChannel()
        case .timedOut(let promises):
            self.ending = self.ending ?? .lost("Redis did not answer in time")
            for (index, promise) in promises.enumerated() {
                promise.fail(index == 0 ? RedisError.timedOut : RedisError.connectionLost("a command ahead of it was not answered in time"))
            }
            self.closeChannel()
        case .drained(let promises):
            for promise in promises { promise.fail(RedisError.connectionLost("closed before the reply came")) }
            self.closeChannel()
        }
    }
}

extension RedisChannelHandler: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) {
        self.timer = nil
        self.armTimer()
    }
}

@available(*, unavailable)
extension RedisChannelHandler: Sendable {}
