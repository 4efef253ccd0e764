import NIOCore

/// The channel handler of one event socket client. Lives on the simulator's event loop.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let decoder = NIOSingleStepByteToMessageProcessor(ClientPacketDecoder())
    private let simulator: Simulator
    private let id: Int

    init(simulator: Simulator, id: Int) {
        self.simulator = simulator
        self.id = id
    }

    func channelActive(context: ChannelHandlerContext) {
        let (id, channel) = (self.id, context.channel)
        self.simulator.assumeIsolated { $0.clientConnected(id, channel: channel) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let (id, simulator) = (self.id, self.simulator)
        do {
            try self.decoder.process(buffer: self.unwrapInboundIn(data)) { packet in
                simulator.assumeIsolated { $0.received(packet, from: id) }
            }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.simulator.assumeIsolated { $0.flushClients() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let id = self.id
        self.simulator.assumeIsolated { $0.clientDisconnected(id) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
