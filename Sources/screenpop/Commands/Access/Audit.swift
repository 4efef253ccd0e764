import ArgumentParser
import NIOHTTP1

struct Audit: ClientCommand {
    static let configuration = CommandConfiguration(abstract: "Who did what to whom, when, from where, with what result; newest first.")

    @OptionGroup var page: PageOptions
    @OptionGroup var options: ClientOptions

    private static let columns = [
        Column("AT", "at"), Column("WHO", "name"), Column("WHAT", "operation"), Column("TO", "target"), Column("FROM", "from"),
        Column("STATUS", "status"), Column("CODE", "code"),
    ]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("audit") + self.page.query), Self.columns, none: "nothing has been done yet")
    }
}
