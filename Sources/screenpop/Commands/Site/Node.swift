import ArgumentParser
import NIOHTTP1

struct Node: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The FreeSWITCH nodes.", subcommands: [NodeList.self])
}

struct NodeList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "All nodes, and what they lack.")

    @OptionGroup var options: ClientOptions

    private static let columns = [Column("NODE", "name"), Column("IS", "status"), Column("READY", "ready"), Column("DETAIL", "detail")]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("nodes")), Self.columns, none: "the service has no node")
    }
}
