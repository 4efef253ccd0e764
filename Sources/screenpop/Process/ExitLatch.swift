import Synchronization

/// A value that is set once, and those who wait for it.
final class ExitLatch: Sendable {
    private struct State {
        var exit: ChildProcess.Exit?
        var waiters: [Int: CheckedContinuation<ChildProcess.Exit?, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    func open(_ exit: ChildProcess.Exit) {
        let waiters = self.state.withLock { state in
            state.exit = exit
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }

    /// `nil` when the waiting task is cancelled first.
    func wait() async -> ChildProcess.Exit? {
        let waiter = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = self.state.withLock { state -> (Bool, ChildProcess.Exit?) in
                    if let exit = state.exit { return (true, exit) }
                    // Cancelled already: the handler has run, and nobody would resume us.
                    if Task.isCancelled { return (true, nil) }
                    state.waiters[waiter] = continuation
                    return (false, nil)
                }
                if known.0 { continuation.resume(returning: known.1) }
            }
        } onCancel: {
            let continuation = self.state.withLock { $0.waiters.removeValue(forKey: waiter) }
            continuation?.resume(returning: nil)
        }
    }
}
