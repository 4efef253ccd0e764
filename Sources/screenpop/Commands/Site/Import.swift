import ArgumentParser
import Foundation
import NIOHTTP1

/// The two forms that lists of agents and tiers have.
enum ListFormat: String, ExpressibleByArgument, CaseIterable {
    case json, csv

    var contentType: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv"
        }
    }
}

struct Import: ClientCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make agents and tiers as a file says.",
        discussion: """
            With --plan it shows what it would do, line by line, and does nothing. Without --delete, agents and tiers that the file does not have stay \
            as they are. Nothing is changed when a line is in error. `screenpop export` writes the same form.
            """)

    @Argument(help: "FILE.csv or FILE.json, or - for standard input.", completion: .file(extensions: ["csv", "json"])) var file: String
    @Option(help: ArgumentHelp("json or csv. Default: as the file is called.", valueName: "format")) var format: ListFormat?
    @Flag(help: "Only show what would be done.") var plan = false
    @Flag(help: "Delete agents and tiers that the file does not have.") var delete = false
    @OptionGroup var options: ClientOptions

    private static let changes = [
        Column("DO", "action"), Column("WHAT", "kind"), Column("AGENT", "agent"), Column("QUEUE", "queue"), Column("FIELDS", "fields"),
    ]

    func carryOut(_ service: APIClient) async throws {
        guard let format = self.format ?? self.file.split(separator: ".").last.flatMap({ ListFormat(rawValue: $0.lowercased()) }) else {
            throw CommandFailure(.usage, "\(self.file) is called neither .csv nor .json; say which with --format")
        }
        let query = [self.plan ? "plan=true" : nil, self.delete ? "delete=true" : nil].compactMap(\.self).joined(separator: "&")
        let path = APIClient.path("import") + (query.isEmpty ? "" : "?" + query)
        let answer = try await service.send(.POST, path, format.contentType, try InputFile.read(self.file))
        let value = try answer.decoded(APIValue.self)
        if self.options.json {
            StandardStreams.output(answer.text)
        } else {
            if !value["changes"].items.isEmpty { Column.show(value["changes"].items, Self.changes) }
            self.say(Self.verdict(changes: value["changes"].items.count, applied: Int(value["applied"].shown) ?? 0, isPlan: self.plan))
        }
        guard value["errors"].items.isEmpty else {
            for error in value["errors"].items {
                StandardStreams.error(
                    LineLogHandler.escaped("line \(error["line"].shown): " + (error["message"].string ?? error["detail"].string ?? error.shown)))
            }
            throw CommandFailure(.failed, self.plan ? "the file has errors; without --plan nothing would be changed" : "not all was done")
        }
    }

    /// `3 changes would be made; nothing has been changed, leave out --plan to make them`
    static func verdict(changes: Int, applied: Int, isPlan: Bool) -> String {
        func count(_ number: Int) -> String { number == 1 ? "one change" : "\(number) changes" }
        if changes == 0 { return "nothing to change: all is as the file says" }
        if isPlan { return "\(count(changes)) would be made; nothing has been changed, leave out --plan to make \(changes == 1 ? "it" : "them")" }
        return applied == changes ? "\(count(changes)) made" : "\(applied) of \(count(changes)) made"
    }
}

struct Export: ClientCommand {
    static let configuration = CommandConfiguration(abstract: "Write agents and tiers in the form that `import` reads.")

    @Option(help: ArgumentHelp("json or csv.", valueName: "format")) var format: ListFormat = .json
    @Option(help: ArgumentHelp("Where to. Default: standard output.", valueName: "file"), completion: .file()) var output: String?
    @OptionGroup var options: ClientOptions

    func carryOut(_ service: APIClient) async throws {
        let answer = try await service.send(.GET, APIClient.path("export") + "?format=\(self.format.rawValue)")
        // The lines of CSV end with CRLF, the last one too: as they came.
        guard let file = self.output else { return StandardStreams.output(bytes: answer.body) }
        do { try answer.body.write(to: URL(filePath: file)) } catch {
            throw CommandFailure(.unavailable, "cannot write \(file): \(error.localizedDescription)")
        }
    }
}
