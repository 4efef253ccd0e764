import CallCenter
import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

/// Queues that ScreenPop defines, so that nobody edits a file for them.
extension API {
    func addQueueDefinitionRoutes(to routes: inout Routes) {
        self.on(&routes, .post, "/queues", .defineQueues, makes: "queue") { request, context in
            let wanted = try await self.decode(request) { members throws(Problem) in
                (
                    name: try members.requiredString("name"), values: try members.queueParameters(), loads: try members.bool("load") ?? true,
                    node: try members.string("node")
                )
            }
            let outcome = try await self.controls.configuration.define(
                wanted.name, wanted.values, loads: wanted.loads, node: wanted.node, by: context.principal)
            return .outcome(outcome, status: .created)
        }
        self.on(&routes, .get, "/queue-definitions", .defineQueues) { _, _ in
            .list(try await self.controls.configuration.definitions().map(\.json))
        }
        self.on(&routes, .get, "/queue-parameters", .readQueues) { _, _ in .list(QueueSetting.all.map(\.json)) }
        self.on(&routes, .get, "/queues/:queue/definition", .defineQueues) { _, context in
            .json(try await self.controls.configuration.definition(of: try context.name("queue")).json)
        }
        self.on(&routes, .put, "/queues/:queue/definition", .defineQueues) { try await self.redefine($0, $1, keepsOthers: false) }
        self.on(&routes, .patch, "/queues/:queue/definition", .defineQueues) { try await self.redefine($0, $1, keepsOthers: true) }
        self.on(&routes, .delete, "/queues/:queue/definition", .defineQueues) { request, context in
            try await self.controls.configuration.undefine(
                try context.name("queue"), unloads: try Query(request.uri.query).flag("unload"), by: context.principal)
            return Response(status: .noContent)
        }
    }

    private func redefine(_ request: Request, _ context: HTTPContext, keepsOthers: Bool) async throws -> Response {
        let queue = try context.name("queue")
        let reloads = try Query(request.uri.query).flag("reload")
        let values = try await self.decode(request) { members throws(Problem) in try members.queueParameters() }
        guard !keepsOthers || !values.isEmpty else { throw Problem.invalidValue("There is nothing to change.") }
        let state = try await self.controls.configuration.redefine(
            queue, values, keepsOthers: keepsOthers, reloads: reloads, by: context.principal)
        return .json(state.json)
    }
}

extension Members {
    /// Those that are there, as `callcenter.conf` writes them.
    fileprivate mutating func queueParameters() throws(Problem) -> [String: String] {
        var values: [String: String] = [:]
        for parameter in QueueSetting.all {
            let value: String? =
                switch parameter.kind {
                case .seconds: try self.integer(parameter.memberName).map { String($0) }
                case .flag: try self.bool(parameter.memberName).map { $0 ? "true" : "false" }
                case .word, .sound, .template: try self.string(parameter.memberName)
                }
            if let value { values[parameter.name] = value }
        }
        return values
    }
}

extension QueueDefinitionState {
    /// `now`: as every node that has it has loaded it. `on-reload`: a node has it loaded otherwise. `on-load`: no node has it.
    enum Effect: String, CaseIterable {
        case now
        case onReload = "on-reload"
        case onLoad = "on-load"
    }

    /// `nil` where a node that cannot be asked might make it another.
    private var effect: Effect? {
        guard self.loaded.allSatisfy(\.differs.isEmpty) else { return .onReload }
        guard self.unasked.isEmpty else { return nil }
        return self.loaded.isEmpty ? .onLoad : .now
    }

    fileprivate var json: ByteBuffer {
        JSONWriter.object { object in
            object.member("name", self.stored.definition.name.text)
            object.member(
                "parameters",
                Dictionary(
                    uniqueKeysWithValues: QueueSetting.all.map { parameter in
                        (parameter.memberName, parameter.commandValue(self.stored.definition.values[parameter.name] ?? ""))
                    }))
            object.member("takesEffect", self.effect?.rawValue)
            object.member(
                "loaded",
                items: self.loaded.map { loaded in
                    JSONWriter.object { object in
                        object.member("node", loaded.node)
                        object.member("differs", loaded.differs.map(\.memberName))
                    }
                })
            object.member("unasked", self.unasked)
            object.member("createdAt", self.stored.createdAt)
            object.member("changedAt", self.stored.changedAt)
            object.member("changedBy", self.stored.changedBy)
        }
    }
}

extension QueueSetting {
    static let kinds = ["word", "seconds", "flag", "sound", "template"]

    fileprivate var json: ByteBuffer {
        JSONWriter.object { object in
            object.member("name", self.memberName)
            switch self.kind {
            case .word(let words):
                object.member("kind", "word")
                object.member("values", words)
            case .seconds:
                object.member("kind", "seconds")
                object.member("minimum", Self.seconds.lowerBound)
                object.member("maximum", Self.seconds.upperBound)
            case .flag: object.member("kind", "flag")
            case .sound: object.member("kind", "sound")
            case .template: object.member("kind", "template")
            }
            object.member("standard", self.commandValue(self.standard))
            object.member("allowed", self.expected)
            object.name("meaning")
            object.object { meaning in
                meaning.member("en", self.meaning)
                meaning.member("zh", self.chineseMeaning)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ value: CommandValue) {
        self.name(name)
        self.value(value)
    }
}
