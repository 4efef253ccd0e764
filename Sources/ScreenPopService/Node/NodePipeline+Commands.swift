import CallCenter
import CoreMetrics
import EventSocket
import Metrics
import NIOCore
import ScreenPop

/// What administrators and desktops ask of the node.
extension NodePipeline {
    /// Sends one command; the answer as it came, `-ERR` texts included.
    func send(_ call: APICall) async throws(CommandError) -> String {
        guard self.machine.takesCommands, let commands = self.connections?.commands else { throw self.unavailable() }
        let start = ContinuousClock.now
        do {
            let text = try await commands.api(call)
            self.metrics.commandLatency.record(duration: ContinuousClock.now - start)
            return text
        } catch {
            switch error {
            case .timedOut: throw CommandError(.timedOut, "\(self.settings.node) did not answer in time; look whether the command was carried out")
            case .refused(let text): throw CommandError(.refused, "FreeSWITCH refused the command: \(text)")
            case .illegalCommand(let text): throw CommandError(.invalidValue, text)
            case .closed, .unreachable, .protocolViolation, .accessDenied, .authenticationRefused, .invalidURL: throw self.unavailable()
            }
        }
    }

    func unavailable() -> CommandError {
        let reason =
            switch self.machine.status {
            case .connecting(let reason): reason ?? "connecting"
            case .synchronizing: "taking its snapshot; try again in a moment"
            case .live(coreUUID: _, detail: _): "the connection was lost; look whether the command was carried out"
            case .failed(let line): line
            }
        return CommandError(.nodeUnavailable, "\(self.settings.node) takes no commands now: \(reason)")
    }

    /// A reason that mod_callcenter has no place for; to be called before the status command goes out.
    func setReason(_ reason: String?, by: String?, agent: String, status: AgentStatus) {
        self.reducer.setReason(reason, by: by, agent: agent, status: status)
    }

    /// What a command of ours did and no event announces.
    func apply(_ local: LocalChange) {
        self.reducer.apply(local, to: &self.changes)
        self.flush()
        self.arm()
    }
}
