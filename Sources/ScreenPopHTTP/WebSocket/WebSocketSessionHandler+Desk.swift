import NIOCore
import ScreenPop
import ScreenPopService

extension WebSocketSessionHandler {
    /// The agent's pops ring here from now on.
    func claim(_ named: String?, agent: String?, id: String?, _ payload: ByteBuffer) {
        guard let agent = self.agent(agent, id: id) else { return }
        let isOwn = agent == self.opening.agent
        let desk = named ?? self.session?.desk ?? self.opening.desk ?? Secret.text(count: 16)
        let desks = self.shard.desks
        let eventLoop = self.shard.eventLoop
        let reference = NIOLoopBound(self, eventLoop: eventLoop)
        self.run(.claimDesk, agent: agent, id: id, payload) { _ throws(CommandError) in
            guard isOwn else {
                throw CommandError(.invalidValue, "A socket is a desk of the agent it was opened for: open one with ?agent= for another's.")
            }
            // Not before all has been asked whether it may.
            let change = try? await eventLoop.submit { reference.value.session?.become(desk) }.get()
            let primary: DeskRoster.Primary?
            do throws(CommandError) { primary = try await desks.claim(desk, of: agent) } catch {
                eventLoop.execute { if let change { reference.value.session?.undo(change) } }
                throw error
            }
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
