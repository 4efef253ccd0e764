import Foundation
import NIOCore
import NIOPosix
import NIOWebSocket

/// A desktop on a WebSocket, as a browser would be.
final class Desktop: Sendable {
    struct Refused: Error {
        var status: Int
    }

    let transcript = Transcript()
    private let channel: any Channel

    private init(channel: any Channel) { self.channel = channel }

    /// - Parameter query: `?agent=1001%40default&since=...`
    static func connect(port: Int, token: String, query: String = "", receiveBuffer: Int? = nil) async throws -> Desktop {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: ChannelOptions.Types.SocketOption.Value(receiveBuffer))
        }
        let request = """
            GET /api/v1/ws\(query) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Protocol: screenpop.v1\r
            Authorization: Bearer \(token)\r
            \r

            """
        let desktop = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let desktop = Desktop(channel: channel)
                try channel.pipeline.syncOperations.addHandler(Handshake(desktop.transcript))
                return desktop
            }
        }
        try await desktop.channel.writeAndFlush(ByteBuffer(string: request))
        try await eventually("the server answers the handshake") {
            desktop.transcript.isClosed ? true : desktop.transcript.status.map { _ in true }
        }
        guard desktop.transcript.status == 101 else { throw Refused(status: desktop.transcript.status ?? 0) }
        return desktop
    }

    /// Reads the head of the answer and hands what follows, in order, to the frames' handlers: the first frame may come in the same packet.
    private final class Handshake: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer
        private let transcript: Transcript
        private var bytes = ByteBuffer()

        init(_ transcript: Transcript) { self.transcript = transcript }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var more = self.unwrapInboundIn(data)
            self.bytes.writeBuffer(&more)
            let view = self.bytes.readableBytesView
            guard let end = view.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return }
            let head = self.bytes.readString(length: end - view.startIndex) ?? ""
            let status = Int(head.split(separator: " ", maxSplits: 2).dropFirst().first ?? "") ?? 0
            let pipeline = context.pipeline.syncOperations
            do {
                try pipeline.addHandler(WebSocketFrameEncoder())
                try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 26)))
                try pipeline.addHandler(
                    NIOWebSocketFrameAggregator(minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1 << 16, maxAccumulatedFrameSize: 1 << 26))
                try pipeline.addHandler(Receiver(self.transcript))
            } catch {
                context.close(promise: nil)
                return
            }
            self.transcript.answered(status)
            guard status == 101 else {
                context.close(promise: nil)
                return
            }
            if self.bytes.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(self.bytes)) }
            pipeline.removeHandler(self, promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.transcript.close(code: nil)
            context.fireChannelInactive()
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    func send(_ text: String) async throws {
        let mask = WebSocketMaskingKey.random()
        try await self.channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, maskKey: mask, data: ByteBuffer(string: text)))
    }

    /// From now on nothing is taken from the socket, as by a page whose machine went to sleep; `true` wakes it up.
    func read(_ reads: Bool) async throws { try await self.channel.setOption(.autoRead, value: reads).get() }

    func close() async { try? await self.channel.close() }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = WebSocketFrame
        typealias OutboundOut = WebSocketFrame
        private let transcript: Transcript

        init(_ transcript: Transcript) { self.transcript = transcript }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var frame = self.unwrapInboundIn(data)
            switch frame.opcode {
            case .text:
                if let message = try? JSON(String(buffer: frame.unmaskedData)) { self.transcript.append(message) }
            case .ping:
                let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData)
                context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
            case .connectionClose:
                self.transcript.close(code: frame.unmaskedData.getInteger(at: frame.unmaskedData.readerIndex, as: UInt16.self).map(Int.init))
                context.close(promise: nil)
            default: break
            }
            frame.data.clear()
        }

        func channelInactive(context: ChannelHandlerContext) { self.transcript.close(code: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
