import Hummingbird
import NIOCore
import ScreenPop
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
        // An agent may ask about whoever calls him, and about nobody else: not about the number of a call of his own making, which may be any.
        self.on(&routes, .get, "/agents/:agent/pops/:pop/calls", .readPops) { _, context in
            let id = try context.name("pop")
            guard let pop = try await self.pop(id, of: try context.name("agent")) else { throw Problem.unknown("pop", id) }
            let number: String? =
                switch pop.kind {
                case .queue, .direct: pop.caller.number
                case .outbound: nil
                }
            guard let number else { return .list([]) }
            return .list(try await self.read(self.site.calls(caller: number)))
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

    /// A live pop, or one of those that ended last.
    private func pop(_ id: String, of agent: String) async throws -> Pop? {
        func find(_ pops: [ByteBuffer]) -> Pop? { pops.lazy.compactMap { Pop(json: $0.readableBytesView) }.first { $0.id == id } }
        if let pop = find(try await self.read(self.site.agentSnapshot(agent)).pops) { return pop }
        return find(try await self.read(self.site.pops(agent: agent, limit: Page.most, before: nil)).items)
    }
}

/// `?limit=&before=`
struct Page {
    static let most = 200
    var limit = 50
    var before: Cursor?

    init(_ request: Request) throws(Problem) {
        let query = try Query(request.uri.query)
        if let text = query["limit"] {
            guard let limit = Int(text), (1...Self.most).contains(limit) else {
                throw Problem(.unprocessableContent, "invalid-value", "\"limit\" is a number from 1 to \(Self.most).")
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
