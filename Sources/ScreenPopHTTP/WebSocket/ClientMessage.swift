import HTTPTypes
import ScreenPop
import ScreenPopStore

/// What a desktop says over its WebSocket.
struct ClientMessage: Equatable {
    enum Request: Equatable {
        case subscribe([Topic])
        case unsubscribe([Topic])
        case acknowledge(pop: String, stage: AcknowledgementStage, agent: String?)
        case command(AgentCommand, agent: String?)
        case call(CallCommand, agent: String?)
        /// `desk`: which one it is, for a socket that has not said so or is another from now on.
        case claimDesk(desk: String?, agent: String?)
        case leaveDesk
        case token(String)
        case ping
    }

    /// What an answer repeats as `re`.
    var id: String?
    var request: Request

    struct Rejection: Error, Equatable {
        var id: String?
        var code: String
        var message: String

        init(id: String?, code: String, message: String) {
            self.id = id
            self.code = code
            self.message = message
        }

        init(id: String?, _ problem: Problem) {
            self.init(id: id, code: problem.code, message: problem.detail)
        }
    }

    init(_ bytes: some Collection<UInt8>) throws(Rejection) {
        let value: JSONValue
        do { value = try JSONValue(bytes) } catch {
            throw Rejection(id: nil, code: "malformed-json", message: "Not JSON: \(error.reason) at byte \(error.offset).")
        }
        guard case .object(let object) = value else {
            throw Rejection(id: nil, code: "malformed-json", message: "A message is a JSON object.")
        }
        let id = object["id"]?.string
        self.id = id
        var members = Members(object)
        do {
            _ = try members.string("id")
            let type = try members.requiredString("type")
            self.request = try Self.request(type, &members)
            try members.finish()
        } catch {
            throw Rejection(id: id, code: error.code, message: error.detail)
        }
    }

    private static func request(_ type: String, _ members: inout Members) throws(Problem) -> Request {
        switch type {
        case "subscribe": return .subscribe(try self.topics(&members))
        case "unsubscribe": return .unsubscribe(try self.topics(&members))
        case "ack":
            let pop = try members.requiredString("pop")
            let text = try members.requiredString("stage")
            guard let stage = AcknowledgementStage(rawValue: text) else { throw Problem.unknownStage }
            return .acknowledge(pop: pop, stage: stage, agent: try members.string("agent"))
        case "desk.claim":
            let agent = try members.string("agent")
            let desk = try members.string("desk")
            if let desk, !DeskRoster.isValid(id: desk) { throw Problem.invalidDesk }
            return .claimDesk(desk: desk, agent: agent)
        case "desk.leave": return .leaveDesk
        case "token": return .token(try members.requiredString("token"))
        case "ping": return .ping
        default:
            if type.hasPrefix("call."), let kind = CallCommand.Kind(rawValue: String(type.dropFirst("call.".count))) {
                let agent = try members.string("agent")
                return .call(try CallCommand(kind, members: &members), agent: agent)
            }
            guard type.hasPrefix("agent."), let kind = AgentCommand.Kind(rawValue: String(type.dropFirst("agent.".count))) else {
                throw Problem(.unprocessableContent, "unknown-type", "There is no message of type \"\(type.prefix(64))\".")
            }
            let agent = try members.string("agent")
            return .command(try AgentCommand(kind, members: &members), agent: agent)
        }
    }

    private static func topics(_ members: inout Members) throws(Problem) -> [Topic] {
        var topics: [Topic] = []
        for text in try members.strings("topics") ?? [] {
            guard let topic = Topic(text) else { throw Problem.unknownTopic(text) }
            if !topics.contains(topic) { topics.append(topic) }
        }
        return topics
    }
}

extension Problem {
    static let unknownStage = Problem(.unprocessableContent, "invalid-value", "\"stage\" is one of received, shown, dismissed.")

    static func unknownTopic(_ text: String) -> Problem {
        Problem(
            .unprocessableContent, "unknown-topic",
            "\"\(text.prefix(64))\" is no topic: agent:NAME, agents, queue:NAME, queues and nodes are.")
    }
}
