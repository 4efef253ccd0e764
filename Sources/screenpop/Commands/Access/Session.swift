import ArgumentParser
import NIOHTTP1

struct Session: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sessions: who is logged in at the pages.", subcommands: [SessionList.self, SessionEnd.self])
}

struct SessionList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Everybody's sessions, newest first.")

    @OptionGroup var page: PageOptions
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("ID", "id"), Column("WHO", "principal.id"), Column("NAME", "principal.name"), Column("ROLE", "principal.role"),
        Column("AGENT", "principal.agent"), Column("SINCE", "begunAt"), Column("UNTIL", "expiresAt"),
    ]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("sessions") + self.page.query), Self.columns, none: "nobody is logged in at the pages")
    }
}

struct SessionEnd: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "End somebody's session, and whatever it has open, at once.",
        discussion: "To keep somebody out, also change the password (user set) or delete the user; of a company's log-in, stop it there first.")

    @Argument(help: "As `session list` shows it.") var id: String
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        _ = try await service.send(.DELETE, APIClient.path("sessions", self.id))
        self.say("ended \(self.id)")
    }
}
