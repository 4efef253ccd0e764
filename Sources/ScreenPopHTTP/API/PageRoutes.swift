import HTTPTypes
import Hummingbird
import NIOCore

/// The pages, which travel inside the program.
enum PageRoutes {
    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
        + "frame-ancestors 'none'"

    static func addRoutes(to routes: inout Routes) {
        routes.on(.get, "/favicon.ico") { _, _ in Response(status: .noContent) }
        self.page(&routes, "/", "text/html; charset=utf-8", PackageResources.index_html)
        self.page(&routes, "/desktop.js", "text/javascript; charset=utf-8", PackageResources.desktop_js)
        self.page(&routes, "/texts.js", "text/javascript; charset=utf-8", PackageResources.texts_js)
        self.page(&routes, "/desktop.css", "text/css; charset=utf-8", PackageResources.desktop_css)
        // A CRM page may load the client library from us.
        self.page(&routes, "/screenpop.js", "text/javascript; charset=utf-8", PackageResources.screenpop_js, isShared: true)
    }

    private static func page(_ routes: inout Routes, _ path: String, _ type: String, _ bytes: [UInt8], isShared: Bool = false) {
        let body = ByteBuffer(bytes: bytes)
        routes.on(.get, path) { _, _ in
            var headers: HTTPFields = [.contentType: type, .cacheControl: "no-cache", .contentSecurityPolicy: Self.contentSecurityPolicy]
            if isShared {
                headers[.crossOriginResourcePolicy] = "cross-origin"
                headers[.accessControlAllowOrigin] = "*"
            }
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        }
    }
}
