import NIOCore
import ScreenPop
import ScreenPopStore

/// A session as one of its agent's desks.
extension PushSession {
    /// What became of a wish to be a desk.
    struct Change: Sendable {
        var former: String?
        var desk: String
    }

    /// One of the agent's desks from now on, instead of another that it was. Of nobody's socket there is none.
    /// - Returns: `nil` when nothing changed.
    @discardableResult
    func become(_ desk: String) -> Change? {
        guard self.isOpen, self.canBeDesk, let agent = self.agent, self.desk != desk else { return nil }
        let change = Change(former: self.desk, desk: desk)
        self.leaveDesk(isFinal: true)
        self.desk = desk
        let reference = NIOLoopBound(self, eventLoop: self.shard.eventLoop)
        let eventLoop = self.shard.eventLoop
        self.shard.desks.opened(desk, of: agent, by: ObjectIdentifier(self)) { primary, asOf in
            eventLoop.execute { reference.value.tell(primary, of: agent, asOf: asOf) }
        }
        return change
    }

    /// It was not to be: what it was before, unless it has become another since.
    func undo(_ change: Change) {
        guard self.desk == change.desk else { return }
        if let former = change.former { self.become(former) } else { self.leaveDesk(isFinal: true) }
    }

    /// The desktop knows which desk rings as of that place in the log.
    func knowsDesk(asOf cursor: Cursor?) {
        if let cursor { self.deskCursor = max(self.deskCursor ?? cursor, cursor) }
    }

    func leaveDesk(isFinal: Bool) {
        guard let desk = self.desk, let agent = self.agent else { return }
        self.desk = nil
        self.shard.desks.closed(desk, of: agent, by: ObjectIdentifier(self), isFinal: isFinal)
    }

    private func tell(_ primary: DeskRoster.Primary?, of agent: String, asOf: Cursor) {
        guard self.isOpen else { return }
        // Something newer was said already.
        if let known = self.deskCursor, asOf < known { return }
        self.transport?.write(type: DeskBook.type, cursor: nil, payload: ByteBuffer(bytes: Message.primaryDesk(primary, of: agent).json))
        self.transport?.flush()
    }

    /// Whether the snapshot of that topic tells which desk rings.
    func isOwn(_ topic: Topic?) -> Bool {
        guard self.canBeDesk, let agent = self.agent else { return false }
        return topic == .agent(agent)
    }

    /// Which desk rings is for the agent's own sockets: a wallboard or an event stream rings nowhere.
    func hears(_ audience: Audience) -> Bool {
        audience.subject != .desk || (self.canBeDesk && audience.agent == self.agent)
    }
}
