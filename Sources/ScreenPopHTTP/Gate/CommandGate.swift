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

    /// A refusal of what is no command, as far as such are kept.
    /// - Parameters:
    ///   - operation: as the table of rights calls it, or `renewSession`.
    ///   - message: as it came; `nil` where it is a secret.
    func record(
        _ problem: Problem, of operation: String, agent: String? = nil, message: ByteBuffer? = nil, by principal: Principal,
        from address: IPAddress?
    ) {
        guard self.keepsRefusal(of: principal, from: address) else { return }
        self.auditor.record(
            AuditEntry(
                at: WallClock.now(), principal: principal.id, name: principal.name, role: principal.role.rawValue, operation: operation,
                targets: agent.map { [AuditEntry.Target("agent", String($0.prefix(128)))] } ?? [], from: address?.description, way: .websocket,
                status: problem.status.code, code: problem.code,
                request: message.flatMap { AuditSummary($0, leavingOut: ["id", "type", "agent"])?.json }))
    }

    /// A session goes on as somebody else's: what comes over it is his from now on.
    func recordRenewal(of former: Principal, as principal: Principal, from address: IPAddress?) {
        self.auditor.record(
            AuditEntry(
                at: WallClock.now(), principal: former.id, name: former.name, role: former.role.rawValue, operation: "renewSession",
                targets: [AuditEntry.Target("becomes", principal.id)], from: address?.description, way: .websocket, status: 200))
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
