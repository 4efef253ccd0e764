import ScreenPopHTTP
import ScreenPopService

/// Who may log in at the demo; with passwords of its own each time, since a demo too may listen beyond this machine.
struct DemoPeople {
    let users: [HTTPService.Configuration.SampleUser]

    init(agents: [String]) {
        self.users =
            agents.map { .init(name: $0, password: Self.password(), role: .agent, agent: $0) } + [
                .init(name: "supervisor", password: Self.password(), role: .supervisor),
                .init(name: "admin", password: Self.password(), role: .admin),
            ]
    }

    /// `log-in: agent 1001@default, password ...`
    var lines: [String] {
        self.users.map { user in
            user.agent == nil ? "log-in: user \(user.name), password \(user.password)" : "log-in: agent \(user.name), password \(user.password)"
        }
    }

    /// 71 bits.
    private static func password() -> String { String(AdminToken.make().prefix(12)) }
}
