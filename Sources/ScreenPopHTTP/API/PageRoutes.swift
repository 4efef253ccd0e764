import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop

/// The pages, which travel inside the program.
struct PageRoutes {
    /// Origins whose pages may frame `/embed`, and may hand it its token: those that may open a WebSocket.
    let allowedOrigins: [String]
    /// The company's log-in, which the pages offer.
    var logInURL: String?

    func addRoutes(to routes: inout Routes) {
        routes.on(.get, "/favicon.ico") { _, _ in Response(status: .noContent) }
        for page in Self.pages {
            self.add(page.path, page.bytes, page.audience, to: &routes)
        }
        let origins = JSONWriter.object { $0.member("origins", self.allowedOrigins) }
        routes.on(.get, "/embed.json") { _, _ in .json(origins) }
        let logIn = JSONWriter.object { $0.member("companyLogIn", self.logInURL) }
        routes.on(.get, "/sign-in.json") { _, _ in .json(logIn) }
    }

    private enum Audience {
        /// Our own pages.
        case own
        /// A CRM page may load the client library from us.
        case shared
        /// A CRM page may show it in a frame.
        case framed
    }

    private static let pages: [(path: String, bytes: [UInt8], audience: Audience)] = [
        ("/", PackageResources.index_html, .own),
        ("/desktop.css", PackageResources.desktop_css, .own),
        ("/desktop.js", PackageResources.desktop_js, .own),
        ("/desktop-alerts.js", PackageResources.desktop_alerts_js, .own),
        ("/desktop-call.js", PackageResources.desktop_call_js, .own),
        ("/desktop-crm.js", PackageResources.desktop_crm_js, .own),
        ("/desktop-desk.js", PackageResources.desktop_desk_js, .own),
        ("/desktop-pops.js", PackageResources.desktop_pops_js, .own),
        ("/desktop-state.js", PackageResources.desktop_state_js, .own),
        ("/desktop-tabs.js", PackageResources.desktop_tabs_js, .own),

        ("/wallboard", PackageResources.wallboard_html, .own),
        ("/wallboard.css", PackageResources.wallboard_css, .own),
        ("/wallboard.js", PackageResources.wallboard_js, .own),
        ("/wallboard-actions.js", PackageResources.wallboard_actions_js, .own),
        ("/wallboard-history.js", PackageResources.wallboard_history_js, .own),
        ("/wallboard-plot.js", PackageResources.wallboard_plot_js, .own),

        ("/admin", PackageResources.admin_html, .own),
        ("/admin.css", PackageResources.admin_css, .own),
        ("/admin.js", PackageResources.admin_js, .own),
        ("/admin-access.js", PackageResources.admin_access_js, .own),
        ("/admin-agents.js", PackageResources.admin_agents_js, .own),
        ("/admin-import.js", PackageResources.admin_import_js, .own),
        ("/admin-queue-definition.js", PackageResources.admin_queue_definition_js, .own),
        ("/admin-queues.js", PackageResources.admin_queues_js, .own),
        ("/admin-site.js", PackageResources.admin_site_js, .own),

        ("/embed", PackageResources.embed_html, .framed),
        ("/embed.css", PackageResources.embed_css, .own),
        ("/embed.js", PackageResources.embed_js, .own),

        ("/base.css", PackageResources.base_css, .own),
        ("/company-log-in.js", PackageResources.company_log_in_js, .own),
        ("/icon.svg", PackageResources.icon_svg, .own),
        ("/icon-call.svg", PackageResources.icon_call_svg, .own),
        ("/kept-sign-in.js", PackageResources.kept_sign_in_js, .own),
        ("/sign-in.js", PackageResources.sign_in_js, .own),
        ("/texts.js", PackageResources.texts_js, .own),
        ("/texts-admin.js", PackageResources.texts_admin_js, .own),
        ("/texts-desktop.js", PackageResources.texts_desktop_js, .own),
        ("/texts-wallboard.js", PackageResources.texts_wallboard_js, .own),
        ("/ui.js", PackageResources.ui_js, .own),

        ("/screenpop.js", PackageResources.screenpop_js, .shared),
        ("/screenpop.d.ts", PackageResources.screenpop_d_ts, .shared),
        ("/screenpop-connection.js", PackageResources.screenpop_connection_js, .shared),
        ("/screenpop-service.js", PackageResources.screenpop_service_js, .shared),
        ("/screenpop-watch.js", PackageResources.screenpop_watch_js, .shared),
    ]

    private func add(_ path: String, _ bytes: [UInt8], _ audience: Audience, to routes: inout Routes) {
        let body = ByteBuffer(bytes: bytes)
        var headers: HTTPFields = [
            .contentType: Self.contentType(path), .cacheControl: "no-cache", .contentSecurityPolicy: Self.contentSecurityPolicy(ancestors: []),
        ]
        switch audience {
        case .own: break
        case .shared:
            headers[.crossOriginResourcePolicy] = "cross-origin"
            headers[.accessControlAllowOrigin] = "*"
        case .framed:
            headers[.crossOriginResourcePolicy] = "cross-origin"
            headers[.contentSecurityPolicy] = Self.contentSecurityPolicy(ancestors: self.allowedOrigins)
        }
        let given = headers
        routes.on(.get, path) { _, _ in Response(status: .ok, headers: given, body: ResponseBody(byteBuffer: body)) }
    }

    private static func contentSecurityPolicy(ancestors: [String]) -> String {
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
            + "frame-ancestors \(ancestors.isEmpty ? "'none'" : ancestors.joined(separator: " "))"
    }

    private static func contentType(_ path: String) -> String {
        switch path.split(separator: ".").last {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "ts": "text/plain; charset=utf-8"
        default: "text/html; charset=utf-8"
        }
    }
}
