import Hummingbird
import NIOCore
import ScreenPopService

/// What a route knows besides its request: its connection, and who asks.
struct HTTPContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let eventLoop: any EventLoop
    /// The peer's address, without its port.
    let address: String
    /// Who asks; set before a route that is not everybody's is entered.
    var identity: Identity?

    var principal: Principal { self.identity?.principal ?? .nobody }

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.eventLoop = source.channel.eventLoop
        self.address = source.channel.remoteAddress?.ipAddress ?? ""
    }

    /// A percent-encoded name in the path.
    func name(_ parameter: String) throws(Problem) -> String {
        guard let text = self.coreContext.parameters.get(parameter).flatMap({ PercentEncoding.decode($0) }), !text.isEmpty else {
            throw Problem(.badRequest, "malformed-path", "The path is not percent-encoded UTF-8.")
        }
        return text
    }
}
