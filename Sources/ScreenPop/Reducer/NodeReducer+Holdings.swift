extension NodeReducer {
    /// How much is held of what, for gauges and for tests of its bounds.
    package struct Holdings: Sendable, Equatable {
        package var agents: Int
        package var queues: Int
        package var members: Int
        package var channels: Int
        package var calls: Int
        package var pops: Int
    }

    package var holdings: Holdings {
        Holdings(
            agents: self.agents.count, queues: self.queues.count, members: self.members.count, channels: self.channels.count,
            calls: self.calls.count, pops: self.pops.count)
    }
}
