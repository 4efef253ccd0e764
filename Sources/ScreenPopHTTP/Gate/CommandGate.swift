import HTTPTypes
import NIOCore
import ScreenPopService
import ScreenPopStore

extension Gate {
    /// A command that came over a WebSocket. Recorded once its end is known.
    struct Command: Sendable {
        fileprivate let gate: Gate
        let principal: Principal
        fileprivate let operation: Operation
        fileprivate let targets: [AuditEntry.Target]
        fileprivate let address: IPAddress?
        fileprivate let summary: AuditSummary?

        func succeeded() {
            self.record(status: 200, code: nil)
        }

        func failed(_ error: CommandError) {
            self.record(status: error.code.status.code, code: error.code.rawValue)
        }

        /// Not allowed, or not now.
        func refused(_ problem: Problem) {
            self.record(status: problem.status.code, code: problem.code)
        }

        private func record(status: Int, code: String?) {
            self.gate.auditor.record(
                AuditEntry(
                    at: WallClock.now(), principal: self.principal.id, name: self.principal.name, role: self.principal.role.rawValue,
                    operation: self.operation.rawValue, targets: self.targets, from: self.address?.description, way: .websocket, status: status,
                    code: code, request: self.summary?.json))
        }
    }

    /// Asked of the gate before anything is done.
    /// - Parameters:
    ///   - agent: whom it is about.
    ///   - message: as it came.
    func command(
        _ operation: Operation, agent: String?, message: ByteBuffer, of principal: Principal, from address: IPAddress?
    ) throws(Problem) -> Command {
        let command = Command(
            gate: self, principal: principal, operation: operation,
            targets: agent.map { [AuditEntry.Target("agent", String($0.prefix(128)))] } ?? [], address: address,
            summary: AuditSummary(message, leavingOut: ["id", "type", "agent"]))
        do { try self.admitCommand(of: principal) } catch {
            if error.isFirst { command.refused(error.problem) }
            throw error.problem
        }
        return command
    }
}

extension Problem {
    static let tooBusy = Problem(.serviceUnavailable, "too-busy", "Too many commands are waiting; try again.")
}
