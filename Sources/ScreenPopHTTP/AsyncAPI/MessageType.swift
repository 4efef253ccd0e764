/// One type of message as the document describes it.
struct MessageType: Sendable {
    enum Direction: Sendable {
        /// From us, over WebSocket and server-sent events.
        case pushed
        /// From us, over WebSocket alone: about what the client sent.
        case answered
        /// From the client, over WebSocket.
        case asked
    }

    let type: String
    let direction: Direction
    let summary: String
    /// Besides `type`, and besides `cursor` or `id`.
    let members: [Schema.Member]

    /// The whole message.
    var schema: Schema {
        let type = Schema.Member.always("type", .oneWord(of: [self.type]))
        switch self.direction {
        case .pushed:
            let cursor = Schema.Member.sometimes("cursor", Schema.cursor.described("Where to come back to; without it Redis is away."))
            return .object([type, cursor] + self.members)
        case .answered: return .object([type] + self.members)
        case .asked: return .object([type, .optional("id", Schema.text.described("Repeated as `re` in the `result`."))] + self.members)
        }
    }
}
