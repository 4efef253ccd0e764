import HTTPTypes
import ScreenPopService

/// One route as the document describes it. Who may comes from `AccessTable`, and most refusals from what the route is made of.
struct Endpoint: Sendable {
    enum Tag: String, CaseIterable, Sendable {
        case service, session, agents, pops, queues, calls, site, administration, push
    }

    struct Parameter: Sendable {
        var name: String
        var schema: Schema
        var text: String
    }

    struct Content: Sendable {
        var type: String
        var schema: Schema
        /// JSON, or the text itself for another type.
        var example: String?
    }

    struct Answer: Sendable {
        var status: Int
        var text: String
        var content: [Content]
    }

    /// Where an answer leads: the operation, and where its parameters stand in the answer.
    struct Link: Sendable {
        var operation: String
        var parameters: [String: String]
        var status: Int
    }

    let method: HTTPRequest.Method
    /// As `Routes` knows it: `/api/v1/agents/:agent`
    let path: String
    let operation: Operation?
    let tag: Tag
    /// The `operationId`.
    let id: String
    let summary: String
    var details: String?
    var query: [Parameter] = []
    var headers: [Parameter] = []
    var body: [Content] = []
    var bodyIsRequired = false
    var answers: [Answer] = []
    var links: [Link] = []
    /// Those that the parts of the route do not tell.
    var particular: [ProblemCode] = []

    /// - Parameter path: Below `/api/v1` when there is an operation.
    init(_ method: HTTPRequest.Method, _ path: String, _ operation: Operation?, _ id: String, _ tag: Tag, _ summary: String, details: String? = nil) {
        self.method = method
        self.path = (operation == nil ? "" : API.prefix) + path
        self.operation = operation
        self.tag = tag
        self.id = id
        self.summary = summary
        self.details = details
    }

    var pathParameters: [String] {
        self.path.split(separator: "/").filter { $0.first == ":" }.map { String($0.dropFirst()) }
    }

    /// `/api/v1/agents/{agent}`
    var template: String {
        self.path.split(separator: "/", omittingEmptySubsequences: false).map { $0.first == ":" ? "{\($0.dropFirst())}" : String($0) }
            .joined(separator: "/")
    }

    var changesSomething: Bool {
        self.operation?.changesSomething(by: self.method) ?? (self.method != .get && self.method != .head)
    }

    /// With those that every route of its kind takes.
    var allHeaders: [Parameter] {
        guard self.changesSomething, self.operation != nil else { return self.headers }
        return self.headers + [
            Parameter(
                name: "Idempotency-Key", schema: .text(matching: "^[!-~]+$", 1...128),
                text: "The same request with the same key is carried out once; its answer comes again, with `Idempotency-Replayed: true`.")
        ]
    }

    /// All that may be answered instead, by status.
    var problems: [(status: Int, codes: [String])] {
        var codes = Set(self.particular)
        if self.operation != nil {
            codes.formUnion([.unauthorized, .forbidden, .tooManyRequests, .storeUnavailable])
            if self.changesSomething {
                codes.formUnion([
                    .csrfTokenNeeded, .malformedIdempotencyKey, .idempotencyInProgress, .idempotencyNotReplayable, .idempotencyMismatch,
                    .tooManyIdempotencyKeys,
                ])
            }
            if !self.pathParameters.isEmpty { codes.insert(.malformedPath) }
        }
        if !self.query.isEmpty { codes.formUnion([.malformedQuery, .invalidValue]) }
        if !self.body.isEmpty { codes.formUnion([.malformedJSON, .bodyTooLarge, .unknownMember, .invalidValue]) }
        return Dictionary(grouping: codes, by: \.status).map { ($0.key, $0.value.map(\.code).sorted()) }.sorted { $0.0 < $1.0 }
    }
}

// MARK: how one is written down

extension Endpoint {
    private func with(_ change: (inout Endpoint) -> Void) -> Endpoint {
        var endpoint = self
        change(&endpoint)
        return endpoint
    }

    func asks(_ name: String, _ schema: Schema, _ text: String) -> Endpoint {
        self.with { $0.query.append(Parameter(name: name, schema: schema, text: text)) }
    }

    func takesHeader(_ name: String, _ schema: Schema, _ text: String) -> Endpoint {
        self.with { $0.headers.append(Parameter(name: name, schema: schema, text: text)) }
    }

    /// A JSON body. It must be there when one of its members must.
    func takes(_ schema: Schema, example: String) -> Endpoint {
        self.with { endpoint in
            endpoint.body.append(Content(type: "application/json", schema: schema, example: example))
            switch Schemas.resolved(schema).kind {
            case .object(let members): endpoint.bodyIsRequired = members.contains(where: \.isRequired)
            default: endpoint.bodyIsRequired = true
            }
        }
    }

    func takes(_ type: String, _ schema: Schema, example: String) -> Endpoint {
        self.with { $0.body.append(Content(type: type, schema: schema, example: example)) }
    }

    func answers(_ status: Int, _ text: String, _ schema: Schema? = nil, type: String = "application/json", example: String? = nil) -> Endpoint {
        self.with { endpoint in
            let content = schema.map { [Content(type: type, schema: $0, example: example)] } ?? []
            if let index = endpoint.answers.firstIndex(where: { $0.status == status }) {
                endpoint.answers[index].content += content
            } else {
                endpoint.answers.append(Answer(status: status, text: text, content: content))
            }
        }
    }

    func refuses(_ codes: ProblemCode...) -> Endpoint {
        self.with { $0.particular += codes }
    }

    /// What every command to a node may be refused with.
    func commandsNode() -> Endpoint {
        self.refuses(.invalidName, .agentOnTwoNodes, .nodeUnavailable, .timedOut, .refused)
    }

    /// A command about the agent of the path, answered with what was asked, said and read back.
    func commandsAgent(example: String? = nil) -> Endpoint {
        self.commandsNode().refuses(.agentNotFound)
            .answers(200, "What was asked, what FreeSWITCH said, and what was read back.", .named("CommandAnswer"), example: example)
    }

    /// - Parameter parameters: Expressions of OpenAPI: `$response.body#/id`.
    func leads(to operation: String, status: Int = 200, _ parameters: [String: String]) -> Endpoint {
        self.with { $0.links.append(Link(operation: operation, parameters: parameters, status: status)) }
    }
}
