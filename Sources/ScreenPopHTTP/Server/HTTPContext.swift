import Hummingbird
import NIOCore

/// What a route knows besides its request: the event loop of its connection.
struct HTTPContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let eventLoop: any EventLoop

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.eventLoop = source.channel.eventLoop
    }

    /// A percent-encoded name in the path.
    func name(_ parameter: String) throws(Problem) -> String {
        guard let text = self.coreContext.parameters.get(parameter).flatMap({ PercentEncoding.decode($0) }), !text.isEmpty else {
            throw Problem(.badRequest, "malformed-path", "The path is not percent-encoded UTF-8.")
        }
        return text
    }
}
