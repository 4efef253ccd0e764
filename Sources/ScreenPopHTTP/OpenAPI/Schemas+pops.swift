import ScreenPop

extension Schemas {
    static let pops: [Named] = [
        .answer(
            "Pop",
            .object(
                .always("id", .text), .always("version", .count), .always("kind", .oneWord(of: Pop.Kind.allCases.map(\.rawValue))),
                .always("state", .oneWord(of: Pop.State.allCases.map(\.rawValue))),
                .always("provisional", .boolean.described("Redis was away; a later version confirms it.")), .always("agent", Self.knownName),
                .always("node", .text), .always("queue", .text.orNull), .always("caller", Self.caller), .always("dialed", .text.orNull),
                .always("callUUID", Schema.uuid.orNull), .always("memberUUID", Schema.uuid.orNull), .always("agentCallUUID", Schema.uuid.orNull),
                .always("joinedAt", .time.orNull), .always("offeredAt", .time.orNull), .always("answeredAt", .time.orNull),
                .always("bridgedAt", .time.orNull), .always("heldAt", .time.orNull), .always("endedAt", .time.orNull),
                .always("waitSeconds", Schema.count.orNull), .always("endReason", Self.endReason.orNull), .always("endedBy", Self.party.orNull),
                .always("transferredTo", .text.orNull), .always("attributes", Self.attributes),
                .always(
                    "history",
                    .list(
                        .object(
                            .always("at", .time), .always("agent", .text.orNull), .always("queue", .text.orNull), .always("endReason", Self.endReason)
                        )
                    ).described("Offers of the same call before this one.")),
                .always("url", .text.orNull.described("The page about the caller: made of `--pop-url`.")), .always("matches", .list(.anything)))),
        .request(
            "Acknowledgement", .object(.required("stage", .oneWord(of: ["received", "shown", "dismissed"])))),
        .answer(
            "Call",
            .object(
                .always("uuid", .uuid), .always("node", .text), .always("kind", .oneWord(of: Pop.Kind.allCases.map(\.rawValue))),
                .always("caller", Self.caller), .always("dialed", .text.orNull), .always("queue", .text.orNull),
                .always("agent", .text.orNull.described("Who was connected last.")), .always("startedAt", .time), .always("answeredAt", .time.orNull),
                .always("endedAt", .time.orNull), .always("endReason", Self.endReason.orNull), .always("endedBy", Self.party.orNull),
                .always("attributes", Self.attributes), .always("pops", .list(.text).described("In order of offer.")))),
        .answer(
            "TraceLine",
            .object(
                .always("at", .time), .always("kind", .oneWord(of: ["seen", "decided", "acknowledged"])), .always("what", .text),
                .always("agent", .text.orNull), .always("queue", .text.orNull), .always("detail", .text.orNull))),
    ]
}
