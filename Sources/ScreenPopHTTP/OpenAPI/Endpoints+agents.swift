import HTTPTypes

extension Endpoints {
    static let agents: [Endpoint] = [
        Endpoint(.get, "/agents", .listAgents, "listAgents", .agents, "All agents").answers(200, "All of them.", .page(of: .named("Agent"))),
        Endpoint(.post, "/agents", .addAgent, "addAgent", .agents, "Add an agent")
            .takes(.named("NewAgent"), example: #"{"name":"2001@default","contact":{"user":"2001@example.org","callTimeout":10},"wrapUpTime":10}"#)
            .commandsNode().refuses(.agentExists, .invalidType, .invalidContact, .nodeUnknown).refuses(.dialStringsNotAllowed)
            .answers(201, "Added, and read back.", .named("CommandAnswer"))
            .leads(to: "readAgent", status: 201, ["agent": "$request.body#/name"])
            .leads(to: "setStatus", status: 201, ["agent": "$request.body#/name"])
            .leads(to: "logIn", status: 201, ["agent": "$request.body#/name"])
            .leads(to: "deleteAgent", status: 201, ["agent": "$request.body#/name"]),
        Endpoint(.get, "/agents/:agent", .readAgent, "readAgent", .agents, "One agent")
            .answers(200, "As it is known.", .named("Agent")).refuses(.agentNotFound),
        Endpoint(.delete, "/agents/:agent", .deleteAgent, "deleteAgent", .agents, "Delete an agent")
            .asks("node", .text, "Which one, when two nodes have it.")
            .answers(204, "It is gone.").commandsNode().refuses(.agentNotFound, .notApplied, .nodeUnknown)
            .leads(to: "readAgent", status: 204, ["agent": "$request.path.agent"]),
        Endpoint(.put, "/agents/:agent/status", .setStatus, "setStatus", .agents, "Set what the agent wants")
            .takes(.named("StatusRequest"), example: #"{"status":"On Break","reason":"lunch"}"#)
            .commandsAgent(example: Self.onBreak).mayBeKept().refuses(.invalidStatus, .invalidReason),
        Endpoint(.put, "/agents/:agent/state", .setState, "setState", .agents, "Set what the switch does with the agent")
            .takes(.named("StateRequest"), example: #"{"state":"Waiting"}"#)
            .commandsAgent().refuses(.invalidState),
        Endpoint(.post, "/agents/:agent/login", .logIn, "logIn", .agents, "Available and Waiting, or On Break; with queues a tier in each")
            .takes(.named("LogInRequest"), example: #"{"ready":true,"queues":["support@default"]}"#)
            .commandsAgent().mayBeKept().refuses(.queueNotFound),
        Endpoint(.post, "/agents/:agent/logout", .logOut, "logOut", .agents, "Logged Out")
            .takes(.named("SwitchRequest"), example: "{}").commandsAgent().mayBeKept(),
        Endpoint(
            .post, "/agents/:agent/ready", .ready, "ready", .agents, "Available and Waiting, verified",
            details: "An agent who is offered a call or in one gets the status alone; the switch sets the state when the call is over."
        ).takes(.named("SwitchRequest"), example: "{}").commandsAgent().mayBeKept(),
        Endpoint(.post, "/agents/:agent/break", .takeBreak, "takeBreak", .agents, "On Break")
            .takes(.named("BreakRequest"), example: #"{"reason":"lunch"}"#)
            .commandsAgent(example: Self.onBreak).mayBeKept().refuses(.invalidReason),
    ]

    private static let onBreak =
        #"{"requested":{"status":"On Break","reason":"lunch"},"reply":"+OK","actual":{"status":"On Break","state":"Waiting"},"#
        + #""applied":true,"tookMilliseconds":3}"#
}

extension Endpoint {
    /// An empty body, or `{}`.
    func takesNothing() -> Endpoint { self.takes(.object(), example: "{}") }
}
