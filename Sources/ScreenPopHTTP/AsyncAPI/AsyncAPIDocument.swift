import NIOCore
import ScreenPop

/// AsyncAPI 3, written from `MessageTypes` and `Schemas`; `docs/asyncapi.yaml` is the same in YAML.
enum AsyncAPIDocument {
    /// Written once.
    static let json: ByteBuffer = JSONWriter.object { document in
        document.member("asyncapi", "3.0.0")
        document.name("info")
        document.object { info in
            info.member("title", "ScreenPop")
            info.member("version", Version.text)
            info.member("description", Self.introduction)
        }
        document.member("defaultContentType", "application/json")
        document.name("channels")
        document.object { channels in
            Self.channel("webSocket", "/api/v1/ws", "Text frames, subprotocol screenpop.v1.", [.pushed, .answered, .asked], to: &channels)
            Self.channel("events", "/api/v1/events", "Server-sent events: `event:` is the type, `id:` the cursor.", [.pushed], to: &channels)
        }
        document.name("operations")
        document.object { operations in
            Self.operation("push", "send", "webSocket", [.pushed, .answered], to: &operations)
            Self.operation("ask", "receive", "webSocket", [.asked], to: &operations)
            Self.operation("stream", "send", "events", [.pushed], to: &operations)
        }
        document.name("components")
        document.object { components in
            components.name("messages")
            components.object { messages in
                for message in MessageTypes.all {
                    messages.name(escaping: Self.key(message))
                    messages.object { object in
                        object.member("name", message.type)
                        object.member("summary", message.summary)
                        object.name("payload")
                        message.schema.write(to: &object, message.direction == .asked ? .closed : .open)
                    }
                }
            }
            components.name("schemas")
            components.object { schemas in
                for named in Self.schemas {
                    schemas.name(escaping: named.name)
                    named.schema.write(to: &schemas, named.strictness)
                }
            }
        }
    }

    private static let introduction = """
        What is pushed and asked over WebSocket and server-sent events. A message without `cursor` did not come through the log: Redis is away. New types and \
        members may appear: ignore what you do not know. How a session begins, comes back and ends: docs/protocol.md.
        """

    /// `agent.state` is both what a client asks for and what it is told.
    static func key(_ message: MessageType) -> String {
        message.direction == .asked ? "ask.\(message.type)" : message.type
    }

    private static func channel(
        _ name: StaticString, _ address: String, _ text: String, _ directions: [MessageType.Direction], to channels: inout JSONWriter
    ) {
        channels.name(name)
        channels.object { channel in
            channel.member("address", address)
            channel.member("description", text)
            channel.name("messages")
            channel.object { messages in
                for message in MessageTypes.all where directions.contains(message.direction) {
                    messages.name(escaping: self.key(message))
                    messages.object { $0.member("$ref", "#/components/messages/\(self.key(message))") }
                }
            }
        }
    }

    private static func operation(
        _ name: StaticString, _ action: String, _ channel: String, _ directions: [MessageType.Direction], to operations: inout JSONWriter
    ) {
        operations.name(name)
        operations.object { operation in
            operation.member("action", action)
            operation.name("channel")
            operation.object { $0.member("$ref", "#/channels/\(channel)") }
            operation.name("messages")
            operation.array(MessageTypes.all.filter { directions.contains($0.direction) }) { writer, message in
                writer.object { $0.member("$ref", "#/channels/\(channel)/messages/\(self.key(message))") }
            }
        }
    }

    /// Those that messages refer to, and those that these refer to.
    private static var schemas: [Schemas.Named] {
        var wanted = MessageTypes.all.reduce(into: Set<String>()) { $0.formUnion($1.schema.references) }
        while true {
            let more = Schemas.all.filter { wanted.contains($0.name) }.reduce(into: wanted) { $0.formUnion($1.schema.references) }
            guard more != wanted else { break }
            wanted = more
        }
        return Schemas.all.filter { wanted.contains($0.name) }
    }
}

extension Schema {
    /// The names it refers to.
    fileprivate var references: Set<String> {
        switch self.kind {
        case .reference(let name): [name]
        case .array(let items, _): items.references
        case .map(let values): values.references
        case .object(let members): members.reduce(into: []) { $0.formUnion($1.schema.references) }
        case .oneOf(let schemas): schemas.reduce(into: []) { $0.formUnion($1.references) }
        case .text, .integer, .number, .boolean, .anything, .null: []
        }
    }
}
