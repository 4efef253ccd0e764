import CoreMetrics
import HTTPTypes
import Logging
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

/// One desktop's WebSocket, on its event loop: bytes in, frames out, no task of its own.
final class WebSocketSessionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all sessions share.
    struct Environment: Sendable {
        var site: any SiteReading
        var controls: Controls
        var jobs: JobQueue
        var limits: HTTPService.Configuration.Limits
        var heartbeat: TimeAmount
        var gate: Gate
        var authenticator: Authenticator

        var machineLimits: WebSocketSessionMachine.Limits {
            .init(
                heartbeat: self.heartbeat, pong: self.limits.pong, unwritable: self.limits.unwritable, owedBytes: self.limits.owedBytes,
                messagesPerMinute: self.limits.messagesPerMinute)
        }
    }

    /// Writes the members of a command's answer.
    typealias AnswerMembers = @Sendable (inout JSONWriter) -> Void

    private let environment: Environment
    let shard: PushShard
    let opening: PushSession.Opening
    /// Of the handshake, until the session is open.
    private let identity: Identity
    /// Where the desktop is, for the audit.
    private let address: IPAddress?
    private var decoder: WebSocketFrameDecoder
    private var machine: WebSocketSessionMachine
    private(set) var session: PushSession?
    /// Whether the desktop ended it by itself and for good.
    private var saidGoodbye = false
    private var context: ChannelHandlerContext?

    init(_ environment: Environment, shard: PushShard, identity: Identity, opening: PushSession.Opening, address: IPAddress?) {
        self.environment = environment
        self.identity = identity
        self.address = address
        self.shard = shard
        self.opening = opening
        self.decoder = WebSocketFrameDecoder(limit: environment.limits.messageBytes)
        self.machine = WebSocketSessionMachine(limits: environment.machineLimits, now: shard.eventLoop.now)
    }

    // MARK: channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let session = PushSession(self.opening, identity: self.identity, shard: self.shard, transport: self)
        self.session = session
        self.environment.gate.sessions.opened(self.identity.principal)
        session.open()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.finish()
    }

    func channelInactive(context: ChannelHandlerContext) {
        _ = self.machine.end()
        self.finish()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.decoder.feed(self.unwrapInboundIn(data))
        do {
            while let output = try self.decoder.next() { self.received(output) }
        } catch {
            self.close(error.code, error.reason)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.session?.catchUp() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as ChannelEvent where event == .inputClosed:
            // The server lets clients close one half; a WebSocket has no use for that.
            if self.machine.end() == .disconnect { context.close(promise: nil) }
        case is ChannelShouldQuiesceEvent:
            _ = self.shard.drain()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        _ = self.machine.end()
        context.close(promise: nil)
    }

    private func finish() {
        if self.session != nil { self.environment.gate.sessions.closed(self.identity.principal) }
        self.session?.close(isFinal: self.saidGoodbye)
        self.session = nil
        self.context = nil
    }

    // MARK: frames

    private func received(_ output: WebSocketFrameDecoder.Output) {
        self.machine.heard()
        switch output {
        case .text(let payload):
            switch self.machine.text(now: self.shard.eventLoop.now) {
            case .handle: self.handle(payload)
            case .close(let code, let reason): self.close(code, reason)
            case .ignore: break
            }
        case .ping(let payload):
            switch self.machine.ping(now: self.shard.eventLoop.now) {
            case .pong: self.send(WebSocketFrames.pong(payload))
            case .close(let code, let reason): self.close(code, reason)
            case .ignore: break
            }
        case .pong:
            switch self.machine.pong(now: self.shard.eventLoop.now) {
            case .close(let code, let reason): self.close(code, reason)
            case .ignore: break
            }
        case .close(let code):
            // A page that is left for another says 1001, and may be back in a moment.
            self.saidGoodbye = code == WebSocketCloseCode.normal.rawValue
            switch self.machine.closeFrame() {
            case .answerAndDisconnect:
                let answer = code.flatMap(WebSocketCloseCode.init) ?? .normal
                self.disconnect(after: WebSocketFrames.close(answer, reason: ""))
            case .disconnect: self.context?.close(promise: nil)
            case .ignore: break
            }
        }
    }

    private func close(_ code: WebSocketCloseCode, _ reason: String) {
        switch self.machine.close(code, now: self.shard.eventLoop.now) {
        case .sendClose:
            if code == .tryAgainLater { HTTPMetrics.slowSessions.increment() }
            self.context?.writeAndFlush(self.wrapOutboundOut(WebSocketFrames.close(code, reason: reason)), promise: nil)
        case .ignore:
            break
        }
    }

    private func disconnect(after frame: ByteBuffer) {
        guard let context = self.context else { return }
        context.writeAndFlush(self.wrapOutboundOut(frame)).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    private func send(_ frame: ByteBuffer) {
        guard self.enqueue(frame) else { return }
        self.context?.flush()
    }

    /// False when the session is going.
    private func enqueue(_ frame: ByteBuffer) -> Bool {
        guard let context = self.context else { return false }
        let isWritable = context.channel.isWritable
        switch self.machine.write(
            frame.readableBytes, isWritable: isWritable, owed: isWritable ? 0 : Self.owed(context.channel), now: self.shard.eventLoop.now)
        {
        case .write:
            context.write(self.wrapOutboundOut(frame), promise: nil)
            return true
        case .close(let code, let reason):
            self.close(code, reason)
            return false
        case .drop:
            return false
        }
    }

    private static func owed(_ channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: messages

    private func handle(_ payload: ByteBuffer) {
        // Whoever revoked it has been answered already; the log, which closes what is open, may come a moment later.
        if let session = self.session, self.environment.authenticator.isRevoked(session.identity) { return self.expel(.revoked) }
        let message: ClientMessage
        do { message = try ClientMessage(payload.readableBytesView) } catch {
            self.reject(error)
            return
        }
        switch message.request {
        case .ping:
            self.succeed(message.id)
        case .subscribe(let topics):
            if let topic = topics.first(where: { !AccessTable.allows(self.principal, $0) }) {
                return self.refuse(.init(problem: .forbidden(topic), isFirst: true), Operation.listen.rawValue, payload, id: message.id)
            }
            do { try self.environment.gate.admitSubscription(to: topics.count, of: self.principal) } catch {
                return self.refuse(error, Operation.listen.rawValue, payload, id: message.id)
            }
            for topic in topics where !(self.session?.subscribe(topic) ?? false) {
                return self.reject(.init(id: message.id, .tooManyTopics(self.environment.limits.topics)))
            }
            if message.id != nil { self.succeed(message.id) }
        case .unsubscribe(let topics):
            for topic in topics { self.session?.unsubscribe(topic) }
            if message.id != nil { self.succeed(message.id) }
        case .token(let token):
            self.renew(token, id: message.id)
        case .acknowledge(let pop, let stage, let agent):
            guard let agent = self.agent(agent, id: message.id) else { return }
            do throws(Gate.Refusal) {
                try self.environment.gate.admitAcknowledgement(of: self.principal)
                guard AccessTable.allows(self.principal, .acknowledgePop, agent: agent) else {
                    throw Gate.Refusal(problem: .forbidden, isFirst: true)
                }
            } catch {
                return self.refuse(error, Operation.acknowledgePop.rawValue, agent: agent, payload, id: message.id)
            }
            self.acknowledge(pop, stage, agent: agent, id: message.id)
        case .command(let command, let agent):
            guard let agent = self.agent(agent, id: message.id) else { return }
            let control = self.environment.controls.agents
            self.run(command.operation, agent: agent, id: message.id, payload) { principal throws(CommandError) in
                let outcome = try await command.run(control, agent: agent, by: principal)
                return { outcome.write(to: &$0) }
            }
        case .claimDesk(let desk, let agent):
            self.claim(desk, agent: agent, id: message.id, payload)
        case .leaveDesk:
            self.leaveDesk(id: message.id)
        case .call(let command, let agent):
            guard let agent = self.agent(agent, id: message.id) else { return }
            let control = self.environment.controls.calls
            self.run(command.operation, agent: agent, id: message.id, payload) { principal throws(CommandError) in
                let answer = try await command.run(control, agent: agent, by: principal)
                return { answer.write(to: &$0) }
            }
        }
    }

    func agent(_ named: String?, id: String?) -> String? {
        if let agent = named ?? self.opening.agent { return agent }
        self.reject(.init(id: id, code: "invalid-value", message: "\"agent\" is missing."))
        return nil
    }

    var principal: Principal { self.session?.identity.principal ?? .nobody }

    /// Says so; of a series of what was too much the first is kept.
    private func refuse(_ refusal: Gate.Refusal, _ operation: String, agent: String? = nil, _ message: ByteBuffer? = nil, id: String?) {
        if refusal.isFirst {
            self.environment.gate.record(refusal.problem, of: operation, agent: agent, message: message, by: self.principal, from: self.address)
        }
        self.reject(.init(id: id, refusal.problem))
    }

    private static let renewal = "renewSession"

    /// Another token for the same desktop, before the one it came with expires.
    private func renew(_ token: String, id: String?) {
        let gate = self.environment.gate
        // It may leave an entry, as a command does.
        do { try gate.admitCommand(of: self.principal) } catch { return self.refuse(error, Self.renewal, id: id) }
        self.environment.authenticator.authenticate(.bearer(token), on: self.shard.eventLoop).assumeIsolated().whenComplete { [weak self] result in
            guard let self, let session = self.session else { return }
            switch result {
            case .success(let identity):
                let former = session.identity.principal
                guard session.renew(identity) else {
                    let problem = Problem(.forbidden, "forbidden", "That is somebody else's token: open a new connection with it.")
                    return self.refuse(.init(problem: problem, isFirst: true), Self.renewal, id: id)
                }
                if identity.principal.id != former.id { gate.recordRenewal(of: former, as: identity.principal, from: self.address) }
                self.succeed(id)
            case .failure(let error):
                let problem = error as? Problem ?? .storeUnavailable
                guard problem.status == .unauthorized else { return self.reject(.init(id: id, problem)) }
                var refusal = Gate.Refusal(problem: problem, isFirst: true)
                do throws(Gate.Refusal) { try gate.refuseStranger(from: self.address) } catch { refusal = error }
                self.refuse(refusal, Self.renewal, id: id)
                self.close(.policyViolation, "the token is not accepted")
            }
        }
    }

    private func acknowledge(_ pop: String, _ stage: AcknowledgementStage, agent: String, id: String?) {
        self.environment.site.acknowledge(agent: agent, pop: pop, stage: stage, by: self.principal.name).hop(to: self.shard.eventLoop)
            .assumeIsolated()
            .whenComplete { [weak self] result in
                switch result {
                case .success(true): if id != nil { self?.succeed(id) }
                case .success(false): self?.reject(.init(id: id, code: "pop-not-found", message: "That agent has no such pop."))
                case .failure: self?.reject(.init(id: id, .storeUnavailable))
                }
            }
    }

    /// - Parameter command: what writes the members of its answer.
    func run(
        _ operation: Operation, agent: String, id: String?, _ payload: ByteBuffer,
        _ command: @escaping @Sendable (Principal) async throws(CommandError) -> AnswerMembers
    ) {
        let admitted: Gate.Command
        do {
            admitted = try self.environment.gate.command(operation, agent: agent, message: payload, of: self.principal, from: self.address)
        } catch {
            self.reject(.init(id: id, error), isResult: true)
            return
        }
        guard AccessTable.allows(self.principal, operation, agent: agent) else {
            admitted.refused(.forbidden)
            self.reject(.init(id: id, .forbidden))
            return
        }
        let reference = NIOLoopBound(self, eventLoop: self.shard.eventLoop)
        let eventLoop = self.shard.eventLoop
        let isAccepted = self.environment.jobs.submit {
            let result: Result<AnswerMembers, CommandError>
            do throws(CommandError) {
                result = .success(try await command(admitted.principal))
                admitted.succeeded()
            } catch {
                result = .failure(error)
                admitted.failed(error)
            }
            eventLoop.execute { reference.value.finished(result, id: id) }
        }
        if !isAccepted {
            admitted.refused(.tooBusy)
            self.reject(.init(id: id, .tooBusy))
        }
    }

    private func finished(_ result: Result<AnswerMembers, CommandError>, id: String?) {
        switch result {
        case .success(let members): self.succeed(id, members)
        case .failure(let error): self.reject(.init(id: id, code: error.code.rawValue, message: error.message), isResult: true)
        }
    }

    func succeed(_ id: String?, _ members: (inout JSONWriter) -> Void = { _ in }) {
        self.send(
            WebSocketFrames.text(
                JSONWriter.object { object in
                    object.member("type", "result")
                    object.member("re", id)
                    object.member("ok", true)
                    members(&object)
                }))
    }

    /// An answer to what had an id, or a message by itself.
    private func reject(_ rejection: ClientMessage.Rejection, isResult: Bool = false) {
        let isResult = isResult || rejection.id != nil
        self.send(
            WebSocketFrames.text(
                JSONWriter.object { object in
                    object.member("type", isResult ? "result" : "error")
                    if isResult {
                        object.member("re", rejection.id)
                        object.member("ok", false)
                    }
                    object.member("error", code: rejection.code, message: rejection.message)
                }))
    }
}

extension WebSocketSessionHandler: PushTransport {
    func write(_ message: PushedMessage, isResumable: Bool) {
        _ = self.enqueue(message.frame)
    }

    func write(type: String, cursor: Cursor?, payload: ByteBuffer) {
        _ = self.enqueue(WebSocketFrames.text(payload))
    }

    var canBeDesk: Bool { true }

    var takesMore: Bool { self.context?.channel.isWritable ?? false }

    func tooSlow() {
        self.close(.tryAgainLater, WebSocketSessionMachine.slow)
    }

    func flush() {
        self.context?.flush()
    }

    func tick(now: NIODeadline) {
        guard let context = self.context else { return }
        switch self.machine.tick(isWritable: context.channel.isWritable, now: now) {
        case .ping: context.writeAndFlush(self.wrapOutboundOut(WebSocketFrames.ping), promise: nil)
        case .close(let code, let reason): self.close(code, reason)
        case .disconnect: context.close(promise: nil)
        case .ignore: break
        }
    }

    func expel(_ reason: Expulsion) {
        self.close(.policyViolation, reason.text)
    }

    func goAway() {
        self.close(.goingAway, "the service is stopping: come back with ?since=CURSOR")
    }
}

@available(*, unavailable)
extension WebSocketSessionHandler: Sendable {}
