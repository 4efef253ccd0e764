import Hummingbird
import NIOCore

/// The documents are everybody's: whoever builds on them needs no token to read what there is.
enum OpenAPIRoutes {
    static func addRoutes(to routes: inout Routes) {
        routes.on(.get, "/openapi.json") { _, _ in Self.document(OpenAPIDocument.json) }
        routes.on(.get, "/asyncapi.json") { _, _ in Self.document(AsyncAPIDocument.json) }
    }

    /// A viewer on another page may load it; there is nothing in it that is not in our documentation.
    private static func document(_ json: ByteBuffer) -> Response {
        var response = Response.json(json)
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.crossOriginResourcePolicy] = "cross-origin"
        return response
    }
}
