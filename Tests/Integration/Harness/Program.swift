import Foundation

@testable import screenpop

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The built `screenpop`, run as people run it. Its output and error go to one file, so that a test can look at all it said.
final class Program: Sendable {
    private let child: ChildProcess
    private let log: String

    /// The program is built beside the tests.
    static let path = URL(filePath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "screenpop").path(percentEncoded: false)

    private init(child: ChildProcess, log: String) {
        self.child = child
        self.log = log
    }

    deinit {
        kill(self.child.identifier, SIGKILL)
        try? FileManager.default.removeItem(atPath: self.log)
    }

    /// - Parameter environment: besides ours, without our `SCREENPOP_` variables.
    static func start(_ arguments: [String], environment: [String: String] = [:]) async throws -> Program {
        let temporary = FileManager.default.temporaryDirectory
        let log = temporary.appending(path: "screenpop-\(UUID().uuidString).log").path(percentEncoded: false)
        let ours = ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("SCREENPOP_") }
        let words = ours.flatMap { ["-u", $0] } + environment.map { "\($0.key)=\($0.value)" } + [Self.path] + arguments
        let child = try await ChildProcess.start(
            "/usr/bin/env", words, folder: temporary.path(percentEncoded: false), log: log)
        return Program(child: child, log: log)
    }

    /// Runs it to its end.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (exit: ChildProcess.Exit?, said: String) {
        let program = try await Self.start(arguments, environment: environment)
        let exit = await program.child.ended(within: .seconds(60))
        return (exit, program.said)
    }

    var identifier: pid_t { self.child.identifier }
    var said: String { (try? String(contentsOfFile: self.log, encoding: .utf8)) ?? "" }

    /// What follows `prefix` on the first line that has it.
    func line(_ prefix: String) async throws -> String {
        try await eventually("`\(prefix)` is printed; it said: \(self.said)", within: .seconds(60)) {
            // Only whole lines: the last one may still be written.
            let lines = self.said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        }
    }

    func end(_ signal: Int32 = SIGTERM) async -> ChildProcess.Exit? {
        kill(self.child.identifier, signal)
        return await self.child.ended(within: .seconds(30))
    }
}
