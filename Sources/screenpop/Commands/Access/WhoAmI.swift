import ArgumentParser
import NIOHTTP1

struct WhoAmI: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "whoami", abstract: "Whose token this is, and what it may.")

    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("session"))) { session in
            let principal = session["principal"]
            Column.showOne(principal, principal.members.map { Column($0.name, $0.name) })
        }
    }
}
