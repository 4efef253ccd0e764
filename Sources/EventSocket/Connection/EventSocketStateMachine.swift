import DequeModule
import NIOCore

/// What an event socket does next: frames and wishes in, actions out. No channel, no clock, no task.
///
/// `Waiter` is whoever waits for an answer; the machine hands each one back exactly once.
package struct EventSocketStateMachine<Waiter> {
    private enum State {
        case connecting
        case awaitingAuthRequest
        case authenticating
        case ready(Ready)
        /// We close: `exit` was said, or there is nothing more to say.
        case closing(EventSocketError, wasLoggedIn: Bool)
        case closed
    }

    private struct Ready {
        var inFlight: Pending?
        var waiting: Deque<Pending> = []
        var jobs: [String: Waiter] = [:]
        var jobSubscription = JobSubscription.none

        mutating func takeAll() -> [Waiter] {
            let waiters = ([self.inFlight].compactMap { $0 } + self.waiting).compactMap(\.waiter) + self.jobs.values
            self = Ready()
            return waiters
        }
    }

    private struct Pending {
        var command: Command
        /// `nil` for our own subscription to jobs, and for a job in flight, whose waiter is in `jobs`.
        var waiter: Waiter?
        var isJobSubscription = false
    }

    /// `BACKGROUND_JOB` events are asked for before the first job.
    private enum JobSubscription: Equatable {
        case none, asked, subscribed
        case refused(String)
    }

    /// Commands that may wait, the one in flight not counted.
    private let maximumQueuedCommands: Int
    private let login: Command
    private var state = State.connecting

    package init(login: Command, maximumQueuedCommands: Int) {
        self.login = login
        self.maximumQueuedCommands = maximumQueuedCommands
    }

    // MARK: Connecting

    package enum OnConnected: Equatable {
        case awaitAuthRequest
        case ignore
    }

    package mutating func connected() -> OnConnected {
        switch self.state {
        case .connecting:
            self.state = .awaitingAuthRequest
            return .awaitAuthRequest
        case .awaitingAuthRequest, .authenticating, .ready, .closing, .closed:
            return .ignore
        }
    }

    // MARK: Frames

    package enum OnFrame {
        /// Send the command; its deadline begins.
        case send(Command)
        case loggedIn
        /// Hand the answer over, then send the next command if there is one.
        case answered(Answered, next: Command?)
        /// The event is for the sink; if it is the result of a job of ours, its waiter gets it too.
        case event(Event, job: JobResult?)
        case log(level: Int, text: String)
        /// Close the channel, and fail these.
        case close(EventSocketError, failing: [Waiter])
        /// FreeSWITCH said good-bye after we did.
        case finishClosing
        case ignore
    }

    package struct Answered {
        package var outcomes: [(waiter: Waiter, result: Result<String, EventSocketError>)] = []
        /// The job FreeSWITCH has taken on, whose deadline begins now.
        package var startedJob: String?
    }

    package struct JobResult {
        package var uuid: String
        package var waiter: Waiter
        package var result: String
    }

    package mutating func received(_ frame: Frame) -> OnFrame {
        switch self.state {
        case .connecting, .closed:
            return .ignore
        case .awaitingAuthRequest:
            return self.receivedBeforeLogin(frame)
        case .authenticating:
            return self.receivedDuringLogin(frame)
        case .ready(var ready):
            // The payload lives in one place only while it is changed.
            self.state = .closed
            let action = self.receivedWhenReady(frame, &ready)
            if case .close(let error, _) = action {
                self.state = .closing(error, wasLoggedIn: true)
            } else {
                self.state = .ready(ready)
            }
            return action
        case .closing:
            return frame.isFarewell ? .finishClosing : .ignore
        }
    }

    private mutating func receivedBeforeLogin(_ frame: Frame) -> OnFrame {
        switch frame {
        case .authRequest:
            self.state = .authenticating
            return .send(self.login)
        case .rudeRejection(let text): return self.close(.accessDenied(text.trimmed))
        case .disconnectNotice(let text): return self.close(.closed(text.trimmed))
        case .commandReply, .apiResponse, .event, .log, .unknown: return self.close(.protocolViolation("no auth/request at the start"))
        }
    }

    private mutating func receivedDuringLogin(_ frame: Frame) -> OnFrame {
        switch frame {
        case .commandReply(let reply):
            guard reply.isOK else { return self.close(.authenticationRefused(reply.text)) }
            self.state = .ready(Ready())
            return .loggedIn
        case .rudeRejection(let text): return self.close(.accessDenied(text.trimmed))
        case .disconnectNotice(let text): return self.close(.closed(text.trimmed))
        case .authRequest, .apiResponse, .event, .log, .unknown: return self.close(.protocolViolation("no reply to the log-in"))
        }
    }

    private mutating func close(_ error: EventSocketError) -> OnFrame {
        self.state = .closing(error, wasLoggedIn: false)
        return .close(error, failing: [])
    }

    private func receivedWhenReady(_ frame: Frame, _ ready: inout Ready) -> OnFrame {
        switch frame {
        case .event(let event):
            return .event(event, job: Self.jobResult(of: event, &ready))
        case .log(let level, let text):
            return .log(level: level, text: text)
        case .unknown:
            return .ignore
        case .disconnectNotice(let text):
            return .close(.closed(text.trimmed), failing: ready.takeAll())
        case .rudeRejection(let text):
            return .close(.accessDenied(text.trimmed), failing: ready.takeAll())
        case .authRequest:
            return .close(.protocolViolation("a second auth/request"), failing: ready.takeAll())
        case .apiResponse(let body):
            guard let pending = ready.inFlight, pending.command.answer == .api else {
                return .close(.protocolViolation("an api/response nobody asked for"), failing: ready.takeAll())
            }
            return self.answered(with: .success(String(buffer: body)), &ready)
        case .commandReply(let reply):
            return self.received(reply, &ready)
        }
    }

    private func received(_ reply: Frame.CommandReply, _ ready: inout Ready) -> OnFrame {
        guard let pending = ready.inFlight else {
            return .close(.protocolViolation("a command/reply nobody asked for"), failing: ready.takeAll())
        }
        switch pending.command.answer {
        case .api:
            // A restricted user's refusal comes as command/reply. It is the answer, like an -ERR of the function itself.
            guard !reply.isOK else {
                return .close(.protocolViolation("a command/reply in place of an api/response"), failing: ready.takeAll())
            }
            return self.answered(with: .success(reply.text), &ready)
        case .reply:
            if pending.isJobSubscription { ready.jobSubscription = reply.isOK ? .subscribed : .refused(reply.text) }
            return self.answered(with: reply.isOK ? .success(reply.text) : .failure(.refused(reply.text)), &ready)
        case .job(let uuid):
            guard reply.isOK else {
                var answered = Answered()
                if let waiter = ready.jobs.removeValue(forKey: uuid) { answered.outcomes.append((waiter, .failure(.refused(reply.text)))) }
                return self.sendNext(after: answered, &ready)
            }
            // FreeSWITCH names the job; normally by the name we gave it.
            let named = reply.jobUUID ?? uuid
            if named != uuid, ready.jobs[named] == nil, let waiter = ready.jobs.removeValue(forKey: uuid) { ready.jobs[named] = waiter }
            return self.sendNext(after: Answered(startedJob: ready.jobs[named] == nil ? nil : named), &ready)
        }
    }

    private func answered(with result: Result<String, EventSocketError>, _ ready: inout Ready) -> OnFrame {
        var answered = Answered()
        if let waiter = ready.inFlight?.waiter { answered.outcomes.append((waiter, result)) }
        return self.sendNext(after: answered, &ready)
    }

    private func sendNext(after answered: Answered, _ ready: inout Ready) -> OnFrame {
        var answered = answered
        ready.inFlight = nil
        while let next = ready.waiting.popFirst() {
            if let refusal = Self.begin(next, &ready) {
                answered.outcomes.append(refusal)
            } else {
                return .answered(answered, next: next.command)
            }
        }
        // A later job asks again.
        if case .refused = ready.jobSubscription { ready.jobSubscription = .none }
        return .answered(answered, next: nil)
    }

    /// Puts a command in flight. A job whose events were refused is not begun: its waiter is handed back.
    private static func begin(_ pending: Pending, _ ready: inout Ready) -> (waiter: Waiter, result: Result<String, EventSocketError>)? {
        var pending = pending
        if case .job(let uuid) = pending.command.answer, let waiter = pending.waiter.take() {
            if case .refused(let text) = ready.jobSubscription { return (waiter, .failure(.refused(text))) }
            ready.jobs[uuid] = waiter
        }
        ready.inFlight = pending
        return nil
    }

    private static func jobResult(of event: Event, _ ready: inout Ready) -> JobResult? {
        guard !ready.jobs.isEmpty, event.isNamed("BACKGROUND_JOB"), let uuid = event.value("Job-UUID"),
            let waiter = ready.jobs.removeValue(forKey: uuid)
        else { return nil }
        return JobResult(uuid: uuid, waiter: waiter, result: event.body.map { String(buffer: $0) } ?? "")
    }

    // MARK: Commands

    package enum OnSubmit {
        case send(Command)
        case wait
        case refuse(Waiter, EventSocketError)
    }

    package mutating func submit(_ command: Command, _ waiter: Waiter) -> OnSubmit {
        switch self.state {
        case .connecting, .awaitingAuthRequest, .authenticating:
            return .refuse(waiter, .closed("not logged in yet"))
        case .ready(var ready):
            self.state = .closed
            defer { self.state = .ready(ready) }
            return self.submit(command, waiter, &ready)
        case .closing(let error, _):
            return .refuse(waiter, .closed(error.reason))
        case .closed:
            return .refuse(waiter, .closed("the connection is closed"))
        }
    }

    private func submit(_ command: Command, _ waiter: Waiter, _ ready: inout Ready) -> OnSubmit {
        if case .job = command.answer, ready.jobSubscription == .none, let subscribe = try? Command.subscribe(events: ["BACKGROUND_JOB"], custom: [])
        {
            guard ready.waiting.count + 1 < self.maximumQueuedCommands else { return .refuse(waiter, Self.queueIsFull) }
            ready.jobSubscription = .asked
            let subscription = Pending(command: subscribe, waiter: nil, isJobSubscription: true)
            guard ready.inFlight == nil else {
                ready.waiting.append(subscription)
                ready.waiting.append(Pending(command: command, waiter: waiter))
                return .wait
            }
            ready.inFlight = subscription
            ready.waiting.append(Pending(command: command, waiter: waiter))
            return .send(subscribe)
        }
        guard ready.inFlight == nil else {
            guard ready.waiting.count < self.maximumQueuedCommands else { return .refuse(waiter, Self.queueIsFull) }
            ready.waiting.append(Pending(command: command, waiter: waiter))
            return .wait
        }
        if let refusal = Self.begin(Pending(command: command, waiter: waiter), &ready) {
            return .refuse(refusal.waiter, .closed("the job's events were refused"))
        }
        return .send(command)
    }

    private static var queueIsFull: EventSocketError { .refused("too many commands wait already") }

    // MARK: Deadlines

    package enum OnDeadline {
        case close(EventSocketError, failing: [Waiter])
        case finishClosing
        case ignore
    }

    /// The time for the log-in, for the reply to the command in flight, or for the peer's good-bye is over.
    package mutating func deadlinePassed() -> OnDeadline {
        switch self.state {
        case .connecting, .closed:
            return .ignore
        case .awaitingAuthRequest:
            return self.timedOut("no auth/request came", wasLoggedIn: false, failing: [])
        case .authenticating:
            return self.timedOut("no whole reply to the log-in came", wasLoggedIn: false, failing: [])
        case .ready(var ready):
            guard let pending = ready.inFlight else { return .ignore }
            return self.timedOut("no reply to \(pending.command.label) came", wasLoggedIn: true, failing: ready.takeAll())
        case .closing:
            return .finishClosing
        }
    }

    private mutating func timedOut(_ text: String, wasLoggedIn: Bool, failing waiters: [Waiter]) -> OnDeadline {
        self.state = .closing(.timedOut(text), wasLoggedIn: wasLoggedIn)
        return .close(.timedOut(text), failing: waiters)
    }

    /// A job's time is over. Its result may still come, under its own name, so nothing is closed.
    package mutating func jobDeadlinePassed(_ uuid: String) -> Waiter? {
        switch self.state {
        case .ready(var ready):
            self.state = .closed
            defer { self.state = .ready(ready) }
            return ready.jobs.removeValue(forKey: uuid)
        case .connecting, .awaitingAuthRequest, .authenticating, .closing, .closed:
            return nil
        }
    }

    // MARK: Closing

    package enum OnClose {
        /// Say `exit`, then wait for the peer's good-bye, not long.
        case sayExit(Command, failing: [Waiter])
        case close
        case ignore
    }

    /// Our side wants to go.
    package mutating func close() -> OnClose {
        switch self.state {
        case .connecting, .awaitingAuthRequest, .authenticating:
            self.state = .closing(Self.closedByUs, wasLoggedIn: false)
            return .close
        case .ready(var ready):
            self.state = .closing(Self.closedByUs, wasLoggedIn: true)
            return .sayExit(.exit, failing: ready.takeAll())
        case .closing, .closed:
            return .ignore
        }
    }

    private static var closedByUs: EventSocketError { .closed("closed by us") }

    package enum OnDisconnected {
        /// The error is the last delivery.
        case closed(EventSocketError, wasLoggedIn: Bool, failing: [Waiter])
        case ignore
    }

    /// The channel is gone, or broken beyond use: `error` is what it said, if it said anything.
    package mutating func disconnected(_ error: EventSocketError? = nil) -> OnDisconnected {
        switch self.state {
        case .connecting, .awaitingAuthRequest, .authenticating:
            self.state = .closed
            return .closed(error ?? .closed("FreeSWITCH closed the connection before the log-in"), wasLoggedIn: false, failing: [])
        case .ready(var ready):
            self.state = .closed
            return .closed(error ?? .closed("FreeSWITCH closed the connection"), wasLoggedIn: true, failing: ready.takeAll())
        case .closing(let error, let wasLoggedIn):
            self.state = .closed
            return .closed(error, wasLoggedIn: wasLoggedIn, failing: [])
        case .closed:
            return .ignore
        }
    }

    /// A frame that makes no sense, or an error of the channel: close, and guess nothing.
    package mutating func failed(_ error: EventSocketError) -> OnDeadline {
        switch self.state {
        case .connecting, .awaitingAuthRequest, .authenticating:
            self.state = .closing(error, wasLoggedIn: false)
            return .close(error, failing: [])
        case .ready(var ready):
            self.state = .closing(error, wasLoggedIn: true)
            return .close(error, failing: ready.takeAll())
        case .closing:
            return .finishClosing
        case .closed:
            return .ignore
        }
    }
}

extension Frame {
    fileprivate var isFarewell: Bool {
        switch self {
        case .disconnectNotice, .rudeRejection: true
        case .authRequest, .commandReply, .apiResponse, .event, .log, .unknown: false
        }
    }
}

extension Frame.CommandReply {
    fileprivate var isOK: Bool { self.text.hasPrefix("+OK") }
}

extension String {
    /// Without the line feeds at its end; in one line.
    fileprivate var trimmed: String {
        self.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension EventSocketError {
    /// The text without the kind.
    package var reason: String {
        switch self {
        case .invalidURL(let text), .unreachable(let text), .authenticationRefused(let text), .accessDenied(let text), .protocolViolation(let text),
            .timedOut(let text), .closed(let text), .illegalCommand(let text), .refused(let text):
            text
        }
    }
}
