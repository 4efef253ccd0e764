import CallCenter
import ScreenPop
import ScreenPopStore

extension ConfigurationCommands {
    func served(_ queue: QueueName) async throws(CommandError) -> QueueDefinition? { try await self.catalogue.served(queue) }

    func definitions() async throws(CommandError) -> [QueueDefinitionState] {
        let stored = try await self.catalogue.all()
        guard !stored.isEmpty else { return [] }
        let nodes = await self.loadedQueues()
        return stored.map { self.state($0, nodes) }
    }

    func definition(of queue: String) async throws(CommandError) -> QueueDefinitionState {
        let stored = try await self.defined(try NodeRoster.queueName(queue))
        return self.state(stored, await self.loadedQueues())
    }

    func define(
        _ queue: String, _ values: [String: String], loads: Bool, node wanted: String?, by: Principal
    ) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let definition: QueueDefinition
        do { definition = try QueueDefinition(name: queue, values: values) } catch { throw CommandError(error) }
        let name = definition.name
        // Standing by, nobody knows which queues there are.
        _ = try self.roster.nodes()
        if let wanted { _ = try self.roster.node(named: wanted) }
        let owners = await self.loadedQueues().filter { $0.rows.contains { $0.name == name.text } }.map(\.node)
        if !owners.isEmpty { throw try await self.exists(name, on: owners) }
        // Found out before anything is kept.
        let place = loads ? try self.roster.place(ofQueue: name.text, wanted: wanted).name : nil
        let now = WallClock.now()
        let stored = StoredQueueDefinition(definition: definition, createdAt: now, changedAt: now, changedBy: by.name, version: Self.version())
        switch try await self.catalogue.add(stored) {
        case .added: break
        case .exists: throw Self.alreadyOurs(name, on: [])
        case .tooMany: throw CommandError(.wrongState, "there are \(StoredQueueDefinition.limit) queues already; delete one first")
        }
        let given = QueueSetting.all.filter { parameter in values.keys.contains { QueueSetting.named($0) == parameter } }
        var outcome = CommandOutcome(
            requested: ["loaded": .flag(loads)], reply: "", actual: ["loaded": false], applied: !loads, tookMilliseconds: 0)
        if let place {
            do throws(QueueFailure) {
                outcome = try await self.carryOut(.load, queue: name.text, node: place, by: by)
            } catch {
                guard error.mayBeDone else { throw await self.undo(name, on: place, after: error.error, by: by) }
                throw await self.keep(name, on: place, after: error.error)
            }
            if let row = await self.loadedQueues().first(where: { $0.node == place })?.rows.first(where: { $0.name == name.text }) {
                for parameter in given {
                    guard let listed = row.parameters[parameter.column] else { continue }
                    outcome.actual[parameter.memberName] = parameter.commandValue(listed == "(null)" ? "" : listed)
                }
                let differs = definition.differences(from: row)
                outcome.applied = outcome.applied && !given.contains(where: differs.contains)
            }
        }
        outcome.requested["name"] = .text(name.text)
        outcome.actual["name"] = .text(name.text)
        for parameter in given { outcome.requested[parameter.memberName] = parameter.commandValue(definition.values[parameter.name] ?? "") }
        outcome.tookMilliseconds = CommandOutcome.milliseconds(since: start)
        return outcome
    }

    /// Ours or not, there is one of each name; what can be done about it differs.
    private func exists(_ name: QueueName, on owners: [String]) async throws(CommandError) -> CommandError {
        if try await self.catalogue.has(name) { return Self.alreadyOurs(name, on: owners) }
        let verb = owners.count == 1 ? "has" : "have"
        return CommandError(
            .queueExists,
            "\(NodeRoster.list(owners)) \(verb) a queue \(name) already, and it is not ScreenPop's: it stands in FreeSWITCH's own configuration "
                + "(callcenter.conf) or comes of another ScreenPop; change it there, or choose another name")
    }

    private static func alreadyOurs(_ name: QueueName, on owners: [String]) -> CommandError {
        let path = "/api/v1/queues/\(name)"
        guard !owners.isEmpty else {
            return CommandError(
                .queueExists,
                "ScreenPop defines the queue \(name) already, and no node has it loaded; POST \(path)/load loads it, "
                    + "PATCH \(path)/definition changes it, DELETE removes it")
        }
        return CommandError(
            .queueExists,
            "ScreenPop defines the queue \(name) already, loaded on \(NodeRoster.list(owners)); PATCH \(path)/definition?reload=true changes it "
                + "and has it read again, DELETE \(path)/definition?unload=true removes it")
    }

    /// One that FreeSWITCH has, or will have once it gets to it, stays defined: nobody could reload or delete it without its definition.
    private func keep(_ name: QueueName, on node: String, after error: CommandError) async -> CommandError {
        // It is to be there, after a restart as well.
        await self.catalogue.note(name, isLoaded: true, on: node)
        return CommandError(
            error.code,
            "\(error.message); the queue \(name) was created, and \(node) may have it loaded or may load it yet: "
                + "look at /api/v1/queues/\(name)/definition, then load it or delete it")
    }

    /// A queue that cannot be loaded is not left defined: whoever asks again would be told that there is one.
    private func undo(_ name: QueueName, on node: String, after error: CommandError, by: Principal) async -> CommandError {
        // That FreeSWITCH knows no such queue is no answer to whoever makes one.
        let code: CommandError.Code = error.code == .queueNotFound ? .notApplied : error.code
        do {
            _ = try await self.catalogue.delete(name, by: by.name)
        } catch let second {
            return CommandError(code, "\(error.message); the queue is defined and not loaded, and removing it failed: \(second.message)")
        }
        return CommandError(code, "\(error.message); the queue was not created")
    }

    func redefine(
        _ queue: String, _ values: [String: String], keepsOthers: Bool, reloads: Bool, by: Principal
    ) async throws(CommandError) -> QueueDefinitionState {
        let name = try NodeRoster.queueName(queue)
        // Standing by, nothing can be reloaded: found out before anything is changed.
        if reloads { _ = try self.roster.nodes() }
        try await self.replace(name, values, keepsOthers: keepsOthers, by: by)
        if reloads {
            for (node, rows) in await self.loadedQueues() where rows.contains(where: { $0.name == name.text }) {
                do throws(CommandError) {
                    _ = try await self.run(.reload, queue: name.text, node: node, by: by)
                } catch {
                    throw CommandError(error.code, "\(error.message); the definition was changed before that")
                }
            }
        }
        return try await self.definition(of: name.text)
    }

    private func replace(_ name: QueueName, _ values: [String: String], keepsOthers: Bool, by: Principal) async throws(CommandError) {
        // Another change in between is not lost: this one is made again on top of it.
        for _ in 0..<8 {
            let old = try await self.defined(name)
            var stored = old
            do throws(QueueDefinitionError) {
                stored.definition = keepsOthers ? try old.definition.setting(values) : try QueueDefinition(name: name.text, values: values)
            } catch {
                throw CommandError(error)
            }
            stored.changedAt = WallClock.now()
            stored.changedBy = by.name
            stored.version = Self.version()
            switch try await self.catalogue.replace(stored, of: old.version) {
            case .replaced: return
            case .missing: throw Self.notDefined(name)
            case .changedMeanwhile: continue
            }
        }
        throw CommandError(.wrongState, "the queue \(name) is being changed by others all the time; try again")
    }

    func undefine(_ queue: String, unloads: Bool, by: Principal) async throws(CommandError) {
        let name = try NodeRoster.queueName(queue)
        guard try await self.catalogue.has(name) else { throw Self.notDefined(name) }
        var owners: [(name: String, node: any CommandNode)] = []
        // All of them: one that has it would keep a queue that nobody can reload.
        for (place, node) in try self.roster.nodes() {
            if try await node.queue(name) != nil { owners.append((place, node)) }
        }
        var waiting = 0
        for (_, node) in owners { waiting += try await node.waiting(in: name) }
        guard waiting == 0 else {
            throw CommandError(.wrongState, "\(waiting) \(waiting == 1 ? "caller waits" : "callers wait") in \(name); delete it when it is empty")
        }
        guard owners.isEmpty || unloads else {
            throw CommandError(
                .wrongState, "\(name) is loaded on \(NodeRoster.list(owners.map(\.name))); unload it first, or delete it with ?unload=true")
        }
        for (place, _) in owners { _ = try await self.run(.unload, queue: name.text, node: place, by: by) }
        guard try await self.catalogue.delete(name, by: by.name) else { throw Self.notDefined(name) }
    }

    // MARK: -

    private func defined(_ name: QueueName) async throws(CommandError) -> StoredQueueDefinition {
        guard let stored = try await self.catalogue.find(name) else { throw Self.notDefined(name) }
        return stored
    }

    private static func notDefined(_ name: QueueName) -> CommandError {
        CommandError(.queueNotFound, "ScreenPop defines no queue \(name); one that is loaded stands in FreeSWITCH's own configuration")
    }

    private static func version() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

    private func state(_ stored: StoredQueueDefinition, _ nodes: [(node: String, rows: [QueueRow])]) -> QueueDefinitionState {
        QueueDefinitionState(
            stored: stored,
            loaded: nodes.compactMap { node, rows in
                rows.first { $0.name == stored.definition.name.text }.map { .init(node: node, differs: stored.definition.differences(from: $0)) }
            },
            unasked: self.roster.directory.nodes.filter { name in !nodes.contains { $0.node == name } })
    }

    /// Of every node that answers; of none while the instance stands by.
    func loadedQueues() async -> [(node: String, rows: [QueueRow])] {
        var found: [(node: String, rows: [QueueRow])] = []
        for (name, node) in (try? self.roster.nodes()) ?? [] {
            guard let text = try? await node.run(.listQueues), let rows = try? QueueRow.rows(in: text) else { continue }
            found.append((name, rows))
        }
        return found
    }
}

extension CommandNode {
    /// How many callers wait there, or ring at an agent.
    fileprivate func waiting(in queue: QueueName) async throws(CommandError) -> Int {
        let text = try await self.run(.listQueueMembers(queue))
        do {
            return try MemberRow.rows(in: text).count { $0.queue == queue.text && ["Waiting", "Trying"].contains($0.state) }
        } catch {
            throw CommandError(.refused, "FreeSWITCH's answer cannot be read: \(error)")
        }
    }
}

extension CommandError {
    init(_ error: QueueDefinitionError) {
        switch error {
        case .name, .reservedName: self.init(.invalidName, "queue: \(error)")
        case .unknownParameter: self.init(.invalidValue, "\(error)")
        case .illegalValue(let parameter, let value, let expected):
            let setting = QueueSetting.named(parameter)
            self.init(
                .invalidValue,
                "\(setting?.memberName ?? parameter): \(String(value.prefix(64)).debugDescription) is not \(expected). \(setting?.meaning ?? "")")
        }
    }
}
