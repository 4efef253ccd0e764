import HTTPTypes

/// Every route there is, for the document. A test holds it against the routes that are registered, and real answers against what it says of them.
enum Endpoints {
    static let all: [Endpoint] =
        Self.service + Self.access + Self.audit + Self.agents + Self.desk + Self.pops + Self.queues + Self.queueDefinitions + Self.configuration
        + Self.calls
        + Self.callControl + Self.push

    private static let service: [Endpoint] = [
        Endpoint(.get, "/healthz", nil, "isAlive", .service, "Whether the process runs")
            .answers(200, "It does.", .object(.always("status", .oneWord(of: ["ok"]))), example: #"{"status":"ok"}"#),
        Endpoint(.get, "/readyz", nil, "isReady", .service, "Whether it can serve: Redis, and at least one node")
            .answers(200, "It can; `degraded` names the nodes that are away.", .named("Readiness"))
            .answers(503, "It cannot, and this says why.", .named("Readiness")),
        Endpoint(.get, "/metrics", nil, "readMetrics", .service, "Numbers for Prometheus")
            .answers(200, "Prometheus text.", .text, type: "text/plain"),
        Endpoint(.get, "/openapi.json", nil, "readDocument", .service, "This document")
            .answers(200, "OpenAPI 3.1.", .map(.anything)),
        Endpoint(.get, "/asyncapi.json", nil, "readMessagesDocument", .service, "What is pushed, and what clients say over WebSocket")
            .answers(200, "AsyncAPI 3; docs/asyncapi.yaml is the same in YAML.", .map(.anything)),
    ]

    private static let push: [Endpoint] = [
        Endpoint(
            .get, "/events", .readSession, "listen", .push, "Server-sent events",
            details: "`event:` is the type, `data:` the message, `id:` the cursor to come back to. Without `agent` and `topics` everything is sent. "
                + "The messages are described at `/asyncapi.json`."
        )
        .opensSession()
        .takesHeader("Last-Event-ID", .text, "As `since`, from a browser that comes back.")
        .answers(200, "Events, until somebody ends it.", .text, type: "text/event-stream"),
        Endpoint(
            .get, API.prefix + "/ws", nil, "openWebSocket", .push, "WebSocket",
            details: "Version 13, subprotocol `screenpop.v1`; the token in `Authorization` or as a second subprotocol `bearer.TOKEN`. "
                + "The messages are described at `/asyncapi.json`."
        )
        .opensSession()
        .asks(
            "desk", .text(matching: "^[A-Za-z0-9_-]+$", 1...64),
            "Which of the agent's desks it is; one of them rings, and `desk.primary` says which. Without it the socket is no desk."
        )
        .answers(101, "The connection is a WebSocket now.")
        .answers(307, "Only the first request of a connection can be upgraded: come again on a new one.")
        .refuses(.badHandshake, .unauthorized, .forbidden, .originNotAllowed, .upgradeRequired, .badRequest, .tooManyRequests),
    ]
}

extension Endpoint {
    fileprivate func opensSession() -> Endpoint {
        self.asks("agent", .text, "Whose desktop it is.")
            .asks("topics", .text, "What else it listens to, with commas between: `agent:NAME`, `agents`, `queue:NAME`, `queues`, `nodes`.")
            .asks("since", .text, "The cursor of the last message that was seen.")
            .refuses(.unknownTopic, .tooManyTopics, .tooManySessions)
    }
}
