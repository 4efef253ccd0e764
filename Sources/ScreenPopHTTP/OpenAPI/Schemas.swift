import CallCenter
import ScreenPop
import ScreenPopService

/// The schemas that have a name in the document.
enum Schemas {
    struct Named: Sendable {
        let name: String
        let strictness: Schema.Strictness
        let schema: Schema

        /// What we are sent.
        static func request(_ name: String, _ schema: Schema) -> Named { Named(name: name, strictness: .closed, schema: schema) }
        /// What we answer.
        static func answer(_ name: String, _ schema: Schema) -> Named { Named(name: name, strictness: .open, schema: schema) }
    }

    static let all: [Named] =
        Self.general + Self.access + Self.audit + Self.agents + Self.desk + Self.pops + Self.queues + Self.queueDefinitions + Self.configuration
        + Self.callControl

    /// What a reference stands for.
    static func resolved(_ schema: Schema) -> Schema {
        guard case .reference(let name) = schema.kind, var found = Self.all.first(where: { $0.name == name })?.schema else { return schema }
        if schema.isNullable { found.isNullable = true }
        return found
    }

    // MARK: words

    /// As `AgentName` and `QueueName` check it.
    static let name = Schema.text(matching: #"^[\p{L}\p{Nd}_.@+\-][\p{L}\p{Mn}\p{Mc}\p{Nd}_.@+\-]*$"#, 1...64)
    static let agentName = Self.name.example(#""1001@default""#)
    static let queueName = Self.name.example(#""support@default""#)
    /// What stands in answers: FreeSWITCH may have names that nobody may give.
    static let knownName = Schema.text
    static let seconds = Schema.integer(0...1_000_000)
    static let status = Schema.oneWord(of: AgentStatus.legal.map(\.text))
    static let state = Schema.oneWord(of: AgentState.legal.map(\.text))
    static let agentType = Schema.oneWord(of: CallCenterCommand.AgentType.allCases.map(\.rawValue))
    static let endReason = Schema.oneWord(of: Pop.EndReason.allCases.map(\.rawValue))
    static let party = Schema.oneWord(of: Pop.Party.allCases.map(\.rawValue))
    static let caller = Schema.object(.always("number", .text.orNull), .always("name", .text.orNull))
    static let attributes = Schema.map(.text).described("Channel variables of the allow-list, `--attribute`.")

    // MARK: what everything uses

    private static let general: [Named] = [
        .answer(
            "Problem",
            .object(
                .always("type", .text), .always("title", .text), .always("status", .integer(400...599)),
                .always("detail", .text.described("For people: what was wrong, where, what to do.")), .always("code", .text.described("Stable."))
            ).described("RFC 9457.")),
        .answer(
            "CommandAnswer",
            .object(
                .always("requested", .map(.anything).described("What was asked.")),
                .always("reply", .text.orNull.described("FreeSWITCH's words.").example(#""+OK""#)),
                .always("actual", .map(.anything).described("What was read back afterwards.")),
                .always("applied", .boolean.described("Whether what was read back is what was asked.")), .always("tookMilliseconds", .count),
                .sometimes("pending", .named("PendingChange"))
            )),
        .answer(
            "Readiness",
            .object(
                .always("ready", .boolean), .always("degraded", .list(.text).described("The nodes that are not live.")),
                .always("redis", .object(.always("ready", .boolean), .always("detail", .text.orNull))), .always("nodes", .list(.named("Node"))))),
        .answer(
            "Node",
            .object(
                .always("name", .text), .always("status", .oneWord(of: ["connecting", "synchronizing", "live", "standby", "failed"])),
                .always("ready", .boolean),
                .always("detail", .text.orNull.described("What is missing, in words.")), .sometimes("coreUUID", .text.orNull))),
    ]
}
