import Hummingbird
import NIOCore
import ScreenPopService
import ScreenPopStore

extension API {
    func addPopRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/agents/:agent/pop", .readPops) { _, context in
            let name = try context.name("agent")
            if let pop = try await self.read(self.site.pop(agent: name)) { return .json(pop) }
            guard try await self.read(self.site.agent(name)) != nil else { throw Problem.unknown("agent", name) }
            return Response(status: .noContent)
        }
        self.on(&routes, .get, "/agents/:agent/pops", .readPops) { request, context in
            let name = try context.name("agent")
            let page = try Page(request)
            let (items, next) = try await self.read(self.site.pops(agent: name, limit: page.limit, before: page.before))
            if items.isEmpty, page.before == nil, try await self.read(self.site.agent(name)) == nil { throw Problem.unknown("agent", name) }
            return .list(items, next: next)
        }
        self.on(&routes, .post, "/agents/:agent/pops/:pop/ack", .acknowledgePop) { request, context in
            let agent = try context.name("agent")
            let pop = try context.name("pop")
            let stage = try await self.decode(request) { members throws(Problem) in
                guard let stage = AcknowledgementStage(rawValue: try members.requiredString("stage")) else { throw Problem.unknownStage }
                return stage
            }
            guard try await self.read(self.site.acknowledge(agent: agent, pop: pop, stage: stage, by: context.principal.name)) else {
                throw Problem.unknown("pop", pop)
            }
            return Response(status: .noContent)
        }
    }
}

/// `?limit=&before=`
struct Page {
    var limit = 50
    var before: Cursor?

    init(_ request: Request) throws(Problem) {
        let query = try Query(request.uri.query)
        if let text = query["limit"] {
            guard let limit = Int(text), (1...200).contains(limit) else {
                throw Problem(.unprocessableContent, "invalid-value", "\"limit\" is a number from 1 to 200.")
            }
            self.limit = limit
        }
        if let text = query["before"] {
            guard let before = Cursor(text) else {
                throw Problem(.unprocessableContent, "invalid-value", "\"before\" is the \"next\" of an earlier page.")
            }
            self.before = before
        }
    }
}
