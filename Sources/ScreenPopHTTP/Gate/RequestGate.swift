import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

extension Gate {
    /// Watches over one request of a route: whoever carries it out tells the visit what he finds out, and however it ends is recorded.
    ///
    /// A request that changes nothing leaves an entry only where it is refused; so do acknowledgements, which stand in their call's trace.
    /// - Parameters:
    ///   - path: as it was registered; what its parameters name is whom it is about.
    ///   - opening: by which way a session is to begin, if one is.
    func watch(
        _ operation: Operation, path: String, opening: AuditEntry.Way? = nil, _ request: Request, _ context: HTTPContext,
        _ body: (inout Visit) async throws -> Response
    ) async throws -> Response {
        var visit = Visit(self, operation, opening: opening, request, context, path: path)
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
    private enum Kind {
        case command
        /// Of these there are many, and each stands in a trace.
        case acknowledgement
        /// Of a WebSocket or an event stream.
        case opening(AuditEntry.Way)
        case reading
    }

    let address: IPAddress?
    private let gate: Gate
    private let operation: Operation
    private let kind: Kind
    private let path: String
    private let context: HTTPContext
    private let method: HTTPRequest.Method
    private var principal: Principal?
    private var agent: String?
    private var body: ByteBuffer?
    private var isReplayed = false

    fileprivate init(
        _ gate: Gate, _ operation: Operation, opening: AuditEntry.Way?, _ request: Request, _ context: HTTPContext, path: String
    ) {
        self.gate = gate
        self.operation = operation
        self.method = request.method
        self.path = path
        self.context = context
        if let opening {
            self.kind = .opening(opening)
        } else if !operation.changesSomething(by: request.method) {
            self.kind = .reading
        } else {
            self.kind = operation == .acknowledgePop ? .acknowledgement : .command
        }
        self.address = gate.address(of: request, context)
    }

    /// `:agent` and the like.
    private var targets: [AuditEntry.Target] {
        if let agent = self.agent { return [AuditEntry.Target("agent", String(agent.prefix(128)))] }
        return self.path.split(separator: "/").filter { $0.hasPrefix(":") }.compactMap { part in
            let kind = String(part.dropFirst())
            guard let name = try? self.context.name(kind) else { return nil }
            // A caller's.
            return AuditEntry.Target(kind, kind == "number" ? AuditSummary.masked(name) : String(name.prefix(128)))
        }
    }

    /// Says who it is. Throws when he wants too much at once.
    mutating func admit(_ principal: Principal) throws(Gate.Refusal) {
        self.principal = principal
        switch self.kind {
        case .command: try self.gate.admitCommand(of: principal)
        case .acknowledgement: try self.gate.admitAcknowledgement(of: principal)
        case .opening, .reading: return
        }
    }

    /// Says what is to be listened to.
    mutating func asks(_ opening: PushSession.Opening) {
        self.agent = opening.agent
        guard !opening.topics.isEmpty else { return }
        self.body = JSONWriter.object { $0.member("topics", opening.topics.map { String($0.text.prefix(128)) }) }
    }

    /// Carries out what has been admitted and allowed; with an `Idempotency-Key` once.
    mutating func answer(_ request: Request, _ context: HTTPContext, bodyLimit: Int, _ handler: Routes.Handler) async throws -> Response {
        switch self.kind {
        case .command, .acknowledgement: break
        case .opening, .reading: return try await handler(request, context)
        }
        guard let principal else { return try await handler(request, context) }
        var request = request
        let body = try await request.collectBody(upTo: bodyLimit)
        self.body = body
        guard let key = try Idempotency.key(request) else { return try await handler(request, context) }
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
        var way = AuditEntry.Way.http
        switch self.kind {
        case .command: break
        case .acknowledgement:
            guard [401, 403, 429].contains(status), self.gate.keepsRefusal(of: self.principal, from: self.address) else { return }
        case .opening(let itsWay):
            guard [401, 403, 429].contains(status), self.gate.keepsRefusal(of: self.principal, from: self.address) else { return }
            way = itsWay
        case .reading:
            guard status == 403, self.gate.keepsRefusal(of: self.principal, from: self.address) else { return }
        }
        var entry = AuditEntry(
            at: WallClock.now(), principal: self.principal?.id, name: self.principal?.name, role: self.principal?.role.rawValue,
            // What changes of a session is that it ends.
            operation: self.operation == .readSession && self.method == .delete ? "closeSession" : self.operation.rawValue, targets: self.targets,
            from: self.address?.description, way: way, status: status, code: code,
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
