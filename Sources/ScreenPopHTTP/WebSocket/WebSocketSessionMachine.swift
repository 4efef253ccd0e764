import NIOCore

/// The life of one WebSocket after its handshake: who is still there, who sends too much, who does not read, who says goodbye first.
struct WebSocketSessionMachine {
    struct Limits: Sendable {
        var heartbeat: TimeAmount
        var pong: TimeAmount
        var unwritable: TimeAmount
        var owedBytes: Int
        var messagesPerMinute: Int
        /// From our close frame to the peer's.
        var closing: TimeAmount = .seconds(2)
        /// The same for one that does not read: the frame stands behind all that it has not read yet.
        var closingSlow: TimeAmount = .seconds(30)
    }

    private enum State {
        case open(Open)
        /// Our close frame is out, the peer's is awaited.
        case closing(until: NIODeadline)
        case closed
    }

    private struct Open {
        var lastPing: NIODeadline
        /// Until when the peer must be heard of.
        var answerDue: NIODeadline?
        var unwritableSince: NIODeadline?
        var windowStart: NIODeadline
        var windowCount = 0
        /// Bytes of the largest message so far.
        var largest = 0
    }

    private let limits: Limits
    private var state: State

    init(limits: Limits, now: NIODeadline) {
        self.limits = limits
        self.state = .open(Open(lastPing: now, windowStart: now))
    }

    var isOpen: Bool {
        switch self.state {
        case .open: true
        case .closing, .closed: false
        }
    }

    // MARK: from the peer

    /// Any frame at all shows that the peer lives.
    mutating func heard() {
        switch self.state {
        case .open(var open):
            open.answerDue = nil
            self.state = .open(open)
        case .closing, .closed:
            break
        }
    }

    enum OnText: Equatable {
        case handle
        case close(WebSocketCloseCode, String)
        case ignore
    }

    mutating func text(now: NIODeadline) -> OnText {
        switch self.state {
        case .open(var open):
            let isWithin = self.count(&open, now: now)
            self.state = .open(open)
            return isWithin ? .handle : .close(.policyViolation, self.tooMany)
        case .closing, .closed:
            return .ignore
        }
    }

    enum OnPing: Equatable {
        case pong
        case close(WebSocketCloseCode, String)
        case ignore
    }

    mutating func ping(now: NIODeadline) -> OnPing {
        switch self.state {
        case .open(var open):
            let isWithin = self.count(&open, now: now)
            self.state = .open(open)
            return isWithin ? .pong : .close(.policyViolation, self.tooMany)
        case .closing, .closed:
            return .ignore
        }
    }

    enum OnPong: Equatable {
        case close(WebSocketCloseCode, String)
        case ignore
    }

    mutating func pong(now: NIODeadline) -> OnPong {
        switch self.state {
        case .open(var open):
            let isWithin = self.count(&open, now: now)
            self.state = .open(open)
            return isWithin ? .ignore : .close(.policyViolation, self.tooMany)
        case .closing, .closed:
            return .ignore
        }
    }

    /// False when it was one too many: control frames cost as much as messages.
    private func count(_ open: inout Open, now: NIODeadline) -> Bool {
        if now - open.windowStart >= .minutes(1) {
            open.windowStart = now
            open.windowCount = 0
        }
        open.windowCount += 1
        return open.windowCount <= self.limits.messagesPerMinute
    }

    private var tooMany: String { "more than \(self.limits.messagesPerMinute) messages in a minute" }

    enum OnCloseFrame: Equatable {
        /// Send one back, then close the connection.
        case answerAndDisconnect
        case disconnect
        case ignore
    }

    mutating func closeFrame() -> OnCloseFrame {
        switch self.state {
        case .open:
            self.state = .closed
            return .answerAndDisconnect
        case .closing:
            self.state = .closed
            return .disconnect
        case .closed:
            return .ignore
        }
    }

    enum OnEnd: Equatable {
        case disconnect
        case ignore
    }

    /// The peer will send no more.
    mutating func end() -> OnEnd {
        switch self.state {
        case .open, .closing:
            self.state = .closed
            return .disconnect
        case .closed:
            return .ignore
        }
    }

    // MARK: from us

    enum OnClose: Equatable {
        case sendClose
        case ignore
    }

    mutating func close(_ code: WebSocketCloseCode, now: NIODeadline) -> OnClose {
        let until = now + (code == .tryAgainLater ? self.limits.closingSlow : self.limits.closing)
        switch self.state {
        case .open:
            self.state = .closing(until: until)
            return .sendClose
        case .closing(let earlier):
            // The end of the service does not wait for those who do not read.
            self.state = .closing(until: min(earlier, until))
            return .ignore
        case .closed:
            return .ignore
        }
    }

    enum OnWrite: Equatable {
        case write
        case close(WebSocketCloseCode, String)
        case drop
    }

    /// - Parameters:
    ///   - bytes: Of the frame that is to be written.
    ///   - owed: Bytes written and not yet taken by the socket; 0 when it is writable. One large message, as the snapshot of a large site, is no
    ///     sign of a slow peer, so the largest one is allowed on top of the limit.
    mutating func write(_ bytes: Int, isWritable: Bool, owed: Int, now: NIODeadline) -> OnWrite {
        switch self.state {
        case .open(var open):
            let limit = self.limits.owedBytes + open.largest
            open.largest = max(open.largest, bytes)
            if isWritable {
                open.unwritableSince = nil
                self.state = .open(open)
                return .write
            }
            guard owed <= limit else { return .close(.tryAgainLater, Self.slow) }
            open.unwritableSince = open.unwritableSince ?? now
            self.state = .open(open)
            return .write
        case .closing, .closed:
            return .drop
        }
    }

    enum OnTick: Equatable {
        case ping
        case close(WebSocketCloseCode, String)
        /// The peer did not answer our close frame, or nothing at all for too long.
        case disconnect
        case ignore
    }

    mutating func tick(isWritable: Bool, now: NIODeadline) -> OnTick {
        switch self.state {
        case .open(var open):
            if let due = open.answerDue, now >= due {
                self.state = .closed
                return .disconnect
            }
            if isWritable {
                open.unwritableSince = nil
            } else {
                let since = open.unwritableSince ?? now
                guard now - since < self.limits.unwritable else { return .close(.tryAgainLater, Self.slow) }
                open.unwritableSince = since
            }
            guard now - open.lastPing >= self.limits.heartbeat else {
                self.state = .open(open)
                return .ignore
            }
            open.lastPing = now
            // An older ping still waits for its answer.
            open.answerDue = open.answerDue ?? now + self.limits.pong
            self.state = .open(open)
            return .ping
        case .closing(let until):
            guard now >= until else { return .ignore }
            self.state = .closed
            return .disconnect
        case .closed:
            return .ignore
        }
    }

    static let slow = "too slow: come back with ?since=CURSOR to get what you missed"
}
