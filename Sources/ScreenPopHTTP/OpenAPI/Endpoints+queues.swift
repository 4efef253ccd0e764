import HTTPTypes

extension Endpoints {
    static let queues: [Endpoint] = [
        Endpoint(.get, "/queues", .readQueues, "listQueues", .queues, "All queues, with live counts")
            .answers(200, "All of them.", .page(of: .named("Queue"))),
        Endpoint(.get, "/queues/:queue", .readQueues, "readQueue", .queues, "One queue")
            .answers(200, "As it is known.", .named("Queue")).refuses(.queueNotFound),
        Endpoint(.get, "/queues/:queue/members", .readMembers, "listMembers", .queues, "Who waits in it")
            .answers(200, "All of them.", .page(of: .named("Member"))).refuses(.queueNotFound),
        Endpoint(.get, "/queues/:queue/agents", .readTiers, "listQueueAgents", .queues, "Who works in it")
            .answers(200, "All of them.", .page(of: .named("Agent"))).refuses(.queueNotFound),
        Endpoint(.get, "/queues/:queue/tiers", .readTiers, "listTiers", .queues, "Who stands where in it")
            .answers(200, "All of them.", .page(of: .named("Tier"))).refuses(.queueNotFound),
        Endpoint(.put, "/queues/:queue/tiers/:agent", .changeTiers, "setTier", .queues, "Add a tier, or set its level and position")
            .takes(.named("TierRequest"), example: #"{"level":1,"position":1}"#)
            .commandsNode().refuses(.agentNotFound, .queueNotFound, .notApplied, .invalidState)
            .answers(200, "Changed, and read back.", .named("CommandAnswer")).answers(201, "Added, and read back.", .named("CommandAnswer"))
            .leads(to: "deleteTier", status: 201, ["queue": "$request.path.queue", "agent": "$request.path.agent"]),
        Endpoint(.delete, "/queues/:queue/tiers/:agent", .changeTiers, "deleteTier", .queues, "Delete a tier")
            .answers(204, "It is gone.").commandsNode().refuses(.agentNotFound, .tierNotFound, .notApplied),
    ]
}
