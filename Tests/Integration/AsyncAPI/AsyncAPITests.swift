import Foundation
import FreeSWITCHSimulator
import NIOCore
import NIOHTTP1
import Testing

@testable import ScreenPopHTTP

/// `docs/asyncapi.yaml` and `/asyncapi.json` against what is said over WebSocket and server-sent events.
@Suite(.timeLimit(.minutes(3))) struct AsyncAPITests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// `SCREENPOP_WRITE_DOCS=1 swift test --filter AsyncAPITests` writes the file anew.
    @Test func `the file is the document in YAML`() throws {
        let file = Self.root.appending(path: "docs/asyncapi.yaml")
        let text =
            "# Written from Sources/ScreenPopHTTP/AsyncAPI; a test compares the two and says how to write it anew.\n"
            + (try JSON(Data(AsyncAPIDocument.json.readableBytesView)).yaml)
        if ProcessInfo.processInfo.environment["SCREENPOP_WRITE_DOCS"] != nil { try text.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "write it with SCREENPOP_WRITE_DOCS=1 swift test --filter AsyncAPITests")
    }

    @Test func `every type that the code writes is in the document, and no other`() throws {
        var written: Set<String> = []
        for folder in ["ScreenPop", "ScreenPopStore", "ScreenPopService", "ScreenPopHTTP"] {
            let files = FileManager.default.enumerator(at: Self.root.appending(path: "Sources/\(folder)"), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift", file.pathComponents.allSatisfy({ $0 != "AsyncAPI" && $0 != "OpenAPI" }) else { continue }
                let source = try String(contentsOf: file, encoding: .utf8)
                for match in source.matches(
                    of: /member\("type", (?:isResult \? "result" : )?"([a-z.\-]+)"\)|[^a-zA-Z]Message\("([a-z.\-]+)"|'\{"type":"([a-z.\-]+)"/)
                {
                    for type in [match.output.1, match.output.2, match.output.3].compactMap(\.self) { written.insert(String(type)) }
                }
                // The names of transitions and of what the system says stand as raw values.
                for match in source.matches(of: /case [a-z]+ = "((?:pop|system)\.[a-z]+)"/) { written.insert(String(match.output.1)) }
            }
        }
        // In the log for the other instances; no desktop is sent it.
        written.remove("access.revoked")
        let documented = Set(MessageTypes.all.filter { $0.direction != .asked }.map(\.type))
        #expect(written.subtracting(documented) == [], "written, and not in the document")
        #expect(documented.subtracting(written) == [], "in the document, and not written")
    }

    @Test func `what is pushed is as the document says`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop("?topics=agents,queues,nodes,agent:1001%40default,queue:support%40default")
            try await site.whileFollowing("") { stream in
                let call = try await site.ring()
                let pop = try await eventually("it pops") { try await site.pop() }
                try await desktop.send(#"{"id":"c1","type":"ack","agent":"1001@default","pop":"\#(pop["id"].string ?? "")","stage":"dismissed"}"#)
                try await desktop.send(#"{"id":"c2","type":"agent.status","agent":"1002@default","status":"On Break","reason":"lunch"}"#)
                try await desktop.send(#"{"id":"c3","type":"agent.ready","agent":"nobody@default"}"#)
                try await desktop.send("no JSON")
                _ = try await site.request(.PUT, "/api/v1/queues/support%40default/tiers/1002%40default", body: #"{"level":2}"#)
                await site.simulator.answer(agent: "1001@default")
                try await eventually("it is answered") { desktop.transcript.all("pop.answered").count > 0 }
                await site.simulator.hangUp(call, by: .caller)
                let awaited = [
                    "pop.offered", "pop.dismissed", "pop.ended", "agent.state", "queue.stats", "member.joined", "member.left", "config.changed",
                ]
                for type in awaited {
                    try await eventually("\(type) is pushed") { desktop.transcript.all(type).count > 0 && stream.all(type).count > 0 }
                }
                for type in ["hello", "snapshot", "result", "error"] {
                    try await eventually("\(type) is said") { desktop.transcript.all(type).count > 0 }
                }
                try await eventually("all are answered") { desktop.transcript.all("result").count == 3 }
                for message in desktop.transcript.messages + stream.messages {
                    let type = message["type"].string ?? ""
                    guard let described = MessageTypes.all.first(where: { $0.type == type && $0.direction != .asked }) else {
                        Issue.record("\(type) is not in the document")
                        continue
                    }
                    #expect(described.schema.faults(message) == [], "\(type)")
                }
            }
        }
    }

    /// As with bodies: a message with one member too many is refused with the names of those that are known.
    @Test func `a message has the members that the document names`() async throws {
        try await RunningSite.run { site in
            let desktop = try await site.desktop()
            for message in MessageTypes.all where message.direction == .asked {
                let id = "m-\(message.type)"
                guard let (value, known) = message.schema.withOneTooMany("oneTooMany").first, case .object(var members) = value else {
                    Issue.record("\(message.type)")
                    continue
                }
                members["id"] = .string(id)
                try await desktop.send(JSON.object(members).text)
                let result = try await eventually("\(message.type) is answered") { desktop.transcript.all("result").first { $0["re"].string == id } }
                #expect(result["error"]["code"].string == "unknown-member", "\(message.type): \(result)")
                let said = result["error"]["message"].string ?? ""
                let names = said.firstMatch(of: /known are ([^.]*)\./).map { $0.output.1.split(separator: ", ").map(String.init) } ?? []
                #expect(Set(names) == known, "\(message.type): \(said)")
            }
            let kinds = AgentCommand.Kind.allCases.map { "agent.\($0.rawValue)" }
            #expect(Set(kinds).subtracting(MessageTypes.all.filter { $0.direction == .asked }.map(\.type)) == [])
        }
    }
}
