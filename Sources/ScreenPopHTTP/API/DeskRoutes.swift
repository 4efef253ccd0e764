import Hummingbird
import ScreenPopService

/// What an agent does at the desk besides status and state.
extension API {
    func addDeskRoutes(to routes: inout Routes) {
        self.on(&routes, .post, "/agents/:agent/leave", .leaveQueues) { try await self.run(.leave, $0, $1) }
        self.on(&routes, .delete, "/agents/:agent/pending", .cancelPending) { _, context in
            _ = try await self.controls.agents.cancelPending(agent: try context.name("agent"), by: context.principal)
            return Response(status: .noContent)
        }
        self.on(&routes, .post, "/agents/:agent/wrap-up", .wrapUp) { try await self.run(.wrapUp, $0, $1) }
        self.on(&routes, .delete, "/agents/:agent/wrap-up", .wrapUp) { try await self.run(.endWrapUp, $0, $1) }
        self.on(&routes, .get, "/agents/:agent/reasons", .readAgent) { request, context in
            let name = try context.name("agent")
            let page = try Page(request)
            let (items, next) = try await self.read(self.site.reasons(agent: name, limit: page.limit, before: page.before))
            if items.isEmpty, page.before == nil, try await self.read(self.site.agent(name)) == nil { throw Problem.unknown("agent", name) }
            return .list(items, next: next)
        }
    }
}
