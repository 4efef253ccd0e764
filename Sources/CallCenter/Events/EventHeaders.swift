import EventSocket

/// The headers that events are decoded from, found in one pass. 64 at most: that many places a `HeaderMatches` keeps without allocating.
enum EventHeader: Int, CaseIterable {
    case eventName, subclass, coreUUID, sequence, timestamp
    case action, agent, agentType, agentContact, agentStatus, agentState, queue
    case memberUUID, memberSession, memberName, memberNumber, memberDNIS, memberJoined
    case agentUUID, agentCalled, agentAnswered, agentBridged, hangupCauseOfCallCenter, cause, cancelReason, count
    case noAnswerCount, noAnswerStatus
    case uniqueID, direction, channelName, destination, callerNumber, callerName, createdTime, hangupTime, otherLeg, bridgeA, bridgeB
    case hangupCause, presenceID
    case side, legAgent, legMember, legMemberSession, legQueue
    case userName, sipFromUser, sipToUser, originator, dialedUser, dialedDomain, hangupDisposition, endpointDisposition, transferHistory, gateway
    case profile
    case actionID
    case type, name, fromUser, fromHost

    var text: String {
        switch self {
        case .eventName: "Event-Name"
        case .subclass: "Event-Subclass"
        case .coreUUID: "Core-UUID"
        case .sequence: "Event-Sequence"
        case .timestamp: "Event-Date-Timestamp"
        case .action: "CC-Action"
        case .agent: "CC-Agent"
        case .agentType: "CC-Agent-Type"
        case .agentContact: "CC-Agent-Contact"
        case .agentStatus: "CC-Agent-Status"
        case .agentState: "CC-Agent-State"
        case .queue: "CC-Queue"
        case .memberUUID: "CC-Member-UUID"
        case .memberSession: "CC-Member-Session-UUID"
        case .memberName: "CC-Member-CID-Name"
        case .memberNumber: "CC-Member-CID-Number"
        case .memberDNIS: "CC-Member-DNIS"
        case .memberJoined: "CC-Member-Joined-Time"
        case .agentUUID: "CC-Agent-UUID"
        case .agentCalled: "CC-Agent-Called-Time"
        case .agentAnswered: "CC-Agent-Answered-Time"
        case .agentBridged: "CC-Agent-Bridged"
        case .hangupCauseOfCallCenter: "CC-Hangup-Cause"
        case .cause: "CC-Cause"
        case .cancelReason: "CC-Cancel-Reason"
        case .count: "CC-Count"
        case .noAnswerCount: "CC-Agent-No-Answer-Count"
        case .noAnswerStatus: "CC-Agent-No-Answer-Status"
        case .uniqueID: "Unique-ID"
        case .direction: "Call-Direction"
        case .channelName: "Channel-Name"
        case .destination: "Caller-Destination-Number"
        case .callerNumber: "Caller-Caller-ID-Number"
        case .callerName: "Caller-Caller-ID-Name"
        case .createdTime: "Caller-Channel-Created-Time"
        case .hangupTime: "Caller-Channel-Hangup-Time"
        case .otherLeg: "Other-Leg-Unique-ID"
        case .bridgeA: "Bridge-A-Unique-ID"
        case .bridgeB: "Bridge-B-Unique-ID"
        case .hangupCause: "Hangup-Cause"
        case .presenceID: "Channel-Presence-ID"
        case .side: "variable_cc_side"
        case .legAgent: "variable_cc_agent"
        case .legMember: "variable_cc_member_uuid"
        case .legMemberSession: "variable_cc_member_session_uuid"
        case .legQueue: "variable_cc_queue"
        case .userName: "variable_user_name"
        case .sipFromUser: "variable_sip_from_user"
        case .sipToUser: "variable_sip_to_user"
        case .originator: "variable_originator"
        case .dialedUser: "variable_dialed_user"
        case .dialedDomain: "variable_dialed_domain"
        case .hangupDisposition: "variable_sip_hangup_disposition"
        case .endpointDisposition: "variable_endpoint_disposition"
        case .transferHistory: "variable_transfer_history"
        case .gateway: "variable_sip_gateway_name"
        case .profile: "variable_sofia_profile_name"
        case .actionID: "variable_screenpop_id"
        case .type: "type"
        case .name: "name"
        case .fromUser: "from-user"
        case .fromHost: "from-host"
        }
    }

    static let table = HeaderTable(Self.allCases.map(\.text))
}

extension HeaderMatches {
    func string(_ header: EventHeader) -> String? { self.string(header.rawValue) }
    func int(_ header: EventHeader) -> Int64? { self.int(header.rawValue) }
    func equals(_ header: EventHeader, _ text: StaticString) -> Bool { self.equals(header.rawValue, text) }

    /// Whole seconds, 0 is "never".
    func seconds(_ header: EventHeader) -> Timestamp? { self.int(header).flatMap { Timestamp(seconds: $0) } }

    /// Microseconds, 0 is "never".
    func microseconds(_ header: EventHeader) -> Timestamp? { self.int(header).flatMap { $0 > 0 ? Timestamp(microseconds: $0) : nil } }
}
