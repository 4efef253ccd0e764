import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import NIOWebSocket

/// A connection of the server: HTTP/1.1, whose first request may become a WebSocket.
struct DesktopChannel: ServerChildChannel, HTTPChannelHandler {
    enum Negotiated: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        /// Lives in its channel handler; nothing waits for it.
        case session
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let negotiated: EventLoopFuture<Negotiated>
    }

    let responder: Responder
    let handshake: WebSocketHandshake
    let shards: PushShards
    let environment: WebSocketSessionHandler.Environment
    /// `nil`: plain HTTP.
    let certificates: TLSCertificates?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            guard let place = self.environment.gate.connectionPlace(for: channel.remoteAddress) else {
                channel.close(promise: nil)
                return Value(channel: channel, negotiated: channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel))
            }
            channel.closeFuture.whenComplete { _ in place.free() }
            let pipeline = channel.pipeline.syncOperations
            if let certificates = self.certificates { try pipeline.addHandler(NIOSSLServerHandler(context: certificates.current)) }
            let limits = self.environment.limits
            let watcher = HandshakeGuardHandler(deadline: limits.handshake)
            let writes = WriteGuardHandler(period: limits.unwritable)
            try pipeline.addHandlers([watcher, writes], position: .first)

            var decoderLimits = NIOHTTPDecoderLimitConfiguration()
            decoderLimits.maxHeaderFieldSize = limits.headerBytes
            decoderLimits.maxHeaderListSize = limits.headerBytes
            decoderLimits.maxHeaderFieldCount = limits.headerFields
            let encoder = HTTPResponseEncoder()
            let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: decoderLimits))
            let accepted = NIOLoopBoundBox<WebSocketHandshake.Accepted?>.makeEmptyBox(eventLoop: channel.eventLoop)
            let gate = RequestGateHandler(handshake: self.handshake, accepted: accepted, bodyDeadline: limits.body)
            let upgrader = NIOTypedHTTPServerUpgradeHandler(
                httpEncoder: encoder, extraHTTPHandlers: [decoder, gate],
                upgradeConfiguration: .init(
                    upgraders: [SessionUpgrader(self, accepted)],
                    notUpgradingCompletionHandler: { channel in
                        channel.eventLoop.makeCompletedFuture { .http(try self.configureHTTP(channel, logger: logger)) }
                    }))
            try pipeline.addHandlers([encoder, decoder, gate, upgrader])

            let negotiated = upgrader.upgradeResultFuture
            negotiated.assumeIsolated().whenComplete { result in
                pipeline.removeHandler(watcher, promise: nil)
                guard case .success(.session) = result else { return }
                pipeline.removeHandler(writes, promise: nil)
                // What sessions one may have is counted by who one is.
                place.free()
            }
            return Value(channel: channel, negotiated: negotiated)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel): await self.handleHTTP(asyncChannel: channel, logger: logger)
            case .session: break
            }
        } catch {
            logger.trace("A connection ended before its first request.")
            value.channel.close(promise: nil)
        }
    }

    private func configureHTTP(_ channel: any Channel, logger: Logger) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: self.certificates != nil))
        try pipeline.addHandler(
            HTTPConnectionStateHandler(idleTimeout: .nanoseconds(self.environment.limits.idle.nanoseconds), logger: logger))
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    fileprivate func open(_ channel: any Channel, _ accepted: WebSocketHandshake.Accepted?) -> EventLoopFuture<Negotiated> {
        channel.eventLoop.makeCompletedFuture {
            guard let accepted, let shard = self.shards.shard(on: channel.eventLoop) else { throw ChannelError.inappropriateOperationForState }
            // Inbound messages are short and rare; a large buffer for each idle session is what would cost.
            try channel.syncOptions?.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 512))
            try channel.pipeline.syncOperations.addHandler(
                WebSocketSessionHandler(
                    self.environment, shard: shard, identity: accepted.identity, opening: accepted.opening,
                    address: self.environment.gate.address(peer: channel.remoteAddress, forwardedFor: accepted.forwardedFor)))
            return .session
        }
    }
}

/// NIO's handshake, without NIO's frame handlers: the session reads and writes frames itself, so that one frame can be shared by all.
private struct SessionUpgrader: NIOTypedHTTPServerProtocolUpgrader {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []
    private let desktop: DesktopChannel
    /// As the gate before it decided.
    private let accepted: NIOLoopBoundBox<WebSocketHandshake.Accepted?>
    private let base: NIOTypedWebSocketServerUpgrader<Void>

    init(_ desktop: DesktopChannel, _ accepted: NIOLoopBoundBox<WebSocketHandshake.Accepted?>) {
        self.desktop = desktop
        self.accepted = accepted
        self.base = NIOTypedWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in
                channel.eventLoop.makeSucceededFuture(
                    accepted.value.map { HTTPHeaders($0.subprotocol.map { [("Sec-WebSocket-Protocol", $0)] } ?? []) })
            },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        self.base.buildUpgradeResponse(channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<DesktopChannel.Negotiated> {
        self.desktop.open(channel, self.accepted.value)
    }
}
