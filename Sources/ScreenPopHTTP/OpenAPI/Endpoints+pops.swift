import HTTPTypes

extension Endpoints {
    static let pops: [Endpoint] = [
        Endpoint(.get, "/agents/:agent/pop", .readPops, "readPop", .pops, "The agent's current pop")
            .answers(200, "It stands on the agent's screen.", .named("Pop")).answers(204, "There is none.").refuses(.agentNotFound)
            .leads(to: "acknowledgePop", ["agent": "$request.path.agent", "pop": "$response.body#/id"])
            .leads(to: "listCallsOfPop", ["agent": "$request.path.agent", "pop": "$response.body#/id"])
            .leads(to: "readCall", ["uuid": "$response.body#/callUUID"]),
        Endpoint(.get, "/agents/:agent/pops", .readPops, "listPops", .pops, "The agent's pops as they ended, newest first")
            .paged().answers(200, "A page of them.", .page(of: .named("Pop"))).refuses(.agentNotFound),
        Endpoint(.get, "/agents/:agent/pops/:pop/calls", .readPops, "listCallsOfPop", .pops, "Past calls of whoever calls")
            .answers(
                200, "The last 50, newest first; none where the number is unknown, and none of a call that the agent makes.",
                .page(of: .named("Call"))
            ).refuses(.popNotFound),
        Endpoint(.post, "/agents/:agent/pops/:pop/ack", .acknowledgePop, "acknowledgePop", .pops, "Say that a pop came, was seen, was put away")
            .takes(.named("Acknowledgement"), example: #"{"stage":"shown"}"#)
            .answers(204, "Noted.").refuses(.popNotFound),
    ]

    static let calls: [Endpoint] = [
        Endpoint(.get, "/calls/:uuid", .readCall, "readCall", .calls, "A call as known, until a day after its end")
            .answers(200, "The call.", .named("Call")).refuses(.callNotFound)
            .leads(to: "readTrace", ["uuid": "$response.body#/uuid"]),
        Endpoint(.get, "/calls/:uuid/trace", .readTrace, "readTrace", .calls, "Why did it (not) pop: all that was seen and decided, in order")
            .answers(200, "Line by line.", .page(of: .named("TraceLine"))).refuses(.callNotFound),
        Endpoint(.get, "/callers/:number/calls", .readCaller, "listCallsOfCaller", .calls, "Past calls of a caller")
            .answers(200, "The last 50.", .page(of: .named("Call"))),
    ]
}

extension Endpoint {
    /// `?limit=&before=`
    func paged() -> Endpoint {
        self.asks("limit", .integer(1...200), "How many; 50 unless told.").asks("before", .cursor, "The `next` of the page before.")
    }
}
