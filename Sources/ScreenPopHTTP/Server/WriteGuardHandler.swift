import CoreMetrics
import NIOCore

/// Closes an HTTP connection whose peer does not read: what was written for it must go out, at a rate that any network has.
///
/// Stands before TLS, where the bytes are those of the network. A WebSocket session looks after itself, and says why it closes.
final class WriteGuardHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// What a peer must take in each period while there is more for it: who reads a byte now and then does not read.
    private static let least = 8 * 1024

    private let period: TimeAmount
    /// Bytes that were written on this connection.
    private var written = 0
    /// Of these, what the network had taken when the period began.
    private var taken = 0
    private var timer: Scheduled<Void>?

    init(period: TimeAmount) {
        self.period = period
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.written += self.unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard self.timer == nil, self.waiting(context) > 0 else { return }
        self.watch(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = nil
        context.fireChannelInactive()
    }

    private func watch(_ context: ChannelHandlerContext) {
        self.taken = self.written - self.waiting(context)
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.period) {
            self.timer = nil
            let waiting = self.waiting(context)
            guard waiting > 0 else { return }
            guard self.written - waiting - self.taken >= Self.least else {
                HTTPMetrics.unreadConnections.increment()
                return context.close(promise: nil)
            }
            self.watch(context)
        }
    }

    /// Bytes that the network has not taken yet.
    private func waiting(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}

@available(*, unavailable)
extension WriteGuardHandler: Sendable {}
