import Logging
import NIOCore

/// The event socket's one channel handler: decoder, state machine and the channel's I/O. Lives on the channel's event loop.
final class EventSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Waiter = @Sendable (Result<String, EventSocketError>) -> Void

    private let configuration: EventSocketConnection.Configuration
    private let logger: Logger
    private let sink: @Sendable (EventSocketDelivery) -> Void
    /// Completed once: logged in, or why not.
    private let loggedIn: EventLoopPromise<Void>

    private var frames: FrameReader
    private var machine: EventSocketStateMachine<Waiter>
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?
    private var jobDeadlines: [String: Scheduled<Void>] = [:]
    private var hasDelivered = false

    init(
        login command: Command, configuration: EventSocketConnection.Configuration, logger: Logger, loggedIn: EventLoopPromise<Void>,
        sink: @escaping @Sendable (EventSocketDelivery) -> Void
    ) {
        self.configuration = configuration
        self.logger = logger
        self.sink = sink
        self.loggedIn = loggedIn
        self.frames = FrameReader(
            decoder: FrameDecoder(maximumHeaderBytes: configuration.maximumHeaderBytes, maximumBodyBytes: configuration.maximumBodyBytes))
        self.machine = EventSocketStateMachine(login: command, maximumQueuedCommands: configuration.maximumQueuedCommands)
    }

    // MARK: From the connection

    func submit(_ command: Command, _ waiter: @escaping Waiter) {
        switch self.machine.submit(command, waiter) {
        case .send(let command): self.send(command)
        case .wait: break
        case .refuse(let waiter, let error): waiter(.failure(error))
        }
    }

    func close() {
        switch self.machine.close() {
        case .sayExit(let command, failing: let waiters):
            self.send(command, timeout: self.configuration.closeTimeout)
            self.fail(waiters, .closed("closed by us"))
        case .close: self.closeChannel()
        case .ignore: break
        }
    }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { self.connected() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.disconnected()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        self.connected()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.frames.receive(self.unwrapInboundIn(data))
        do {
            while let frame = try self.frames.next() { self.received(frame) }
        } catch {
            self.perform(self.machine.failed(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.hasDelivered {
            self.hasDelivered = false
            self.sink(.readComplete)
        }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.disconnected()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.perform(self.machine.failed((error as? EventSocketError) ?? .closed("\(error)")))
    }

    // MARK: Actions

    private func connected() {
        switch self.machine.connected() {
        case .awaitAuthRequest: self.arm(self.configuration.commandTimeout)
        case .ignore: break
        }
    }

    private func received(_ frame: Frame) {
        switch self.machine.received(frame) {
        case .event(let event, job: let job):
            self.deliver(.event(event))
            if let job {
                self.jobDeadlines.removeValue(forKey: job.uuid)?.cancel()
                job.waiter(.success(job.result))
            }
        case .send(let command):
            self.send(command)
        case .loggedIn:
            self.disarm()
            self.loggedIn.succeed()
        case .answered(let answered, let next):
            self.disarm()
            if let next { self.send(next) }
            if let job = answered.startedJob { self.armJob(job) }
            for (waiter, result) in answered.outcomes { waiter(result) }
        case .log(let level, let text):
            self.deliver(.log(level: level, text: text))
        case .close(let error, failing: let waiters):
            self.closeChannel()
            self.fail(waiters, error)
        case .finishClosing:
            self.closeChannel()
        case .ignore:
            break
        }
    }

    private func perform(_ action: EventSocketStateMachine<Waiter>.OnDeadline) {
        switch action {
        case .close(let error, failing: let waiters):
            self.logger.debug("event socket closes", metadata: ["reason": "\(error.reason)"])
            self.closeChannel()
            self.fail(waiters, error)
        case .finishClosing: self.closeChannel()
        case .ignore: break
        }
    }

    private func disconnected() {
        switch self.machine.disconnected() {
        case .closed(let error, let wasLoggedIn, failing: let waiters):
            self.disarm()
            for (_, timer) in self.jobDeadlines { timer.cancel() }
            self.jobDeadlines = [:]
            self.frames = FrameReader()
            self.fail(waiters, error)
            if wasLoggedIn {
                self.sink(.closed(error))
            } else {
                self.loggedIn.fail(error)
            }
        case .ignore: break
        }
    }

    private func deliver(_ delivery: EventSocketDelivery) {
        self.hasDelivered = true
        self.sink(delivery)
    }

    private func fail(_ waiters: [Waiter], _ error: EventSocketError) {
        for waiter in waiters { waiter(.failure(error)) }
    }

    private func send(_ command: Command, timeout: TimeAmount? = nil) {
        guard let context = self.context else { return }
        self.arm(timeout ?? self.configuration.commandTimeout)
        context.writeAndFlush(self.wrapOutboundOut(context.channel.allocator.buffer(string: command.packet)), promise: nil)
    }

    private func closeChannel() {
        self.disarm()
        self.context?.close(promise: nil)
    }

    private func arm(_ timeout: TimeAmount) {
        self.disarm()
        self.deadline = self.context?.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.deadline = nil
            self.perform(self.machine.deadlinePassed())
        }
    }

    private func disarm() {
        self.deadline?.cancel()
        self.deadline = nil
    }

    private func armJob(_ uuid: String) {
        self.jobDeadlines[uuid] = self.context?.eventLoop.assumeIsolated().scheduleTask(in: self.configuration.jobTimeout) {
            self.jobDeadlines[uuid] = nil
            self.machine.jobDeadlinePassed(uuid)?(.failure(.timedOut("no result of a background job came")))
        }
    }
}

@available(*, unavailable)
extension EventSocketHandler: Sendable {}
