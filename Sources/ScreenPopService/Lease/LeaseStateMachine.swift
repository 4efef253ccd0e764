import NIOCore
import ScreenPopStore

/// Whether this instance follows its nodes or stands by: of those that are started alike, the one that holds the lease is active.
///
/// Decides and does nothing: what it returns is to be done. Without Redis nobody can tell who is active, so one that is active stays so, and one
/// that has heard of no other since it started becomes so: calls pop all the same. The fencing token keeps the log right when that were two.
struct LeaseStateMachine {
    struct Configuration: Sendable {
        /// How long a lease lasts that is not renewed: so long nobody follows the nodes after the active instance was killed.
        var life: TimeAmount = .seconds(5)
        /// How long to wait at the start for Redis.
        var patience: TimeAmount = .seconds(2)

        var renewal: TimeAmount { .nanoseconds(self.life.nanoseconds / 3) }
        /// How often one that stands by looks whether the lease is free.
        var rhythm: TimeAmount { min(.milliseconds(500), .nanoseconds(self.life.nanoseconds / 10)) }
    }

    /// Of Redis.
    enum Link: Equatable {
        case away
        /// The next question is due then.
        case there(NIODeadline)
        /// The question of that number is not answered yet.
        case asking(Int)
    }

    enum Hold: Equatable {
        /// Active without: Redis was not there, or does not give it.
        case none
        case ours
    }

    enum State: Equatable {
        case idle
        /// Has not heard of another instance yet.
        case starting(Link, until: NIODeadline)
        case standingBy(Link, holder: String?)
        case active(Link, Hold)
        /// Active until a moment ago: its pipelines are still being taken down. Asks from then on; `nil` while Redis is away.
        case retiring(askAt: NIODeadline?)
        /// The instance ends. It is active until what it owes is written.
        case leaving(Link, Hold)
        case stopped
    }

    struct Question: Equatable {
        var claim: LeaseClaim
        var number: Int
    }

    private let configuration: Configuration
    private(set) var state = State.idle
    private var lastNumber = 0
    /// When one that waits for whoever held the lease is to ask, until it has asked.
    private var waitsUntil: NIODeadline?

    init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// Whether it was active until a moment ago and its pipelines are still being taken down.
    var isRetiring: Bool {
        switch self.state {
        case .retiring: true
        case .idle, .starting, .standingBy, .active, .leaving, .stopped: false
        }
    }

    /// When `ticked` is to be called next.
    var deadline: NIODeadline? {
        switch self.state {
        case .starting(.there(let askAt), let until): min(askAt, until)
        case .starting(.away, let until), .starting(.asking, let until): until
        case .standingBy(.there(let askAt), holder: _), .active(.there(let askAt), _), .leaving(.there(let askAt), _): askAt
        case .idle, .standingBy(.away, holder: _), .standingBy(.asking, holder: _), .active(.away, _), .active(.asking, _), .retiring,
            .leaving(.away, _), .leaving(.asking, _), .stopped:
            nil
        }
    }

    private mutating func question(_ claim: LeaseClaim) -> Question {
        self.lastNumber += 1
        self.waitsUntil = nil
        return Question(claim: claim, number: self.lastNumber)
    }

    private static func claim(_ hold: Hold) -> LeaseClaim {
        switch hold {
        case .none: .acquire
        case .ours: .renew
        }
    }

    // MARK: life

    mutating func start(now: NIODeadline) {
        switch self.state {
        case .idle: self.state = .starting(.away, until: now + self.configuration.patience)
        case .starting, .standingBy, .active, .retiring, .leaving, .stopped: break
        }
    }

    enum StopAction: Equatable {
        /// Its pipelines are to end and to write what they owe.
        case endPipelines
        case nothing
    }

    mutating func stop() -> StopAction {
        switch self.state {
        case .active(let link, let hold):
            self.state = .leaving(link, hold)
            return .endPipelines
        case .idle, .starting, .standingBy, .retiring:
            self.state = .stopped
            return .nothing
        case .leaving, .stopped: return .nothing
        }
    }

    /// All is written.
    mutating func end() {
        self.state = .stopped
    }

    // MARK: Redis

    /// Redis is there. `nil`: nothing is asked now.
    mutating func connected(now: NIODeadline) -> Question? {
        switch self.state {
        case .idle, .stopped: return nil
        case .starting(_, let until):
            let question = self.question(.acquire)
            self.state = .starting(.asking(question.number), until: until)
            return question
        case .standingBy(_, let holder):
            self.state = .standingBy(.there(self.wait(now)), holder: holder)
            return nil
        case .active(_, let hold):
            let question = self.question(Self.claim(hold))
            self.state = .active(.asking(question.number), hold)
            return question
        case .retiring:
            self.state = .retiring(askAt: self.wait(now))
            return nil
        case .leaving(_, let hold):
            let question = self.question(Self.claim(hold))
            self.state = .leaving(.asking(question.number), hold)
            return question
        }
    }

    /// The one that held the lease may only have lost Redis as well, which may have lost the lease: it comes first.
    ///
    /// A Redis that closes connections on which nothing is asked would make it wait for ever: what was waited before the connection ended counts,
    /// unless Redis was away for long.
    private mutating func wait(_ now: NIODeadline) -> NIODeadline {
        let life = self.configuration.life
        let until = self.waitsUntil.flatMap { now < $0 + life ? max($0, now) : nil } ?? now + life
        self.waitsUntil = until
        return until
    }

    mutating func disconnected() {
        switch self.state {
        case .idle, .stopped: break
        case .starting(_, let until): self.state = .starting(.away, until: until)
        case .standingBy(_, let holder): self.state = .standingBy(.away, holder: holder)
        case .active(_, let hold): self.state = .active(.away, hold)
        case .retiring: self.state = .retiring(askAt: nil)
        case .leaving(_, let hold): self.state = .leaving(.away, hold)
        }
    }

    /// What came of a question.
    enum Answer: Equatable {
        case held
        case refused(LeaseHolder)
        /// Nobody knows, or Redis does not do it.
        case failed
    }

    enum AnswerAction: Equatable {
        /// Pipelines are to begin.
        case start
        /// It is ours: what was written for it may be written.
        case confirmed
        /// Another one holds it. Said once for each.
        case standBy(LeaseHolder)
        /// Another one has it by now: the pipelines are to be taken down, then `retired`.
        case retire(LeaseHolder)
        case nothing
    }

    mutating func answered(_ number: Int, _ answer: Answer, now: NIODeadline) -> AnswerAction {
        switch self.state {
        case .starting(.asking(number), let until):
            switch answer {
            case .held: return self.becomeActive(now)
            case .refused(let holder): return self.standBy(holder, known: nil, now)
            case .failed: self.state = .starting(.there(now + self.configuration.rhythm), until: until)
            }
        case .standingBy(.asking(number), let known):
            switch answer {
            case .held: return self.becomeActive(now)
            case .refused(let holder): return self.standBy(holder, known: known, now)
            case .failed: self.state = .standingBy(.there(now + self.configuration.rhythm), holder: known)
            }
        case .active(.asking(number), let hold):
            switch answer {
            case .held:
                self.state = .active(.there(now + self.configuration.renewal), .ours)
                return .confirmed
            case .refused(let holder):
                self.state = .retiring(askAt: now)
                return .retire(holder)
            case .failed: self.state = .active(.there(now + self.configuration.renewal), hold)
            }
        case .leaving(.asking(number), let hold):
            switch answer {
            case .held:
                self.state = .leaving(.there(now + self.configuration.renewal), .ours)
                return .confirmed
            // What is owed is another's by now.
            case .refused(let holder):
                self.state = .retiring(askAt: nil)
                return .retire(holder)
            case .failed: self.state = .leaving(.there(now + self.configuration.renewal), hold)
            }
        // An answer from a connection that is gone.
        case .starting, .standingBy, .active, .leaving: break
        case .idle, .retiring, .stopped: break
        }
        return .nothing
    }

    private mutating func becomeActive(_ now: NIODeadline) -> AnswerAction {
        self.state = .active(.there(now + self.configuration.renewal), .ours)
        return .start
    }

    private mutating func standBy(_ holder: LeaseHolder, known: String?, _ now: NIODeadline) -> AnswerAction {
        let askAt = now + min(self.configuration.rhythm, holder.remaining + .milliseconds(1))
        self.state = .standingBy(.there(askAt), holder: holder.owner)
        return holder.owner == known ? .nothing : .standBy(holder)
    }

    // MARK: losing it

    /// A pipeline found that another instance writes for its node.
    /// - Returns: whether the pipelines are to be taken down, then `retired`.
    mutating func fenced(now: NIODeadline) -> Bool {
        switch self.state {
        case .active(let link, _):
            switch link {
            case .away: self.state = .retiring(askAt: nil)
            case .there, .asking: self.state = .retiring(askAt: now)
            }
            return true
        case .leaving:
            self.state = .retiring(askAt: nil)
            return true
        case .idle, .starting, .standingBy, .retiring, .stopped: return false
        }
    }

    /// The pipelines are gone: a fresh start waits for the lease.
    mutating func retired(now: NIODeadline) -> Question? {
        switch self.state {
        case .retiring(nil):
            self.state = .standingBy(.away, holder: nil)
            return nil
        case .retiring(let askAt?):
            guard askAt <= now else {
                self.state = .standingBy(.there(askAt), holder: nil)
                return nil
            }
            let question = self.question(.acquire)
            self.state = .standingBy(.asking(question.number), holder: nil)
            return question
        case .idle, .starting, .standingBy, .active, .leaving, .stopped: return nil
        }
    }

    // MARK: time

    enum TickAction: Equatable {
        case ask(Question)
        /// Pipelines are to begin though nobody gave the lease.
        case startWithout
        case nothing
    }

    mutating func ticked(now: NIODeadline) -> TickAction {
        switch self.state {
        case .starting(let link, let until):
            if until <= now {
                self.state = .active(link, .none)
                return .startWithout
            }
            guard case .there(let askAt) = link, askAt <= now else { return .nothing }
            let question = self.question(.acquire)
            self.state = .starting(.asking(question.number), until: until)
            return .ask(question)
        case .standingBy(let link, let holder):
            guard case .there(let askAt) = link, askAt <= now else { return .nothing }
            let question = self.question(.acquire)
            self.state = .standingBy(.asking(question.number), holder: holder)
            return .ask(question)
        case .active(let link, let hold):
            guard case .there(let askAt) = link, askAt <= now else { return .nothing }
            let question = self.question(Self.claim(hold))
            self.state = .active(.asking(question.number), hold)
            return .ask(question)
        case .leaving(let link, let hold):
            guard case .there(let askAt) = link, askAt <= now else { return .nothing }
            let question = self.question(Self.claim(hold))
            self.state = .leaving(.asking(question.number), hold)
            return .ask(question)
        case .idle, .retiring, .stopped: return .nothing
        }
    }
}
