import Foundation
import HTTPTypes
import Testing

@testable import ScreenPopHTTP

@Suite(.timeLimit(.minutes(1))) struct PageTests {
    private static let types = [
        "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml", "ts": "text/plain; charset=utf-8",
    ]

    /// Every page there is.
    private static var paths: [String] {
        var routes = Routes()
        PageRoutes(allowedOrigins: []).addRoutes(to: &routes)
        return routes.known.map(\.path).filter { $0 != "/favicon.ico" && !$0.hasSuffix(".json") }
    }

    @Test func `pages come with strict headers and without inline script or style`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            #expect(Self.paths.count > 30)
            for path in Self.paths {
                let page = try await wire.request("GET", path, token: nil)
                #expect(page.status == 200, "\(path)")
                let name = path.split(separator: "/").last ?? ""
                let type =
                    name.split(separator: ".").count > 1
                    ? Self.types[name.split(separator: ".").last.map(String.init) ?? ""] : "text/html; charset=utf-8"
                #expect(page["content-type"] == type, "\(path)")
                #expect(page["x-content-type-options"] == "nosniff")
                #expect(page["x-frame-options"] == "DENY", "\(path)")
                let policy = try #require(page["content-security-policy"])
                #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
                #expect(policy.hasSuffix("frame-ancestors 'none'"), "\(path)")
                #expect(!page.body.contains("<script>") && !page.body.contains("style=\"") && !page.body.contains("onclick"), "\(path)")
                #expect(!page.body.contains("innerHTML") && !page.body.contains("insertAdjacentHTML") && !page.body.contains("eval("), "\(path)")
            }
            #expect(try await wire.request("GET", "/api/v1/agents")["cache-control"] == "no-store")
        }
    }

    @Test func `what a page loads is there`() async throws {
        try await TestServer.run { server in
            let wire = try await Wire.connect(server.port)
            let known = Set(Self.paths)
            for path in Self.paths {
                let body = try await wire.request("GET", path, token: nil).body
                for match in body.matches(of: /(?:from |src=|href=)"(?:\.)?(\/[a-z.\-]+\.(?:js|css|svg))"/) {
                    #expect(known.contains(String(match.1)), "\(path) loads \(match.1)")
                }
            }
        }
    }

    @Test func `one page alone may be framed, by those who are allowed`() async throws {
        try await TestServer.run(configure: { $0.allowedOrigins = ["https://crm.example.org"] }) { server in
            let wire = try await Wire.connect(server.port)
            let embed = try await wire.request("GET", "/embed", token: nil)
            #expect(embed["content-security-policy"]?.hasSuffix("frame-ancestors https://crm.example.org") == true)
            #expect(embed["x-frame-options"] == nil)
            #expect(try await wire.request("GET", "/embed.json", token: nil).body == #"{"origins":["https://crm.example.org"]}"#)
            for path in ["/", "/wallboard", "/admin"] {
                let page = try await wire.request("GET", path, token: nil)
                #expect(page["x-frame-options"] == "DENY")
                #expect(page["content-security-policy"]?.hasSuffix("frame-ancestors 'none'") == true)
            }
        }
    }
}
