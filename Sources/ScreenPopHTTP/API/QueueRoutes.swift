import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService

extension API {
    func addQueueRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/queues", .readQueues) { _, _ in .list(try await self.read(self.site.queues())) }
        self.on(&routes, .get, "/queues/:queue", .readQueues) { _, context in .json(try await self.queue(context).json) }
        self.on(&routes, .get, "/queues/:queue/members", .readMembers) { _, context in
            .list(try await self.read(self.site.members(queue: try await self.queue(context).name)))
        }
        self.on(&routes, .get, "/queues/:queue/agents", .readTiers) { _, context in
            .list(try await self.tiers(of: try await self.queue(context).name).map(\.agent))
        }
        self.on(&routes, .get, "/queues/:queue/tiers", .readTiers) { _, context in
            .list(try await self.tiers(of: try await self.queue(context).name).map(\.tier))
        }
        self.on(&routes, .put, "/queues/:queue/tiers/:agent", .changeTiers) { request, context in
            let queue = try context.name("queue")
            let agent = try context.name("agent")
            let tier = try await self.decode(request) { members throws(Problem) in
                var tier = TierSettings()
                if let level = try members.integer("level") { tier.level = level }
                if let position = try members.integer("position") { tier.position = position }
                tier.state = try members.string("state")
                return tier
            }
            let (outcome, created) = try await self.controls.configuration.setTier(tier, queue: queue, agent: agent, by: context.principal)
            return .outcome(outcome, status: created ? .created : .ok)
        }
        self.on(&routes, .delete, "/queues/:queue/tiers/:agent", .changeTiers) { _, context in
            try await self.controls.configuration.deleteTier(
                queue: try context.name("queue"), agent: try context.name("agent"), by: context.principal)
            return Response(status: .noContent)
        }
    }

    private func queue(_ context: HTTPContext) async throws -> (name: String, json: ByteBuffer) {
        let name = try context.name("queue")
        guard let queue = try await self.read(self.site.queue(name)) else { throw Problem.unknown("queue", name) }
        return (name, queue)
    }

    /// Tiers stand with their agents.
    private func tiers(of queue: String) async throws -> [(agent: ByteBuffer, tier: ByteBuffer)] {
        var found: [(agent: ByteBuffer, tier: ByteBuffer)] = []
        for agent in try await self.read(self.site.agents()) {
            guard case .object(let members)? = try? JSONValue(agent.readableBytesView), let name = members["name"]?.string,
                case .array(let tiers)? = members["queues"]
            else { continue }
            for case .object(let tier) in tiers where tier["queue"]?.string == queue {
                found.append(
                    (
                        agent,
                        JSONWriter.object { object in
                            object.member("queue", queue)
                            object.member("agent", name)
                            object.member("level", tier["level"]?.integer ?? 1)
                            object.member("position", tier["position"]?.integer ?? 1)
                            object.member("state", tier["state"]?.string)
                        }
                    ))
            }
        }
        return found
    }
}
