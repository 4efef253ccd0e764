import CallCenter
import CoreMetrics
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

/// How a session's messages reach its desktop: WebSocket frames or server-sent events. Always on the session's event loop.
protocol PushTransport: AnyObject {
    /// Without flushing. While a topic is still being read, a message's cursor is no place to come back to.
    func write(_ message: PushedMessage, isResumable: Bool)
    func write(type: String, cursor: Cursor?, payload: ByteBuffer)
    func flush()
    /// Whether a person's client is behind it that may be a desk, and rings.
    var canBeDesk: Bool { get }
    /// Whether what was written so far is on its way; when it becomes so, the session's `catchUp` is to be called.
    var takesMore: Bool { get }
    /// The desktop does not take what it is sent: send it away.
    func tooSlow()
    /// About once a second.
    func tick(now: NIODeadline)
    /// The service is ending: say so and go.
    func goAway()
    /// Whoever listens may not any more: say why and go.
    func expel(_ reason: Expulsion)
}

/// Why an open session ends before its desktop wants it to.
enum Expulsion: Sendable {
    case expired
    case revoked

    var text: String {
        switch self {
        case .expired: "the token or session has expired"
        case .revoked: "the token or session was revoked"
        }
    }
}

/// One desktop's feed: hello, snapshots, what it missed, then live messages. Lives on one event loop, has no task and no timer of its own.
final class PushSession {
    struct Opening: Sendable, Equatable {
        enum Start: Sendable, Equatable {
            case fresh
            case after(Cursor)
            /// A cursor was given that cannot be read.
            case unreadableCursor
        }

        var agent: String?
        var topics: [Topic]
        var start: Start
        /// Which of the agent's desks it is, if it is one.
        var desk: String?
    }

    let agent: String?
    /// Which of the agent's desks it is now.
    var desk: String?
    let canBeDesk: Bool
    /// As of where in the log the desktop was told which desk rings.
    var deskCursor: Cursor?
    private(set) var identity: Identity
    /// When it ends, by the clock of the event loop.
    private var expiry: NIODeadline?
    /// A revocation may have been missed: Redis is to be asked.
    private var isInDoubt = false
    private let opening: Opening
    let shard: PushShard
    private(set) weak var transport: (any PushTransport)?
    private var feed: Feed
    /// Reads that failed and are tried again with the next ticks.
    private var failed: [Feed.Read] = []
    private var backlog: Backlog
    private var isCatchingUp = false
    private var hasSaidDegraded = false
    private(set) var isOpen = true
    /// Between asking for what was missed and getting it.
    private var isResuming = false
    /// The log was lost meanwhile: what was asked for is of no use.
    private var isResumptionVoid = false
    /// Of the newest message that was looked at, so that one that concerns two topics is looked at once.
    private var stamp: UInt64 = 0

    init(_ opening: Opening, identity: Identity, shard: PushShard, transport: any PushTransport) {
        self.agent = opening.agent
        self.identity = identity
        self.expiry = Self.expiry(identity, now: shard.eventLoop.now)
        self.opening = opening
        self.shard = shard
        self.transport = transport
        self.canBeDesk = transport.canBeDesk
        self.feed = Feed(topicLimit: shard.limits.topics)
        self.backlog = Backlog(liveLimit: shard.limits.owedBytes)
    }

    // MARK: opening and ending

    func open() {
        self.shard.add(self)
        // Between its authentication and here it was in nobody's list.
        guard !self.shard.authenticator.isRevoked(self.identity) else { return self.expel(.revoked) }
        let topics = self.opening.topics
        switch self.opening.start {
        case .fresh:
            self.hello(recovered: true, cursor: self.shard.source.end)
            if topics.isEmpty { self.write(SnapshotReader.empty(self.shard.source.end)) }
            // No more than there may be: more are refused before a session begins.
            for topic in topics { _ = self.subscribe(topic) }
        case .unreadableCursor:
            self.feed.awaitResumption(topics: topics)
            for topic in topics { self.shard.index(self, topic) }
            self.resumed(.gap)
        case .after(let cursor):
            self.feed.awaitResumption(topics: topics)
            for topic in topics { self.shard.index(self, topic) }
            self.isResuming = true
            let reference = NIOLoopBound(self, eventLoop: self.shard.eventLoop)
            let eventLoop = self.shard.eventLoop
            let source = self.shard.source
            let limit = self.shard.limits.resumeEntries
            let isAccepted = self.shard.jobs.submit {
                let resumption = await source.resume(after: cursor, limit: limit)
                eventLoop.execute { reference.value.resumed(resumption) }
            }
            if !isAccepted { self.resumed(.gap) }
        }
    }

    /// - Parameter isFinal: Whether the desktop said that it will not come back.
    func close(isFinal: Bool = false) {
        guard self.isOpen else { return }
        self.isOpen = false
        self.leaveDesk(isFinal: isFinal)
        self.backlog.removeAll()
        self.shard.remove(self, topics: self.feed.subscriptions.map(\.topic))
    }

    // MARK: who it is

    /// False when it is somebody else, or the same with other rights.
    func renew(_ identity: Identity) -> Bool {
        let (before, after) = (self.identity.principal, identity.principal)
        guard before.role == after.role, before.agent == after.agent else { return false }
        self.identity = identity
        self.expiry = Self.expiry(identity, now: self.shard.eventLoop.now)
        if self.shard.authenticator.isRevoked(identity) { self.expel(.revoked) }
        return true
    }

    func revoked(_ credential: String) {
        if self.isOpen, self.identity.isRevoked(by: credential) { self.expel(.revoked) }
    }

    private func expel(_ reason: Expulsion) {
        self.transport?.expel(reason)
    }

    private static func expiry(_ identity: Identity, now: NIODeadline) -> NIODeadline? {
        identity.principal.expiresAt.map { end in
            // More than a year is for ever as connections go, and would overflow one day.
            let left = min(max(0, end.microseconds - WallClock.now().microseconds), 366 * 24 * 3600 * 1_000_000)
            return now + .microseconds(left)
        }
    }

    /// Asks Redis, and again with the next tick while it is away.
    private func resolveDoubt() {
        self.isInDoubt = false
        let asked = self.identity
        self.shard.authenticator.isStillGood(asked, on: self.shard.eventLoop).assumeIsolated().whenComplete { [weak self] result in
            guard let self, self.isOpen, self.identity == asked else { return }
            switch result {
            case .success(true): break
            case .success(false): self.expel(.revoked)
            case .failure: self.isInDoubt = true
            }
        }
    }

    // MARK: the desktop's wishes

    /// False when it has too many topics.
    func subscribe(_ topic: Topic) -> Bool {
        switch self.feed.subscribe(topic) {
        case .read(let read):
            self.shard.index(self, topic)
            self.read(read)
            return true
        case .wait:
            self.shard.index(self, topic)
            return true
        case .tooMany:
            return false
        }
    }

    func unsubscribe(_ topic: Topic) {
        self.feed.unsubscribe(topic)
        self.shard.unindex(self, topic)
    }

    // MARK: what comes

    /// True when something was written and must be flushed.
    func receive(_ message: PushedMessage, stamp: UInt64) -> Bool {
        guard self.isOpen, self.stamp != stamp else { return false }
        self.stamp = stamp
        guard AccessTable.shows(self.identity.principal, message.audience), self.hears(message.audience) else { return false }
        switch self.feed.receive(message) {
        case .send:
            HTTPMetrics.pushed.increment()
            if message.audience.subject == .desk { self.knowsDesk(asOf: message.cursor) }
            let isResumable = !self.feed.isReading
            guard self.backlog.isEmpty else {
                if !self.backlog.appendLive(message, isResumable: isResumable) { self.transport?.tooSlow() }
                return false
            }
            self.transport?.write(message, isResumable: isResumable)
            return true
        case .hold, .skip:
            return false
        }
    }

    /// The log was lost or rewritten.
    func reset() {
        guard self.isOpen else { return }
        self.isInDoubt = true
        self.failed = []
        guard !self.isResuming else {
            self.isResumptionVoid = true
            return
        }
        for read in self.feed.restart() { self.read(read) }
    }

    /// Writes of what waits as much as the transport takes.
    func catchUp() {
        // A flush may make the transport ask for more before it returns.
        guard self.isOpen, !self.isCatchingUp else { return }
        self.isCatchingUp = true
        defer { self.isCatchingUp = false }
        while !self.backlog.isEmpty, let transport = self.transport, transport.takesMore {
            while transport.takesMore, let item = self.backlog.popFirst() {
                switch item {
                case .snapshot(let snapshot, let isResumable):
                    transport.write(type: "snapshot", cursor: isResumable ? snapshot.cursor : nil, payload: snapshot.payload)
                case .message(let message, let isResumable, _):
                    transport.write(message, isResumable: isResumable)
                }
            }
            transport.flush()
        }
    }

    func flush() {
        self.transport?.flush()
    }

    func tick(now: NIODeadline) {
        let again = self.failed
        self.failed = []
        for read in again { self.read(read) }
        if let expiry = self.expiry, now >= expiry {
            self.expiry = nil
            self.expel(.expired)
        } else if self.isInDoubt {
            self.resolveDoubt()
        }
        self.transport?.tick(now: now)
    }

    func goAway() {
        self.transport?.goAway()
    }

    // MARK: -

    private func hello(recovered: Bool, cursor: Cursor) {
        let payload = JSONWriter.object { object in
            object.member("type", "hello")
            object.member("protocol", 1)
            object.member("agent", self.agent)
            object.member("cursor", cursor.description)
            object.member("recovered", recovered)
            object.member("heartbeatSeconds", Int(self.shard.heartbeat.nanoseconds / 1_000_000_000))
        }
        self.transport?.write(type: "hello", cursor: nil, payload: payload)
        self.transport?.flush()
        // Not before: nothing is said to a desktop before hello.
        if let desk = self.opening.desk, self.desk == nil { self.become(desk) }
    }

    private func write(_ snapshot: SnapshotReader.Snapshot) {
        // A snapshot is a place to come back to only when it is of all that the desktop listens to.
        self.backlog.append(snapshot, isResumable: self.feed.topicCount <= 1)
        self.catchUp()
    }

    private func resumed(_ resumption: Resumption) {
        guard self.isOpen else { return }
        self.isResuming = false
        let resumption = self.isResumptionVoid ? .gap : resumption
        let outcome: Feed.OnResumed
        // Nobody is told of a gap that is none: who names no topic gets all that came after its cursor.
        let all = self.opening.topics.isEmpty
        switch resumption {
        case .complete(let messages, let through):
            let visible = messages.map(PushedMessage.init).filter {
                AccessTable.shows(self.identity.principal, $0.audience) && self.hears($0.audience)
            }
            outcome = self.feed.resumed(visible, through: through, all: all)
        case .gap:
            outcome = self.feed.resumed(nil, through: nil, all: all)
        }
        switch outcome {
        case .deliver(let messages):
            if case .after(let cursor) = self.opening.start { self.hello(recovered: true, cursor: cursor) }
            self.deliver(messages)
        case .read(let reads):
            self.hello(recovered: false, cursor: self.shard.source.end)
            if reads.isEmpty { self.write(SnapshotReader.empty(self.shard.source.end)) }
            for read in reads { self.read(read) }
        }
    }

    private func read(_ read: Feed.Read) {
        // Isolated: the callback runs on this loop and must not need Sendable.
        self.shard.reader.read(read.topic, for: self.identity.principal, withDesk: self.isOwn(read.topic), on: self.shard.eventLoop).assumeIsolated()
            .whenComplete {
                [weak self] result in
                guard let self, self.isOpen else { return }
                switch result {
                case .success(let snapshot): self.snapshotRead(read, snapshot)
                case .failure: self.readFailed(read)
                }
            }
    }

    private func snapshotRead(_ read: Feed.Read, _ snapshot: SnapshotReader.Snapshot) {
        self.hasSaidDegraded = false
        switch self.feed.snapshotRead(read, through: snapshot.cursor) {
        case .deliver(let messages):
            if self.isOwn(snapshot.topic) { self.knowsDesk(asOf: snapshot.cursor) }
            self.write(snapshot)
            self.deliver(messages)
        case .read(let again):
            self.read(again)
        case .ignore:
            break
        }
    }

    private func readFailed(_ read: Feed.Read) {
        guard self.feed.readFailed(read) else { return }
        self.failed.append(read)
        guard !self.hasSaidDegraded else { return }
        self.hasSaidDegraded = true
        let payload = JSONWriter.error(
            CommandError.Code.storeUnavailable.rawValue, "The snapshot cannot be read now; it follows as soon as Redis is back.")
        self.transport?.write(type: "error", cursor: nil, payload: payload)
        self.transport?.flush()
    }

    private func deliver(_ messages: [PushedMessage]) {
        guard !messages.isEmpty else { return }
        self.knowsDesk(asOf: messages.last { $0.audience.subject == .desk }?.cursor)
        for message in messages { self.backlog.append(message, isResumable: !self.feed.isReading) }
        self.catchUp()
    }
}

@available(*, unavailable)
extension PushSession: Sendable {}
