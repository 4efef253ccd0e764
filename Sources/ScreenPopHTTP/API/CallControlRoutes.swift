import CallCenter
import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService

extension API {
    func addCallControlRoutes(to routes: inout Routes) {
        self.on(&routes, .post, "/agents/:agent/call/hangup", .controlCall) { try await self.run(.hangUp, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/call/hold", .controlCall) { try await self.run(.hold, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/call/resume", .controlCall) { try await self.run(.resume, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/call/transfer", .controlCall) { try await self.run(.transfer, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/dial", .dial) { try await self.run(.dial, $0, $1) }

        self.on(&routes, .get, "/agents/:agent/transfers", .controlCall) { _, context in
            .list(try await self.controls.calls.transfers(agent: try context.name("agent")).map { ByteBuffer(bytes: $0.json) })
        }
        self.on(&routes, .post, "/agents/:agent/transfers", .controlCall) { try await self.run(.consult, $0, $1, status: .created) }
        self.on(&routes, .get, "/agents/:agent/transfers/:transfer", .controlCall) { _, context in
            .json(ByteBuffer(bytes: try await self.controls.calls.transfer(agent: try context.name("agent"), id: try context.name("transfer")).json))
        }
        self.on(&routes, .post, "/agents/:agent/transfers/:transfer/complete", .controlCall) { request, context in
            try await self.decode(request) { _ in }
            let transfer = try await self.controls.calls.complete(
                agent: try context.name("agent"), id: try context.name("transfer"), by: context.principal)
            return .json(ByteBuffer(bytes: transfer.json))
        }
        self.on(&routes, .delete, "/agents/:agent/transfers/:transfer", .controlCall) { _, context in
            let transfer = try await self.controls.calls.cancel(
                agent: try context.name("agent"), id: try context.name("transfer"), by: context.principal)
            return .json(ByteBuffer(bytes: transfer.json))
        }
    }

    func addSupervisionRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/calls", .listCalls) { _, _ in .list(try await self.controls.calls.calls().map { ByteBuffer(bytes: $0.json) }) }
        self.on(&routes, .post, "/calls/:uuid/hangup", .endCall) { request, context in
            try await self.decode(request) { _ in }
            return .outcome(try await self.controls.calls.hangUp(call: try context.name("uuid"), by: context.principal))
        }
        self.on(&routes, .post, "/calls/:uuid/supervise", .supervise) { request, context in
            let (mode, agent) = try await self.supervision(request)
            let supervision = try await self.controls.calls.supervise(
                call: try context.name("uuid"), mode: mode ?? .listen, supervisor: try Self.supervisor(agent, context), by: context.principal)
            return .json(ByteBuffer(bytes: supervision.json), status: .created)
        }
        self.on(&routes, .put, "/calls/:uuid/supervise", .supervise) { request, context in
            let (mode, agent) = try await self.supervision(request)
            guard let mode else { throw Problem(.unprocessableContent, "invalid-value", "\"mode\" is missing.") }
            let supervision = try await self.controls.calls.changeSupervision(
                call: try context.name("uuid"), mode: mode, supervisor: try Self.supervisor(agent, context), by: context.principal)
            return .json(ByteBuffer(bytes: supervision.json))
        }
        self.on(&routes, .delete, "/calls/:uuid/supervise", .supervise) { request, context in
            let agent = try Query(request.uri.query)["agent"]
            try await self.controls.calls.endSupervision(
                call: try context.name("uuid"), supervisor: try Self.supervisor(agent, context), by: context.principal)
            return Response(status: .noContent)
        }
    }

    private func run(
        _ kind: CallCommand.Kind, _ request: Request, _ context: HTTPContext, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let agent = try context.name("agent")
        let command = try await self.decode(request) { members throws(Problem) in try CallCommand(kind, members: &members) }
        switch try await command.run(self.controls.calls, agent: agent, by: context.principal) {
        case .outcome(let outcome): return .outcome(outcome, status: status)
        case .transfer(let transfer): return .json(ByteBuffer(bytes: transfer.json), status: status)
        }
    }

    private func supervision(_ request: Request) async throws -> (SupervisionMode?, agent: String?) {
        try await self.decode(request) { members throws(Problem) in
            let agent = try members.string("agent")
            guard let text = try members.string("mode") else { return (nil, agent) }
            guard let mode = SupervisionMode(rawValue: text) else {
                let modes = SupervisionMode.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.unprocessableContent, "invalid-value", "\"mode\" is one of \(modes).")
            }
            return (mode, agent)
        }
    }

    /// Whose phone hears: the principal's own; of another agent's only an administrator may dispose.
    private static func supervisor(_ named: String?, _ context: HTTPContext) throws(Problem) -> String {
        let principal = context.principal
        guard let named else {
            if let agent = principal.agent { return agent }
            throw Problem(.unprocessableContent, "invalid-value", "\"agent\" is missing: the agent whose phone is to hear.")
        }
        switch principal.role {
        case .admin: return named
        case .agent, .supervisor, .integration:
            guard principal.isAgent(named) else { throw Problem.forbidden }
            return named
        }
    }
}
