import Foundation
import HTTPTypes
import NIOHTTP1
import Testing

@testable import ScreenPopHTTP
@testable import screenpop

/// A walk through the commands, step by step; what belongs together is a section in a file of its own.
final class Walk {
    /// What a step is sent with, and what must come of it.
    struct Step {
        typealias InFreeSWITCH = (function: String, argument: String, reply: @Sendable (String) -> Bool)

        var name: String
        var method: HTTPMethod
        var path: String
        var body: String?
        var status: Int
        /// What the answer must hold: a path of members, `actual.status`, and the value.
        var answer: [String: JSON] = [:]
        /// What FreeSWITCH itself must say afterwards.
        var inFreeSWITCH: InFreeSWITCH?
        /// FreeSWITCH says it a moment later: what `show` lists is written behind, and the other leg follows.
        var settles = false
        /// Who asks; `nil` is nobody.
        var token: String? = RunningSite.token
        var headers: [String: String] = [:]
        var type = "application/json"
        /// What else the answer must be.
        var holds: (@Sendable (RunningSite.Answer) -> Bool)?
        /// Asked again until it is so, as what comes by events may take a moment.
        var isAwaited = false
    }

    let site: RunningSite
    let switchboard: any Switchboard
    /// Of this walk alone, so that a FreeSWITCH in use is left alone.
    let agent = "walk-\(UUID().uuidString.prefix(8).lowercased())@default"
    private(set) var skipped: [String] = []
    private(set) var walked = 0
    /// Routes that did what was asked of them.
    private var visited: Set<String> = []

    init(site: RunningSite, switchboard: any Switchboard) {
        self.site = site
        self.switchboard = switchboard
    }

    /// Others that a walk brings along.
    func other(_ name: String) -> String { self.agent.replacing("@", with: "-\(name)@") }

    func run() async throws {
        let queues = try await self.site.request(.GET, "/api/v1/queues").body["items"].items.compactMap { $0["name"].string }
        let queue = try #require(queues.first { $0.hasPrefix("support@") } ?? queues.first, "the FreeSWITCH has no queue")
        try await self.openRoutes()
        try await self.take(self.adding())
        try await self.take(self.statuses())
        try await self.take(self.settings())
        try await self.hostility()
        try await self.take(self.reasons())
        try await self.take(self.wrapUp())
        try await self.take(self.tiers(queue) + self.queues(queue) + self.defining())
        try await self.access()
        try await self.once()
        if let phones = self.switchboard.phones {
            try await self.loading(queue)
            try await self.importing(queue)
            try await self.calls(queue, phones)
        } else {
            self.skipped = ["loading queues, importing, calls: they would disturb a FreeSWITCH that is not the test's own"]
        }
        try await self.take(self.removing(queue))
    }

    /// Leaves nothing of this walk behind.
    func cleanUp() async {
        for name in [self.agent] + ["boss", "imported"].map({ self.other($0) }) {
            _ = try? await self.switchboard.api("callcenter_config", "agent del '\(name)'")
        }
    }

    // MARK: a step

    func take(_ steps: [Step]) async throws {
        for step in steps { try await self.take(step) }
    }

    @discardableResult
    func take(_ step: Step) async throws -> RunningSite.Answer {
        var answer = try await self.send(step)
        if step.isAwaited {
            let deadline = ContinuousClock.now + .seconds(15)
            while !self.isExpected(answer, step), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
                answer = try await self.send(step)
            }
        }
        self.walked += 1
        #expect(answer.status == step.status, "\(step.name): \(answer.text)")
        for (path, value) in step.answer {
            #expect(answer[path] == value, "\(step.name): \(path) is \(answer[path]) in \(answer.text)")
        }
        if let holds = step.holds { #expect(holds(answer), "\(step.name): \(answer.headers) \(answer.text)") }
        if let expected = step.inFreeSWITCH {
            if step.settles { try await self.wait(step.name, expected) }
            let reply = try await self.switchboard.api(expected.function, expected.argument)
            #expect(expected.reply(reply), "\(step.name): FreeSWITCH says \(reply)")
        }
        if answer.status < 400, let route = self.route(step) { self.visited.insert(route) }
        return answer
    }

    private func send(_ step: Step) async throws -> RunningSite.Answer {
        try await self.site.send(step.method, step.path, body: step.body, type: step.type, token: step.token, headers: step.headers)
    }

    private func isExpected(_ answer: RunningSite.Answer, _ step: Step) -> Bool {
        answer.status == step.status && step.answer.allSatisfy { answer[$0] == $1 } && step.holds?(answer) ?? true
    }

    /// Waits until FreeSWITCH says so by itself.
    func wait(_ name: String, _ expected: Step.InFreeSWITCH) async throws {
        try await eventually("\(name), in FreeSWITCH", within: .seconds(15)) {
            expected.reply(try await self.switchboard.api(expected.function, expected.argument))
        }
    }

    // MARK: routes

    /// The registered routes that no step was answered by with success.
    var unvisited: Set<String> { Set(self.site.routes.map(Self.name)).subtracting(self.visited) }

    private static func name(_ route: Routes.Known) -> String { "\(route.method.rawValue) \(route.path)" }

    private func route(_ step: Step) -> String? {
        let parts = step.path.prefix { $0 != "?" }.split(separator: "/")
        let found = self.site.routes.filter { route in
            let pattern = route.path.split(separator: "/")
            return route.method.rawValue == step.method.rawValue && pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0.first == ":" || $0 == $1 }
        }
        // Where a word stands, it is before a name.
        return found.min { $0.path.count(where: { $0 == ":" }) < $1.path.count(where: { $0 == ":" }) }.map(Self.name)
    }

    private func openRoutes() async throws {
        for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json"] {
            try await self.take(Step(name: path, method: .GET, path: path, status: 200, token: nil))
        }
        try await self.take(
            Step(
                name: "the nodes", method: .GET, path: "/api/v1/nodes", status: 200,
                holds: { $0.body["items"].items.count == 1 && $0.body["items"].items[0]["ready"] == .bool(true) }))
    }

    // MARK: paths, and questions to FreeSWITCH

    func path(_ agent: String? = nil) -> String { "/api/v1/agents/\(APIClient.pathPart(agent ?? self.agent))" }
    func queuePath(_ queue: String) -> String { "/api/v1/queues/\(APIClient.pathPart(queue))" }
    func tierPath(_ queue: String) -> String { "\(self.queuePath(queue))/tiers/\(APIClient.pathPart(self.agent))" }

    func get(_ key: String, _ value: String) -> Step.InFreeSWITCH {
        ("callcenter_config", "agent get \(key) '\(self.agent)'", { $0 == value })
    }

    func listed(_ text: String, _ argument: String, _ isThere: Bool = true) -> Step.InFreeSWITCH {
        ("callcenter_config", argument, { $0.contains(text) == isThere })
    }

    /// A column of the agent's row.
    func column(_ name: String, of agent: String? = nil, _ isRight: @escaping @Sendable (String) -> Bool) -> Step.InFreeSWITCH {
        (
            "callcenter_config", "agent list '\(agent ?? self.agent)'",
            { reply in
                let lines = reply.split(separator: "\n")
                guard lines.count > 1 else { return false }
                let names = lines[0].split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                let values = lines[1].split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                guard let index = names.firstIndex(of: name), index < values.count else { return false }
                return isRight(values[index])
            }
        )
    }

    func channel(_ uuid: String, exists: Bool) -> Step.InFreeSWITCH { ("uuid_exists", uuid, { $0.hasPrefix(exists ? "true" : "false") }) }
}
