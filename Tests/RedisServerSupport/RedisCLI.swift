import Foundation

/// `redis-cli` with one command, its output read line by line.
public final class RedisCLI: Sendable {
    private let child: pid_t
    private let output: Int32

    public init(_ arguments: [String], server: RedisServer) throws {
        let program = ["/usr/bin/redis-cli", "/usr/local/bin/redis-cli", "/opt/homebrew/bin/redis-cli"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let program else { throw RedisServer.CannotStart() }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw RedisServer.CannotStart() }
        self.output = ends[0]
        self.child = try spawn(program, ["-s", server.socketPath] + arguments, standardOutput: ends[1])
        close(ends[1])
    }

    /// Waits for so many lines.
    public func lines(_ count: Int) -> [String] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count(where: { $0 == 10 }) < count {
            let length = read(self.output, &buffer, buffer.count)
            guard length > 0 else { break }
            bytes += buffer[..<length]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).prefix(count).map(String.init)
    }

    public func stop() {
        kill(self.child, SIGKILL)
        waitpid(self.child, nil, 0)
        close(self.output)
    }
}

/// Starts a program. A test runner's threads block signals, and a child inherits that: the mask is emptied, or SIGTERM would never arrive.
func spawn(_ program: String, _ arguments: [String], standardOutput: Int32? = nil) throws -> pid_t {
    let words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var attributes = posix_spawnattr_t()
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Never the test runner's own output: whoever reads that waits until the last one who could write there has ended.
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    if let standardOutput { posix_spawn_file_actions_adddup2(&actions, standardOutput, STDOUT_FILENO) }
    // A child that inherits a test's sockets keeps them open: peers see no end, and a port stays taken.
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
        if let descriptor = Int32(entry), descriptor > STDERR_FILENO, descriptor != standardOutput {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
    }
    var child: pid_t = 0
    guard posix_spawn(&child, program, &actions, &attributes, words, environ) == 0 else { throw RedisServer.CannotStart() }
    return child
}
