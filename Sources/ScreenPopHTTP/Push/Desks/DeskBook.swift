import CallCenter
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore
import Synchronization

/// Which desks are open, on this instance and the others, and which of them rings: what is so here is held against what Redis knows, until the two
/// are one. Every step may be repeated, by anybody.
final class DeskBook: Sendable {
    /// Told what is so when a desk opens, as of a place in the log; a change comes through the log, to everybody.
    typealias Told = @Sendable (_ primary: DeskRoster.Primary?, _ asOf: Cursor) -> Void

    struct Rhythm: Sendable {
        /// How long a desk is waited for that closed without a word.
        var grace = TimeAmount.seconds(3)
        var tick = TimeAmount.seconds(1)
        /// How often this instance says that it lives, and looks whether those do that hold its agents' primary desks.
        var look = TimeAmount.seconds(5)
        /// How often everything is written anew, so that it does not expire.
        var renewal = TimeAmount.hours(1)
    }

    private struct State {
        var local: LocalDesks
        /// Sockets that opened and have not been told yet, by agent.
        var waiting: [String: [ObjectIdentifier: Told]] = [:]
        var nextLook = NIODeadline.uptimeNanoseconds(0)
        var nextRenewal: NIODeadline
        var isHeld = false
    }

    /// So many agents at the same time.
    private static let width = 32
    /// Whoever loses so often against others gives way for a while.
    private static let attempts = 8

    private let store: Store
    private let rhythm: Rhythm
    private let state: Mutex<State>
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(store: Store, rhythm: Rhythm = Rhythm()) {
        self.store = store
        self.rhythm = rhythm
        self.state = Mutex(State(local: LocalDesks(grace: rhythm.grace), nextRenewal: .now() + rhythm.renewal))
    }

    // MARK: sockets

    /// - Parameter session: Whose socket it is; `told` is called at most once, on any thread.
    func opened(_ desk: String, of agent: String, by session: ObjectIdentifier, told: @escaping Told) {
        self.state.withLock { state in
            state.local.opened(desk, of: agent)
            state.waiting[agent, default: [:]][session] = told
        }
        self.wake()
    }

    /// - Parameter isFinal: Whether it said that it will not come back.
    func closed(_ desk: String, of agent: String, by session: ObjectIdentifier, isFinal: Bool) {
        self.state.withLock { state in
            state.local.closed(desk, of: agent, isFinal: isFinal, now: .now())
            state.waiting[agent]?[session] = nil
            if state.waiting[agent]?.isEmpty ?? false { state.waiting[agent] = nil }
        }
        if isFinal { self.wake() }
    }

    /// From now on that desk rings.
    func claim(_ desk: String, of agent: String) async throws(CommandError) -> DeskRoster.Primary? {
        do { return try await self.settle(agent, claiming: desk).primary } catch let error as CommandError { throw error } catch {
            throw CommandError(.storeUnavailable, "Redis is away: which desk rings cannot be changed now; try again.")
        }
    }

    /// What came through the log.
    func follow(_ delivery: HubDelivery) {
        switch delivery {
        case .messages(let messages):
            for message in messages where message.type == Self.type {
                guard let agent = message.agent, case .object(let members)? = try? JSONValue(message.payload.readableBytesView) else { continue }
                self.state.withLock { $0.local.heard(primary: members["desk"]?.string, of: agent) }
            }
        case .reset:
            self.state.withLock { $0.local.doubtAll() }
            self.wake()
        }
    }

    static let type = "desk.primary"

    // MARK: the work

    /// Until `finish`.
    func run() async {
        await withDiscardingTaskGroup { group in
            let tick = self.rhythm.tick
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: .nanoseconds(tick.nanoseconds))
                    self.wake()
                }
            }
            for await _ in self.wakes.stream { await self.round() }
            group.cancelAll()
        }
        if self.state.withLock({ $0.isHeld }) { try? await self.store.stopHoldingDesks().get() }
    }

    func finish() {
        self.wakes.continuation.finish()
    }

    private func wake() {
        self.wakes.continuation.yield()
    }

    private func round() async {
        let now = NIODeadline.now()
        let (looks, renews) = self.state.withLock { state in
            state.local.tick(now: now)
            let looks = !state.local.isEmpty && now >= state.nextLook
            if looks { state.nextLook = now + self.rhythm.look }
            let renews = now >= state.nextRenewal
            if renews { state.nextRenewal = now + self.rhythm.renewal }
            return (looks, renews)
        }
        if looks { await self.look() }
        if renews { self.state.withLock { $0.local.doubtAll() } }

        var agents = Array(self.state.withLock { $0.local.takeUnsettled() })
        while !agents.isEmpty {
            let some = agents.prefix(Self.width)
            agents.removeFirst(some.count)
            let failed = await self.settle(some, renews: renews)
            guard !failed.isEmpty else { continue }
            // With the next tick; and where none could be told, because Redis is away, all of them.
            let isAway = failed.count == some.count
            self.state.withLock { $0.local.failed(isAway ? failed + agents : failed) }
            if isAway { return }
        }
    }

    /// Says that this instance lives, and doubts the others.
    private func look() async {
        guard let wasHeld = try? await self.store.keepHoldingDesks().get() else { return }
        self.state.withLock { state in
            // Taken for dead meanwhile, or Redis has forgotten everything.
            if state.isHeld && !wasHeld { state.local.doubtAll() } else { state.local.doubtOthers() }
            state.isHeld = true
        }
    }

    private func settle(_ agents: ArraySlice<String>, renews: Bool) async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            for agent in agents {
                group.addTask {
                    do {
                        try await self.tell(agent, renews: renews)
                        return nil
                    } catch {
                        return agent
                    }
                }
            }
            var failed: [String] = []
            for await agent in group { if let agent { failed.append(agent) } }
            return failed
        }
    }

    private func tell(_ agent: String, renews: Bool) async throws {
        // Who opens after this is settled by the next round.
        let waiting = self.state.withLock { Array($0.waiting[agent, default: [:]].keys) }
        let settled = try await self.settle(agent, renews: renews)
        let told = self.state.withLock { state in
            let told = waiting.compactMap { state.waiting[agent]?.removeValue(forKey: $0) }
            if state.waiting[agent]?.isEmpty ?? false { state.waiting[agent] = nil }
            return told
        }
        for told in told { told(settled.primary, settled.asOf) }
    }

    /// Makes Redis know of the agent's desks here what is so.
    private func settle(
        _ agent: String, claiming desk: String? = nil, renews: Bool = false
    ) async throws -> (primary: DeskRoster.Primary?, asOf: Cursor) {
        for _ in 0..<Self.attempts {
            let kept = try await self.store.desks(of: agent).get()
            // Read after what is kept: whoever wrote that last, or writes before us, makes us begin anew.
            let open = self.state.withLock { $0.local.open(agent) }
            let now = WallClock.now()
            var roster = kept.roster
            roster.settle(open, of: self.store.deskHolder, gone: kept.gone, at: now)
            if let desk {
                guard open.contains(desk) else { throw CommandError(.wrongState, "This desk was closed meanwhile.") }
                guard roster.claim(desk, of: self.store.deskHolder, at: now) else {
                    throw CommandError(.wrongState, "The agent has \(DeskRoster.limit) desks open already; close one of them.")
                }
            }
            if roster != kept.roster || (renews && !roster.desks.isEmpty) {
                guard try await self.store.replace(kept, by: roster, of: agent).get() else { continue }
            }
            let primary = roster.primary
            self.state.withLock { $0.local.heard(primary: primary?.desk, of: agent) }
            return (primary, kept.asOf)
        }
        throw CommandError(.storeUnavailable, "Too many desks of this agent change at once; try again.")
    }
}
