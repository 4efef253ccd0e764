public import EventSocket

/// One command about calls as a value. `call` is the only way from here to text; every value in it is of a type that was checked when it was made.
public enum TelephonyCommand: Sendable, Hashable {
    /// What a channel is hung up with.
    public enum HangupCause: String, Sendable, Hashable, CaseIterable {
        /// As a party that hangs up.
        case normalClearing = "NORMAL_CLEARING"
        /// As a phone that refuses the call.
        case callRejected = "CALL_REJECTED"
        /// Somebody ends it who is no party of it.
        case managerRequest = "MANAGER_REQUEST"
    }

    /// Where a channel is sent.
    public enum Destination: Sendable, Hashable {
        /// Through the dialplan.
        case number(DialNumber, DialContext)
        case queue(QueueName)
        case phone(PhoneAddress, of: AgentName)
    }

    /// Answers `-ERR No such channel!` for one that is gone.
    case hangUp(ChannelUUID, HangupCause)
    /// Answers `+OK Success` for a channel that does not exist, too. The other side hears music.
    case hold(ChannelUUID)
    /// Answers `-ERR Operation failed` for one that is not on hold, and `+OK Success` for one that does not exist.
    case resume(ChannelUUID)
    /// The other leg of its bridge is hung up by FreeSWITCH.
    case transfer(ChannelUUID, Destination)
    /// Joins two channels, whatever they are doing.
    case bridge(ChannelUUID, ChannelUUID)
    /// Has the channel consult somebody by `att_xfer`: the other side of its bridge hears music meanwhile and is back with it when the consulted
    /// one is not reached or hangs up; when the channel itself hangs up after an answer, FreeSWITCH joins the two others. The legs that are called
    /// carry the id as `screenpop_id`. Who cannot be called at all shows in no event.
    ///
    /// An agent whose phone is rung here, or by a transfer, or to dial, or to hear a call, is counted by mod_callcenter as one who has a call that is
    /// none of a queue's, from the answer until that leg ends. A dialplan does so for who calls in and for extensions; it knows nothing of these legs.
    case consult(ChannelUUID, Destination, id: ActionID, seconds: Int)
    /// Rings the phone, then has it call the number through the dialplan. To be sent as a background job: it answers when the phone was answered,
    /// or with the cause why it was not.
    case dial(AgentName, PhoneAddress, DialNumber, DialContext, id: ActionID, seconds: Int, callerID: DialNumber?)
    /// Rings the phone, then has it hear a channel. To be sent as a background job.
    case supervise(AgentName, PhoneAddress, ChannelUUID, SupervisionMode, id: ActionID, seconds: Int)
    /// Begins again to hear a channel, in another manner. The phone's keys are without effect: what the service says is what is so.
    case changeSupervision(of: ChannelUUID, hearing: ChannelUUID, SupervisionMode)
    case exists(ChannelUUID)

    /// - Throws: `illegalCommand` for a number of seconds that is not from 1 to 600; nothing else can be wrong any more.
    public func call() throws(EventSocketError) -> APICall {
        switch self {
        // These two take their argument as it is, quotes and all.
        case .hangUp(let channel, let cause): try APICall("uuid_kill", "\(channel) \(cause.rawValue)")
        case .exists(let channel): try APICall("uuid_exists", channel.text)
        case .hold(let channel): try Self.call("uuid_hold", channel.text)
        case .resume(let channel): try Self.call("uuid_hold", "off", channel.text)
        case .transfer(let channel, .number(let number, let context)): try Self.call("uuid_transfer", channel.text, number.text, "XML", context.text)
        case .transfer(let channel, .queue(let queue)): try Self.call("uuid_transfer", channel.text, "callcenter:\(queue)", "inline")
        case .transfer(let channel, .phone(let phone, of: let agent)):
            try Self.call("uuid_transfer", channel.text, "bridge:\(try Self.variables([Self.counted(agent)]))\(phone.text)", "inline")
        case .bridge(let a, let b): try Self.call("uuid_bridge", a.text, b.text)
        case .consult(let channel, let destination, let id, let seconds):
            try Self.call("uuid_broadcast", channel.text, try Self.consultation(destination, id: id, seconds: seconds), "aleg,holdb")
        case .dial(let agent, let phone, let number, let context, let id, let seconds, let callerID):
            try Self.call(
                "originate", try Self.ring(phone, of: agent, id: id, seconds: seconds, showing: number, as: callerID), number.text, "XML",
                context.text)
        case .supervise(let agent, let phone, let channel, let mode, let id, let seconds):
            try Self.call(
                "originate",
                try Self.variables([
                    ("ignore_early_media", "true"), ("originate_timeout", Self.legal(seconds)), ("screenpop_id", id.text),
                    Self.counted(agent), ("eavesdrop_enable_dtmf", "false"), ("eavesdrop_whisper_aleg", "\(mode.reachesCaller)"),
                    ("eavesdrop_whisper_bleg", "\(mode.reachesAgent)"), ("origination_caller_id_name", "ScreenPop"),
                ]) + phone.text, "&eavesdrop(\(channel))")
        case .changeSupervision(let channel, let heard, let mode):
            try Self.call(
                "uuid_transfer", channel.text,
                "set:eavesdrop_whisper_aleg=\(mode.reachesCaller),set:eavesdrop_whisper_bleg=\(mode.reachesAgent),eavesdrop:\(heard)", "inline")
        }
    }

    /// Whether the command may take as long as a phone rings: to be sent as a background job.
    public var isJob: Bool {
        switch self {
        case .dial, .supervise: true
        case .hangUp, .hold, .resume, .transfer, .bridge, .consult, .changeSupervision, .exists: false
        }
    }

    /// Each value in quotes, as `switch_separate_string` takes them off again.
    private static func call(_ function: String, _ values: String...) throws(EventSocketError) -> APICall {
        var words: [String] = []
        for value in values { words.append(try CommandText.quote(value)) }
        return try APICall(function, words.joined(separator: " "))
    }

    private static func consultation(_ destination: Destination, id: ActionID, seconds: Int) throws(EventSocketError) -> String {
        var list = [
            ("ignore_early_media", "true"), ("originate_timeout", try Self.legal(seconds)), ("screenpop_id", id.text),
            // No key of a phone is one of these: what the phone would do by its keys, ScreenPop would have to guess.
            ("attxfer_cancel_key", "x"), ("attxfer_hangup_key", "y"), ("attxfer_conf_key", "z"),
            // Else the leg that carries the id would vanish when it is answered.
            ("loopback_bowout", "false"), ("loopback_bowout_on_execute", "false"),
        ]
        switch destination {
        case .number(let number, let context):
            // Else the phones of the two others show the last word of the address, "XML".
            list += [("origination_callee_id_number", number.text), ("origination_callee_id_name", number.text)]
            return "att_xfer::\(try Self.variables(list))loopback/\(number)/\(context)/XML"
        case .phone(let phone, of: let agent):
            list.append(Self.counted(agent))
            return "att_xfer::\(try Self.variables(list))\(phone.text)"
        case .queue: throw .illegalCommand("a queue cannot be consulted")
        }
    }

    private static func ring(
        _ phone: PhoneAddress, of agent: AgentName, id: ActionID, seconds: Int, showing number: DialNumber, as callerID: DialNumber?
    ) throws(EventSocketError) -> String {
        var list = [
            ("ignore_early_media", "true"), ("originate_timeout", try Self.legal(seconds)), ("screenpop_id", id.text),
            Self.counted(agent),
            // What the agent's phone shows while it rings.
            ("origination_caller_id_number", number.text), ("origination_caller_id_name", number.text),
        ]
        if let shown = callerID ?? phone.extensionNumber {
            list += [("effective_caller_id_number", shown.text), ("effective_caller_id_name", shown.text)]
        }
        return try Self.variables(list) + phone.text
    }

    /// Of this leg alone: whoever it calls does not inherit it. What may stand in a name needs no quotes here.
    private static func counted(_ agent: AgentName) -> (String, String) { ("execute_on_answer", "callcenter_track \(agent)") }

    private static func variables(_ list: [(String, String)]) throws(EventSocketError) -> String {
        "{" + list.map { "\($0.0)=\($0.1)" }.joined(separator: ",") + "}"
    }

    private static func legal(_ seconds: Int) throws(EventSocketError) -> String {
        guard (1...600).contains(seconds) else { throw .illegalCommand("a phone rings from 1 to 600 seconds") }
        return String(seconds)
    }
}
