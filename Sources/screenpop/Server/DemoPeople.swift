import FreeSWITCHSimulator
import NIOCore
import ScreenPopHTTP
import ScreenPopService

/// Who may log in at the demo: each with a password and a token that are nobody else's, and others each time, since a demo too may listen beyond
/// this machine.
struct DemoPeople {
    struct Person {
        var user: HTTPService.Configuration.SampleUser
        /// The page that is for them: `/wallboard`
        var page: String
        /// What they find there.
        var use: String
    }

    let people: [Person]

    /// At most so many agents are presented; the others work without a page.
    static let mostAgents = DemoCast.agentNames.count

    /// - Parameter agents: names as mod_callcenter has them; the first of them get a log-in.
    init(agents: [String]) {
        let agents = agents.prefix(Self.mostAgents)
        self.people =
            agents.map { agent in
                let name = DemoCast.agentNames.first { $0.key == agent }?.value ?? agent
                return Self.person(agent, .agent, agent: agent, calls: name, page: "/", "\(name)'s desktop: pops, and the buttons for them")
            } + [
                // Who listens in needs a telephone.
                Self.person(
                    "supervisor", .supervisor, agent: agents.last, calls: "supervisor", page: "/wallboard",
                    "the wallboard: queues, agents, callers who wait"),
                Self.person("admin", .admin, calls: "admin", page: "/admin", "the administration: agents, queues, users, tokens, import"),
            ]
    }

    var users: [HTTPService.Configuration.SampleUser] { self.people.map(\.user) }

    /// Two for each: a link that needs no log-in, and the log-in.
    func lines(_ url: String) -> [String] {
        self.people.flatMap { person in
            let user = person.user
            let who = user.role == .agent ? "agent \(user.name)" : user.name
            return [
                "\(who): \(url)\(person.page)#token=\(user.token?.text.text ?? "") - \(person.use)",
                "log-in: \(user.role == .agent ? "agent" : "user") \(user.name), password \(user.password)",
            ]
        }
    }

    private static func person(
        _ name: String, _ role: Role, agent: String? = nil, calls itself: String, page: String, _ use: String
    ) -> Person {
        // 71 bits.
        let password = Secret.text(count: 12)
        return Person(
            user: .init(name: name, password: password, role: role, agent: agent, token: .init(name: itself, life: .hours(7 * 24))), page: page,
            use: use)
    }
}
