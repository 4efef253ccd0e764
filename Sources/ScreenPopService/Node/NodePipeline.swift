import CallCenter
import CoreMetrics
import EventSocket
import Logging
import NIOCore
import ScreenPop
import ScreenPopStore

/// One node: two connections, the reducer, the outbox, all on one event loop.
///
/// An event goes from the socket through the reducer into the outbox without a hop and without waiting for anybody. Whatever has to wait (making
/// connections, commands, the store) is a `Step`, carried out by a child task of `run`.
actor NodePipeline {
    struct Settings: Sendable {
        var node: String
        /// `HOST:PID`
        var owner: String
        /// What no other process's canaries carry.
        var instance: String
        var attributes: AttributeFilter
        /// Of the page about a caller; `nil`: pops have no link.
        var popURL: PopURLTemplate?
        var machine = NodeStateMachine.Configuration()
        var outbox = Outbox.Configuration()
        /// How often to look for what no event announces; `nil` never looks by itself.
        var reconcileRhythm: TimeAmount? = .seconds(60)
        /// How long to wait at the start for Redis and the pops an earlier process left there.
        var storePatience: TimeAmount = .seconds(2)
        /// How long the outbox may take at the end.
        var stopPatience: TimeAmount = .seconds(5)
        /// How long a phone rings that a command has rung.
        var ringSeconds = DialRules.standard.ringSeconds
        /// Told the node's name whenever a snapshot of it has been taken.
        var wentLive: @Sendable (String) -> Void = { _ in }
    }

    enum Step: Sendable {
        case connect(session: Int)
        case subscribe(session: Int, Connections)
        case sendCanary(session: Int, number: Int, any NodeConnection)
        case takeSnapshot(session: Int, NodeStateMachine.SnapshotRequest, any NodeConnection)
        case close([any NodeConnection])
        case takeOver
        case reconcile
        case carryOutDue
        case telephone(TelephonyCommand, any NodeConnection)
        /// A call that is made: the id of the action it belongs to.
        case job(TelephonyCommand, id: String, any NodeConnection)
    }

    struct Connections: Sendable {
        var events: any NodeConnection
        var commands: any NodeConnection
    }

    nonisolated let eventLoop: any EventLoop
    nonisolated let settings: Settings
    nonisolated let logger: Logger
    nonisolated let connect: NodeConnector
    nonisolated let writer: any NodeWriter
    nonisolated let hub: Hub
    nonisolated let board: NodeBoard
    nonisolated let directory: NodeDirectory
    nonisolated let metrics: NodeMetrics
    nonisolated let classifier: EventClassifier
    // Few are ever waiting: the machine asks for one thing at a time, and canaries wait for one another.
    nonisolated private let steps: AsyncStream<Step>
    nonisolated private let stepsInput: AsyncStream<Step>.Continuation

    var machine: NodeStateMachine
    var outbox: Outbox
    var callActions: CallActions
    /// Commands that wait for the calls to become what they asked for.
    var callWaiters: [Int: CallWaiter] = [:]
    var lastCallWaiter = 0
    var reducer: NodeReducer
    var backoff = ReconnectBackoff()
    /// Open, or being opened: whoever leaves them closes them.
    var open: [any NodeConnection] = []
    var connections: Connections?
    /// Collected since the last flush.
    var changes: [Change] = []
    var eventCount = 0
    var clock = SwitchClock()
    /// What was kept until now, and is carried out one after the other.
    var due: [DeskAction] = []
    var isCarryingOut = false
    /// When what could not be carried out is tried again.
    var remindAt: NIODeadline?
    /// When to look whether an offer that something waits for exists, and when that was looked at last.
    var doubtAt: NIODeadline?
    var doubtedAt: NIODeadline?
    var livePops: [String: Pop] = [:]
    /// How the latest pops ended, for a Redis that lost it.
    var pastPops = PastPops()
    /// Agents and queues of which another node's are shown.
    var sharedAgents: Set<String> = []
    var sharedQueues: Set<String> = []
    var commandConnection = CommandConnection.none
    var lastCommandConnection = 0
    var isBusyWithSlowCommand = false
    /// Open while a slow command is under way: whoever takes it closes it.
    var slowConnection: (any NodeConnection)?
    /// When the lists are to be read next, and when they were read last.
    var reconcileAt: NIODeadline?
    var reconciledAt: NIODeadline?
    /// Whether desktops have been told that the node is there.
    var isAnnounced = false
    var wasAnnounced = false
    var resyncReason: String?
    var lastReason: String?
    var lastMissingCanaries: String?
    var lastTakeOverError: String?

    var redisIsConnected = false
    var isTakingOver = false
    var fence: Int64?
    /// Asked for while a take-over was under way, which may have been answered before what made it necessary.
    var takesOverAgain = false
    /// Whether the pops of an earlier process have been read.
    var isRestored = false
    /// What an earlier process wrote of this node, until a snapshot has been held against it.
    var storedNames: (agents: [String], queues: [String])?
    /// What an earlier process kept of agents, until a reducer begins with it.
    var keptAgents: [AgentRecord] = []
    /// Who waits in Redis, until a reducer that says everything anew begins with it: else nothing would ever remove those who left unseen.
    var keptMembers: [MemberRecord] = []
    /// Pops that are live in Redis and over: until the reducer that says everything anew has told their end.
    var forgottenPops: [Pop] = []
    /// What the last snapshot listed.
    var listedNames: (agents: Set<String>, queues: Set<String>)?
    /// Whether the store lacks what the reducer thinks it has.
    var needsRewrite = false
    /// The last batch of which Redis wrote a part, so that it is said once.
    var lastHalfWritten: Int64?

    private var lastStatus: NodeStatus?
    var takeOverAt: NIODeadline?
    private var startAt: NIODeadline?
    private var stopAt: NIODeadline?
    private var timer: (due: NIODeadline, scheduled: Scheduled<Void>)?
    private var ending = Ending.stopped

    static let fencedLine = "another instance has taken this node over; this one stands by"
    /// Whether commands may go out: the node is known, and no other instance has it.
    var takesCommands: Bool { self.machine.takesCommands && !self.outbox.isFenced }

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.eventLoop.executor.asUnownedSerialExecutor() }

    init(
        settings: Settings, eventLoop: any EventLoop, connect: @escaping NodeConnector, writer: any NodeWriter, hub: Hub, board: NodeBoard,
        directory: NodeDirectory, logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: "node"] = "\(settings.node)"
        self.settings = settings
        self.eventLoop = eventLoop
        self.logger = logger
        self.connect = connect
        self.writer = writer
        self.hub = hub
        self.board = board
        self.directory = directory
        self.metrics = NodeMetrics(node: settings.node)
        self.classifier = EventClassifier(instance: settings.instance)
        (self.steps, self.stepsInput) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(256))
        self.machine = NodeStateMachine(configuration: settings.machine)
        self.callActions = CallActions(ringSeconds: settings.ringSeconds)
        self.outbox = Outbox(node: settings.node, configuration: settings.outbox)
        self.reducer = NodeReducer(node: settings.node, attributes: settings.attributes, popURL: settings.popURL)
    }

    // MARK: life

    enum Ending: Sendable, Equatable {
        case stopped
        /// The node can never be reached; with the line that says why.
        case gaveUp(String)
        /// Another instance has the node.
        case fenced
    }

    /// Runs until `beginShutdown` or `retire`, until it is clear that the node can never be reached, or until another instance has it.
    func run() async -> Ending {
        if self.stopAt == nil { self.startAt = .now() + self.settings.storePatience }
        self.arm()
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await step in self.steps {
                    group.addTask { await self.carryOut(step) }
                }
            }
        } onCancel: {
            self.eventLoop.execute {
                self.assumeIsolated {
                    $0.stop()
                    $0.finish()
                }
            }
        }
        return self.ending
    }

    /// Closes the connections, writes what waits, and lets `run` return. From any thread.
    nonisolated func beginShutdown() {
        self.eventLoop.execute { self.assumeIsolated { $0.stop() } }
    }

    /// Closes the connections and lets `run` return; what waits is another instance's to write. From any thread.
    nonisolated func retire() {
        self.eventLoop.execute {
            self.assumeIsolated { pipeline in
                pipeline.outbox.takenOver()
                pipeline.stop()
                // One that was stopping already may have waited for Redis.
                pipeline.finishIfDone()
            }
        }
    }

    /// Another instance has the node: from here nothing is written any more, and nothing is commanded.
    func endFenced() {
        self.outbox.takenOver()
        if self.ending == .stopped { self.ending = .fenced }
        self.stop()
        self.finishIfDone()
    }

    func yield(_ step: Step) {
        if case .dropped = self.stepsInput.yield(step) {
            self.logger.critical("a step was dropped: the node's pipeline stands still")
        }
    }

    private func carryOut(_ step: Step) async {
        switch step {
        case .connect(let session): await self.openConnections(session: session)
        case .subscribe(let session, let connections): await self.subscribe(session: session, connections)
        case .sendCanary(let session, let number, let commands): await self.sendCanary(session: session, number: number, on: commands)
        case .takeSnapshot(let session, let request, let commands): await self.takeSnapshot(session: session, request, on: commands)
        case .close(let connections): for connection in connections { await connection.close() }
        case .takeOver: await self.takeOver()
        case .reconcile: await self.reconcileByItself()
        case .carryOutDue: await self.carryOutDue()
        case .telephone(let command, let commands): await self.telephone(command, on: commands)
        case .job(let command, let id, let commands): await self.runJob(command, id: id, on: commands)
        }
    }

    private func stop() {
        guard self.stopAt == nil else { return }
        self.startAt = nil
        self.reconcileAt = nil
        self.loseCallActions()
        switch self.machine.stop() {
        case .disconnect, .finish: self.closeConnections()
        }
        self.flush()
        self.endWhenWritten()
    }

    /// From now on nothing new comes; what waits is still written.
    func endWhenWritten() {
        if self.stopAt == nil { self.stopAt = .now() + self.settings.stopPatience }
        self.finishIfDone()
        self.arm()
    }

    func giveUp(_ line: String) {
        self.ending = .gaveUp(line)
        self.logger.error("the node is given up", metadata: ["reason": "\(line)"])
        self.flush()
        self.endWhenWritten()
    }

    func finishIfDone() {
        guard let stopAt = self.stopAt else { return }
        if self.outbox.isEmpty || self.outbox.isFenced {
            self.finish()
        } else if stopAt <= .now() {
            self.logger.warning("stopped before Redis took everything", metadata: ["changes": "\(self.outbox.depth)"])
            self.finish()
        }
    }

    private func finish() {
        self.endCallWaiters()
        self.publishStatus()
        self.metrics.outboxDepth.record(self.outbox.depth)
        self.timer?.scheduled.cancel()
        self.timer = nil
        self.stepsInput.finish()
    }

    /// Starts connecting, once what an earlier process left has been read or waited for in vain.
    func begin() {
        self.startAt = nil
        switch self.machine.start() {
        case .connect(let session): self.yield(.connect(session: session))
        case .ignore: break
        }
        self.publishStatus()
    }

    // MARK: time

    /// After something was due and is due still, when to look again: soon, but other things come first.
    private static let patienceWithLate = TimeAmount.milliseconds(10)

    /// One timer for the next deadline of all; it may fire early and looks again.
    /// - Parameter fired: when the timer fired, if that is why: whatever was due then and is due still did not care.
    func arm(after fired: NIODeadline? = nil) {
        var next: NIODeadline?
        func consider(_ deadline: NIODeadline?) {
            if let deadline { next = next.map { min($0, deadline) } ?? deadline }
        }
        consider(self.machine.deadline)
        consider(self.outbox.deadline)
        consider(self.stopAt == nil ? self.wrapUpDeadline : nil)
        consider(self.startAt)
        consider(self.takeOverAt)
        consider(self.reconcileAt)
        if self.stopAt == nil {
            self.watchDoubts()
            consider(self.remindAt)
            consider(self.doubtAt)
        }
        consider(self.stopAt)
        consider(self.callActions.deadline)
        guard let due = next.map({ Self.due($0, after: fired) }) else { return }
        if let timer = self.timer {
            if timer.due <= due { return }
            timer.scheduled.cancel()
        }
        let scheduled = self.eventLoop.scheduleTask(deadline: due) { self.assumeIsolated { $0.fired() } }
        self.timer = (due, scheduled)
    }

    static func due(_ deadline: NIODeadline, after fired: NIODeadline?) -> NIODeadline {
        guard let fired, deadline <= fired else { return deadline }
        return fired + Self.patienceWithLate
    }

    private func fired() {
        self.timer = nil
        let now = NIODeadline.now()
        if let startAt = self.startAt, startAt <= now {
            self.logger.notice("Redis is not there yet; the node is read without it")
            self.begin()
        }
        if let takeOverAt = self.takeOverAt, takeOverAt <= now {
            self.takeOverAt = nil
            self.yield(.takeOver)
        }
        if self.stopAt == nil {
            self.tick(now)
            self.reconcileIfNeeded(now)
            self.endWrapUps(now)
            self.remindIfNeeded(now)
            self.doubtIfNeeded(now)
        }
        self.tickCallActions(now)
        self.show(self.outbox.ticked(now: now))
        self.pump()
        self.rewriteIfOwed()
        self.finishIfDone()
        self.publishStatus()
        if self.stopAt.map({ $0 > now }) ?? true { self.arm(after: now) }
    }

    func publishStatus() {
        var status = self.machine.status
        // Followed, but nobody can read of it: not ready.
        if let problem = self.writingProblem, case .live = status { status = .connecting(problem) }
        if self.outbox.isFenced { status = .failed(Self.fencedLine) }
        guard status != self.lastStatus else { return }
        self.lastStatus = status
        self.board.set(status, node: self.settings.node)
    }
}
