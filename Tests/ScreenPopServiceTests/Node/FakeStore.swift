import Hiredis
import NIOCore
import ScreenPop
import ScreenPopStore
import Synchronization

@testable import ScreenPopService

/// The append side of Redis: numbers in order, each once.
final class FakeStore: NodeWriter {
    struct State {
        var isThere = true
        var fence: Int64 = 0
        var lastNumber: Int64?
        var changes: [Change] = []
        var live: [Pop] = []
        var kept: [AgentRecord] = []
        var members: [MemberRecord] = []
        var agents: [String] = []
        var queues: [String] = []
        var takeOvers = 0
        /// Answers that are lost on the way back, though the batch is written.
        var swallowed = 0
        /// Another instance has the node.
        var isTakenByAnother = false
        var refusal: RedisError?
        /// Another version's data is there.
        var schema: String?
    }

    let eventLoop: any EventLoop
    let state = Mutex(State())

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var changes: [Change] { self.state.withLock { $0.changes } }
    var pops: [(Change.PopTransition, Pop)] {
        self.changes.compactMap { change in
            if case .pop(let transition, let pop) = change { (transition, pop) } else { nil }
        }
    }

    func takeOver(node: String, owner: String) -> EventLoopFuture<Int64> {
        self.answer { state in
            state.takeOvers += 1
            if let schema = state.schema { throw StoreError.schema(schema) }
            if state.isTakenByAnother { throw StoreError.fenced }
            state.fence += 1
            state.lastNumber = nil
            return state.fence
        }
    }

    func livePops(node: String) -> EventLoopFuture<[Pop]> {
        self.answer { $0.live }
    }

    func members(node: String) -> EventLoopFuture<[MemberRecord]> {
        self.answer { $0.members }
    }

    func keptAgents(node: String) -> EventLoopFuture<[AgentRecord]> {
        self.answer { $0.kept }
    }

    func names(node: String) -> EventLoopFuture<(agents: [String], queues: [String])> {
        self.answer { ($0.agents, $0.queues) }
    }

    func append(_ batch: Batch) -> EventLoopFuture<[Cursor]> {
        let result: Result<[Cursor], any Error> = self.state.withLock { state in
            guard state.isThere else { return .failure(RedisError.unavailable("away")) }
            if let refusal = state.refusal { return .failure(refusal) }
            guard batch.fence == state.fence else { return .failure(StoreError.fenced) }
            if let last = state.lastNumber {
                if batch.number <= last { return .success([]) }
                guard batch.number == last + 1 else { return .failure(StoreError.outOfOrder) }
            }
            state.lastNumber = batch.number
            state.changes += batch.changes
            if state.swallowed > 0 {
                state.swallowed -= 1
                return .failure(RedisError.connectionLost("swallowed"))
            }
            return .success([])
        }
        return self.eventLoop.submit { try result.get() }
    }

    private func answer<Value: Sendable>(_ body: (inout State) throws -> Value) -> EventLoopFuture<Value> {
        let result: Result<Value, any Error> = self.state.withLock { state in
            guard state.isThere else { return .failure(RedisError.unavailable("away")) }
            return Result { try body(&state) }
        }
        return self.eventLoop.submit { try result.get() }
    }
}
