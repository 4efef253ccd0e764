import ArgumentParser
import NIOHTTP1
import ScreenPopService

struct User: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Users: who may log in at the pages.", subcommands: [UserList.self, UserShow.self, UserSet.self, UserDelete.self])
}

struct UserArgument: ParsableArguments {
    @Argument(help: "The log-in name; an agent's is usually the agent's: 1001@default") var user: String
}

struct UserList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All users.")

    @OptionGroup var options: ClientOptions

    static let columns = [Column("USER", "name"), Column("ROLE", "role"), Column("AGENT", "agent"), Column("CHANGED", "changedAt")]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("users")), Self.columns, none: "there is no user; screenpop user set adds one")
    }
}

struct UserShow: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "One user, without the password.")

    @OptionGroup var who: UserArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("users", self.who.user))) { user in
            Column.showOne(user, user.members.map { Column($0.name, $0.name) })
        }
    }
}

struct UserSet: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Add a user, or change one.",
        discussion: """
            The password is asked for; or it is the first line of standard input, when that is no terminal. It is never an argument, because those can be \
            read in the list of processes.
            """)

    @OptionGroup var who: UserArgument
    @Option(help: ArgumentHelp("agent, supervisor, admin or integration.", valueName: "role")) var role: Role
    @Option(help: ArgumentHelp("Whose desktop.", valueName: "name")) var agent: String?
    @Flag(help: "Leave the password as it is.") var keepPassword = false
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("role", self.role.rawValue)
        body.set("agent", self.agent)
        if !self.keepPassword { body.set("password", try Password.read(for: self.who.user)) }
        let answer = try await service.send(.PUT, APIClient.path("users", self.who.user), body: body.value)
        try self.show(answer) { value in
            self.warn(value)
            self.say("\(self.who.user) may log in as \(self.role.rawValue)")
        }
    }
}

struct UserDelete: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a user; open sessions end at once.")

    @OptionGroup var who: UserArgument
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        _ = try await service.send(.DELETE, APIClient.path("users", self.who.user))
        self.say("deleted \(self.who.user)")
    }
}
