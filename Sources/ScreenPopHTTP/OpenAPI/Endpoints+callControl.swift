import HTTPTypes

extension Endpoints {
    static let callControl: [Endpoint] = [
        Endpoint(.post, "/agents/:agent/call/hangup", .controlCall, "hangUp", .calls, "End the agent's call, or refuse the one that rings")
            .takes(.named("CallRequest"), example: "{}").steersCall(),
        Endpoint(.post, "/agents/:agent/call/hold", .controlCall, "hold", .calls, "Let the caller wait with music")
            .takes(.named("CallRequest"), example: "{}").steersCall(),
        Endpoint(.post, "/agents/:agent/call/resume", .controlCall, "resume", .calls, "Talk on with a caller on hold")
            .takes(.named("CallRequest"), example: "{}").steersCall(),
        Endpoint(.post, "/agents/:agent/call/transfer", .controlCall, "transfer", .calls, "Give the caller to somebody else, unannounced")
            .takes(.named("TransferRequest"), example: #"{"to":{"extension":"1002"}}"#).steersCall().reaches(),
        Endpoint(.post, "/agents/:agent/dial", .dial, "dial", .calls, "Ring the agent's phone, then call")
            .takes(.named("DialRequest"), example: #"{"to":{"extension":"1002"}}"#).commandsAgent().reaches().refuses(.wrongState, .notApplied),
        Endpoint(.get, "/agents/:agent/transfers", .controlCall, "listTransfers", .calls, "The agent's attended transfers, newest first")
            .answers(200, "Those that go on, and the last that are over.", .page(of: .named("Transfer"))).refuses(.invalidName, .agentNotFound),
        Endpoint(.post, "/agents/:agent/transfers", .controlCall, "consult", .calls, "Put the caller on hold and ask somebody")
            .takes(.named("TransferRequest"), example: #"{"to":{"agent":"1002@default"}}"#)
            .answers(201, "It rings.", .named("Transfer")).commandsNode().refuses(.agentNotFound, .noCall, .wrongState, .notApplied).reaches()
            .leads(to: "readTransfer", status: 201, ["agent": "$request.path.agent", "transfer": "$response.body#/id"])
            .leads(to: "completeTransfer", status: 201, ["agent": "$request.path.agent", "transfer": "$response.body#/id"])
            .leads(to: "cancelTransfer", status: 201, ["agent": "$request.path.agent", "transfer": "$response.body#/id"]),
        Endpoint(.get, "/agents/:agent/transfers/:transfer", .controlCall, "readTransfer", .calls, "How far an attended transfer is")
            .answers(200, "As it is.", .named("Transfer")).refuses(.transferNotFound, .agentNotFound, .invalidName),
        Endpoint(
            .post, "/agents/:agent/transfers/:transfer/complete", .controlCall, "completeTransfer", .calls, "Connect the caller with who was asked"
        ).takesNothing().answers(200, "On its way, or done.", .named("Transfer")).commandsNode()
            .refuses(.transferNotFound, .agentNotFound, .wrongState, .noCall, .notApplied),
        Endpoint(.delete, "/agents/:agent/transfers/:transfer", .controlCall, "cancelTransfer", .calls, "Come back to the caller")
            .answers(200, "On its way, or done.", .named("Transfer")).commandsNode()
            .refuses(.transferNotFound, .agentNotFound, .wrongState, .noCall, .notApplied),
        Endpoint(.get, "/calls", .listCalls, "listCalls", .calls, "Calls that go on")
            .answers(200, "All of them.", .page(of: .named("Call"))).refuses(.nodeUnavailable)
            .leads(to: "readCall", ["uuid": "$response.body#/items/0/uuid"]),
        Endpoint(.post, "/calls/:uuid/hangup", .endCall, "endCall", .calls, "End a call for everybody")
            .takesNothing().answers(200, "Done, and read back.", .named("CommandAnswer")).commandsNode().refuses(
                .callNotFound, .noCall, .notApplied, .wrongState),
        Endpoint(
            .post, "/calls/:uuid/supervise", .supervise, "supervise", .calls, "Listen to a call, whisper to its agent, or barge in: a phone rings"
        )
        .takes(.named("SupervisionRequest"), example: #"{"mode":"listen","agent":"1002@default"}"#)
        .answers(201, "The phone rings.", .named("Supervision")).supervises(),
        Endpoint(.put, "/calls/:uuid/supervise", .supervise, "changeSupervision", .calls, "Listen, whisper or barge from now on")
            .takes(.named("SupervisionRequest"), example: #"{"mode":"whisper","agent":"1002@default"}"#)
            .answers(200, "Changed.", .named("Supervision")).supervises(),
        Endpoint(.delete, "/calls/:uuid/supervise", .supervise, "endSupervision", .calls, "End the supervision")
            .asks("agent", Schemas.agentName, "Whose phone heard, when it is not one's own.")
            .answers(204, "It has ended.").supervises(),
    ]
}

extension Endpoint {
    fileprivate func steersCall() -> Endpoint { self.commandsAgent().refuses(.noCall, .wrongState, .notApplied, .invalidValue) }

    /// It goes where somebody says.
    fileprivate func reaches() -> Endpoint { self.refuses(.targetNotAllowed, .agentNotFound, .queueNotFound, .invalidContact) }

    fileprivate func supervises() -> Endpoint {
        self.commandsNode().refuses(.callNotFound, .supervisionNotFound, .agentNotFound, .wrongState, .notApplied, .noCall, .invalidContact)
    }
}
