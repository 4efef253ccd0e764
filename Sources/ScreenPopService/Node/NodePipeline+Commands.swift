import CallCenter
import CoreMetrics
import EventSocket
import Metrics
import NIOCore
import ScreenPop

/// What administrators and desktops ask of the node.
///
/// Their commands have a connection of their own: one that FreeSWITCH does not answer in time costs that connection, and the events go on.
extension NodePipeline {
    /// The connection for commands, made for the first of them.
    enum CommandConnection {
        case none
        case opening(Int, EventLoopFuture<any NodeConnection>)
        case open(Int, any NodeConnection)
    }

    /// Sends one command; the answer as it came, `-ERR` texts included.
    func send(_ call: APICall) async throws(CommandError) -> String {
        guard self.takesCommands else { throw self.unavailable() }
        let start = ContinuousClock.now
        do {
            let connection = try await self.commandConnection()
            Attempt.markSent()
            let text = try await connection.api(call)
            self.metrics.commandLatency.record(duration: ContinuousClock.now - start)
            return text
        } catch {
            throw self.failure(error)
        }
    }

    func sendPatiently(_ call: APICall) async throws(CommandError) -> String {
        guard self.takesCommands else { throw self.unavailable() }
        guard !self.isBusyWithSlowCommand else {
            throw CommandError(.nodeUnavailable, "\(self.settings.node) is still loading a queue; try again when that is done")
        }
        self.isBusyWithSlowCommand = true
        defer { self.isBusyWithSlowCommand = false }
        do throws(EventSocketError) {
            let connection = try await self.connect(self.eventLoop, .slowCommand) { _ in }
            // It may have become another's node meanwhile, or the end. No step closes it then: there are none any more.
            guard self.takesCommands else {
                await connection.close()
                throw EventSocketError.closed("the node went away")
            }
            self.slowConnection = connection
            Attempt.markSent()
            do throws(EventSocketError) {
                let text = try await connection.api(call)
                await self.leaveSlowConnection()
                return text
            } catch {
                await self.leaveSlowConnection()
                throw error
            }
        } catch {
            throw self.failure(error)
        }
    }

    /// Closes it, unless that has been done with the node's other connections.
    private func leaveSlowConnection() async {
        guard let connection = self.slowConnection else { return }
        self.slowConnection = nil
        await connection.close()
    }

    // MARK: the connection

    private func commandConnection() async throws(EventSocketError) -> any NodeConnection {
        switch self.commandConnection {
        case .open(_, let connection): return connection
        case .opening(_, let opening):
            do { return try await opening.get() } catch { throw (error as? EventSocketError) ?? .closed("\(error)") }
        case .none: return try await self.openCommandConnection()
        }
    }

    private func openCommandConnection() async throws(EventSocketError) -> any NodeConnection {
        self.lastCommandConnection += 1
        let number = self.lastCommandConnection
        let promise = self.eventLoop.makePromise(of: (any NodeConnection).self)
        self.commandConnection = .opening(number, promise.futureResult)
        do throws(EventSocketError) {
            let connection = try await self.connect(self.eventLoop, .commands) { delivery in
                if case .closed = delivery { self.assumeIsolated { $0.commandConnectionClosed(number) } }
            }
            guard case .opening(number, _) = self.commandConnection else {
                // Here, not by a step: at the end of the pipeline there are none any more.
                await connection.close()
                throw EventSocketError.closed("the node went away")
            }
            self.commandConnection = .open(number, connection)
            promise.succeed(connection)
            return connection
        } catch {
            self.commandConnectionClosed(number)
            promise.fail(error)
            throw error
        }
    }

    private func commandConnectionClosed(_ closed: Int) {
        switch self.commandConnection {
        case .opening(closed, _), .open(closed, _): self.commandConnection = .none
        case .none, .opening, .open: break
        }
    }

    /// With the node's other connections.
    func takeCommandConnection() -> (any NodeConnection)? {
        defer { self.commandConnection = .none }
        switch self.commandConnection {
        case .open(_, let connection): return connection
        // Whoever opens it closes it then.
        case .none, .opening: return nil
        }
    }

    // MARK: refusals

    private func failure(_ error: EventSocketError) -> CommandError {
        switch error {
        case .timedOut: CommandError(.timedOut, "\(self.settings.node) did not answer in time; look whether the command was carried out")
        case .refused(let text): CommandError(.refused, "FreeSWITCH refused the command: \(text)")
        case .illegalCommand(let text): CommandError(.invalidValue, text)
        case .closed, .unreachable, .protocolViolation, .accessDenied, .authenticationRefused, .invalidURL: self.unavailable()
        }
    }

    func unavailable() -> CommandError {
        CommandError(.nodeUnavailable, "\(self.settings.node) takes no commands now: \(self.unavailability)")
    }

    private var unavailability: String {
        if self.outbox.isFenced { return Self.fencedLine }
        return switch self.machine.status {
        case .connecting(let reason): reason ?? "connecting"
        case .synchronizing: "taking its snapshot; try again in a moment"
        case .live(coreUUID: _, detail: _): "the connection was lost; look whether the command was carried out"
        case .standby(let line), .failed(let line): line
        }
    }

    // MARK: what the domain is told

    /// A reason that mod_callcenter has no place for; to be called before the status command goes out.
    func setReason(_ reason: String?, by: String?, agent: String, status: AgentStatus) {
        self.reducer.setReason(reason, by: by, agent: agent, status: status)
    }

    /// What a command of ours did and no event announces.
    func apply(_ local: LocalChange, _ origin: Change.Configuration.Origin) {
        self.reducer.apply(local, origin, to: &self.changes)
        self.flush()
        self.arm()
    }

    func claim(agent: String, by: String?) {
        self.reducer.claim(agent: agent, by: by)
    }

    func release(agent: String) {
        self.reducer.release(agent: agent, to: &self.changes)
        self.flush()
        self.arm()
    }
}
