import Hummingbird

/// The document is everybody's: whoever builds on it needs no token to read what there is.
enum OpenAPIRoutes {
    static func addRoutes(to routes: inout Routes) {
        routes.on(.get, "/openapi.json") { _, _ in
            var response = Response.json(OpenAPIDocument.json)
            // A viewer on another page may load it; there is nothing in it that is not in our documentation.
            response.headers[.accessControlAllowOrigin] = "*"
            response.headers[.crossOriginResourcePolicy] = "cross-origin"
            return response
        }
    }
}
