/// Every message there is over WebSocket and server-sent events, for the document. Tests hold it against what the code writes and reads.
enum MessageTypes {
    static let all: [MessageType] = Self.session + Self.pushed + Self.asked

    private static func pushed(_ type: String, _ summary: String, _ members: Schema.Member...) -> MessageType {
        MessageType(type: type, direction: .pushed, summary: summary, members: members)
    }

    private static func asked(_ type: String, _ summary: String, _ members: Schema.Member...) -> MessageType {
        MessageType(type: type, direction: .asked, summary: summary, members: members)
    }

    /// Which agent; the session's own when it is left out.
    private static func askedOfAgent(_ type: String, _ summary: String, _ members: Schema.Member...) -> MessageType {
        MessageType(type: type, direction: .asked, summary: summary, members: [.optional("agent", Schemas.agentName)] + members)
    }

    /// Which of the agent's calls; the current one when it is left out.
    private static func askedOfCall(_ type: String, _ summary: String, _ members: Schema.Member...) -> MessageType {
        MessageType(type: type, direction: .asked, summary: summary, members: [.optional("agent", Schemas.agentName)] + Schemas.whichCall + members)
    }

    private static let error = Schema.object(.always("code", .text), .always("message", .text))

    // MARK: the session

    private static let session: [MessageType] = [
        Self.pushed(
            "hello", "The session; always first", .always("protocol", .integer(1...1)), .always("agent", .text.orNull),
            .always("recovered", .boolean.described("Whether what was missed since the cursor follows; otherwise snapshots do.")),
            .always("heartbeatSeconds", .count)),
        Self.pushed(
            "snapshot", "A topic as it is", .sometimes("topic", .text), .sometimes("agentState", .named("Agent").orNull),
            .sometimes("pops", .list(.named("Pop"))), .sometimes("agents", .list(.named("Agent"))), .sometimes("queues", .list(.named("Queue"))),
            .sometimes("members", .list(.named("Member"))), .sometimes("nodes", .list(.named("Node"))),
            .sometimes(
                "primary",
                Schema.object(.always("desk", .text), .always("since", .time)).described("Which of the agent's desks rings, where one is open."))),
        MessageType(
            type: "result", direction: .answered, summary: "The answer to a message with this `id`",
            members: [
                .always("re", .text.orNull), .always("ok", .boolean), .sometimes("error", Self.error), .sometimes("requested", .map(.anything)),
                .sometimes("reply", .text.orNull), .sometimes("actual", .map(.anything)), .sometimes("applied", .boolean),
                .sometimes("tookMilliseconds", .count), .sometimes("pending", .named("PendingChange")), .sometimes("transfer", .named("Transfer")),
                .sometimes("desk", .text), .sometimes("since", .time.orNull),
            ]),
        Self.pushed(
            "error", "What has no `id` to answer: a message that is not understood, or a snapshot that cannot be read now",
            .always("error", Self.error)),
    ]

    // MARK: what happens

    private static let pushed: [MessageType] = [
        Self.pushed("pop.offered", "A call rings at an agent", .always("agent", .text), .always("pop", .named("Pop"))),
        Self.pushed("pop.updated", "Something of it is known better", .always("agent", .text), .always("pop", .named("Pop"))),
        Self.pushed("pop.answered", "The agent has answered", .always("agent", .text), .always("pop", .named("Pop"))),
        Self.pushed("pop.ended", "It is over, and why", .always("agent", .text), .always("pop", .named("Pop"))),
        Self.pushed("pop.dismissed", "Somebody put it away", .always("agent", .text), .always("pop", .named("Pop"))),
        Self.pushed("agent.state", "An agent is otherwise than before", .always("agent", .text), .always("agentState", .named("Agent"))),
        Self.pushed(
            "agent.pending", "A change is kept until the call allows it; or is no more (`null`), and with `error` it failed", .always("agent", .text),
            .always("pending", .named("PendingChange").orNull), .sometimes("error", Self.error)),
        Self.pushed(
            "call.transfer", "An attended transfer is otherwise than before", .always("agent", .text), .always("transfer", .named("Transfer"))),
        Self.pushed(
            "call.supervision", "A supervision is otherwise than before", .always("agent", .text), .always("supervision", .named("Supervision"))),
        Self.pushed(
            "desk.primary", "Another desk of the agent rings from now on, or none is open (`null`); for the agent's own WebSockets",
            .always("agent", .text), .always("desk", .text.orNull), .always("since", .time.orNull)),
        Self.pushed("queue.stats", "The counts of a queue", .always("queue", .text), .always("stats", .named("Queue"))),
        Self.pushed("member.joined", "A caller waits", .always("queue", .text), .always("member", .named("Member"))),
        Self.pushed("member.left", "A caller waits no more", .always("queue", .text), .always("member", .named("Member"))),
        Self.pushed(
            "config.changed", "An agent, a tier or a queue came, went or was set otherwise, or the reasons were",
            .always("what", .oneWord(of: Self.whatChanged)),
            .always("node", .text.orNull.described("`null` for what is the site's: a queue's definition, the reasons.")),
            .always("agent", .text.orNull),
            .always("queue", .text.orNull),
            .always("source", .oneWord(of: ["screenpop", "external"])), .always("by", .text.orNull)),
        Self.system("system.degraded", "Something is away"), Self.system("system.recovered", "It is back"),
        Self.system("system.resync", "What is known was compared with the switch anew"),
    ]

    private static let whatChanged =
        ["agent", "tier", "queue", "queue-definition"].flatMap { ["\($0)-added", "\($0)-changed", "\($0)-removed"] } + ["reasons-changed"]

    private static func system(_ type: String, _ summary: String) -> MessageType {
        Self.pushed(
            type, summary, .always("part", .oneWord(of: ["freeswitch", "redis"])), .always("node", .text.orNull), .always("detail", .text.orNull),
            .always("at", .time))
    }

    // MARK: what clients say

    private static let asked: [MessageType] = [
        Self.asked("subscribe", "Listen to topics; each begins with its `snapshot`", .optional("topics", .list(Self.topic))),
        Self.asked("unsubscribe", "Listen to them no more", .optional("topics", .list(Self.topic))),
        Self.asked(
            "ack", "A pop came, was seen, was put away", .required("pop", .text),
            .required("stage", .oneWord(of: ["received", "shown", "dismissed"])),
            .optional("agent", Schemas.agentName)),
        Self.asked("token", "Another token, before the one in use expires", .required("token", .text)),
        Self.asked("ping", "Is anybody there?"),
        Self.askedOfAgent(
            "agent.status", "Set what the agent wants", .required("status", Schemas.status), .optional("reason", Schemas.reason), Schemas.force),
        Self.askedOfAgent("agent.state", "Set what the switch does with the agent", .required("state", Schemas.state)),
        Self.askedOfAgent(
            "agent.login", "Available and Waiting, or On Break", .optional("ready", .boolean), .optional("queues", .list(Schemas.queueName)),
            Schemas.force),
        Self.askedOfAgent("agent.logout", "Logged Out", Schemas.force),
        Self.askedOfAgent("agent.ready", "Available and Waiting, verified", Schemas.force),
        Self.askedOfAgent("agent.break", "On Break", .optional("reason", Schemas.reason), Schemas.force),
        Self.askedOfAgent(
            "agent.leave", "Leave queues: at once when free, else after the call", .optional("queues", .list(Schemas.queueName)), Schemas.force),
        Self.askedOfAgent("agent.cancel-pending", "Forget the change that is kept for later"),
        Self.askedOfAgent("agent.wrap-up", "More time for the work after a call", .required("seconds", .integer(1...3600))),
        Self.askedOfAgent("agent.end-wrap-up", "The work after the call is done"),
        Self.askedOfAgent("desk.claim", "Ring here from now on", .optional("desk", Self.desk)),
        Self.asked("desk.leave", "Ring here no more"),
        Self.askedOfCall("call.hangup", "End the agent's call, or refuse the one that rings"), Self.askedOfCall("call.hold", "Let the caller wait"),
        Self.askedOfCall("call.resume", "Talk on with a caller on hold"),
        Self.askedOfCall("call.transfer", "Give the caller to somebody else", .required("to", .named("Target"))),
        Self.askedOfAgent("call.dial", "Ring the agent's phone, then call", .required("to", .named("Target"))),
        Self.askedOfCall("call.consult", "Put the caller on hold and ask somebody", .required("to", .named("Target"))),
        Self.askedOfAgent("call.complete", "Connect the caller with who was asked", .optional("transfer", .text)),
        Self.askedOfAgent("call.cancel", "Come back to the caller", .optional("transfer", .text)),
    ]

    private static let desk = Schema.text(matching: "^[A-Za-z0-9_-]+$", 1...64)
        .described("Which desk this is; left out, it is the socket's own, or a new one.")
    private static let topic = Schema.text.described("`agent:NAME`, `agents`, `queue:NAME`, `queues`, `nodes`").example(#""queues""#)
}
