import ScreenPopHTTP
import ScreenPopService

/// Who may log in at the demo; with passwords of its own each time, since a demo too may listen beyond this machine.
struct DemoPeople {
    let users: [HTTPService.Configuration.SampleUser]

    init(agents: [String]) {
        self.users =
            agents.map { .init(name: $0, password: Self.password(), role: .agent, agent: $0) } + [
                // Who listens in needs a telephone.
                .init(name: "supervisor", password: Self.password(), role: .supervisor, agent: agents.last),
                .init(name: "admin", password: Self.password(), role: .admin),
            ]
    }

    /// `log-in: agent 1001@default, password ...`
    var lines: [String] {
        self.users.map { user in
            "log-in: \(user.role == .agent ? "agent" : "user") \(user.name), password \(user.password)"
        }
    }

    /// 71 bits.
    private static func password() -> String { String(AdminToken.make().prefix(12)) }
}
