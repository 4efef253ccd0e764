import CallCenter
import Hiredis
import NIOCore
import ScreenPop
import ScreenPopStore
import Synchronization

/// Tells everybody in this instance when Redis comes and goes.
final class RedisPresence: Sendable {
    private struct State {
        /// Completed when the hub knows where the log ends, failed when that never happens.
        var started: EventLoopPromise<Void>?
        var wasLost = false
    }

    private let store: Store
    private let hub: Hub
    private let board: NodeBoard
    private let keeper: LeaseKeeper
    private let state: Mutex<State>

    init(store: Store, hub: Hub, board: NodeBoard, keeper: LeaseKeeper, started: EventLoopPromise<Void>) {
        self.store = store
        self.hub = hub
        self.board = board
        self.keeper = keeper
        self.state = Mutex(State(started: started))
    }

    /// On the client's event loop.
    func changed(isConnected: Bool) {
        self.board.setRedis(connected: isConnected)
        // The end is asked for before any pipeline writes: on one connection commands keep their order, so nothing written is missed.
        if isConnected { self.findEnd() }
        self.keeper.redisChanged(isConnected: isConnected)
        let announce: Change.System.What? = self.state.withLock { state in
            defer { state.wasLost = !isConnected }
            if !isConnected { return state.wasLost ? nil : .degraded }
            return state.wasLost ? .recovered : nil
        }
        guard let announce else { return }
        // Not through the log: it is just that which is away.
        if let message = Change.system(.init(what: announce, part: "redis", at: WallClock.now())).message { self.hub.show([message]) }
    }

    private func findEnd() {
        guard self.state.withLock({ $0.started != nil }) else { return }
        self.store.end().whenComplete { result in
            switch result {
            case .success(let end):
                self.hub.start(at: end)
                self.complete(.success(()))
            case .failure:
                // Redis is loading, say. After a loss the next connection asks again as well, which does no harm.
                self.store.client.eventLoop.scheduleTask(in: .seconds(1)) { self.findEnd() }
            }
        }
    }

    /// The service ends.
    func end() {
        self.complete(.failure(CancellationError()))
    }

    private func complete(_ result: Result<Void, any Error>) {
        let promise = self.state.withLock { state in
            defer { state.started = nil }
            return state.started
        }
        promise?.completeWith(result)
    }
}
