import ScreenPopService

extension Schemas {
    static let role = Schema.oneWord(of: Role.allCases.map(\.rawValue))
    private static let userName = Schema.text(matching: #"^[^\p{Cc}]+$"#, 1...128)

    static let access: [Named] = [
        .request(
            "LogIn",
            .oneOf(
                .object(.required("user", Self.userName.example(#""anna""#)), .required("password", .text(1...256))),
                .object(.required("agent", Self.agentName), .required("password", .text(1...256))),
                .object(.required("token", .text(1...16_384).described("A JWT."))))),
        .answer(
            "Session",
            .object(
                .always("principal", Self.principal),
                .always("csrf", Schema.text.orNull.described("What `X-CSRF-Token` has to say; `null` for a token.")),
                .always("expiresAt", .time.orNull))),
        .answer(
            "ListedSession",
            .object(
                .always("id", .text.described("For `DELETE /api/v1/sessions/{session}`; no secret.")), .always("principal", Self.principal),
                .always("begunAt", .time), .always("expiresAt", .time), .always("current", Schema.boolean.described("The one that asks.")))),
        .request(
            "NewToken",
            .object(
                .required("name", Self.userName.described("What it is for.").example(#""desk 1""#)), .required("role", Self.role),
                .optional("agent", Self.agentName.described("Whose desktop; the role agent needs one.")),
                .optional("expiresIn", Schema.integer(1...316_224_000).described("Seconds; without it the token does not expire.")))),
        .answer("Token", .object(Self.tokenMembers + [.always("lastUsedAt", .time.orNull)])),
        .answer(
            "TokenShownOnce",
            .object(
                Self.tokenMembers + [.always("token", .text.described("Never shown again; only its hash is kept.")), Self.warning])),
        .request(
            "UserRequest",
            .object(
                .required("role", Self.role), .optional("agent", Self.agentName.described("Whose desktop; the role agent needs one.")),
                .optional("password", .text(8...256).described("A new user needs one; without it the old one stays.")))),
        .answer(
            "User",
            .object(
                .always("name", .text), .always("role", Self.role), .always("agent", .text.orNull), .always("createdAt", .time),
                .always("changedAt", .time), Self.warning)),
    ]

    private static let principal = Schema.object(
        .always("id", .text.described("`admin-token`, `token:ID`, `user:NAME`, `jwt:SUBJECT`")), .always("name", .text),
        .always("role", Self.role), .always("agent", .text.orNull))

    private static let warning = Schema.Member.sometimes(
        "warning", .text.described("The agent named does not exist now. In the answer to a change alone."))

    private static let tokenMembers: [Schema.Member] = [
        .always("id", .text), .always("name", .text), .always("role", Self.role), .always("agent", .text.orNull), .always("createdAt", .time),
        .always("createdBy", .text.orNull), .always("expiresAt", .time.orNull),
    ]
}
