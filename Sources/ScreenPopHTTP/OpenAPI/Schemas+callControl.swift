import ScreenPop

extension Schemas {
    static let callControl: [Named] = [
        .request(
            "Target",
            .oneOf(
                .object(.required("extension", Schema.text(matching: "^[0-9]{3,6}$").example(#""1002""#))),
                .object(.required("number", Schema.text(matching: "^[+]?[0-9]{1,20}$").described("Only what `--dial-number` allows."))),
                .object(.required("agent", Self.agentName)), .object(.required("queue", Self.queueName)))),
        .request("CallRequest", .object(Self.whichCall)),
        .request("TransferRequest", .object(Self.whichCall + [.required("to", .named("Target"))])),
        .request("DialRequest", .object(.required("to", .named("Target")))),
        .answer(
            "Transfer",
            .object(
                .always("id", .text), .always("node", .text), .always("agent", .text), .always("call", .text.orNull), .always("pop", .text),
                .always(
                    "to",
                    .object(
                        .sometimes("extension", .text), .sometimes("number", .text), .sometimes("agent", .text), .sometimes("queue", .text))),
                .always("state", .text), .always("reason", .text.orNull), .always("by", .text.orNull), .always("createdAt", .time),
                .always("answeredAt", .time.orNull), .always("endedAt", .time.orNull)
            ).described("An attended transfer.")),
        .request(
            "SupervisionRequest",
            .object(
                .optional("mode", .oneWord(of: ["listen", "whisper", "barge"])),
                .optional("agent", Self.agentName.described("Whose phone hears; only an administrator may name another's.")))),
        .answer(
            "Supervision",
            .object(
                .always("id", .text), .always("node", .text), .always("call", .text.orNull), .always("supervisor", .text),
                .always("agent", .text.orNull), .always("mode", .oneWord(of: ["listen", "whisper", "barge"])), .always("state", .text),
                .always("reason", .text.orNull), .always("by", .text.orNull), .always("createdAt", .time), .always("answeredAt", .time.orNull),
                .always("endedAt", .time.orNull))),
    ]

    static let whichCall: [Schema.Member] = [
        .optional("call", Schema.text.described("Which of the agent's calls, by its channel; the current one when left out.")),
        .optional("pop", Schema.text.described("The same by its pop, instead of `call`.").example("null")),
    ]
}
