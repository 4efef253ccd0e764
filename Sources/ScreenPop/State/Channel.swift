import CallCenter

/// One leg as far as its events have told.
struct Channel: Sendable {
    struct Hangup: Sendable {
        var stamp: Stamp
        var cause: String?
        /// `recv_bye`, `send_bye`, ...; known from CHANNEL_HANGUP_COMPLETE on.
        var disposition: String?
        var endpointDisposition: String?
        /// CHANNEL_HANGUP_COMPLETE was seen: nothing more will be learned.
        var isComplete = false

        /// Its own side said BYE.
        var isByItself: Bool { self.disposition == "recv_bye" }
        /// Its own side took the call back before it was answered.
        var isCancelled: Bool { self.disposition == "recv_cancel" }
        /// The phone on it handed the call on with a REFER.
        var isTransfer: Bool { self.isBlindTransfer || self.says("ATTENDED_TRANSFER") }
        /// To a number, and not to a leg of its own.
        var isBlindTransfer: Bool { self.says("BLIND_TRANSFER") }
        private func says(_ text: String) -> Bool { self.endpointDisposition == text || self.cause == text }

        /// The cause says by itself that neither party ended it.
        var isBySwitch: Bool {
            switch self.cause {
            case "MANAGER_REQUEST", "SYSTEM_SHUTDOWN", "ALLOTTED_TIMEOUT", "MEDIA_TIMEOUT", "CRASH": true
            default: false
            }
        }
    }

    let uuid: String
    var direction: ChannelFacts.Direction?
    var name: String?
    var caller = Pop.Caller()
    /// The number it came in for; a transfer does not change it.
    var dialed: String?
    var createdAt: Timestamp
    var answeredAt: Timestamp?
    var hangup: Hangup?
    /// The leg it talks to.
    var peer: String?
    /// It was taken from the agent it talked to: by a transfer, or into a bridge with somebody else.
    var movedOn = false
    /// Where a transfer took it.
    var transferTarget: String?
    /// Where a command of ours takes it: what the switch writes of that may be a whole dial string.
    var announcedTarget: String?
    /// A command of that agent hangs it up: that is as if he had hung up his phone.
    var endedFor: String?
    /// Its agent leaves the caller and who was consulted on it alone.
    var handsOver = false
    var originator: String?
    /// It is a call to that agent's phone which nobody asked for yet: a click to dial, or an agent's standing leg.
    var agentWithoutCall: String?
    /// Of an agent's own call: whose.
    var owner: String?
    /// Of a leg that mod_callcenter made: whose phone it is, and for whom.
    var offer: Offer?
    /// The newest transfer at the time of the last bridge: only a newer one took the call from there.
    var transferAtBridge: Transfer?
    /// The call whose trace its events go to.
    var call: String?
    /// Events from before its call was known to be one.
    var seen: [TraceEntry] = []
    var attributes: [String: String] = [:]

    static let seenLimit = 16

    struct Offer: Sendable, Equatable {
        var agent: String
        var member: String
    }

    init(uuid: String, createdAt: Timestamp) {
        self.uuid = uuid
        self.createdAt = createdAt
    }
}
