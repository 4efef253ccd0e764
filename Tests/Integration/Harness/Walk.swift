import Foundation
import NIOHTTP1
import Testing

@testable import screenpop

/// A walk through the commands, step by step. A new command is a new line in `steps`.
final class Walk {
    /// What a step is sent with, and what must come of it.
    struct Step {
        var name: String
        var method: HTTPMethod
        var path: String
        var body: String?
        var status: Int
        /// What the answer must hold: a path of members, `actual.status`, and the value.
        var answer: [String: JSON] = [:]
        /// What FreeSWITCH itself must say afterwards.
        var inFreeSWITCH: (function: String, argument: String, reply: @Sendable (String) -> Bool)?
        /// Why it can be walked with the simulator alone; `nil` for what any FreeSWITCH can do.
        var needsSimulator: String?
    }

    private let site: RunningSite
    private let switchboard: any Switchboard
    /// Of this walk alone, so that a FreeSWITCH in use is left alone.
    private let agent = "walk-\(UUID().uuidString.prefix(8).lowercased())@default"
    private(set) var skipped: [String] = []
    private(set) var walked = 0

    init(site: RunningSite, switchboard: any Switchboard) {
        self.site = site
        self.switchboard = switchboard
    }

    func run() async throws {
        let queues = try await self.site.request(.GET, "/api/v1/queues").body["items"].items.compactMap { $0["name"].string ?? $0["queue"].string }
        let queue = try #require(queues.first { $0.hasPrefix("support@") } ?? queues.first, "the FreeSWITCH has no queue")
        for step in self.steps(queue: queue) {
            if let reason = step.needsSimulator, self.switchboard.simulator == nil {
                self.skipped.append("\(step.name): \(reason)")
                continue
            }
            try await self.take(step)
        }
    }

    /// Leaves nothing of this walk behind.
    func cleanUp() async { _ = try? await self.switchboard.api("callcenter_config", "agent del '\(self.agent)'") }

    private func take(_ step: Step) async throws {
        let answer = try await self.site.request(step.method, step.path, body: step.body)
        self.walked += 1
        #expect(answer.status == step.status, "\(step.name): \(answer.body)")
        for (path, value) in step.answer {
            let found = path.split(separator: ".").reduce(answer.body) { $0[String($1)] }
            #expect(found == value, "\(step.name): \(path) is \(found) in \(answer.body)")
        }
        if let expected = step.inFreeSWITCH {
            let reply = try await self.switchboard.api(expected.function, expected.argument)
            #expect(expected.reply(reply), "\(step.name): FreeSWITCH says \(reply)")
        }
    }

    // MARK: the way

    private func steps(queue: String) -> [Step] {
        let path = "/api/v1/agents/\(APIClient.pathPart(self.agent))"
        let tier = "/api/v1/queues/\(APIClient.pathPart(queue))/tiers/\(APIClient.pathPart(self.agent))"
        return self.adding(path) + self.statuses(path) + self.tiers(queue, tier) + self.queues(queue) + self.removing(path, tier)
    }

    private func get(_ key: String, _ value: String) -> (function: String, argument: String, reply: @Sendable (String) -> Bool) {
        ("callcenter_config", "agent get \(key) '\(self.agent)'", { $0 == value })
    }

    private func listed(_ text: String, _ argument: String, _ isThere: Bool = true) -> (
        function: String, argument: String, reply: @Sendable (String) -> Bool
    ) {
        ("callcenter_config", argument, { $0.contains(text) == isThere })
    }

    private func adding(_ path: String) -> [Step] {
        let contact = #"{"sofia":{"profile":"internal","address":"1999@192.0.2.7:5060"},"callTimeout":10}"#
        let written = "[leg_timeout=10]sofia/internal/1999@192.0.2.7:5060"
        return [
            Step(
                name: "add an agent", method: .POST, path: "/api/v1/agents",
                body: #"{"name":"\#(self.agent)","contact":\#(contact),"maxNoAnswer":3,"wrapUpTime":7,"rejectDelayTime":2,"busyDelayTime":4}"#,
                status: 201, inFreeSWITCH: self.listed("|\(written)|Logged Out|", "agent list '\(self.agent)'")),
            Step(
                name: "add it again", method: .POST, path: "/api/v1/agents", body: #"{"name":"\#(self.agent)"}"#, status: 409,
                answer: ["code": .string("agent-exists")]),
            Step(
                name: "add one with a name that is an attack", method: .POST, path: "/api/v1/agents", body: #"{"name":"x' 'Callback"}"#, status: 422),
            Step(
                name: "add one whose name would unload the event socket", method: .POST, path: "/api/v1/agents",
                body: #"{"name":"unload_mod_event_socket@default"}"#, status: 422,
                inFreeSWITCH: ("callcenter_config", "queue count", { !$0.hasPrefix("-") })),
            Step(
                name: "add one whose contact runs a command", method: .POST, path: "/api/v1/agents",
                body: #"{"name":"walk-evil@default","contact":{"user":"${system(touch /tmp/injected)}"}}"#, status: 422,
                inFreeSWITCH: self.listed("walk-evil", "agent list", false)),
            Step(
                name: "read it", method: .GET, path: path, status: 200,
                answer: ["status": .string("Logged Out"), "contact.sofia.address": .string("1999@192.0.2.7:5060")]),
        ]
    }

    private func statuses(_ path: String) -> [Step] {
        [
            Step(
                name: "log in", method: .POST, path: "\(path)/login", body: "{}", status: 200,
                answer: ["applied": .bool(true), "actual.status": .string("Available"), "actual.state": .string("Waiting")],
                inFreeSWITCH: self.get("status", "Available")),
            Step(
                name: "take a break", method: .POST, path: "\(path)/break", body: #"{"reason":"lunch"}"#, status: 200,
                answer: ["actual.status": .string("On Break")], inFreeSWITCH: self.get("status", "On Break")),
            Step(
                name: "be ready", method: .POST, path: "\(path)/ready", status: 200,
                answer: ["actual.status": .string("Available"), "actual.state": .string("Waiting")], inFreeSWITCH: self.get("state", "Waiting")),
            Step(
                name: "a status in other letters", method: .PUT, path: "\(path)/status", body: #"{"status":"available (on demand)"}"#, status: 200,
                answer: ["actual.status": .string("Available (On Demand)")], inFreeSWITCH: self.get("status", "Available (On Demand)")),
            Step(
                name: "a status that is none", method: .PUT, path: "\(path)/status", body: #"{"status":"Lunch"}"#, status: 422,
                answer: ["code": .string("invalid-status")], inFreeSWITCH: self.get("status", "Available (On Demand)")),
            Step(
                name: "a state", method: .PUT, path: "\(path)/state", body: #"{"state":"Idle"}"#, status: 200,
                answer: ["actual.state": .string("Idle")],
                inFreeSWITCH: self.get("state", "Idle")),
            Step(
                name: "a state that is none", method: .PUT, path: "\(path)/state", body: #"{"state":"Nowhere"}"#, status: 422,
                answer: ["code": .string("invalid-state")]),
            Step(
                name: "log out", method: .POST, path: "\(path)/logout", status: 200, answer: ["actual.status": .string("Logged Out")],
                inFreeSWITCH: self.get("status", "Logged Out")),
        ]
    }

    private func tiers(_ queue: String, _ tier: String) -> [Step] {
        let row = "\(queue)|\(self.agent)|"
        let queuePath = "/api/v1/queues/\(APIClient.pathPart(queue))"
        return [
            Step(
                name: "add a tier", method: .PUT, path: tier, body: #"{"level":2,"position":3}"#, status: 201,
                inFreeSWITCH: self.listed("\(row)Ready|2|3", "tier list")),
            Step(
                name: "change the tier", method: .PUT, path: tier, body: #"{"level":1,"position":9}"#, status: 200,
                inFreeSWITCH: self.listed("\(row)Ready|1|9", "tier list")),
            Step(
                name: "a tier in a queue that is none", method: .PUT,
                path: "/api/v1/queues/nosuch%40default/tiers/\(APIClient.pathPart(self.agent))", body: #"{"level":1,"position":1}"#, status: 404),
            Step(name: "the queue's tiers", method: .GET, path: "\(queuePath)/tiers", status: 200),
            Step(name: "the queue's agents", method: .GET, path: "\(queuePath)/agents", status: 200),
        ]
    }

    private func queues(_ queue: String) -> [Step] {
        let path = "/api/v1/queues/\(APIClient.pathPart(queue))"
        return [
            Step(name: "the queue", method: .GET, path: path, status: 200),
            Step(name: "the queue's members", method: .GET, path: "\(path)/members", status: 200),
            Step(name: "a queue that is none", method: .GET, path: "/api/v1/queues/nosuch%40default", status: 404),
        ]
    }

    private func removing(_ path: String, _ tier: String) -> [Step] {
        [
            Step(
                name: "remove the tier", method: .DELETE, path: tier, status: 204, inFreeSWITCH: self.listed("|\(self.agent)|", "tier list", false)),
            Step(
                name: "delete the agent", method: .DELETE, path: path, status: 204, inFreeSWITCH: self.listed(self.agent, "agent list", false)),
            Step(name: "it is gone", method: .GET, path: path, status: 404),
            Step(
                name: "what is gone takes no command", method: .POST, path: "\(path)/ready", status: 404, answer: ["code": .string("agent-not-found")]
            ),
        ]
    }
}
