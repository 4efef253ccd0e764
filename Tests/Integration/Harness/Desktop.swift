import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A desktop on a WebSocket, as a browser would be, with NIO's own client.
final class Desktop: Sendable {
    struct Refused: Error {
        var status: Int
    }

    let transcript = Transcript()
    private let channel: any Channel

    private init(channel: any Channel) { self.channel = channel }

    /// - Parameter query: `?agent=1001%40default&since=...`
    static func connect(port: Int, token: String, query: String = "", receiveBuffer: Int? = nil) async throws -> Desktop {
        let (upgrades, upgraded) = AsyncStream.makeStream(of: Result<Void, Refused>.self, bufferingPolicy: .bufferingOldest(1))
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: ChannelOptions.Types.SocketOption.Value(receiveBuffer))
        }
        let box = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let desktop = Desktop(channel: channel)
                let upgrader = NIOTypedWebSocketClientUpgrader<Void>(maxFrameSize: 1 << 26) { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOWebSocketFrameAggregator(
                                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1 << 16, maxAccumulatedFrameSize: 1 << 26))
                        try channel.pipeline.syncOperations.addHandler(Receiver(desktop.transcript))
                        upgraded.yield(.success(()))
                    }
                }
                var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/api/v1/ws" + query)
                head.headers.add(name: "host", value: "127.0.0.1:\(port)")
                head.headers.add(name: "authorization", value: "Bearer \(token)")
                head.headers.add(name: "sec-websocket-protocol", value: "screenpop.v1")
                let configuration = NIOTypedHTTPClientUpgradeConfiguration(
                    upgradeRequestHead: head, upgraders: [upgrader],
                    notUpgradingCompletionHandler: { channel in
                        upgraded.yield(.failure(Refused(status: 0)))
                        return channel.close()
                    })
                _ = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                    configuration: NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration))
                return desktop
            }
        }
        for await result in upgrades {
            try result.get()
            return box
        }
        throw Refused(status: 0)
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
