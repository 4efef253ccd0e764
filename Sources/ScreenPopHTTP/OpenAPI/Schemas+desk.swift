import ScreenPop

extension Schemas {
    static let desk: [Named] = [
        .answer(
            "PendingChange",
            .object(
                .always("status", .text.orNull), .always("state", .text.orNull), .always("reason", .text.orNull),
                .always("leave", Schema.list(.text).orNull.described("The queues to leave.")), .always("by", .text.orNull), .always("since", .time)
            ).described("Kept until the offer or the call is over.")),
        .answer(
            "WrapUp",
            .object(.always("since", .time), .always("until", .time), .always("extended", .boolean)).described("The work after a call.")),
        .answer(
            "ReasonPeriod",
            .object(
                .always("status", .text), .always("reason", .text.orNull), .always("by", .text.orNull), .always("source", .text.orNull),
                .always("since", .time), .always("until", .time.orNull))),
        .answer(
            "Reasons",
            .object(
                .always("items", .list(.object(.always("code", .text), .always("labels", .map(.text))))),
                .always("freeText", .boolean.described("Whether any other text may be given.")))),
        .request(
            "ReasonsRequest",
            .object(
                .required("items", .list(.object(.required("code", Self.reasonCode), .optional("labels", .map(.text(1...64)))), maximum: 100)),
                .optional("freeText", .boolean))),
        .request(
            "LeaveRequest",
            .object(.optional("queues", .list(Self.queueName).described("Left out: all of them.")), Self.force)),
        .request("WrapUpRequest", .object(.required("seconds", Schema.integer(1...3600).described("From the present end.")))),
    ]

    static let force = Schema.Member.optional("force", .boolean.described("At once, even while the agent is offered a call."))
    private static let reasonCode = Schema.text(matching: "^[a-z0-9_-]+$", 1...64).example(#""lunch""#)

    /// What of an agent only ScreenPop knows.
    static let deskMembers: [Schema.Member] = [
        .always("reasonBy", .text.orNull), .always("reasonSince", .time.orNull),
        .always("reasonSource", Schema.oneWord(of: ["screenpop", "external"]).orNull), .always("wrapUp", .named("WrapUp").orNull),
        .always("endedWrapUp", Schema.object(.always("wrapUpTime", .count), .always("until", .time)).orNull),
    ]
}
