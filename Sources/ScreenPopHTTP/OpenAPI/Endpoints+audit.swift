import HTTPTypes

extension Endpoints {
    static let audit: [Endpoint] = [
        Endpoint(.get, "/audit", .readAudit, "readAudit", .administration, "Who did what to whom, when, from where, with what result; newest first")
            .paged().answers(200, "A page of it.", .page(of: .named("AuditEntry")))
    ]
}

extension Schemas {
    static let audit: [Named] = [
        .answer(
            "AuditEntry",
            .object(
                .always("id", .text.orNull), .always("at", .time), .always("principal", .text.orNull), .always("name", .text.orNull),
                .always("role", Self.role.orNull), .always("operation", .text), .always("target", .map(.text)), .always("from", .text.orNull),
                .always("way", .text), .always("status", .integer(100...599)), .always("code", .text.orNull), .always("replayed", .boolean),
                .always("request", Schema.map(.anything).orNull.described("Without secrets and callers' numbers.")),
                .always("result", Schema.map(.anything).orNull.described("What an import or its plan came to."))))
    ]
}
