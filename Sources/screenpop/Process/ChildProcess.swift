import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A program we started and must not outlive us.
///
/// One thread starts the child and then waits for it. That it is the same thread matters: Linux sends the signal of `setpriv --pdeathsig` when the
/// *thread* that started the child ends, and threads of the shared pools come and go.
final class ChildProcess: Sendable {
    let identifier: pid_t
    private let exit: ExitLatch

    enum Exit: Sendable, Equatable, CustomStringConvertible {
        case status(Int32)
        case signal(Int32)

        var description: String {
            switch self {
            case .status(let status): "exit code \(status)"
            case .signal(let signal): "signal \(signal)"
            }
        }
    }

    private init(identifier: pid_t, exit: ExitLatch) {
        self.identifier = identifier
        self.exit = exit
    }

    /// Starts `program` (an absolute path) in `folder`, in a process group of its own, so that a Ctrl-C meant for us does not end it before us.
    /// It inherits no descriptor; its standard output and error go to the end of the file `log`.
    static func start(_ program: String, _ arguments: [String], folder: String, log: String) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                do {
                    let identifier = try Self.spawn([program] + arguments, folder: folder, log: log)
                    let exit = ExitLatch()
                    continuation.resume(returning: ChildProcess(identifier: identifier, exit: exit))
                    exit.open(Self.wait(for: identifier))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.name = "child"
            thread.start()
        }
    }

    /// Returns when it has ended, whoever ended it; `nil` when the calling task is cancelled first.
    func ended() async -> Exit? { await self.exit.wait() }

    /// `nil` when it did not end within the time, or the calling task is cancelled first.
    func ended(within time: Duration) async -> Exit? {
        await withTaskGroup(of: Exit?.self) { group in
            group.addTask { await self.ended() }
            group.addTask {
                try? await Task.sleep(for: time)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// Asks it to end, and ends it when it has not after `patience`. Not shortened by cancellation: it must not be left behind.
    func end(patience: Duration) async {
        let ending = Task {
            kill(self.identifier, SIGTERM)
            if await self.ended(within: patience) == nil {
                kill(self.identifier, SIGKILL)
                _ = await self.ended()
            }
        }
        await ending.value
    }

    private static func spawn(_ arguments: [String], folder: String, log: String) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Ours are close-on-exec; what we inherited ourselves may not be. One that is closed in the meantime is no error.
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? [] {
            if let descriptor = Int32(entry), descriptor > STDERR_FILENO { posix_spawn_file_actions_addclose(&actions, descriptor) }
        }
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that we ignore, a child would ignore as well.
        var signals = sigset_t()
        sigfillset(&signals)
        sigdelset(&signals, SIGKILL)
        sigdelset(&signals, SIGSTOP)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        // glibc hides posix_spawn's own way to change the folder from Swift. The shell sees the words as parameters, never as code.
        let shell = ["/bin/sh", "-c", #"cd -- "$0" && exec "$@""#, folder]
        let strings = (shell + arguments).map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var identifier: pid_t = 0
        let result = posix_spawn(&identifier, shell[0], &actions, &attributes, strings, environ)
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: result) ?? .EIO) }
        return identifier
    }

    private static func wait(for identifier: pid_t) -> Exit {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
    }
}
