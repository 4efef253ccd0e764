import ScreenPop

extension Schemas {
    static let agents: [Named] = [
        .request(
            "ContactRequest",
            .oneOf(
                .object(
                    .required(
                        "user",
                        Schema.text(matching: Self.word + Self.host + "?$").described("Of FreeSWITCH's directory.").example(#""1001@example.org""#)),
                    .optional("callTimeout", Self.callTimeout)),
                .object(
                    .required(
                        "sofia",
                        .object(
                            .required("profile", Schema.text(matching: "^(?!gateway$)" + Self.word.dropFirst() + "$").example(#""internal""#)),
                            .required(
                                "address", Schema.text(matching: Self.word + Self.host + "(:[1-9][0-9]{0,4})?$").example(#""1001@192.0.2.7:5060""#)))),
                    .optional("callTimeout", Self.callTimeout)),
                .object(
                    .required(
                        "loopback",
                        .object(
                            .required("extension", Schema.text(matching: Self.word + "$").example(#""1001""#)),
                            .required("context", Schema.text(matching: Self.word + "$").example(#""default""#))))),
                .object(.required("dialString", .text(1...1024).described("Only with `--allow-dial-strings`, and never with `${`.")))
            ).described("Built from parts, because FreeSWITCH runs what stands in `${...}` of a dial string.")),
        .answer(
            "Contact",
            .object(
                .sometimes("user", .text), .sometimes("sofia", .object(.always("profile", .text), .always("address", .text))),
                .sometimes("loopback", .object(.always("extension", .text), .always("context", .text))),
                .sometimes("dialString", .text.described("One that none of the forms can say.")), .sometimes("callTimeout", .count),
                .sometimes("warning", .text.described("What is wrong with the contact as FreeSWITCH holds it.")))),
        .request(
            "NewAgent",
            .object(
                .required("name", Self.agentName), .optional("type", Self.agentType), .optional("contact", .named("ContactRequest")),
                .optional("maxNoAnswer", Self.seconds), .optional("wrapUpTime", Self.seconds), .optional("rejectDelayTime", Self.seconds),
                .optional("busyDelayTime", Self.seconds), .optional("noAnswerDelayTime", Self.seconds),
                .optional("node", .text.described("Where, when there are several nodes.")))),
        .request(
            "StatusRequest",
            .object(.required("status", Self.status), .optional("reason", Self.reason), Self.force)),
        .request("SwitchRequest", .object(Self.force)),
        .request("StateRequest", .object(.required("state", Self.state))),
        .request(
            "LogInRequest",
            .object(
                .optional("ready", .boolean.described("`false`: On Break.")),
                .optional("queues", .list(Self.queueName).described("Also a tier in each.")), Self.force)),
        .request("BreakRequest", .object(.optional("reason", Self.reason), Self.force)),
        .answer(
            "Agent",
            .object(
                Self.deskMembers + [
                    .always("name", Self.knownName), .always("node", .text), .always("type", .text), .always("contact", .named("Contact").orNull),
                    .always("status", .text.described("What the agent wants, as mod_callcenter spells it.")),
                    .always("state", .text.described("What the switch does with the agent.")),
                    .always("normalized", .oneWord(of: NormalizedState.allCases.map(\.rawValue)).described("The one state for desktops.")),
                    .always("reason", .text.orNull), .always("statusChangedAt", .time.orNull), .always("stateChangedAt", .time.orNull),
                    .always("wrapUpUntil", .time.orNull), .always("maxNoAnswer", .count), .always("wrapUpTime", .count),
                    .always("rejectDelayTime", .count), .always("busyDelayTime", .count), .always("noAnswerDelayTime", .count),
                    .always("readyTime", .time.orNull),
                    .always("noAnswerCount", .count), .always("callsAnswered", .count), .always("talkTime", .count),
                    .always("pop", .text.orNull.described("The live pop's `id`.")), .always("pops", .list(.text)),
                    .always(
                        "queues",
                        .list(
                            .object(
                                .always("queue", .text), .always("level", .count), .always("position", .count), .always("state", .text.orNull)))),
                    .always("pending", .named("PendingChange").orNull),
                ])),
    ]

    /// As `Contact` checks them; not every port of five digits is one.
    private static let word = "^[A-Za-z0-9_.+*-]{1,64}"
    private static let host = "(@([A-Za-z0-9_.-]{1,200}|\\[[0-9A-Fa-f:.]{1,64}\\]))"
    static let reason = Schema.text(1...256).described("Why, for the wallboard: a code of `GET /reasons`, or other text where that is allowed.")
    private static let callTimeout = Schema.integer(1...3600).described("Seconds.")
}
