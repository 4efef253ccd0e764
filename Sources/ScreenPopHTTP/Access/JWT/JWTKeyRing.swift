import AsyncHTTPClient
package import Logging
package import NIOCore
import NIOHTTP1
import ScreenPopService
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The keys that JWTs are verified with, kept up to date.
final class JWTKeyRing: Sendable {
    typealias Source = HTTPService.Configuration.JWT.Keys

    private struct State {
        var keys: [JWTKey] = []
        /// Somebody shows a token of a key that is not here.
        var isWanted = false
        var waiting: [EventLoopPromise<Void>] = []
        var loadedAt: NIODeadline?
        var isFinished = false
    }

    private static let maximumBytes = 256 * 1024
    private static let maximumWaiting = 1024

    private let source: Source
    private let pause: TimeAmount
    private let client: HTTPClient
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter pause: Between two loads that strangers ask for.
    init(_ source: Source, eventLoopGroup: any EventLoopGroup, pause: TimeAmount = .seconds(10), logger: Logger) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(10))
        self.source = source
        self.pause = pause
        self.client = HTTPClient(eventLoopGroupProvider: .shared(eventLoopGroup), configuration: configuration)
        self.logger = logger
    }

    var keys: [JWTKey] { self.state.withLock { $0.keys } }

    /// The first load. Throws when what stands on this machine is wrong; an address on the network may come later.
    func start() async throws {
        do { try await self.load() } catch {
            switch self.source {
            case .secret, .file: throw error
            case .url: self.logger.error("the keys for JWTs cannot be fetched; until they are no JWT is accepted", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Loads again now and then, and when it is asked for. Until `finish`.
    func run() async {
        while !Task.isCancelled, !self.state.withLock({ $0.isFinished }) {
            try? await Task.sleep(for: .milliseconds(250))
            guard self.isDue(at: .now()) else { continue }
            do { try await self.load() } catch {
                // The keys that are here stay.
                self.logger.warning("the keys for JWTs cannot be loaded; those known stay", metadata: ["error": "\(error)"])
            }
        }
        for promise in self.state.withLock({ state in
            defer { state.waiting = [] }
            return state.waiting
        }) { promise.succeed() }
        try? await self.client.shutdown()
    }

    func finish() {
        self.state.withLock { $0.isFinished = true }
    }

    /// When the next load is over; at once when there was one just now.
    func reloaded(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let now = NIODeadline.now()
        let promise = eventLoop.makePromise(of: Void.self)
        let waits = self.state.withLock { state in
            guard self.interval != nil, !state.isFinished, state.waiting.count < Self.maximumWaiting,
                state.loadedAt.map({ now - $0 >= self.pause }) ?? true
            else { return false }
            state.isWanted = true
            state.waiting.append(promise)
            return true
        }
        if !waits { promise.succeed() }
        return promise.futureResult
    }

    private var interval: TimeAmount? {
        switch self.source {
        case .secret: nil
        case .file: .seconds(60)
        case .url: .minutes(10)
        }
    }

    private func isDue(at now: NIODeadline) -> Bool {
        guard let interval = self.interval else { return false }
        return self.state.withLock { state in state.isWanted || state.loadedAt.map { now - $0 >= interval } ?? true }
    }

    fileprivate func load() async throws {
        defer {
            let waiting = self.state.withLock { state in
                defer {
                    state.waiting = []
                    state.isWanted = false
                    state.loadedAt = .now()
                }
                return state.waiting
            }
            for promise in waiting { promise.succeed() }
        }
        let keys: [JWTKey]
        switch self.source {
        case .secret(let secret): keys = [try await JWTKey(secret: secret)]
        case .file(let path):
            guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= Self.maximumBytes else {
                throw JWTKeyFailure.unreadable("\(path) cannot be read")
            }
            keys = await JWTKey.keys(set: data) ?? []
            guard !keys.isEmpty else { throw JWTKeyFailure.noKeys(path) }
        case .url(let url):
            let response = try await self.client.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
            guard response.status == .ok else { throw JWTKeyFailure.unreadable("\(url) answered \(response.status.code)") }
            keys = await JWTKey.keys(set: try await response.body.collect(upTo: Self.maximumBytes).readableBytesView) ?? []
            guard !keys.isEmpty else { throw JWTKeyFailure.noKeys(url) }
        }
        self.state.withLock { $0.keys = keys }
    }
}

/// Why keys cannot be used.
package enum JWTKeyFailure: Error, CustomStringConvertible {
    case unreadable(String)
    case noKeys(String)
    case shortSecret

    package var description: String {
        switch self {
        case .unreadable(let why): why
        case .noKeys(let place): "\(place) holds no RSA key of 2048 bits or more and no key on P-256"
        case .shortSecret: "the secret for JWTs has less than 32 bytes"
        }
    }
}

extension HTTPService.Configuration.JWT.Keys {
    /// Loads them once, as the service does when it starts.
    /// - Returns: how many there are.
    /// - Throws: `JWTKeyFailure`, or why an address does not answer.
    package func load(eventLoopGroup: any EventLoopGroup, logger: Logger) async throws -> Int {
        let ring = JWTKeyRing(self, eventLoopGroup: eventLoopGroup, logger: logger)
        let result: Result<Int, any Error>
        do {
            try await ring.load()
            result = .success(ring.keys.count)
        } catch {
            result = .failure(error)
        }
        // Ends its client.
        ring.finish()
        await ring.run()
        return try result.get()
    }
}
