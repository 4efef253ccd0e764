import DequeModule
import NIOCore

/// One connection to Redis: what was sent and not yet answered, and what each thing that happens to the connection means.
///
/// No channel, no clock, no promise: waiters are whatever the handler stores, time is a parameter, everything to be done comes back as an action.
struct RedisConnectionStateMachine<Waiter> {
    /// The commands of a log-in, sent together.
    enum LogInStep: Sendable, Equatable, CaseIterable {
        case auth, select
        /// Shows what AUTH and SELECT do not: that Redis has loaded its data, and that no password is wanted.
        case ping
    }

    /// Why a log-in did not succeed.
    enum LogInFailure: Error, Equatable {
        /// Trying again is of no use before somebody has changed a password or a database number.
        case refused(String)
        /// Redis is up and will soon be of use: it loads its data, say.
        case notYet(String)
    }

    struct Pending {
        var waiter: Waiter
        var bytes: Int
        var deadline: NIODeadline
    }

    struct Queue {
        var commands: Deque<Pending> = []
        var bytes = 0

        /// Replies come in order, so a command cannot be answered before the one ahead of it; its deadline is never earlier than that one's.
        /// The first deadline is therefore the oldest.
        mutating func append(_ waiter: Waiter, bytes: Int, deadline: NIODeadline) {
            let deadline = max(deadline, self.commands.last?.deadline ?? deadline)
            self.commands.append(Pending(waiter: waiter, bytes: bytes, deadline: deadline))
            self.bytes += bytes
        }

        mutating func popFirst() -> Waiter? {
            guard let first = self.commands.popFirst() else { return nil }
            self.bytes -= first.bytes
            return first.waiter
        }

        var waiters: [Waiter] { self.commands.map(\.waiter) }
    }

    private enum State {
        case connecting
        case authenticating(remaining: Deque<LogInStep>, deadline: NIODeadline)
        case ready(Queue)
        /// No new commands; what is outstanding may still be answered until the deadline.
        case closing(Queue, deadline: NIODeadline)
        case closed
    }

    private var state = State.connecting
    private let maximumPending: Int
    private let maximumPendingBytes: Int

    init(maximumPending: Int, maximumPendingBytes: Int) {
        self.maximumPending = maximumPending
        self.maximumPendingBytes = maximumPendingBytes
    }

    // MARK: events

    enum OnConnected: Equatable {
        case logIn([LogInStep])
        case ignore
    }

    mutating func connected(steps: [LogInStep], deadline: NIODeadline) -> OnConnected {
        switch self.state {
        case .connecting:
            self.state = .authenticating(remaining: Deque(steps), deadline: deadline)
            return .logIn(steps)
        case .authenticating, .ready, .closing, .closed:
            return .ignore
        }
    }

    enum OnSend {
        /// With the deadline, if it is the oldest now.
        case write(oldestDeadline: NIODeadline?)
        case fail(Waiter, RedisError)
    }

    mutating func send(_ waiter: Waiter, bytes: Int, deadline: NIODeadline) -> OnSend {
        switch self.state {
        case .ready(var queue):
            guard queue.commands.count < self.maximumPending, queue.bytes + bytes <= self.maximumPendingBytes || queue.commands.isEmpty else {
                return .fail(waiter, .tooManyPending)
            }
            let isOldest = queue.commands.isEmpty
            self.state = .closed  // so that the queue is not copied
            queue.append(waiter, bytes: bytes, deadline: deadline)
            self.state = .ready(queue)
            return .write(oldestDeadline: isOldest ? deadline : nil)
        case .connecting, .authenticating:
            return .fail(waiter, .unavailable("not logged in to Redis yet"))
        case .closing, .closed:
            return .fail(waiter, .unavailable("the connection to Redis is closing"))
        }
    }

    /// What becomes of the connection after a reply.
    enum Afterwards: Equatable {
        case goOn
        /// No new commands; close after the last reply.
        case drain
        case close
    }

    enum OnReply {
        /// The log-in goes on.
        case wait
        case loggedIn
        case logInFailed(LogInFailure)
        case succeed(Waiter, RedisValue, then: Afterwards)
        case fail(Waiter, RedisError, then: Afterwards)
        /// A reply nobody asked for: replies can no longer be matched to commands.
        case unsolicited
        case ignore
    }

    mutating func received(_ value: RedisValue, now: NIODeadline, drainLimit: TimeAmount) -> OnReply {
        switch self.state {
        case .connecting:
            self.state = .closed
            return .unsolicited
        case .authenticating(var remaining, let deadline):
            guard let step = remaining.popFirst() else {
                self.state = .closed
                return .unsolicited
            }
            if let failure = Self.failure(of: value, at: step) {
                self.state = .closed
                return .logInFailed(failure)
            }
            guard remaining.isEmpty else {
                self.state = .authenticating(remaining: remaining, deadline: deadline)
                return .wait
            }
            self.state = .ready(Queue())
            return .loggedIn
        case .ready(var queue):
            self.state = .closed  // so that the queue is not copied
            guard let waiter = queue.popFirst() else { return .unsolicited }
            guard case .error(let text) = value else {
                self.state = .ready(queue)
                return .succeed(waiter, value, then: .goOn)
            }
            guard Self.endsConnection(text) else {
                self.state = .ready(queue)
                return .fail(waiter, .server(text), then: .goOn)
            }
            let isLast = queue.commands.isEmpty
            self.state = isLast ? .closed : .closing(queue, deadline: now + drainLimit)
            return .fail(waiter, .server(text), then: isLast ? .close : .drain)
        case .closing(var queue, let deadline):
            self.state = .closed
            guard let waiter = queue.popFirst() else { return .unsolicited }
            let isLast = queue.commands.isEmpty
            if !isLast { self.state = .closing(queue, deadline: deadline) }
            guard case .error(let text) = value else { return .succeed(waiter, value, then: isLast ? .close : .goOn) }
            return .fail(waiter, .server(text), then: isLast ? .close : .goOn)
        case .closed:
            return .ignore
        }
    }

    enum OnDeadline {
        case none
        case wait(until: NIODeadline)
        case logInTimedOut
        /// Close. The first waiter's time is up; the others' replies can no longer come.
        case timedOut([Waiter])
        /// Close: the time for the last replies is up.
        case drained([Waiter])
    }

    /// Called when the one timer fires, and to learn when it should.
    mutating func checkDeadline(now: NIODeadline) -> OnDeadline {
        switch self.state {
        case .connecting, .closed:
            return .none
        case .authenticating(_, let deadline):
            guard deadline <= now else { return .wait(until: deadline) }
            self.state = .closed
            return .logInTimedOut
        case .ready(let queue):
            guard let deadline = queue.commands.first?.deadline else { return .none }
            guard deadline <= now else { return .wait(until: deadline) }
            self.state = .closed
            return .timedOut(queue.waiters)
        case .closing(let queue, let deadline):
            guard deadline <= now else { return .wait(until: deadline) }
            self.state = .closed
            return .drained(queue.waiters)
        }
    }

    enum OnClose: Equatable {
        case closeNow
        /// Replies are outstanding: wait for them until then.
        case drain(until: NIODeadline)
        case ignore
    }

    /// We want to leave.
    mutating func close(drainUntil deadline: NIODeadline) -> OnClose {
        switch self.state {
        case .connecting, .authenticating:
            self.state = .closed
            return .closeNow
        case .ready(let queue):
            guard !queue.commands.isEmpty else {
                self.state = .closed
                return .closeNow
            }
            self.state = .closing(queue, deadline: deadline)
            return .drain(until: deadline)
        case .closing, .closed:
            return .ignore
        }
    }

    /// The connection ended or can no longer be trusted (bytes that are no RESP2, a write that failed).
    mutating func failed() -> [Waiter] {
        defer { self.state = .closed }
        switch self.state {
        case .connecting, .authenticating, .closed: return []
        case .ready(let queue), .closing(let queue, deadline: _): return queue.waiters
        }
    }

    // MARK: what errors mean

    private static func failure(of value: RedisValue, at step: LogInStep) -> LogInFailure? {
        guard case .error(let text) = value else { return nil }
        switch text.prefix(while: { $0 != " " }) {
        case "LOADING", "BUSY", "MASTERDOWN", "TRYAGAIN": return .notYet(text)
        // A user that may not PING is logged in all the same.
        case "NOPERM" where step == .ping: return nil
        default: return .refused(text)
        }
    }

    /// `READONLY`: what was the master is a replica now, and a new connection may lead to the new master. `NOAUTH`: our log-in is gone.
    private static func endsConnection(_ text: String) -> Bool {
        text.hasPrefix("READONLY") || text.hasPrefix("NOAUTH")
    }
}
