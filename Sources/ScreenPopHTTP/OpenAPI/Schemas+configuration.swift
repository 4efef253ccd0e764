import ScreenPop

extension Schemas {
    static let configuration: [Named] = [
        .request(
            "AgentChange",
            .object(
                .optional("type", Self.agentType), .optional("contact", .named("ContactRequest")), .optional("maxNoAnswer", Self.seconds),
                .optional("wrapUpTime", Self.seconds), .optional("rejectDelayTime", Self.seconds), .optional("busyDelayTime", Self.seconds),
                .optional("noAnswerDelayTime", Self.seconds),
                .optional("readyTime", Schema.time.described("No call is offered before; `null`: at any time.")),
                .optional("status", Self.status), .optional("reason", Self.reason), Self.force, .optional("state", Self.state)
            ).described("What is left out stays.")),
        .request("QueueRequest", .object(.optional("node", .text.described("Where, when there are several nodes.")))),
        .request(
            "SettingsRequest",
            .object(.optional("agents", .list(.map(.anything))), .optional("tiers", .list(.map(.anything)))).described("As `GET /export` gives it.")),
        .answer(
            "Settings",
            .object(
                .always(
                    "agents",
                    .list(
                        .object(
                            .always("name", .text), .always("node", .text.orNull), .always("type", .text.orNull),
                            .always("contact", .named("Contact").orNull), .always("maxNoAnswer", Schema.count.orNull),
                            .always("wrapUpTime", Schema.count.orNull), .always("rejectDelayTime", Schema.count.orNull),
                            .always("busyDelayTime", Schema.count.orNull), .always("noAnswerDelayTime", Schema.count.orNull)))),
                .always(
                    "tiers",
                    .list(
                        .object(
                            .always("queue", .text), .always("agent", .text), .always("level", Schema.count.orNull),
                            .always("position", Schema.count.orNull)))))),
        .answer(
            "ImportAnswer",
            .object(
                .always("plan", .boolean),
                .always(
                    "changes",
                    .list(
                        .object(
                            .always("action", .oneWord(of: ["add", "change", "delete"])), .always("kind", .oneWord(of: ["agent", "tier"])),
                            .always("node", .text.orNull), .always("agent", .text.orNull), .always("queue", .text.orNull),
                            .always("fields", .map(.object(.always("from", .anything), .always("to", .anything))))))),
                .always(
                    "errors",
                    .list(
                        .object(
                            .sometimes("line", .count), .sometimes("entry", .text), .always("code", .text), .always("message", .text)))),
                .always("applied", .count))),
    ]
}
