package import OrderedCollections

/// The state of a simulated FreeSWITCH with mod_callcenter: time and stimuli in, events out. No I/O, no clock.
///
/// Every mutating entry point first sets `now`; events pile up in `events` until somebody takes them; `nextDeadline` says when
/// `advance(to:)` wants to be called next.
package struct SimulatedSwitch: Sendable {
    package struct Configuration: Sendable {
        package var queues = SimulatedQueue.recorded
        package var agents: [SimulatedAgent] = []
        package var tiers: [SimulatedTier] = []
        /// Extension to queue: what the dialplan does.
        package var queueExtensions: OrderedDictionary<String, String> = ["7000": "support@default", "7001": "sales@default"]
        /// Variables the dialplan sets at an extension.
        package var extensionVariables: [String: OrderedDictionary<String, String>] = ["7001": ["ivr_choice": "sales"]]
        package var menuExtension = "5000"
        /// Digit to extension and to the value of the variable `ivr_choice`.
        package var menu: OrderedDictionary<String, MenuChoice> = [
            "1": MenuChoice(extension: "7001", choice: "sales"), "2": MenuChoice(extension: "7000", choice: "support"),
            "3": MenuChoice(extension: "7000", choice: "billing"),
        ]
        /// Variables of the caller that the agent's leg gets (`cc_export_vars`).
        package var exportedVariables = ["ivr_choice", "crm_id"]
        /// Seconds a direct call rings.
        package var directCallTimeout = 30
        /// Extensions that are phones but no agent's. Numbers of seven digits and more lead outside.
        package var deskPhones: Set<String> = ["2000", "2001"]
        /// What is slow, or goes wrong.
        package var faults: [SwitchFault] = []
        package var seed: UInt64 = 1

        package init() {}
    }

    package struct MenuChoice: Sendable {
        package var `extension`: String
        package var choice: String

        package init(extension: String, choice: String) {
            self.extension = `extension`
            self.choice = choice
        }
    }

    /// What an agent's phone does when it is called.
    package enum Phone: String, Sendable, Hashable, CaseIterable {
        /// It rings until somebody answers, rejects, or the offer ends.
        case rings
        /// It rings for a fifth of a second and is picked up.
        case answers
        case rejects
        case isBusy = "busy"
        case isUnregistered = "unregistered"
    }

    enum Timer: Sendable, Equatable {
        case dispatch
        case offerTimeout(leg: String)
        case directTimeout(leg: String)
        case membersCount(queue: String)
        case bridge(member: String)
        case endAgentLeg(member: String)
        case endQueueCall(member: String)
        case answerDirectCaller(caller: String)
        case destroy(channel: String)
        case discardMember(String)
        case command(ticket: Int)
        case originateTimeout(leg: String)
        case pickUp(leg: String)
        case uuidBridge(a: String, b: String)
        case endEavesdropping(leg: String)
        case consultation(agentLeg: String, Consultation.Step)
        case heartbeat
    }

    package internal(set) var configuration: Configuration
    package internal(set) var coreUUID: String
    package internal(set) var now: Int64
    package internal(set) var startedAt: Int64
    package internal(set) var agents: OrderedDictionary<String, SimulatedAgent> = [:]
    package internal(set) var tiers: [SimulatedTier] = []
    package internal(set) var queues: OrderedDictionary<String, SimulatedQueue> = [:]
    /// By agent, or by the number of a phone that is no agent's.
    package internal(set) var phones: [String: Phone] = [:]
    package internal(set) var faults: [SwitchFault]
    /// Whom queues are asked of before the file; `nil`: nobody.
    package internal(set) var configurationServer: ConfigurationServer?
    /// Whether mod_callcenter is loaded.
    package internal(set) var isCallCenterLoaded = true
    var members: OrderedDictionary<String, SimulatedMember> = [:]
    var offers: OrderedDictionary<String, SimulatedOffer> = [:]
    var channels: OrderedDictionary<String, CallLeg> = [:]
    /// Leg to caller of calls without a queue.
    var directCalls: OrderedDictionary<String, String> = [:]
    /// Legs that `originate` has made and nobody has answered yet.
    var originates: OrderedDictionary<String, PendingOriginate> = [:]
    /// By the agent's leg.
    var consultations: OrderedDictionary<String, Consultation> = [:]
    /// Who listens, to the leg that is listened to.
    var eavesdroppers: OrderedDictionary<String, String> = [:]
    var commands = CommandQueue()
    var events: [SwitchEvent] = []
    var random: SwitchRandom
    private var sequence = 440
    private var sessions = 0
    private var sessionPeak = 0
    private var timers: [(due: Int64, timer: Timer)] = []

    /// - Parameter now: microseconds since 1970.
    package init(configuration: Configuration, now: Int64) {
        self.configuration = configuration
        self.now = now
        self.startedAt = now
        self.faults = configuration.faults
        self.random = SwitchRandom(seed: configuration.seed)
        self.coreUUID = self.random.uuid()
        for queue in configuration.queues { self.queues[queue.name] = queue }
        for agent in configuration.agents { self.agents[agent.name] = agent }
        self.tiers = configuration.tiers
        self.schedule(.heartbeat, after: 20_000_000)
    }

    /// What happened since the last time somebody asked, in order.
    package mutating func takeEvents() -> [SwitchEvent] {
        defer { self.events = [] }
        return self.events
    }

    /// When something is due next, in microseconds since 1970.
    package var nextDeadline: Int64? { self.timers.first?.due }

    /// Lets time pass, doing what falls due on the way at its own moment.
    package mutating func advance(to time: Int64) {
        while let first = self.timers.first, first.due <= time {
            self.timers.removeFirst()
            self.now = max(self.now, first.due)
            self.fire(first.timer)
        }
        self.now = max(self.now, time)
    }

    /// The switch is stopped and started again: another Core-UUID, no calls, all states reset; agents and tiers survive in the database.
    package mutating func restart() {
        self.coreUUID = self.random.uuid()
        self.startedAt = self.now
        self.sequence = 440
        self.sessions = 0
        self.sessionPeak = 0
        self.members = [:]
        self.offers = [:]
        self.channels = [:]
        self.directCalls = [:]
        self.originates = [:]
        self.consultations = [:]
        self.eavesdroppers = [:]
        self.commands = CommandQueue()
        self.isCallCenterLoaded = true
        self.events = []
        self.timers = []
        for name in self.agents.keys {
            self.agents[name]?.state = "Waiting"
            self.agents[name]?.uuid = ""
        }
        for index in self.tiers.indices { self.tiers[index].state = "Ready" }
        // As the file has them: what was loaded or unloaded since is not remembered.
        self.queues = [:]
        for queue in self.configuration.queues { self.queues[queue.name] = queue }
        self.schedule(.heartbeat, after: 20_000_000)
    }

    /// The events a switch sends when it is shut down in good order.
    package mutating func announceShutdown() {
        self.emit("SHUTDOWN", .shutdown, ["Event-Info": "System Shutting Down"])
    }

    mutating func schedule(_ timer: Timer, after microseconds: Int64) {
        let due = self.now + microseconds
        let index = self.timers.firstIndex { $0.due > due } ?? self.timers.endIndex
        self.timers.insert((due, timer), at: index)
    }

    func isScheduled(_ timer: Timer) -> Bool { self.timers.contains { $0.timer == timer } }

    mutating func cancel(_ timer: Timer) { self.timers.removeAll { $0.timer == timer } }

    mutating func nextSession() -> Int {
        self.sessions += 1
        self.sessionPeak = max(self.sessionPeak, self.channels.count + 1)
        return self.sessions
    }

    private mutating func fire(_ timer: Timer) {
        switch timer {
        case .dispatch: self.dispatch()
        case .offerTimeout(let leg): self.endOffer(leg, cause: "ALLOTTED_TIMEOUT", disposition: .cancelled)
        case .directTimeout(let leg): self.failDirectCall(leg, cause: "NO_ANSWER", disposition: .cancelled)
        case .membersCount(let queue): self.emitMembersCount(queue)
        case .bridge(let member): self.bridge(member: member)
        case .endAgentLeg(let member): self.endAgentLeg(of: member)
        case .endQueueCall(let member): self.endQueueCall(member)
        case .answerDirectCaller(let caller): self.answerDirectCaller(caller)
        case .destroy(let channel): self.destroy(channel)
        case .discardMember(let member): self.members[member] = nil
        case .command(let ticket): self.runDelayed(ticket)
        case .originateTimeout(let leg): self.failOriginate(leg, cause: "NO_ANSWER", disposition: .cancelled)
        case .pickUp(let leg): self.pickUp(leg)
        case .uuidBridge(let a, let b): self.completeUUIDBridge(a, b)
        case .endEavesdropping(let leg): self.hangUpAlone(leg, cause: "NORMAL_CLEARING", disposition: .sentBye)
        case .consultation(let leg, let step): self.goOn(leg, step)
        case .heartbeat:
            self.schedule(.heartbeat, after: 20_000_000)
            self.heartbeat()
        }
    }
}

extension SimulatedSwitch {
    /// The headers that every event begins with.
    mutating func baseHeaders(_ name: String, subclass: String? = nil, _ source: EventSource) -> SwitchEvent {
        self.sequence += 1
        var event = SwitchEvent(name: name, subclass: subclass)
        if let subclass { event.append("Event-Subclass", subclass) }
        event.append("Event-Name", name)
        self.appendOrigin(to: &event, source)
        return event
    }

    /// From `Core-UUID` to `Event-Sequence`.
    func appendOrigin(to event: inout SwitchEvent, _ source: EventSource) {
        event.append([
            "Core-UUID": self.coreUUID, "FreeSWITCH-Hostname": "vm", "FreeSWITCH-Switchname": "vm", "FreeSWITCH-IPv4": "192.0.2.2",
            "FreeSWITCH-IPv6": "fd00::2", "Event-Date-Local": SwitchTime.local(self.now), "Event-Date-GMT": SwitchTime.gmt(self.now),
            "Event-Date-Timestamp": String(self.now), "Event-Calling-File": source.file, "Event-Calling-Function": source.function,
            "Event-Calling-Line-Number": String(source.line), "Event-Sequence": String(self.sequence),
        ])
    }

    mutating func emit(_ name: String, _ source: EventSource, _ headers: KeyValuePairs<String, String>) {
        var event = self.baseHeaders(name, source)
        event.append(headers)
        self.events.append(event)
    }

    /// An event of mod_callcenter; with a channel, its headers and variables come first, as FreeSWITCH does it.
    mutating func emitCallCenter(_ source: EventSource, channel: String? = nil, _ headers: KeyValuePairs<String, String?>) {
        var event = self.baseHeaders("CUSTOM", subclass: "callcenter::info", source)
        if let channel = channel.flatMap({ self.channels[$0] }) { event.headers += channel.headers() }
        for (name, value) in headers {
            if let value { event.append(name, value) }
        }
        self.events.append(event)
    }

    mutating func emitChannel(
        _ name: String, _ source: EventSource, _ uuid: String, bridge: (a: String, b: String)? = nil, withVariables: Bool = true,
        _ headers: KeyValuePairs<String, String> = [:]
    ) {
        guard let channel = self.channels[uuid] else { return }
        var event = self.baseHeaders(name, source)
        if let bridge { event.append(["Bridge-A-Unique-ID": bridge.a, "Bridge-B-Unique-ID": bridge.b]) }
        // Twice in a real CHANNEL_HANGUP_COMPLETE: here, and again among the channel's own.
        if name == "CHANNEL_HANGUP_COMPLETE", let cause = channel.hangupCause { event.append("Hangup-Cause", cause) }
        event.headers += channel.headers(withVariables: withVariables)
        event.append(headers)
        self.events.append(event)
    }

    mutating func emitMembersCount(_ queue: String) {
        let count = self.members.values.count { $0.queue == queue && $0.state != .abandoned }
        self.emitCallCenter(
            .membersCount, ["CC-Queue": queue, "CC-Action": "members-count", "CC-Count": String(count), "CC-Selection": "Single-Queue"])
    }

    private mutating func heartbeat() {
        let up = self.now - self.startedAt
        self.emit(
            "HEARTBEAT", .heartbeat,
            [
                "Event-Info": "System Ready", "Up-Time": SwitchTime.duration(up),
                "FreeSWITCH-Version": "1.10.12-release+git~20240802T210227Z~a88d069d6f~64bit",
                "Uptime-msec": String(up / 1000), "Session-Count": String(self.channels.count), "Max-Sessions": "5000", "Session-Per-Sec": "500",
                "Session-Per-Sec-Last": "0", "Session-Per-Sec-Max": "4", "Session-Per-Sec-FiveMin": "4",
                "Session-Since-Startup": String(self.sessionsSinceStart),
                "Session-Peak-Max": String(self.peak), "Session-Peak-FiveMin": String(self.peak), "Idle-CPU": "99.000000",
            ])
    }

    var sessionsSinceStart: Int { self.sessions }
    var peak: Int { self.sessionPeak }
    var lastSequence: Int { self.sequence }
}
