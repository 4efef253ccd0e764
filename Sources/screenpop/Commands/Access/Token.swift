import ArgumentParser
import NIOHTTP1
import ScreenPopService

extension Role: ExpressibleByArgument {}

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tokens: who may come in, as what.", subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

struct TokenCreate: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token, and print it: this once and never again.",
        discussion: "The token alone goes to standard output, so that TOKEN=$(screenpop token create ...) works.")

    @Argument(help: "What it is for: 'desk 1'") var name: String
    @Option(help: ArgumentHelp("agent, supervisor, admin or integration.", valueName: "role")) var role: Role
    @Option(help: ArgumentHelp("Whose desktop; an agent's token needs one.", valueName: "name")) var agent: String?
    @Option(help: ArgumentHelp("When it ends: 3600, 90m, 12h, 30d. Default: never.", valueName: "time")) var expiresIn: String?
    @OptionGroup var options: ClientOptions

    func validate() throws {
        guard self.role != .agent || self.agent != nil else { throw ValidationError("a token of an agent needs --agent NAME") }
        guard self.expiresIn.map({ Self.seconds($0) != nil }) ?? true else {
            throw ValidationError("--expires-in is a number with s, m, h or d behind it")
        }
    }

    /// `90m` and the like.
    static func seconds(_ text: String) -> Int? {
        let factors: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let factor = text.last.flatMap { factors[$0] }
        guard let number = Int(factor == nil ? text : String(text.dropLast())), number > 0 else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: factor ?? 1)
        return overflow ? nil : seconds
    }

    func carryOut(_ service: APIClient) async throws {
        var body = RequestBody()
        body.set("name", self.name)
        body.set("role", self.role.rawValue)
        body.set("agent", self.agent)
        body.set("expiresIn", self.expiresIn.flatMap(Self.seconds))
        try self.show(await service.send(.POST, APIClient.path("tokens"), body: body.value)) { value in
            self.warn(value)
            StandardStreams.error("token \(value["id"].shown), shown this once:")
            StandardStreams.output(value["token"].shown)
        }
    }
}

struct TokenList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All tokens, without what is secret of them.")

    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("ID", "id"), Column("NAME", "name"), Column("ROLE", "role"), Column("AGENT", "agent"), Column("MADE", "createdAt"),
        Column("BY", "createdBy"), Column("ENDS", "expiresAt"), Column("LAST USED", "lastUsedAt"),
    ]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("tokens")), Self.columns, none: "there is no token but the admin token")
    }
}

struct TokenRevoke: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token, and whatever it has open, at once.")

    @Argument(help: "As `token list` shows it.") var id: String
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        _ = try await service.send(.DELETE, APIClient.path("tokens", self.id))
        self.say("revoked \(self.id)")
    }
}
