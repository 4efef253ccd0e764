import OrderedCollections

/// One leg of a call as the switch sees it.
struct CallLeg: Sendable {
    enum Direction: String, Sendable {
        case inbound, outbound
    }

    enum State: String, Sendable {
        case initial = "CS_INIT"
        case softExecute = "CS_SOFT_EXECUTE"
        case execute = "CS_EXECUTE"
        case exchangeMedia = "CS_EXCHANGE_MEDIA"
        case consumeMedia = "CS_CONSUME_MEDIA"
        case reporting = "CS_REPORTING"

        var number: Int {
            switch self {
            case .initial: 2
            case .softExecute: 3
            case .execute: 4
            case .exchangeMedia: 5
            case .consumeMedia: 7
            case .reporting: 11
            }
        }
    }

    /// Microseconds since 1970; 0 is "never".
    struct Times: Sendable {
        var profileCreated: Int64 = 0
        var created: Int64 = 0
        var answered: Int64 = 0
        var progress: Int64 = 0
        var hungUp: Int64 = 0
        var bridged: Int64 = 0
        var lastHold: Int64 = 0
        var holdAccumulated: Int64 = 0
        /// From when to when it was held, each time.
        var holds: [(from: Int64, until: Int64)] = []
    }

    /// The other leg of a bridge, as it was when the two were joined.
    struct OtherLeg: Sendable {
        /// `originator` or `originatee`
        var type: String
        var profile: Profile
        var times: Times
    }

    /// Who calls whom, in the words of a caller profile.
    struct Profile: Sendable {
        var uuid: String
        var direction: Direction
        var username: String?
        var dialplan: String?
        var callerName: String
        var callerNumber: String
        var calleeName: String?
        var calleeNumber: String?
        var networkAddress: String?
        var destination: String
        var source: String
        var transferSource: String?
        var context: String
        var rdnis: String?
        var channelName: String
        var index = 1
    }

    /// The number of the session since the switch started.
    var id: Int
    var profile: Profile
    var times: Times
    /// The phone: `1001@127.0.0.1:6001`
    var address: String
    var initialDestination: String
    var state = State.initial
    /// Only while hanging up, when the number is ahead of the name.
    var stateNumber: Int?
    var callState = "DOWN"
    var answerState = "ringing"
    var hasCodec = false
    /// The uuid that both legs of a bridge share.
    var callUUID: String
    var hangupCause: String?
    var hangupDisposition: HangupDisposition?
    var other: OtherLeg?
    var application = ""
    var applicationData = ""
    /// The leg it is joined to.
    var bridgedTo: String?
    /// Whose call `callcenter_track` counts this leg as.
    var trackedAgent: String?
    var variables: OrderedDictionary<String, String> = [:]

    var uuid: String { self.profile.uuid }
    var isHungUp: Bool { self.hangupCause != nil }

    /// Host and port of the phone; FreeSWITCH's own port when the address names none.
    var hostAndPort: (host: String, port: String) {
        let tail = self.address.split(separator: "@").last ?? "127.0.0.1"
        guard let colon = tail.lastIndex(of: ":") else { return (String(tail), "5060") }
        return (String(tail[..<colon]), String(tail[tail.index(after: colon)...]))
    }
}

extension CallLeg {
    /// The headers every event of a channel carries, in FreeSWITCH's order; variables included.
    func headers(withVariables: Bool = true) -> [SwitchEvent.Header] {
        var event = SwitchEvent(name: "")
        event.append([
            "Channel-State": self.state.rawValue, "Channel-Call-State": self.callState,
            "Channel-State-Number": String(self.stateNumber ?? self.state.number), "Channel-Name": self.profile.channelName, "Unique-ID": self.uuid,
            "Call-Direction": self.profile.direction.rawValue, "Presence-Call-Direction": self.profile.direction.rawValue,
            "Channel-HIT-Dialplan": self.profile.direction == .inbound ? "true" : "false", "Channel-Call-UUID": self.callUUID,
            "Answer-State": self.answerState,
        ])
        if let hangupCause { event.append("Hangup-Cause", hangupCause) }
        if self.hasCodec {
            for side in ["Read", "Write"] {
                event.append("Channel-\(side)-Codec-Name", "PCMU")
                event.append("Channel-\(side)-Codec-Rate", "8000")
                event.append("Channel-\(side)-Codec-Bit-Rate", "64000")
            }
        }
        self.profile.append(to: &event, prefix: "Caller", logicalDirection: self.profile.direction, times: self.times)
        if let other {
            event.append("Other-Type", other.type)
            other.profile.append(to: &event, prefix: "Other-Leg", logicalDirection: .inbound, times: other.times)
        }
        if withVariables {
            for (name, value) in self.variables { event.append("variable_\(name)", value) }
        }
        return event.headers
    }
}

extension CallLeg.Profile {
    fileprivate func append(to event: inout SwitchEvent, prefix: String, logicalDirection: CallLeg.Direction, times: CallLeg.Times) {
        func add(_ name: String, _ value: String?) {
            if let value { event.append("\(prefix)-\(name)", value) }
        }
        add("Direction", self.direction.rawValue)
        add("Logical-Direction", logicalDirection.rawValue)
        add("Username", self.username)
        add("Dialplan", self.dialplan)
        add("Caller-ID-Name", self.callerName.isEmpty ? nil : self.callerName)
        add("Caller-ID-Number", self.callerNumber)
        add("Orig-Caller-ID-Name", self.callerName.isEmpty ? nil : self.callerName)
        add("Orig-Caller-ID-Number", self.callerNumber)
        add("Callee-ID-Name", self.calleeName.flatMap { $0.isEmpty ? nil : $0 })
        add("Callee-ID-Number", self.calleeNumber)
        add("Network-Addr", self.networkAddress)
        add("ANI", self.callerNumber)
        add("Destination-Number", self.destination)
        add("Unique-ID", self.uuid)
        add("Source", self.source)
        if prefix == "Caller" { add("Transfer-Source", self.transferSource) }
        add("Context", self.context)
        add("RDNIS", self.rdnis)
        add("Channel-Name", self.channelName)
        if prefix == "Caller" { add("Profile-Index", String(self.index)) }
        add("Profile-Created-Time", String(times.profileCreated))
        add("Channel-Created-Time", String(times.created))
        add("Channel-Answered-Time", String(times.answered))
        add("Channel-Progress-Time", String(times.progress))
        add("Channel-Progress-Media-Time", "0")
        add("Channel-Hangup-Time", String(times.hungUp))
        add("Channel-Transfer-Time", "0")
        add("Channel-Resurrect-Time", "0")
        add("Channel-Bridged-Time", String(times.bridged))
        add("Channel-Last-Hold", String(times.lastHold))
        add("Channel-Hold-Accum", String(times.holdAccumulated))
        add("Screen-Bit", "true")
        add("Privacy-Hide-Name", "false")
        add("Privacy-Hide-Number", "false")
    }
}
