import NIOCore
import NIOPosix

/// A loopback server that follows a script: the part of FreeSWITCH that these tests need, in recorded bytes.
struct ScriptedServer: Sendable {
    enum Step: Sendable {
        /// Send these bytes.
        case send([UInt8])
        /// Wait for a whole packet that begins so.
        case expect(String)
        /// Close the connection.
        case close

        static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
    }

    let port: Int
    private let channel: any Channel

    /// Each connection runs the script from its beginning.
    static func start(_ script: [Step]) async throws -> ScriptedServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(ScriptHandler(script)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(port: channel.localAddress?.port ?? 0, channel: channel)
    }

    func stop() async { try? await self.channel.close() }

    private final class ScriptHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var script: ArraySlice<Step>
        private var received = ""

        init(_ script: [Step]) { self.script = script[...] }

        func channelActive(context: ChannelHandlerContext) { self.run(context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.received += String(buffer: self.unwrapInboundIn(data))
            self.run(context)
        }

        private func run(_ context: ChannelHandlerContext) {
            while let step = self.script.first {
                switch step {
                case .send(let bytes):
                    context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                case .expect(let text):
                    guard let end = self.received.firstRange(of: "\n\n") else { return }
                    guard self.received.hasPrefix(text) else {
                        context.close(promise: nil)
                        return
                    }
                    self.received = String(self.received[end.upperBound...])
                case .close:
                    context.close(promise: nil)
                }
                self.script = self.script.dropFirst()
            }
        }
    }
}
