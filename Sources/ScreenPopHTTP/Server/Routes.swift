import HTTPTypes
import Hummingbird

/// Collects routes, so that a path answers the methods it does not know with 405 and those it knows.
struct Routes {
    typealias Handler = @Sendable (Request, HTTPContext) async throws -> Response

    /// A route without what it does.
    typealias Known = (method: HTTPRequest.Method, path: String, operation: Operation?)

    /// What there is, for those who check it.
    private(set) var known: [Known] = []
    private var paths: [(path: String, methods: [(HTTPRequest.Method, Handler)])] = []

    /// - Parameter operation: `nil` for a route that is everybody's.
    mutating func on(_ method: HTTPRequest.Method, _ path: String, _ operation: Operation? = nil, _ handler: @escaping Handler) {
        self.known.append((method, path, operation))
        if let index = self.paths.firstIndex(where: { $0.path == path }) {
            self.paths[index].methods.append((method, handler))
        } else {
            self.paths.append((path, [(method, handler)]))
        }
    }

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
        // Safe as GET, with a body: on its way to become a standard.
        HTTPRequest.Method("QUERY")!,
    ]

    func register(on router: Router<HTTPContext>) {
        for (path, handlers) in self.paths {
            var known = handlers.map(\.0)
            for (method, handler) in handlers { router.on(RouterPath(path), method: method, use: handler) }
            if let get = handlers.first(where: { $0.0 == .get })?.1, !known.contains(.head) {
                known.append(.head)
                router.on(RouterPath(path), method: .head) { request, context in try await get(request, context).createHeadResponse() }
            }
            let allow = known.map(\.rawValue).sorted().joined(separator: ", ")
            for method in Self.methods where !known.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw Problem(.methodNotAllowed, "method-not-allowed", "Here one may use \(allow).", headers: [.allow: allow])
                }
            }
        }
    }
}
