import NIOCore
import ScreenPop
import ScreenPopService

extension WebSocketSessionHandler {
    /// The agent's pops ring here from now on.
    func claim(_ named: String?, agent: String?, id: String?, _ payload: ByteBuffer) {
        guard let agent = self.agent(agent, id: id) else { return }
        let isOwn = agent == self.opening.agent
        let desk = named ?? self.session?.desk ?? self.opening.desk ?? Secret.text(count: 16)
        if isOwn, AccessTable.allows(self.principal, .claimDesk, agent: agent) { self.session?.become(desk) }
        let desks = self.shard.desks
        self.run(.claimDesk, agent: agent, id: id, payload) { _ throws(CommandError) in
            guard isOwn else {
                throw CommandError(.invalidValue, "A socket is a desk of the agent it was opened for: open one with ?agent= for another's.")
            }
            let primary = try await desks.claim(desk, of: agent)
            return { object in
                object.member("desk", desk)
                object.member("since", primary?.since)
            }
        }
    }

    /// The socket stays and shows what it showed; it rings no more.
    func leaveDesk(id: String?) {
        self.session?.leaveDesk(isFinal: true)
        if id != nil { self.succeed(id) }
    }
}
