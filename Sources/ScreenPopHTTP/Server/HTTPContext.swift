import Hummingbird
import NIOCore
import ScreenPopService

/// What a route knows besides its request: its connection, and who asks.
struct HTTPContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let eventLoop: any EventLoop
    /// The other end of the connection, which may be a proxy: see `Gate.address(of:_:)`.
    let peer: SocketAddress?
    /// Who asks; set before a route that is not everybody's is entered.
    var identity: Identity?
    /// Where a route says what else is to stand in the audit; `nil` where nobody keeps one.
    var notes: AuditNotes?

    var principal: Principal { self.identity?.principal ?? .nobody }

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.eventLoop = source.channel.eventLoop
        self.peer = source.channel.remoteAddress
    }

    private static let keyed = ["agent": "agent", "queue": "queue", "uuid": "call"]

    /// A percent-encoded name in the path.
    func name(_ parameter: String) throws(Problem) -> String {
        guard let text = self.coreContext.parameters.get(parameter).flatMap({ PercentEncoding.decode($0) }), !text.isEmpty else {
            throw Problem(.badRequest, "malformed-path", "The path is not percent-encoded UTF-8.")
        }
        // What stands behind a colon would name another key.
        if let what = Self.keyed[parameter], text.contains(":") { throw Problem.unknown(what, text) }
        return text
    }
}
