import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

/// What the HTTP side reads of the store: JSON as it was written. A protocol so that routes and sessions can be tested without Redis.
protocol SiteReading: Sendable {
    func agents() -> EventLoopFuture<[ByteBuffer]>
    func agent(_ name: String) -> EventLoopFuture<ByteBuffer?>
    func queues() -> EventLoopFuture<[ByteBuffer]>
    func queue(_ name: String) -> EventLoopFuture<ByteBuffer?>
    func members(queue: String) -> EventLoopFuture<[ByteBuffer]>
    func pop(agent: String) -> EventLoopFuture<ByteBuffer?>
    func pops(agent: String, limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)>
    func reasons(agent: String, limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)>
    func call(_ uuid: String) -> EventLoopFuture<ByteBuffer?>
    func trace(call: String) -> EventLoopFuture<[ByteBuffer]>
    func calls(caller: String) -> EventLoopFuture<[ByteBuffer]>
    func agentSnapshot(_ name: String) -> EventLoopFuture<(cursor: Cursor, agent: ByteBuffer?, pops: [ByteBuffer], primary: DeskRoster.Primary?)>
    func agentsSnapshot() -> EventLoopFuture<(cursor: Cursor, agents: [ByteBuffer], pops: [ByteBuffer])>
    func queueSnapshot(_ name: String?) -> EventLoopFuture<(cursor: Cursor, queues: [ByteBuffer], members: [ByteBuffer])>
    func end() -> EventLoopFuture<Cursor>
    func acknowledge(agent: String, pop: String, stage: AcknowledgementStage, by: String) -> EventLoopFuture<Bool>
}

extension Store: SiteReading {}

/// The log as this instance distributes it.
protocol MessageSource: Sendable {
    var end: Cursor { get }
    func subscribe(on eventLoop: any EventLoop, receive: @escaping @Sendable (HubDelivery) -> Void) -> HubSubscription
    func unsubscribe(_ subscription: HubSubscription)
    func resume(after cursor: Cursor, limit: Int) async -> Resumption
}

extension Hub: MessageSource {}
