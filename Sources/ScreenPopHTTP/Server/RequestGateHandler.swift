import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Stands between the HTTP codec and whatever serves the requests of a connection.
///
/// Only a request that may become a WebSocket keeps its `Upgrade` header: every other one goes to the router without, which then answers with
/// the reason. NIO's upgrade handler would lose its head. While that is being found out nothing more is read. A later request of a connection keeps it too, though it comes too late to be upgraded:
/// by that the router tells it from one that never can be. Also ends requests whose body does not arrive, and connections that said `close`.
final class RequestGateHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let handshake: WebSocketHandshake
    private let accepted: NIOLoopBoundBox<WebSocketHandshake.Accepted?>
    private let bodyDeadline: TimeAmount
    /// What came behind a head that is being decided on.
    private var held: [NIOAny] = []
    private var isDeciding = false
    private var wantsRead = false
    private var context: ChannelHandlerContext?
    private var hasSeenHead = false
    /// Nothing more is read of a peer that sent a request which can be read in two ways.
    private var hasRefused = false
    private var requests = 0
    private var responses = 0
    /// The request that asked for an upgrade: behind it the decoder reads no other.
    private var lastRequest: Int?
    private var isReadingRequest = false
    private var closesAfterResponse = false
    private var timer: Scheduled<Void>?

    /// - Parameter accepted: Where the decision is left for the upgrade.
    init(handshake: WebSocketHandshake, accepted: NIOLoopBoundBox<WebSocketHandshake.Accepted?>, bodyDeadline: TimeAmount) {
        self.handshake = handshake
        self.accepted = accepted
        self.bodyDeadline = bodyDeadline
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        // Nobody else asks again for a read that was held.
        if self.wantsRead { context.read() }
        self.wantsRead = false
        context.leavePipeline(removalToken: removalToken)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.held = []
        self.timer?.cancel()
        self.timer = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.hasRefused else { return }
        if self.isDeciding { self.held.append(data) } else { self.pass(data, context) }
    }

    private func pass(_ data: NIOAny, _ context: ChannelHandlerContext) {
        guard !self.hasRefused else { return }
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            guard Self.isUnambiguous(head) else {
                self.hasRefused = true
                self.errorCaught(context: context, error: HTTPParserError.unknown)
                return
            }
            self.isReadingRequest = true
            self.hasSeenHead = true
            self.requests += 1
            if Self.endsDecoding(head) { self.lastRequest = self.requests }
            guard head.headers.contains(name: "upgrade") else {
                context.fireChannelRead(data)
                return
            }
            guard Self.asksForWebSocket(head) else { return self.decided(nil, Self.withoutUpgrade(head), context) }
            self.isDeciding = true
            // Known at once for whoever was here lately: then nothing is held.
            self.handshake.decide(.init(head), on: context.eventLoop).assumeIsolated().whenComplete { [weak self] result in
                guard let self, let context = self.context else { return }
                self.isDeciding = false
                self.decided(try? result.get(), head, context)
                self.release(context)
            }
        case .body:
            context.fireChannelRead(data)
        case .end:
            self.isReadingRequest = false
            self.timer?.cancel()
            self.timer = nil
            context.fireChannelRead(data)
        }
    }

    /// What the parser lets through of what RFC 9112 wants refused (3.2, 6.1, 6.3): no host or two, a body in an encoding that does not say its end,
    /// and any encoding below HTTP/1.1, which does not know it: a proxy in front may have read that body in another way.
    private static func isUnambiguous(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"].count
        guard head.version == .http1_1 ? hosts == 1 : hosts <= 1 else { return false }
        let encodings = head.headers[canonicalForm: "transfer-encoding"]
        return encodings.isEmpty || head.version == .http1_1 && encodings.map { $0.lowercased() } == ["chunked"]
    }

    private static func endsDecoding(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT
            || head.headers.contains(name: "upgrade") && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    private static func asksForWebSocket(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_1 && WebSocketHandshake.concerns(target: head.uri)
            && head.headers[canonicalForm: "upgrade"].map({ $0.lowercased() }) == ["websocket"]
            && head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" })
    }

    /// As a proxy would pass it on: without the token in `Connection` as well.
    private static func withoutUpgrade(_ head: HTTPRequestHead) -> HTTPRequestHead {
        var head = head
        let rest = head.headers[canonicalForm: "connection"].filter { $0.lowercased() != "upgrade" }
        head.headers.remove(name: "connection")
        if !rest.isEmpty { head.headers.add(name: "connection", value: rest.joined(separator: ", ")) }
        return head
    }

    /// Of a WebSocket that is refused `Upgrade` goes and its token in `Connection` stays: so the route knows.
    private func decided(_ accepted: WebSocketHandshake.Accepted?, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.accepted.value = accepted
        var head = head
        if accepted == nil { head.headers.remove(name: "upgrade") }
        context.fireChannelRead(self.wrapInboundOut(.head(head)))
    }

    /// Passes on what was held, up to the next head that must be decided on.
    private func release(_ context: ChannelHandlerContext) {
        var held = self.held[...]
        self.held = []
        while !self.isDeciding, self.context != nil, let data = held.popFirst() { self.pass(data, context) }
        self.held = held + self.held
        guard !self.isDeciding, self.context != nil else { return }
        context.fireChannelReadComplete()
        guard self.wantsRead else { return }
        self.wantsRead = false
        context.read()
    }

    func read(context: ChannelHandlerContext) {
        if self.isDeciding { self.wantsRead = true } else { context.read() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.isReadingRequest, self.timer == nil {
            self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.bodyDeadline) { context.close(promise: nil) }
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(var head):
            guard head.status.code >= 200 else { return context.write(data, promise: promise) }
            self.responses += 1
            // It must not wait on a connection that answers no more.
            if self.responses == self.lastRequest { head.headers.replaceOrAdd(name: "connection", value: "close") }
            self.closesAfterResponse = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
            context.write(self.wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            guard self.closesAfterResponse else {
                context.write(data, promise: promise)
                return
            }
            let promise = promise ?? context.eventLoop.makePromise()
            promise.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            context.writeAndFlush(data, promise: promise)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !self.hasSeenHead, let error = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        // Nobody answers before the first head.
        let status: HTTPResponseStatus = error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: ["connection": "close", "content-length": "0"])
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
}

@available(*, unavailable)
extension RequestGateHandler: Sendable {}

extension WebSocketHandshake.Head {
    init(_ head: HTTPRequestHead) {
        self.init(method: head.method.rawValue, target: head.uri) { name in head.headers[name] }
    }
}
