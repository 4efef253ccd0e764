import ArgumentParser
import Foundation
import NIOHTTP1

struct Reasons: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Why agents may be On Break.", subcommands: [ReasonsList.self, ReasonsSet.self])
}

struct ReasonsList: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The codes, and whether free text is allowed.")

    @OptionGroup var options: ClientOptions

    private static let columns = [Column("CODE", "code"), Column("ENGLISH", "labels.en"), Column("CHINESE", "labels.zh")]

    func carryOut(_ service: APIClient) async throws {
        try self.show(await service.send(.GET, APIClient.path("reasons"))) { value in
            Column.show(value["items"].items, Self.columns)
            StandardStreams.error(value["freeText"].bool == true ? "any other text is allowed too" : "nothing else is allowed")
        }
    }
}

struct ReasonsSet: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Replace the list by that of a JSON file, in the form that `list --json` prints.")

    @Argument(help: "The file, or - for standard input.", completion: .file(extensions: ["json"])) var file: String
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        let answer = try await service.send(.PUT, APIClient.path("reasons"), "application/json", try InputFile.read(self.file))
        guard !self.options.json else { return StandardStreams.output(answer.text) }
        self.say("the reasons are set")
    }
}
