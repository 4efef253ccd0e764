import Foundation
import HTTPTypes
import NIOHTTP1
import Testing

@testable import ScreenPopHTTP

/// `/openapi.json` against the service it describes.
@Suite(.timeLimit(.minutes(3))) struct OpenAPITests {
    @Test func `every route is in the document, and everything in the document is a route`() async throws {
        try await RunningSite.run { site in
            var pages = Routes()
            PageRoutes(allowedOrigins: []).addRoutes(to: &pages)
            let pagePaths = Set(pages.known.map(\.path))
            let routes = site.routes.filter { !pagePaths.contains($0.path) }
                .map { "\($0.method.rawValue) \($0.path) \($0.operation?.rawValue ?? "everybody")" }
            let documented = Endpoints.all.map { "\($0.method.rawValue) \($0.path) \($0.operation?.rawValue ?? "everybody")" }
            #expect(Set(routes).subtracting(documented) == [], "not in the document")
            #expect(Set(documented).subtracting(routes) == [], "in the document, and no route")
            #expect(documented.count == Set(documented).count)
            #expect(routes.count > 20)
        }
    }

    @Test func `the document is served to everybody and is whole`() async throws {
        try await RunningSite.run { site in
            let (status, document) = try await RunningSite.request(.GET, "http://127.0.0.1:\(site.port)/openapi.json", token: "none")
            #expect(status == 200)
            #expect(document["openapi"].string == "3.1.0")
            guard case .object(let paths) = document["paths"], case .object(let schemas) = document["components"]["schemas"] else {
                Issue.record("no paths or no schemas")
                return
            }
            #expect(paths.count == Set(Endpoints.all.map(\.template)).count)
            #expect(schemas.count == Schemas.all.count)
            for reference in Self.references(document) { #expect(schemas[reference] != nil, "\(reference)") }
        }
    }

    private static func references(_ value: JSON) -> Set<String> {
        switch value {
        case .array(let items): items.reduce(into: []) { $0.formUnion(self.references($1)) }
        case .object(let members):
            members.reduce(into: []) { found, member in
                if member.key == "$ref", let path = member.value.string { found.insert(path.replacing("#/components/schemas/", with: "")) }
                found.formUnion(self.references(member.value))
            }
        case .null, .bool, .number, .string: []
        }
    }

    @Test func `each name stands for one thing, and links lead somewhere`() {
        let names = Endpoints.all.map(\.id)
        #expect(Set(names).count == names.count)
        #expect(Set(Schemas.all.map(\.name)).count == Schemas.all.count)
        for endpoint in Endpoints.all {
            for link in endpoint.links {
                let target = Endpoints.all.first { $0.id == link.operation }
                #expect(Set(target?.pathParameters ?? []) == Set(link.parameters.keys), "\(endpoint.id) leads to \(link.operation)")
                #expect(endpoint.answers.contains { $0.status == link.status }, "\(endpoint.id)")
            }
            #expect(endpoint.answers.contains { $0.status < 400 }, "\(endpoint.id)")
        }
    }

    @Test func `examples are what they are examples of`() throws {
        for endpoint in Endpoints.all {
            for content in endpoint.body + endpoint.answers.flatMap(\.content) where content.type == "application/json" {
                guard let example = content.example else { continue }
                #expect(content.schema.faults(try JSON(example)) == [], "\(endpoint.id)")
            }
        }
    }

    /// The decoder refuses what it does not know and says what it knows: that, and nothing else, is what the document has.
    @Test func `a body has the members that the document names`() async throws {
        try await RunningSite.run { site in
            for endpoint in Endpoints.all where endpoint.operation != nil {
                for content in endpoint.body where content.type == "application/json" {
                    let variants = content.schema.withOneTooMany("oneTooMany")
                    #expect(!variants.isEmpty, "\(endpoint.id)")
                    for (value, known) in variants {
                        let path = Self.path(endpoint)
                        let answer = try await site.request(HTTPMethod(rawValue: endpoint.method.rawValue), path, body: value.text)
                        #expect(answer.status == 422 && answer.body["code"].string == "unknown-member", "\(endpoint.id) \(value.text): \(answer)")
                        let said = answer.body["detail"].string ?? ""
                        let names = said.firstMatch(of: /known are ([^.]*)\./).map { $0.output.1.split(separator: ", ").map(String.init) } ?? []
                        #expect(Set(names) == known, "\(endpoint.id): \(said)")
                    }
                }
            }
        }
    }

    private static func path(_ endpoint: Endpoint) -> String {
        let values = ["agent": "1001%40default", "queue": "support%40default"]
        return endpoint.path.split(separator: "/").map { part in
            part.first == ":" ? values[String(part.dropFirst())] ?? "x" : String(part)
        }.reduce("") { "\($0)/\($1)" }
    }
}
