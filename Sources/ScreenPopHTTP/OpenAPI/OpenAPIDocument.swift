import HTTPTypes
import NIOCore
import ScreenPop
import ScreenPopService

/// OpenAPI 3.1, written from `Endpoints`, `Schemas` and `AccessTable`.
enum OpenAPIDocument {
    /// Written once.
    static let json: ByteBuffer = JSONWriter.object { document in
        document.member("openapi", "3.1.0")
        document.name("info")
        document.object { info in
            info.member("title", "ScreenPop")
            info.member("version", Version.text)
            info.member("summary", "Puts the caller in front of the agent before the agent says hello.")
            info.member("description", Self.introduction)
            info.name("license")
            info.object { license in
                license.member("name", "Apache License 2.0")
                license.member("identifier", "Apache-2.0")
            }
        }
        document.member("jsonSchemaDialect", "https://spec.openapis.org/oas/3.1/dialect/base")
        document.name("servers")
        document.array(["/"]) { writer, url in writer.object { $0.member("url", url) } }
        document.name("tags")
        document.array(Endpoint.Tag.allCases) { writer, tag in writer.object { $0.member("name", tag.rawValue) } }
        document.name("paths")
        document.object { Self.writePaths(to: &$0) }
        document.name("components")
        document.object { components in
            components.name("securitySchemes")
            components.object { Self.writeSecuritySchemes(to: &$0) }
            components.name("schemas")
            components.object { schemas in
                for named in Schemas.all {
                    schemas.name(escaping: named.name)
                    named.schema.write(to: &schemas, named.strictness)
                }
            }
        }
    }

    private static let introduction = """
        Names in paths are percent-encoded. Times are RFC 3339, UTC, with milliseconds; what is not known is `null`. New members may appear in answers: \
        ignore what you do not know. Members of a request that are not known are refused. A refusal is `application/problem+json` with a stable `code`. \
        What is pushed over WebSocket and server-sent events is described at `/asyncapi.json` and in docs/protocol.md.
        """

    private static func writePaths(to paths: inout JSONWriter) {
        var templates: [String] = []
        for endpoint in Endpoints.all where !templates.contains(endpoint.template) { templates.append(endpoint.template) }
        for template in templates {
            paths.name(escaping: template)
            paths.object { path in
                for endpoint in Endpoints.all where endpoint.template == template {
                    path.name(escaping: endpoint.method.rawValue.lowercased())
                    path.object { endpoint.write(to: &$0) }
                }
            }
        }
    }

    private static func writeSecuritySchemes(to schemes: inout JSONWriter) {
        schemes.name("bearer")
        schemes.object { scheme in
            scheme.member("type", "http")
            scheme.member("scheme", "bearer")
            scheme.member("description", "The admin token, a token of `POST /api/v1/tokens`, or a JWT of the company's log-in.")
        }
        schemes.name("cookie")
        schemes.object { scheme in
            scheme.member("type", "apiKey")
            scheme.member("in", "cookie")
            scheme.member("name", "screenpop_session")
            scheme.member("description", "Set by `POST /api/v1/session`; HttpOnly, SameSite=Strict.")
        }
        schemes.name("csrf")
        schemes.object { scheme in
            scheme.member("type", "apiKey")
            scheme.member("in", "header")
            scheme.member("name", "X-CSRF-Token")
            scheme.member("description", "The `csrf` of the session; with the cookie on whatever changes something.")
        }
    }
}

extension Endpoint {
    fileprivate func write(to object: inout JSONWriter) {
        object.member("operationId", self.id)
        object.member("summary", self.summary)
        if let details = self.fullDetails { object.member("description", details) }
        object.name("tags")
        object.array(CollectionOfOne(self.tag.rawValue)) { $0.value($1) }
        self.writeRights(to: &object)
        self.writeParameters(to: &object)
        if !self.body.isEmpty {
            object.name("requestBody")
            object.object { body in
                body.member("required", self.bodyIsRequired)
                Self.write(self.body, .closed, to: &body)
            }
        }
        object.name("responses")
        object.object { self.writeAnswers(to: &$0) }
    }

    /// With a sentence about who may.
    private var fullDetails: String? {
        guard let operation = self.operation else { return self.details }
        let words = Role.allCases.compactMap { role -> String? in
            switch AccessTable.right(role, operation) {
            case .always: role.rawValue
            case .own: "\(role.rawValue) (own agent only)"
            case .never: nil
            }
        }
        return [self.details, "Who may: \(words.joined(separator: ", "))."].compactMap(\.self).joined(separator: " ")
    }

    private func writeRights(to object: inout JSONWriter) {
        object.name("security")
        guard let operation = self.operation else { return object.array(EmptyCollection<String>()) { $0.value($1) } }
        let ways = [["bearer"], self.changesSomething ? ["cookie", "csrf"] : ["cookie"]]
        object.array(ways) { writer, schemes in
            writer.object { way in
                for scheme in schemes {
                    way.name(escaping: scheme)
                    way.array(EmptyCollection<String>()) { $0.value($1) }
                }
            }
        }
        object.name("x-roles")
        object.object { roles in
            for role in Role.allCases {
                roles.name(escaping: role.rawValue)
                switch AccessTable.right(role, operation) {
                case .never: roles.value("never")
                case .own: roles.value("own")
                case .always: roles.value("always")
                }
            }
        }
    }

    private func writeParameters(to object: inout JSONWriter) {
        let inPath = self.pathParameters.map { Parameter(name: $0, schema: Schemas.pathParameter($0), text: "Percent-encoded.") }
        let all = inPath.map { ($0, "path") } + self.query.map { ($0, "query") } + self.allHeaders.map { ($0, "header") }
        guard !all.isEmpty else { return }
        object.name("parameters")
        object.array(all) { writer, one in
            let (parameter, place) = one
            writer.object { object in
                object.member("name", parameter.name)
                object.member("in", place)
                object.member("required", place == "path")
                object.member("description", parameter.text)
                object.name("schema")
                parameter.schema.write(to: &object, .closed)
            }
        }
    }

    private func writeAnswers(to answers: inout JSONWriter) {
        for answer in self.answers {
            answers.name(escaping: String(answer.status))
            answers.object { object in
                object.member("description", answer.text)
                if !answer.content.isEmpty { Self.write(answer.content, .open, to: &object) }
                self.writeLinks(of: answer.status, to: &object)
            }
        }
        for (status, codes) in self.problems where !self.answers.contains(where: { $0.status == status }) {
            answers.name(escaping: String(status))
            answers.object { object in
                object.member("description", codes.map { "`\($0)`" }.joined(separator: ", "))
                object.name("content")
                object.object { content in
                    content.name("application/problem+json")
                    content.object { media in
                        media.name("schema")
                        media.object { schema in
                            schema.member("$ref", "#/components/schemas/Problem")
                            schema.name("properties")
                            schema.object { properties in
                                properties.name("code")
                                properties.object { $0.member("enum", codes) }
                            }
                        }
                    }
                }
            }
        }
    }

    private func writeLinks(of status: Int, to object: inout JSONWriter) {
        let links = self.links.filter { $0.status == status }
        guard !links.isEmpty else { return }
        object.name("links")
        object.object { object in
            for link in links {
                object.name(escaping: link.operation)
                object.object { object in
                    object.member("operationId", link.operation)
                    object.name("parameters")
                    object.object { parameters in
                        for (name, expression) in link.parameters.sorted(by: { $0.key < $1.key }) {
                            parameters.name(escaping: name)
                            parameters.value(expression)
                        }
                    }
                }
            }
        }
    }

    private static func write(_ contents: [Content], _ strictness: Schema.Strictness, to object: inout JSONWriter) {
        object.name("content")
        object.object { object in
            for content in contents {
                object.name(escaping: content.type)
                object.object { media in
                    media.name("schema")
                    content.schema.write(to: &media, strictness)
                    guard let example = content.example else { return }
                    media.name("example")
                    if content.type == "application/json" { media.json(Array(example.utf8)) } else { media.value(example) }
                }
            }
        }
    }
}

extension Schemas {
    /// What stands in a path under this name.
    fileprivate static func pathParameter(_ name: String) -> Schema {
        switch name {
        case "agent": Self.agentName
        case "queue": Self.queueName
        case "uuid": .uuid
        case "number": Schema.text(1...64).example(#""+8613900139000""#)
        default: .text(1...128)
        }
    }
}
