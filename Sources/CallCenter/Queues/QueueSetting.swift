/// One thing that can be set of a queue, as `callcenter.conf.xml` names it: what it may be, what it is without being set, and what it does.
///
/// The names, defaults and ranges are those that mod_callcenter 1.10 reads its configuration with.
public struct QueueSetting: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// One of these words.
        case word([String])
        /// Seconds, 0 to 86,400.
        case seconds
        case flag
        /// What callers hear: a stream or a file.
        case sound
        /// A file name with channel variables in it.
        case template
    }

    /// `max-wait-time`
    public let name: String
    public let kind: Kind
    /// What mod_callcenter takes when it is not set; empty: nothing.
    public let standard: String
    /// One or two sentences for whoever sets it.
    public let meaning: String

    /// What may be set where seconds are.
    public static let seconds = 0...86_400

    /// `maxWaitTime`, as HTTP has it.
    public var memberName: String {
        let words = self.name.split(separator: "-")
        return words.dropFirst().reduce(String(words.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    /// `max_wait_time`, as `queue list` heads its columns. The two of the announcement are not listed there; music is `moh_sound`.
    public var column: String { self.name.split(separator: "-").joined(separator: "_") }

    /// The parameter of a name in any of its three spellings.
    public static func named(_ name: String) -> QueueSetting? {
        self.all.first { $0.name == name || $0.memberName == name || $0.column == name }
    }

    /// Every parameter there is, in the order they are written.
    public static let all: [QueueSetting] = [
        QueueSetting(
            name: "strategy", kind: .word(Self.strategies), standard: "longest-idle-agent",
            meaning: "Which agent is offered the next caller. Within a level of tiers, except ring-all and ring-progressively, which offer to many."),
        QueueSetting(
            name: "moh-sound", kind: .sound, standard: "",
            meaning: "What callers hear while they wait: local_stream://moh, tone_stream://..., a file. Silence when it is not set."),
        QueueSetting(
            name: "announce-sound", kind: .sound, standard: "",
            meaning: "What is played over the music now and then. A caller who is answered during it hears the agent after it."),
        QueueSetting(
            name: "announce-frequency", kind: .seconds, standard: "0",
            meaning: "Seconds between two announcements; 0: none."),
        QueueSetting(
            name: "record-template", kind: .template, standard: "",
            meaning: "Where each answered call is recorded; not recorded when it is not set. Tell your callers."),
        QueueSetting(
            name: "time-base-score", kind: .word(["queue", "system"]), standard: "queue",
            meaning: "Who is first: whoever has waited longest in this queue (queue), or since the call came in, menus included (system)."),
        QueueSetting(
            name: "ring-progressively-delay", kind: .seconds, standard: "0",
            meaning: "Strategy ring-progressively: seconds until one more agent is offered the caller while the others go on ringing."),
        QueueSetting(
            name: "tier-rules-apply", kind: .flag, standard: "false",
            meaning: "Whether a caller must wait before agents of a higher level are asked. Without it all levels are asked in order at once."),
        QueueSetting(
            name: "tier-rule-wait-second", kind: .seconds, standard: "0",
            meaning: "Seconds a caller waits for one level before the next is asked."),
        QueueSetting(
            name: "tier-rule-wait-multiply-level", kind: .flag, standard: "false",
            meaning: "Whether that time is multiplied by the level: level 3 is asked after three times the seconds."),
        QueueSetting(
            name: "tier-rule-no-agent-no-wait", kind: .flag, standard: "true",
            meaning: "Whether a level without an agent who is logged in is passed over without waiting."),
        QueueSetting(
            name: "discard-abandoned-after", kind: .seconds, standard: "60",
            meaning: "Seconds for which the place of a caller who hung up is remembered."),
        QueueSetting(
            name: "abandoned-resume-allowed", kind: .flag, standard: "false",
            meaning: "Whether a caller who comes back within that time gets the old place."),
        QueueSetting(
            name: "max-wait-time", kind: .seconds, standard: "0",
            meaning: "Seconds after which a caller is taken out of the queue (reason queue-timeout); 0: never."),
        QueueSetting(
            name: "max-wait-time-with-no-agent", kind: .seconds, standard: "0",
            meaning: "The same while nobody is logged in at the queue (reason no-agent-timeout); 0: never."),
        QueueSetting(
            name: "max-wait-time-with-no-agent-time-reached", kind: .seconds, standard: "5",
            meaning: "Once that has happened, a new caller is sent away after so many seconds already."),
        QueueSetting(
            name: "agent-no-answer-status", kind: .word(AgentStatus.legal.map(\.text)), standard: "On Break",
            meaning: "What an agent becomes who missed more offers in a row than the agent's own maximum allows."),
        QueueSetting(
            name: "skip-agents-with-external-calls", kind: .flag, standard: "true",
            meaning: "Whether an agent who is in a call that is none of this queue's is passed over."),
    ]

    /// Those that mod_callcenter's dispatcher knows; any other word would silently mean sequentially-by-agent-order.
    public static let strategies = [
        "longest-idle-agent", "ring-all", "ring-progressively", "round-robin", "top-down", "agent-with-least-talk-time", "agent-with-fewest-calls",
        "sequentially-by-agent-order", "random",
    ]
}
