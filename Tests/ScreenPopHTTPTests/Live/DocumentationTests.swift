import CallCenter
import Foundation
import ScreenPop
import ScreenPopService
import ScreenPopStore
import Testing

@testable import ScreenPopHTTP

/// `docs/protocol.md` against what is built.
@Suite(.timeLimit(.minutes(1))) struct DocumentationTests {
    private func document() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/protocol.md"), encoding: .utf8)
    }

    @Test func `every documented route is there`() async throws {
        var routes: [(String, String)] = []
        for line in try self.document().split(separator: "\n") where line.hasPrefix("| `") {
            let cell = line.dropFirst(2).prefix { $0 != "|" }
            for match in cell.matches(of: /`([A-Z]+)(?:`, `([A-Z]+))? (\/[^`?]*)/) {
                for method in [match.output.1, match.output.2].compactMap(\.self) { routes.append((String(method), String(match.output.3))) }
            }
        }
        #expect(routes.count >= 25)
        let documented = routes
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            for (method, path) in documented where !path.hasSuffix("/events") {
                let target = path.replacing(/\{[a-z]+\}/, with: "x")
                let answer = try await wire.request(method, target, body: method == "GET" || method == "DELETE" ? nil : "{}")
                #expect(answer.status != 405, "\(method) \(path)")
                #expect(!answer.body.contains("\"code\":\"not-found\""), "\(method) \(path)")
            }
        }
    }

    /// The table of "Who may" is `AccessTable`, operation by operation.
    @Test func `who may what is documented as it is`() throws {
        func cell(_ role: Role, _ operation: ScreenPopHTTP.Operation) -> String {
            switch AccessTable.right(role, operation) {
            case .never: "no"
            case .own: "own"
            case .always: "yes"
            }
        }
        var documented: [String: [String]] = [:]
        for line in try self.document().split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if cells.count == 5, ScreenPopHTTP.Operation(rawValue: cells[0]) != nil { documented[cells[0]] = Array(cells[2...]) }
        }
        for operation in ScreenPopHTTP.Operation.allCases {
            let expected = [Role.agent, .supervisor, .integration].map { cell($0, operation) }
            #expect(documented[operation.rawValue] == expected, "\(operation)")
            #expect(cell(.admin, operation) == "yes")
        }
        #expect(documented.count == ScreenPopHTTP.Operation.allCases.count)
    }

    @Test func `every code of a command, stage, type and close code is documented`() throws {
        let document = try self.document()
        for code in CommandError.Code.allCases { #expect(document.contains("`\(code.rawValue)`"), "\(code.rawValue)") }
        for kind in AgentCommand.Kind.allCases { #expect(document.contains("agent.\(kind.rawValue)"), "\(kind.rawValue)") }
        for kind in CallCommand.Kind.allCases { #expect(document.contains("`call.\(kind.rawValue)`"), "\(kind.rawValue)") }
        for failure in AttendedTransferStateMachine.Failure.allCases { #expect(document.contains("`\(failure.rawValue)`"), "\(failure.rawValue)") }
        for outcome in SupervisionStateMachine.Outcome.allCases { #expect(document.contains("`\(outcome.rawValue)`"), "\(outcome.rawValue)") }
        for mode in SupervisionMode.allCases { #expect(document.contains("`\(mode.rawValue)`"), "\(mode.rawValue)") }
        for stage in AcknowledgementStage.allCases { #expect(document.contains(stage.rawValue)) }
        for code in [1001, 1002, 1003, 1007, 1008, 1009, 1013] { #expect(document.contains("\(code)")) }
    }
}
