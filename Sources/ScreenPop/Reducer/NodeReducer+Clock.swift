import CallCenter

// The switch's clock. All times are by it, and somebody may set it.
extension NodeReducer {
    /// Events that overtake one another are closer together.
    static let disorderSeconds = 2
    /// A node that is followed says something more often.
    static let silenceSeconds = 60
    /// Who jumps ahead by more has been set: hardly a switch says nothing for so long.
    static let leapSeconds = 3600
    /// One event alone does not tell that so much time went by, or back.
    static let absurdLeapSeconds = 86_400

    /// Whether the clock was set since this was asked last: what is known may be wrong, and a snapshot is wanted.
    package mutating func takeClockSet() -> Bool {
        defer { self.isClockSet = false }
        return self.isClockSet
    }

    /// When an event counts as made.
    ///
    /// A time is older than that of the newest event, and its sequence newer: the clock was put back, and whatever waits for the time before would
    /// wait for hours. A single time that is far off all others is somebody's mistake, and counts as now.
    mutating func time(of event: SwitchEvent) -> Timestamp {
        let at = self.believed(event)
        if self.newest.map({ $0.sequence < event.sequence }) ?? true { self.newest = Stamp(at: at, sequence: event.sequence) }
        return at
    }

    private mutating func believed(_ event: SwitchEvent) -> Timestamp {
        guard self.now.microseconds > 0, let newest = self.newest else { return event.at }
        let latest = self.now.adding(seconds: Self.disorderSeconds)
        // Overtaken by the first events of a clock that was put back.
        if event.sequence < newest.sequence, event.at > latest, newest.at <= self.now { return self.now }
        let isAhead = event.at > self.now.adding(seconds: Self.leapSeconds)
        let isBehind = event.sequence > newest.sequence && event.at.adding(seconds: Self.disorderSeconds) < newest.at
        let isAbsurd =
            isAhead && event.at > self.now.adding(seconds: Self.absurdLeapSeconds)
            || isBehind && event.at.adding(seconds: Self.absurdLeapSeconds) < newest.at
        if isAbsurd, !self.isTimeDoubted {
            self.isTimeDoubted = true
            return self.now
        }
        self.isTimeDoubted = false
        if isBehind { self.putClockBack(to: event.at) }
        if isAhead || isBehind { self.isClockSet = true }
        return event.at
    }

    /// What was told by the time before counts as told just now. What is shown stays: nobody knows how long before it was.
    mutating func putClockBack(to time: Timestamp) {
        guard time < self.now else { return }
        self.now = time
        for name in self.agents.keys {
            self.agents[name]?.statusStamp?.putBack(to: time)
            self.agents[name]?.stateStamp?.putBack(to: time)
            if let since = self.agents[name]?.record.pending?.since { self.agents[name]?.record.pending?.since = min(since, time) }
            // The list knows what mod_callcenter reckons with.
            if let ended = self.agents[name]?.talkEndedAt, ended > time { self.agents[name]?.talkEndedAt = nil }
        }
        for uuid in self.members.keys { self.members[uuid]?.joining?.putBack(to: time) }
        self.endedMembers.putBack(to: time)
        self.pastOffers = []
        for uuid in self.channels.keys { self.channels[uuid]?.hangup?.stamp.putBack(to: time) }
        for (id, live) in self.pops where live.pop.state != .ended {
            // An offer that was concluded from something else is as old as the rest.
            if live.offering == nil, live.pop.offeredAt > time { self.pops[id]?.offering = Stamp(at: time, sequence: 0) }
            self.pops[id]?.offering?.putBack(to: time)
            if let due = live.overdueAt { self.pops[id]?.overdueAt = min(due, time.adding(seconds: Self.graceSeconds)) }
        }
        self.nextSweep = self.nextSweep.map { min($0, time.adding(seconds: Self.sweepSeconds)) }
        self.nextDue = nil
        for due in self.pops.values.compactMap(\.overdueAt) + [self.nextSweep, self.nextWrapUpEnd].compactMap({ $0 }) { self.wake(at: due) }
    }
}
