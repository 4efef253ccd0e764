import Foundation
import Synchronization

/// A real `redis-server` for tests: a folder of its own, a Unix socket, no port unless asked for. Ends with the test.
public final class RedisServer: Sendable {
    public struct CannotStart: Error {}

    private let folder: String
    private let arguments: [String]
    private let process: Mutex<pid_t?>

    public var socketPath: String { self.folder + "/redis.sock" }

    /// `arguments` are those of `redis-server`: `["--requirepass", "secret"]`.
    public init(_ arguments: [String] = []) throws {
        // Short, because a socket's path may have 107 bytes.
        self.folder = "/tmp/screenpop-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.arguments = arguments
        self.process = Mutex(nil)
        try self.start()
    }

    deinit {
        self.kill()
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    /// Returns at once; a client that reconnects finds it when it is up.
    public func start() throws {
        guard let program = Self.program else { throw CannotStart() }
        let child = try spawn(
            program,
            ["--port", "0", "--unixsocket", self.socketPath, "--dir", self.folder, "--save", "", "--logfile", self.folder + "/log"]
                + self.arguments)
        self.process.withLock { $0 = child }
        RunningServers.shared.started(child, folder: self.folder)
    }

    /// With SIGTERM, so that an append-only file is complete.
    public func stop() { self.end(SIGTERM) }

    /// With SIGKILL: connections break, nothing is said.
    public func kill() { self.end(SIGKILL) }

    private func end(_ signal: Int32) {
        self.process.withLock { process in
            guard let child = process else { return }
            Foundation.kill(child, signal)
            waitpid(child, nil, 0)
            RunningServers.shared.ended(child)
            process = nil
        }
    }

    private static var program: String? {
        ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"]
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// Ends what a test left running when the test process ends: not every server's last owner is let go before that.
private final class RunningServers: Sendable {
    static let shared = RunningServers()

    private let folders = Mutex<[pid_t: String]>([:])

    private init() {
        atexit {
            RunningServers.shared.folders.withLock { folders in
                for (child, folder) in folders {
                    Foundation.kill(child, SIGKILL)
                    try? FileManager.default.removeItem(atPath: folder)
                }
            }
        }
    }

    func started(_ child: pid_t, folder: String) { self.folders.withLock { $0[child] = folder } }
    func ended(_ child: pid_t) { self.folders.withLock { _ = $0.removeValue(forKey: child) } }
}
