import Synchronization

/// The pipelines of an active instance, for whoever commands the nodes, from any thread; none while it stands by.
final class ActiveNodes: Sendable {
    private struct State {
        /// In the order of the configuration; `nil` while the instance stands by.
        var pipelines: [NodePipeline]?
        /// Why it stands by.
        var standby: String
        /// Whether Redis is there and the nodes are ours in it.
        var isWritable = false
        var problem: String?
    }

    private let state: Mutex<State>

    init(standby: String) {
        self.state = Mutex(State(standby: standby))
    }

    // MARK: looking

    /// - Throws: `node-unavailable` while the instance stands by.
    func current() throws(CommandError) -> [NodePipeline] {
        let (pipelines, standby) = self.state.withLock { ($0.pipelines, $0.standby) }
        guard let pipelines else { throw CommandError(.nodeUnavailable, standby) }
        return pipelines
    }

    /// Why the instance stands by; `nil` while it is active.
    var standby: String? { self.state.withLock { $0.pipelines == nil ? $0.standby : nil } }

    /// Why Redis does not give the lease though it is there; one line for `readyz`.
    var problem: String? { self.state.withLock { $0.problem } }

    // MARK: the keeper

    func setProblem(_ problem: String?) {
        self.state.withLock { $0.problem = problem }
    }

    func begin(_ pipelines: [NodePipeline], isWritable: Bool) {
        self.state.withLock { state in
            state.pipelines = pipelines
            state.isWritable = isWritable
            if isWritable { for pipeline in pipelines { pipeline.redisChanged(isConnected: true) } }
        }
    }

    /// Told in order: each call is made under the lock, and only queues.
    func setWritable(_ isWritable: Bool) {
        self.state.withLock { state in
            guard state.isWritable != isWritable else { return }
            state.isWritable = isWritable
            for pipeline in state.pipelines ?? [] { pipeline.redisChanged(isConnected: isWritable) }
        }
    }

    func standBy(_ line: String) {
        self.state.withLock { state in
            state.standby = line
            state.isWritable = false
            for pipeline in state.pipelines ?? [] { pipeline.retire() }
            state.pipelines = nil
        }
    }

    func beginShutdown() {
        self.state.withLock { for pipeline in $0.pipelines ?? [] { pipeline.beginShutdown() } }
    }

    /// The log was lost.
    func rewrite() {
        self.state.withLock { for pipeline in $0.pipelines ?? [] { pipeline.rewrite() } }
    }
}
