import HTTPTypes

extension Endpoints {
    static let configuration: [Endpoint] = [
        Endpoint(
            .patch, "/agents/:agent", .changeAgent, "changeAgent", .agents, "Change settings, status and state of an agent",
            details: "Settings first, then what the buttons do, each as if it had been asked for alone."
        )
        .takes(.named("AgentChange"), example: #"{"wrapUpTime":20,"status":"On Break"}"#)
        .commandsAgent().mayBeKept().refuses(.invalidReason, .invalidType, .invalidContact, .invalidStatus, .invalidState)
        .refuses(.dialStringsNotAllowed),
        Endpoint(.post, "/queues/:queue/load", .changeQueues, "loadQueue", .queues, "Load a queue that stands in callcenter.conf")
            .commandsQueue().refuses(.queueExists),
        Endpoint(.post, "/queues/:queue/reload", .changeQueues, "reloadQueue", .queues, "Have a queue's settings read again").commandsQueue(),
        Endpoint(.post, "/queues/:queue/unload", .changeQueues, "unloadQueue", .queues, "Take a queue away until it is loaded again").commandsQueue(),
        Endpoint(.get, "/members", .readMembers, "listAllMembers", .queues, "Who waits, in all queues")
            .answers(200, "All of them.", .page(of: .named("Member"))),
        Endpoint(.get, "/nodes", .readNodes, "listNodes", .site, "The FreeSWITCH nodes").answers(200, "All of them.", .page(of: .named("Node"))),
        Endpoint(
            .post, "/import", .importSettings, "importSettings", .site, "Make agents and tiers as a list says",
            details: "Nothing is done when any line is in error."
        )
        .asks("plan", .boolean, "`true`: only say what would change.")
        .asks("delete", .boolean, "`true`: delete what the list does not have.")
        .takes(.named("SettingsRequest"), example: #"{"agents":[{"name":"2001@default","wrapUpTime":10}],"tiers":[]}"#)
        .takes("text/csv", .text, example: "kind,name,queue,level\ntier,1001@default,support@default,1\n")
        .answers(200, "What was, or would be, changed.", .named("ImportAnswer"))
        .answers(422, "Lines are in error, and nothing was changed.", .named("ImportAnswer"))
        .answers(422, "The request is not understood.", .named("Problem"), type: "application/problem+json")
        .commandsNode().refuses(.malformedCSV, .unsupportedMediaType, .importInProgress),
        Endpoint(.get, "/export", .exportSettings, "exportSettings", .site, "Agents and tiers, in the form that `import` takes")
            .asks("format", .oneWord(of: ["json", "csv"]), "json unless told.")
            .answers(200, "All of them.", .named("Settings")).answers(200, "All of them.", .text, type: "text/csv").commandsNode(),
    ]
}

extension Endpoint {
    fileprivate func commandsQueue() -> Endpoint {
        self.takes(.named("QueueRequest"), example: "{}")
            .commandsNode().refuses(.queueNotFound, .nodeUnknown, .notApplied)
            .answers(200, "Done, and read back.", .named("CommandAnswer"))
    }
}
