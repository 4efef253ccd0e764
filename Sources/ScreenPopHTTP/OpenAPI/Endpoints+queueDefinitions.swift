import HTTPTypes

extension Endpoints {
    static let queueDefinitions: [Endpoint] = [
        Endpoint(
            .post, "/queues", .defineQueues, "addQueue", .queues, "Define a queue, and load it",
            details: "Parameters that are left out have mod_callcenter's own values. A queue that cannot be loaded is not defined either."
        )
        .takes(.named("NewQueue"), example: #"{"name":"billing@default","strategy":"longest-idle-agent","maxWaitTime":300}"#)
        .commandsNode().refuses(.queueExists, .nodeUnknown, .notApplied, .wrongState)
        .answers(201, "Defined, loaded and read back.", .named("CommandAnswer"))
        .leads(to: "readQueueDefinition", status: 201, ["queue": "$request.body#/name"])
        .leads(to: "deleteQueueDefinition", status: 201, ["queue": "$request.body#/name"]),
        Endpoint(.get, "/queue-definitions", .defineQueues, "listQueueDefinitions", .queues, "The queues that ScreenPop defines")
            .answers(200, "All of them.", .page(of: .named("QueueDefinition"))),
        Endpoint(.get, "/queue-parameters", .readQueues, "listQueueParameters", .queues, "What can be set of a queue, and what it means")
            .answers(200, "All there are.", .page(of: .named("QueueParameter"))),
        Endpoint(.get, "/queues/:queue/definition", .defineQueues, "readQueueDefinition", .queues, "How a queue is defined")
            .answers(200, "As ScreenPop has it, and how the nodes have it.", .named("QueueDefinition")).refuses(.queueNotFound, .invalidName),
        Endpoint(
            .patch, "/queues/:queue/definition", .defineQueues, "changeQueueDefinition", .queues, "Set some parameters of a queue",
            details:
                "What is left out stays. A node takes it with the next reload: `?reload=true` reloads, else `takesEffect` says what is to be done."
        ).redefines(),
        Endpoint(
            .put, "/queues/:queue/definition", .defineQueues, "replaceQueueDefinition", .queues, "Set all parameters of a queue",
            details: "What is left out has mod_callcenter's own value again."
        ).redefines(),
        Endpoint(.delete, "/queues/:queue/definition", .defineQueues, "deleteQueueDefinition", .queues, "Delete a queue that ScreenPop defines")
            .asks("unload", .boolean, "`true`: unload it first. Without it a loaded queue is refused; one in which somebody waits always is.")
            .answers(204, "It is gone.").commandsNode().refuses(.queueNotFound, .wrongState, .notApplied, .nodeUnknown),
        Self.switchConfiguration(.post, "readSwitchConfiguration")
            .takes("application/x-www-form-urlencoded", .named("SwitchConfigurationRequest"), example: Self.form),
        Self.switchConfiguration(.get, "querySwitchConfiguration"),
    ]

    private static let form = "section=configuration&tag_name=configuration&key_name=name&key_value=callcenter.conf&CC-Queue=billing%40default"

    private static func switchConfiguration(_ method: HTTPRequest.Method, _ id: String) -> Endpoint {
        Endpoint(
            method, "/freeswitch/configuration", .readSwitchConfiguration, id, .service,
            "What a FreeSWITCH's mod_xml_curl asks, binding `configuration`",
            details:
                "With `key_value=callcenter.conf` and `CC-Queue` a queue that ScreenPop defines is answered; everything else is \"not found\", and "
                + "FreeSWITCH reads its own files. The token may also stand as the password of HTTP's Basic authentication."
        )
        .answers(200, "XML for FreeSWITCH.", .text, type: "text/xml").refuses(.csrfTokenNeeded, .bodyTooLarge)
    }
}

extension Endpoint {
    fileprivate func redefines() -> Endpoint {
        self.takes(.named("QueueParameters"), example: #"{"maxWaitTime":120}"#)
            .asks("reload", .boolean, "`true`: every node that has the queue reads it anew.")
            .commandsNode().refuses(.queueNotFound, .notApplied, .nodeUnknown, .wrongState)
            .answers(200, "As it is defined now.", .named("QueueDefinition"))
    }
}
