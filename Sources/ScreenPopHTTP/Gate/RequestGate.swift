import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPopService
import ScreenPopStore

extension Gate {
    /// Watches over one request of a route: whoever carries it out tells the visit what he finds out, and however it ends is recorded.
    ///
    /// A request that changes nothing leaves no entry; of acknowledgements only the refused ones do, the others stand in their call's trace.
    /// - Parameter path: as it was registered; what its parameters name is whom it is about.
    func watch(
        _ operation: Operation, path: String, _ request: Request, _ context: HTTPContext, _ body: (inout Visit) async throws -> Response
    ) async throws -> Response {
        var visit = Visit(self, operation, request, context, path: path)
        do {
            let response = try await body(&visit)
            visit.record(status: response.status.code, code: nil)
            return response
        } catch let refusal as Refusal {
            if refusal.isFirst { visit.record(refusal.problem) }
            throw refusal.problem
        } catch {
            let problem = Problem(catching: error)
            guard problem.status == .unauthorized else {
                visit.record(problem)
                throw error
            }
            do { try self.refuseStranger(from: visit.address) } catch {
                if error.isFirst { visit.record(error.problem) }
                throw error.problem
            }
            visit.record(problem)
            throw error
        }
    }
}

/// A request on its way through the gate, and what will stand in the audit about it.
struct Visit {
    let address: IPAddress?
    private let gate: Gate
    private let operation: Operation
    private let isCommand: Bool
    private let targets: [AuditEntry.Target]
    private let method: HTTPRequest.Method
    private var principal: Principal?
    private var body: ByteBuffer?
    private var isReplayed = false

    fileprivate init(_ gate: Gate, _ operation: Operation, _ request: Request, _ context: HTTPContext, path: String) {
        self.gate = gate
        self.operation = operation
        self.method = request.method
        self.isCommand = operation.changesSomething(by: request.method)
        self.address = gate.address(of: request, context)
        self.targets = self.isCommand ? Self.targets(path, context) : []
    }

    /// `:agent` and the like.
    private static func targets(_ path: String, _ context: HTTPContext) -> [AuditEntry.Target] {
        path.split(separator: "/").filter { $0.hasPrefix(":") }.compactMap { part in
            let kind = String(part.dropFirst())
            guard let name = try? context.name(kind) else { return nil }
            return AuditEntry.Target(kind, String(name.prefix(128)))
        }
    }

    /// Says who it is. Throws when he wants too much at once.
    mutating func admit(_ principal: Principal) throws(Gate.Refusal) {
        self.principal = principal
        // Each pop is acknowledged, however many there are.
        guard self.isCommand, self.operation != .acknowledgePop else { return }
        try self.gate.admitCommand(of: principal)
    }

    /// Carries out what has been admitted and allowed; with an `Idempotency-Key` once.
    mutating func answer(_ request: Request, _ context: HTTPContext, bodyLimit: Int, _ handler: Routes.Handler) async throws -> Response {
        guard self.isCommand, let principal else { return try await handler(request, context) }
        var request = request
        let body = try await request.collectBody(upTo: bodyLimit)
        self.body = body
        guard let key = try Idempotency.key(request) else { return try await handler(request, context) }
        try self.gate.admitKey(of: principal)
        let known = request
        let (response, isReplayed) = try await self.gate.idempotency.answer(
            known, body: body, key: key, of: principal, holdsSecret: self.operation == .manageTokens && self.method == .post
        ) { try await handler(known, context) }
        self.isReplayed = isReplayed
        return response
    }

    fileprivate func record(_ problem: Problem) {
        self.record(status: problem.status.code, code: problem.code)
    }

    fileprivate func record(status: Int, code: String?) {
        guard self.isCommand, self.operation != .acknowledgePop || [401, 403, 429].contains(status) else { return }
        var entry = AuditEntry(
            at: WallClock.now(), principal: self.principal?.id, name: self.principal?.name, role: self.principal?.role.rawValue,
            // What changes of a session is that it ends.
            operation: self.operation == .readSession ? "closeSession" : self.operation.rawValue, targets: self.targets,
            from: self.address?.description, way: .http, status: status, code: code,
            request: self.body.flatMap { AuditSummary($0, onlyShowing: self.operation.shownMembers)?.json })
        entry.isReplayed = self.isReplayed
        self.gate.auditor.record(entry)
    }
}

extension Operation {
    /// What only asks is no command, however it is sent: it takes no `Idempotency-Key` and leaves no entry.
    func changesSomething(by method: HTTPRequest.Method) -> Bool { method != .get && method != .head && self != .readSwitchConfiguration }

    /// Of a body that holds secrets, the members that may be seen; `nil`: it holds none.
    fileprivate var shownMembers: Set<String>? {
        switch self {
        case .manageUsers, .manageTokens, .readSession: ["user", "name", "role", "agent", "expiresIn"]
        case .listAgents, .readAgent, .addAgent, .changeAgent, .deleteAgent, .setStatus, .setState, .logIn, .logOut, .ready, .takeBreak, .leaveQueues,
            .cancelPending, .wrapUp, .readPops, .acknowledgePop, .listCalls, .readCall, .readTrace, .readCaller, .controlCall, .dial, .supervise,
            .endCall, .readQueues, .readMembers, .readTiers, .changeTiers, .changeQueues, .defineQueues, .readSwitchConfiguration, .readNodes,
            .readReasons, .changeReasons, .importSettings, .exportSettings, .listen, .claimDesk, .readAudit:
            nil
        }
    }
}
