import EventSocket
import Synchronization
import Testing

@testable import ScreenPopService

/// Whether it is certain that nothing was sent.
@Suite(.timeLimit(.minutes(1))) struct AttemptTests {
    private static func attempt(_ bench: Bench) async throws -> (code: CommandError.Code?, hasSent: Bool) {
        let call = try APICall("uuid_kill", "leg")
        let attempt = Attempt()
        let code = await Attempt.$current.withValue(attempt) { () async -> CommandError.Code? in
            do throws(CommandError) {
                _ = try await bench.pipeline.send(call)
                return nil
            } catch {
                return error.code
            }
        }
        return (code, attempt.hasSent)
    }

    @Test func `what a lost node was not sent, and what it did not answer`() async throws {
        try await Bench().run { bench in
            try await eventually("live") { if case .live = bench.status { true } else { false } }
            #expect(try await Self.attempt(bench) == (nil, true))
            bench.node.state.withLock { $0.silent = "uuid_kill" }
            #expect(try await Self.attempt(bench) == (.timedOut, true))
            // No connection for commands can be made any more.
            bench.node.state.withLock { $0.refusal = .unreachable("refused") }
            try await eventually("closed") { try await Self.attempt(bench) == (.nodeUnavailable, false) }
        }
    }
}
