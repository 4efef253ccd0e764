import ArgumentParser
import Foundation

struct Pop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "See pops of a running service.", subcommands: [PopWatch.self])
}

/// What of a pop is shown to people.
struct PopView: Decodable {
    struct Caller: Decodable {
        var number: String?
        var name: String?
    }

    var agent: String?
    var state: String?
    var queue: String?
    var caller: Caller?
    var endReason: String?
    var provisional: Bool?

    /// `offered: +8613900139000 (王小明), support@default`
    var summary: String {
        var text = "\(self.endReason ?? self.state ?? "?"): \(self.caller?.number ?? "number withheld")"
        if let name = self.caller?.name { text += " (\(name))" }
        if let queue = self.queue { text += ", \(queue)" }
        if self.provisional == true { text += " (provisional)" }
        return text
    }
}

struct PopWatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follow pops as they happen.",
        discussion: "Comes back when the connection breaks, from where it was. With --json one message a line. Ctrl-C ends it.")

    @Option(help: ArgumentHelp("Only this one. Default: all agents.", valueName: "name")) var agent: String?
    @OptionGroup var options: ClientOptions

    private struct Message: Decodable {
        var type: String
        var agent: String?
        var pop: PopView?
    }

    func run() async throws {
        try await CommandFailure.reported {
            let client = try self.options.client()
            let topic = self.agent.map { "agent:\($0)" } ?? "agents"
            var lastEvent: String?
            var pause = Duration.milliseconds(200)
            while true {
                do {
                    try await client.events("/api/v1/events?topics=\(APIClient.pathPart(topic))", lastEvent: lastEvent) { event in
                        if let id = event.id { lastEvent = id }
                        pause = .milliseconds(200)
                        self.show(event)
                    }
                } catch let failure as CommandFailure where failure.kind != .unavailable || lastEvent == nil {
                    throw failure
                } catch is CommandFailure {}
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(5))
            }
        }
    }

    private func show(_ event: ServerSentEvent) {
        guard !self.options.json else { return StandardStreams.output(event.data) }
        guard event.type.hasPrefix("pop."), let message = try? JSONDecoder().decode(Message.self, from: Data(event.data.utf8)), let pop = message.pop
        else { return }
        let time = Date().formatted(
            .verbatim(
                "\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)", timeZone: .current,
                calendar: .current))
        StandardStreams.output(LineLogHandler.escaped("\(time)  \(pop.agent ?? message.agent ?? "?")  \(event.type)  \(pop.summary)"))
    }
}
