import ArgumentParser

/// Why a command ends, in the words of the person who can mend it, and with which of the exit codes of sysexits.
struct CommandFailure: Error, Equatable {
    enum Kind: Int32 {
        case failed = 1
        case usage = 64
        /// Something needed is not there: a program, a server, a free port.
        case unavailable = 69
        case configuration = 78
    }

    let kind: Kind
    let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Runs a command's body and turns a failure into its line and its exit code.
    static func reported(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let failure as CommandFailure {
            StandardStreams.error("screenpop: \(failure.message)")
            throw ExitCode(failure.kind.rawValue)
        }
    }
}
