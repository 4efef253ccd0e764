import HTTPTypes

extension Endpoints {
    static let desk: [Endpoint] = [
        Endpoint(.post, "/agents/:agent/leave", .leaveQueues, "leaveQueues", .agents, "Leave queues: at once when free, else after the call")
            .takes(.named("LeaveRequest"), example: #"{"queues":["support@default"]}"#)
            .commandsAgent().mayBeKept().refuses(.queueNotFound, .tierNotFound),
        Endpoint(.delete, "/agents/:agent/pending", .cancelPending, "cancelPending", .agents, "Forget the change that is kept for later")
            .answers(204, "Nothing is kept now.").commandsNode().refuses(.agentNotFound),
        Endpoint(.post, "/agents/:agent/wrap-up", .wrapUp, "extendWrapUp", .agents, "More time for the work after a call")
            .takes(.named("WrapUpRequest"), example: #"{"seconds":60}"#).commandsAgent().refuses(.wrongState),
        Endpoint(.delete, "/agents/:agent/wrap-up", .wrapUp, "endWrapUp", .agents, "The work after the call is done: the next one may come")
            .commandsAgent().refuses(.wrongState),
        Endpoint(.get, "/agents/:agent/reasons", .readAgent, "listReasonsOfAgent", .agents, "Why the agent was On Break, and how long; newest first")
            .paged().answers(200, "A page of them.", .page(of: .named("ReasonPeriod"))).refuses(.agentNotFound),
        Endpoint(.get, "/reasons", .readReasons, "readReasons", .site, "The reasons that may be given with a status")
            .answers(200, "All of them.", .named("Reasons")),
        Endpoint(.put, "/reasons", .changeReasons, "saveReasons", .site, "Replace the reasons")
            .takes(.named("ReasonsRequest"), example: #"{"items":[{"code":"lunch","labels":{"en":"Lunch","zh":"午餐"}}],"freeText":true}"#)
            .answers(200, "As they are now.", .named("Reasons")),
    ]
}

extension Endpoint {
    /// Not now: while the agent is offered a call, or in one.
    func mayBeKept() -> Endpoint {
        self.answers(202, "It cannot be carried out now and is kept; `pending` says what.", .named("CommandAnswer"))
    }
}
