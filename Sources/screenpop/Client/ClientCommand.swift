import ArgumentParser
import Foundation
import NIOHTTP1

/// A command that asks a running service.
protocol ClientCommand: AsyncParsableCommand {
    var options: ClientOptions { get }

    func carryOut(_ service: APIClient) async throws
}

extension ClientCommand {
    mutating func run() async throws {
        let command = self
        try await CommandFailure.reported { try await command.carryOut(try command.options.client()) }
    }

    /// What the service said, for programs; or what `people` makes of it.
    func show(_ answer: APIClient.Answer, people: (APIValue) throws -> Void) throws {
        if self.options.json {
            if !answer.body.isEmpty { StandardStreams.output(answer.text) }
            return
        }
        try people(answer.body.isEmpty ? .null : try answer.decoded(APIValue.self))
    }

    /// A list as a table.
    func show(_ answer: APIClient.Answer, _ columns: [Column], none: String) throws {
        try self.show(answer) { value in
            let items = value["items"].items
            if items.isEmpty { StandardStreams.error(none) } else { Column.show(items, columns) }
            if let next = value["next"].string { StandardStreams.error("more with --before \(next)") }
        }
    }

    /// The answer to a command: what was read back, or what is kept for later. It fails when FreeSWITCH did not do it.
    func showOutcome(_ answer: APIClient.Answer, of subject: String) throws {
        let value = try answer.decoded(APIValue.self)
        if self.options.json {
            StandardStreams.output(answer.text)
        } else {
            let actual = value["actual"].members.reversed().map { "\($0.name) \($0.value.shown)" }.joined(separator: ", ")
            StandardStreams.output(LineLogHandler.escaped(actual.isEmpty ? "\(subject): done" : "\(subject): \(actual)"))
        }
        guard value["applied"].bool == false else { return }
        guard value["pending"] == .null else {
            if !self.options.json { StandardStreams.output(LineLogHandler.escaped("kept until the call allows it: \(value["pending"].shown)")) }
            return
        }
        throw CommandFailure(.failed, LineLogHandler.escaped("FreeSWITCH said \(value["reply"].string ?? "nothing"), but it is not as it was asked"))
    }

    /// What was done, and may not be what was meant.
    func warn(_ value: APIValue) {
        if let warning = value["warning"].string { StandardStreams.error(LineLogHandler.escaped("warning: \(warning)")) }
    }

    /// A line for people, when there is nothing for programs.
    func say(_ line: String) {
        if !self.options.json { StandardStreams.output(LineLogHandler.escaped(line)) }
    }
}

/// A column of a table, and where its cells stand in an item: `caller.number`
struct Column {
    let header: String
    let path: [Substring]

    init(_ header: String, _ path: String) {
        self.header = header
        self.path = path.split(separator: ".")
    }

    func cell(_ item: APIValue) -> String { self.path.reduce(item) { $0[String($1)] }.shown }

    static func show(_ items: [APIValue], _ columns: [Column]) {
        let table = Table(header: columns.map(\.header), rows: items.map { item in columns.map { $0.cell(item) } })
        for line in table.lines { StandardStreams.output(line) }
    }

    /// One item, a line for each member that has something to say.
    static func showOne(_ item: APIValue, _ columns: [Column]) {
        let rows = columns.map { [$0.header, $0.cell(item)] }.filter { !$0[1].isEmpty }
        for line in Table(header: ["", ""], rows: rows).lines.dropFirst() { StandardStreams.output(line) }
    }
}

extension APIClient {
    /// `/api/v1/agents/1001%40default/status`
    static func path(_ parts: String...) -> String {
        "/api/v1/" + parts.map(Self.pathPart).joined(separator: "/")
    }
}

/// `?limit=&before=`
struct PageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At most so many, 1 to 200.", valueName: "number")) var limit = 50
    @Option(help: ArgumentHelp("Read on from where the last page ended.", valueName: "cursor")) var before: String?

    var query: String { "?limit=\(self.limit)" + (self.before.map { "&before=" + APIClient.pathPart($0) } ?? "") }
}
