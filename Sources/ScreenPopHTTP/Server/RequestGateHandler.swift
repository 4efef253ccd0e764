import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Stands between the HTTP codec and whatever serves the requests of a connection.
///
/// Only a request that may become a WebSocket keeps its `Upgrade` header: every other one goes to the router without, which then answers with
/// the reason. NIO's upgrade handler would lose its head. A later request of a connection keeps it too, though it comes too late to be upgraded:
/// by that the router tells it from one that never can be. Also ends requests whose body does not arrive, and connections that said `close`.
final class RequestGateHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let handshake: WebSocketHandshake
    private let bodyDeadline: TimeAmount
    private var hasSeenHead = false
    /// Nothing more is read of a peer that sent a request which can be read in two ways.
    private var hasRefused = false
    private var isReadingRequest = false
    private var closesAfterResponse = false
    private var timer: Scheduled<Void>?

    init(handshake: WebSocketHandshake, bodyDeadline: TimeAmount) {
        self.handshake = handshake
        self.bodyDeadline = bodyDeadline
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.hasRefused else { return }
        switch self.unwrapInboundIn(data) {
        case .head(var head):
            guard Self.isUnambiguous(head) else {
                self.hasRefused = true
                self.errorCaught(context: context, error: HTTPParserError.unknown)
                return
            }
            self.isReadingRequest = true
            self.hasSeenHead = true
            guard head.headers.contains(name: "upgrade") else {
                context.fireChannelRead(data)
                return
            }
            if !self.isAcceptable(head) {
                head.headers.remove(name: "upgrade")
                context.fireChannelRead(self.wrapInboundOut(.head(head)))
            } else {
                context.fireChannelRead(data)
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

    /// What the parser lets through of what RFC 9112 wants refused (3.2, 6.3): no host or two, and a body in an encoding that does not say its end.
    private static func isUnambiguous(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"].count
        guard head.version == .http1_1 ? hosts == 1 : hosts <= 1 else { return false }
        let encodings = head.headers[canonicalForm: "transfer-encoding"]
        return encodings.isEmpty || encodings.map { $0.lowercased() } == ["chunked"]
    }

    private func isAcceptable(_ head: HTTPRequestHead) -> Bool {
        guard head.version == .http1_1, WebSocketHandshake.concerns(target: head.uri),
            head.headers[canonicalForm: "upgrade"].map({ $0.lowercased() }) == ["websocket"],
            head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" })
        else { return false }
        return (try? self.handshake.decide(.init(head))) != nil
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.isReadingRequest, self.timer == nil {
            self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.bodyDeadline) { context.close(promise: nil) }
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(let head):
            self.closesAfterResponse = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
            context.write(data, promise: promise)
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
