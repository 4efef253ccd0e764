import Foundation
import Hiredis
import Logging
import NIOCore
import ServiceLifecycle

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The distribution's `redis-server` as a child of ours, on a private Unix socket: a real Redis where nobody has set one up.
///
/// It ends with us, also when we are killed; should one be left over all the same, the next start ends it. When it dies it is started again.
final class EmbeddedRedis: Service {
    static let missing = """
        redis-server is not installed. Install it with: sudo apt-get install redis-server \
        (or use a Redis of your own: --redis redis://HOST:6379)
        """

    private let directory: DataDirectory
    private let program: String
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let first: ChildProcess

    var endpoint: RedisEndpoint { Self.endpoint(in: self.directory.path) }

    /// Starts the server and returns when it answers.
    ///
    /// - Throws: `CommandFailure`: the program is missing, the folder is in use or not ours, the server does not start.
    static func start(data: String, eventLoop: any EventLoop, logger: Logger) async throws -> EmbeddedRedis {
        guard let program = Programs.path(of: "redis-server") else { throw CommandFailure(.unavailable, Self.missing) }
        let directory = try DataDirectory(path: data)
        try await Self.endLeftOver(in: data, logger: logger)
        let child = try await Self.launch(program, in: data, on: eventLoop, logger: logger)
        return EmbeddedRedis(directory: directory, program: program, eventLoop: eventLoop, logger: logger, first: child)
    }

    private init(directory: consuming DataDirectory, program: String, eventLoop: any EventLoop, logger: Logger, first: ChildProcess) {
        self.directory = directory
        self.program = program
        self.eventLoop = eventLoop
        self.logger = logger
        self.first = first
    }

    /// Keeps it running until graceful shutdown or cancellation, then ends it.
    func run() async throws {
        // Not with the object: whoever holds that last lets go of it at a time that nobody can wait for.
        defer { self.directory.release() }
        var child = self.first
        while let exit = await Self.exit(of: child) {
            self.logger.error("the embedded redis-server ended by itself; starting it again", metadata: ["with": "\(exit)"])
            guard let next = await self.relaunch() else { return }
            child = next
        }
        // The append-only file has all but the last second; writing that needs a moment.
        await child.end(patience: .seconds(10))
    }

    /// `nil` when it is we who are to stop.
    private static func exit(of child: ChildProcess) async -> ChildProcess.Exit? {
        await cancelWhenGracefulShutdown { await child.ended() }
    }

    /// Tries until it runs, with growing pauses; `nil` when it is we who are to stop.
    private func relaunch() async -> ChildProcess? {
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                return try await Self.launch(self.program, in: self.directory.path, on: self.eventLoop, logger: self.logger)
            } catch {
                self.logger.error("the embedded redis-server does not start", metadata: ["reason": "\(error)"])
            }
            let now = pause
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: now) }
            pause = min(pause * 2, .seconds(5))
        }
        return nil
    }

    private static func endpoint(in folder: String) -> RedisEndpoint { RedisEndpoint(address: .unix(path: DataDirectory.socket(in: folder))) }

    /// No port, no snapshots beside the append-only file, no eviction: what was shown is kept.
    /// All paths are relative to the folder it runs in, so that no path is ever read as configuration.
    static let arguments = [
        "--port", "0", "--unixsocket", "redis.sock", "--unixsocketperm", "700", "--dir", ".", "--pidfile", "redis.pid", "--daemonize", "no",
        "--databases", "1", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction",
        "--loglevel", "notice", "--logfile", "redis.log",
    ]

    private static func launch(_ program: String, in folder: String, on eventLoop: any EventLoop, logger: Logger) async throws -> ChildProcess {
        unlink(DataDirectory.socket(in: folder))
        let log = folder + "/redis.log"
        let child: ChildProcess
        if let setpriv = Programs.path(of: "setpriv") {
            child = try await ChildProcess.start(setpriv, ["--pdeathsig", "TERM", program] + Self.arguments, folder: folder, log: log)
        } else {
            child = try await ChildProcess.start(program, Self.arguments, folder: folder, log: log)
        }
        let outcome = await withTaskGroup(of: StartOutcome.self) { group in
            group.addTask { await child.ended().map { .ended($0) } ?? .gaveUp }
            group.addTask { await Self.answers(Self.endpoint(in: folder), on: eventLoop, logger: logger) ? .answered : .gaveUp }
            let first = await group.next() ?? .gaveUp
            group.cancelAll()
            return first
        }
        switch outcome {
        case .answered:
            logger.info("embedded redis-server is up", metadata: ["pid": "\(child.identifier)", "folder": "\(folder)"])
            return child
        case .ended(let exit):
            throw CommandFailure(.unavailable, "the embedded redis-server ended with \(exit) as it started; \(log) says: \(Self.lastLine(of: log))")
        case .gaveUp:
            await child.end(patience: .seconds(1))
            throw CommandFailure(.unavailable, "the embedded redis-server does not answer; see \(log)")
        }
    }

    private enum StartOutcome {
        case answered
        case ended(ChildProcess.Exit)
        case gaveUp
    }

    /// Waits a minute for the first answer; while the server says that it is reading its file, as long as that takes.
    private static func answers(_ endpoint: RedisEndpoint, on eventLoop: any EventLoop, logger: Logger) async -> Bool {
        var quiet = logger
        quiet.logLevel = .critical
        let client = RedisClient(endpoint: endpoint, on: eventLoop, logger: quiet)
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await client.run()
                return false
            }
            group.addTask {
                var deadline = ContinuousClock.now + .seconds(60)
                while ContinuousClock.now < deadline, !Task.isCancelled {
                    do {
                        _ = try await client.send(RedisCommand("PING")).get()
                        return true
                    } catch RedisError.server {
                        deadline = ContinuousClock.now + .seconds(60)
                    } catch {}
                    try? await Task.sleep(for: .milliseconds(20))
                }
                return false
            }
            let answered = await group.next() ?? false
            group.cancelAll()
            return answered
        }
    }

    private static func lastLine(of path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").last.map { LineLogHandler.escaped(String($0)) } ?? "nothing"
    }

    /// We hold the folder's lock, so a server that still runs here belongs to a ScreenPop that is gone.
    private static func endLeftOver(in folder: String, logger: Logger) async throws {
        guard let text = try? String(contentsOfFile: folder + "/redis.pid", encoding: .utf8),
            let identifier = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), identifier > 1,
            Self.isOurs(identifier, folder: folder)
        else { return }
        logger.notice("ending a redis-server that was left over in the data folder", metadata: ["pid": "\(identifier)"])
        kill(identifier, SIGTERM)
        for attempt in 0..<500 {
            guard Self.isOurs(identifier, folder: folder) else { return }
            if attempt == 400 { kill(identifier, SIGKILL) }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw CommandFailure(.unavailable, "a redis-server from before (process \(identifier)) still works in \(folder) and cannot be ended")
    }

    /// A number in a file proves nothing, it may have been given out again: the process must be a redis-server that works in this folder.
    private static func isOurs(_ identifier: pid_t, folder: String) -> Bool {
        let files = FileManager.default
        guard let name = try? String(contentsOfFile: "/proc/\(identifier)/comm", encoding: .utf8), name.hasPrefix("redis-server"),
            let place = try? files.destinationOfSymbolicLink(atPath: "/proc/\(identifier)/cwd")
        else { return false }
        return place == URL(filePath: folder).resolvingSymlinksInPath().path(percentEncoded: false)
    }
}
