public import CallCenter
public import EventSocket

/// One node's call centre as it is known from its events: events in, changes out. No I/O, no clock, no tasks; the same events give the same
/// changes on any instance.
///
/// An event first changes what is held, which marks pops, agents, queues, members and calls as touched; `settle` then compares each touched
/// thing with what was last given out and says what differs. So an event that tells nothing new changes nothing, however often it comes.
public struct NodeReducer: Sendable {
    public let node: String
    /// `nil` until the first event or snapshot.
    public internal(set) var coreUUID: String?
    /// The highest `Event-Sequence` seen of this Core-UUID.
    public internal(set) var sequence: Int64 = 0
    /// The last snapshot lacked something so new that it may have come too early for it. Whether that is over or not only another snapshot can
    /// tell, once it is older than `SwitchSnapshot.lagSeconds`.
    package internal(set) var wantsSnapshot = false

    /// The newest event's time, by the clock as it was set last.
    package var time: Timestamp { self.now }

    let filter: AttributeFilter
    let popURL: PopURLTemplate?
    /// The newest event's time.
    var now = Timestamp(microseconds: 0)
    /// Of the event with the highest sequence.
    var newest: Stamp?
    /// Nobody was told yet that the clock was set.
    var isClockSet = false
    /// The last event's time was far off all others.
    var isTimeDoubted = false
    var hasSnapshot = false

    var agents: [String: Agent] = [:]
    var queues: [String: Queue] = [:]
    /// By `CC-Member-UUID`.
    var members: [String: Member] = [:]
    /// Live legs, and legs that were hung up but whose pops are not ended.
    var channels: [String: Channel] = [:]
    var calls: [String: Call] = [:]
    var pops: [String: LivePop] = [:]
    /// Legs to the live pops that hang on them.
    var legPops: [String: [String]] = [:]
    var devices = DeviceMap()

    /// Agents that commands of ours are about to change, with the names of those who asked.
    var claims: [String: [String?]] = [:]
    /// Lists that are being read.
    var readings: [Int: Meanwhile] = [:]
    var lastReading = 0

    // What is over.
    var endedPops = RecentSet(capacity: 4096)
    var endedMembers = EndedMembers(capacity: 4096)
    var endedChannels = RecentSet(capacity: 8192)
    var pastOffers: [PastOffer] = []
    static let pastOfferLimit = 512

    /// The first moment at which something falls due by time alone.
    var nextDue: Timestamp?
    /// The first moment at which a wrap-up may end: the switch tells nothing of it.
    package internal(set) var nextWrapUpEnd: Timestamp?
    /// Channels whose CHANNEL_DESTROY is overdue are looked for now and then only.
    var nextSweep: Timestamp?

    var touched = Touched()
    /// What is to be done in the switch now, for `takeDue`.
    var due: [DeskAction] = []
    /// Agents for whom something is kept until the end of an offer that is not known.
    var doubted: Set<String> = []
    /// What an earlier process kept of agents that the switch has not told of yet.
    var kept: [String: AgentRecord] = [:]

    public init(node: String, attributes: AttributeFilter = .standard, popURL: PopURLTemplate? = nil) {
        self.node = node
        self.filter = attributes
        self.popURL = popURL
    }

    /// Live pops that an earlier process stored. Called once, before the first `load`: ids and versions go on from there.
    public mutating func restore(_ pops: [Pop]) {
        for pop in pops.sorted(by: { ($0.offeredAt, $0.id) < ($1.offeredAt, $1.id) }) where pop.state != .ended && self.pops[pop.id] == nil {
            self.adoptStored(pop)
        }
        self.touched = Touched()
    }

    /// Who waited when an earlier process stored it. Called before the first `load`, which says of those who are not there any more that they left;
    /// of those who are it says only what is new.
    package mutating func restore(_ members: [MemberRecord]) {
        for record in members where record.node == self.node && record.state != .left && self.members[record.uuid] == nil {
            self.members[record.uuid] = Member(record: record, published: record, isJoinKnown: true, joining: nil, lastEnd: nil)
        }
    }

    /// Applies one event of the switch.
    public mutating func apply(_ event: Event, to changes: inout [Change]) {
        guard let decoded = SwitchEvent(event) else { return }
        self.apply(decoded, raw: event, to: &changes)
    }

    /// What no event announces and one of our own commands did: an agent deleted, a tier added, changed or removed, a setting changed.
    ///
    /// Time goes on by the switch's clock alone: ours may be ahead of it.
    public mutating func apply(
        _ local: LocalChange, _ origin: Change.Configuration.Origin = .screenpop(by: nil), to changes: inout [Change]
    ) {
        self.change(local, origin, to: &changes)
        self.settle(at: self.now, to: &changes)
    }

    private mutating func apply(_ event: SwitchEvent, raw: Event, to changes: inout [Change]) {
        var event = event
        if let known = self.coreUUID, known != event.coreUUID {
            self.loseTrack(at: event.at)
            self.forgetSwitch()
            self.putClockBack(to: event.at)
            self.readings = [:]
        }
        self.coreUUID = event.coreUUID
        event.at = self.time(of: event)
        self.sequence = max(self.sequence, event.sequence)
        self.advance(to: event.at)
        let stamp = Stamp(at: event.at, sequence: event.sequence)
        switch event.content {
        case .callCenter(let event, let facts):
            if let facts, event.isAboutMember { self.learnAttributes(of: facts.uuid, from: raw) }
            self.apply(event, facts: facts, stamp: stamp, to: &changes)
        case .channel(let event, let facts): self.apply(event, facts, stamp: stamp, raw: raw, to: &changes)
        case .registration, .tick: break
        // Its lists are no longer true, or not there.
        case .callCenterUnloaded: self.readings = [:]
        case .callCenterLoaded: self.callCenterLoaded(stamp)
        case .shutdown: self.loseTrack(at: event.at)
        }
        self.settle(at: event.at, to: &changes)
    }

    private mutating func apply(_ event: CallCenterEvent, facts: ChannelFacts?, stamp: Stamp, to changes: inout [Change]) {
        switch event {
        case .agentAdded(let agent, let type): self.agentAdded(agent, type: type, to: &changes)
        case .agentContactChanged(let agent, let contact): self.contactChanged(agent, contact, to: &changes)
        case .agentStatusChanged(let agent, let status): self.statusChanged(agent, status, stamp)
        case .agentStateChanged(let agent, let state): self.stateChanged(agent, state, stamp)
        case .agentMaxNoAnswer(let agent, let count, let status): self.missedTooMany(agent, count, status)
        case .agentOffering(let agent, let member):
            self.see("agent-offering", call: member.session, at: stamp.at, agent: agent, queue: member.queue, to: &changes)
            self.offering(agent, member, stamp)
        case .bridgeStarted(let agent, let leg, let calledAt, let member):
            self.see("bridge-agent-start", call: member.session, at: stamp.at, agent: agent, queue: member.queue, to: &changes)
            self.bridgeStarted(agent, leg: leg, calledAt: calledAt, member, stamp)
        case .bridgeEnded(let agent, let leg, let calledAt, let member):
            self.see("bridge-agent-end", call: member.session, at: stamp.at, agent: agent, queue: member.queue, to: &changes)
            self.bridgeEnded(agent, leg: leg, calledAt: calledAt, member, facts, stamp)
        case .bridgeFailed(let agent, let cause, let calledAt, let member):
            self.see("bridge-agent-fail", call: member.session, at: stamp.at, agent: agent, queue: member.queue, detail: cause, to: &changes)
            self.bridgeFailed(agent, cause: cause, calledAt: calledAt, member, stamp)
        case .memberStarted(let member):
            self.memberJoined(member, stamp)
            self.see("member-queue-start", call: member.session, at: stamp.at, queue: member.queue, to: &changes)
        case .memberResumed(let member):
            self.memberJoined(member, stamp)
            self.see("member-queue-resume", call: member.session, at: stamp.at, queue: member.queue, to: &changes)
        case .memberEnded(let end, _, let member):
            self.see("member-queue-end", call: member.session, at: stamp.at, queue: member.queue, to: &changes)
            self.memberEnded(end, member, facts, stamp, to: &changes)
        case .membersCount, .unknown: break
        }
    }
}

/// What a command of ours changed without an event of the switch.
public enum LocalChange: Sendable, Equatable {
    case agentRemoved(String)
    case agentSettings(AgentRow)
    case tierSet(TierRow)
    case tierRemoved(queue: String, agent: String)
}

extension CallCenterEvent {
    /// Whether the channel that comes with it is the member's.
    var isAboutMember: Bool {
        switch self {
        case .memberStarted, .memberResumed, .memberEnded: true
        case .agentAdded, .agentContactChanged, .agentStatusChanged, .agentStateChanged, .agentOffering, .agentMaxNoAnswer, .bridgeStarted,
            .bridgeEnded, .bridgeFailed, .membersCount, .unknown:
            false
        }
    }
}
