import NIOCore
import ScreenPop
import ScreenPopStore

/// What a pipeline needs of the store.
protocol NodeWriter: Sendable {
    func takeOver(node: String, owner: String) -> EventLoopFuture<Int64>
    func append(_ batch: Batch) -> EventLoopFuture<[Cursor]>
    func livePops(node: String) -> EventLoopFuture<[Pop]>
    func members(node: String) -> EventLoopFuture<[MemberRecord]>
    func keptAgents(node: String) -> EventLoopFuture<[AgentRecord]>
    func names(node: String) -> EventLoopFuture<(agents: [String], queues: [String])>
}

extension Store: NodeWriter {}
