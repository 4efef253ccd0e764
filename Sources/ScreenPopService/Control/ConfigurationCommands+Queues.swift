import CallCenter
import EventSocket
import ScreenPop

extension ConfigurationCommands {
    func run(_ command: QueueCommand, queue: String, node wanted: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        do { return try await self.carryOut(command, queue: queue, node: wanted, by: by) } catch { throw error.error }
    }

    /// A command that failed.
    struct QueueFailure: Error {
        var error: CommandError
        /// FreeSWITCH has carried it out, or may have, or may yet: it said +OK, or nothing.
        var mayBeDone = false
    }

    func carryOut(_ command: QueueCommand, queue: String, node wanted: String?, by: Principal) async throws(QueueFailure) -> CommandOutcome {
        let start = ContinuousClock.now
        let name: QueueName
        let place: (name: String, node: any CommandNode)
        do throws(CommandError) {
            name = try NodeRoster.queueName(queue)
            place = try self.roster.place(ofQueue: name.text, wanted: wanted)
            try await Self.check(command, name, on: place.node)
        } catch {
            throw QueueFailure(error: error)
        }
        let reply = try await self.send(command, name, to: place, by: by)
        let lists: SwitchLists
        do {
            lists = try await place.node.reconcile(.screenpop(by: by.name))
        } catch {
            let what = "FreeSWITCH said \(reply), and looking afterwards failed: \(error.message)"
            throw QueueFailure(error: CommandError(error.code, what), mayBeDone: true)
        }
        let isListed = lists.queues.contains { $0.name == name.text }
        switch (command, isListed) {
        case (.load, false), (.reload, false):
            throw QueueFailure(error: CommandError(.notApplied, "FreeSWITCH said \(reply) and does not list the queue \(name)"))
        case (.unload, true):
            throw QueueFailure(
                error: CommandError(
                    .notApplied,
                    "FreeSWITCH said \(reply) and lists the queue \(name) again: somebody who waits in it, or waited and hung up, brings it back; "
                        + "unload it when it is empty and discard-abandoned-after is over"))
        case (.load, true), (.reload, true), (.unload, false): break
        }
        await self.catalogue.note(name, isLoaded: isListed, on: place.name)
        // Tiers outlive their queue: whoever loads it again finds them, and whoever does not wants to know.
        let tiers = lists.tiers.count { $0.queue == name.text }
        return CommandOutcome(
            requested: ["loaded": .flag(command != .unload)], reply: reply, actual: ["loaded": .flag(isListed), "tiers": .number(tiers)],
            applied: true, tookMilliseconds: CommandOutcome.milliseconds(since: start))
    }

    private static func check(_ command: QueueCommand, _ queue: QueueName, on node: any CommandNode) async throws(CommandError) {
        let isLoaded = try await node.queue(queue) != nil
        switch command {
        case .load:
            // FreeSWITCH would load it a second time, and the first one's counts and callers would be lost to sight.
            if isLoaded { throw CommandError(.queueExists, "the queue \(queue) is loaded already; reload it to have its settings read again") }
        case .reload, .unload:
            // FreeSWITCH says +OK to unloading what is not there, and loads what is reloaded.
            if !isLoaded { throw CommandError(.queueNotFound, "the queue \(queue) is not loaded") }
        }
    }

    private func send(
        _ command: QueueCommand, _ queue: QueueName, to place: (name: String, node: any CommandNode), by: Principal
    ) async throws(QueueFailure) -> String {
        // Whoever asked for it has sent something by now in any case: it looked for the queue.
        let attempt = Attempt()
        var isAnswered = false
        do throws(CommandError) {
            let call = try Self.call(command, queue)
            let text = try await Self.text(of: call, from: place.node, attempt)
            isAnswered = true
            return try Self.reply(text, from: place.node)
        } catch {
            // A reload that fails has unloaded the queue.
            _ = try? await place.node.reconcile(.screenpop(by: by.name))
            guard error.code == .queueNotFound else {
                let isLost = error.code == .timedOut || error.code == .nodeUnavailable
                throw QueueFailure(error: error, mayBeDone: !isAnswered && isLost && attempt.hasSent)
            }
            let rest = command == .reload ? "; FreeSWITCH has unloaded it" : ""
            throw QueueFailure(error: CommandError(.queueNotFound, "\(await self.missing(queue, on: place.name))\(rest)"))
        }
    }

    /// Why FreeSWITCH finds no such queue.
    private func missing(_ queue: QueueName, on node: String) async -> String {
        guard (try? await self.catalogue.find(queue)) != nil else {
            return "FreeSWITCH's configuration (callcenter.conf) has no queue \(queue)"
        }
        return "ScreenPop defines \(queue), and \(node) did not find it here: its mod_xml_curl must ask /api/v1/freeswitch/configuration of this "
            + "service, with a token (screenpop freeswitch-config writes that from queue-server); its log says what it was answered"
    }

    private static func call(_ command: QueueCommand, _ queue: QueueName) throws(CommandError) -> APICall {
        let command: CallCenterCommand =
            switch command {
            case .load: .loadQueue(queue)
            case .reload: .reloadQueue(queue)
            case .unload: .unloadQueue(queue)
            }
        do { return try command.call() } catch { throw CommandError(.invalidValue, "the command cannot be written: \(error)") }
    }

    private static func text(of call: APICall, from node: any CommandNode, _ attempt: Attempt) async throws(CommandError) -> String {
        let result = await Attempt.$current.withValue(attempt) { () async -> Result<String, CommandError> in
            do throws(CommandError) { return .success(try await node.sendPatiently(call)) } catch { return .failure(error) }
        }
        if attempt.hasSent { Attempt.markSent() }
        return try result.get()
    }

    private static func reply<Node: CommandNode>(_ text: String, from node: Node) throws(CommandError) -> String { try Node.reply(text) }
}

extension CommandNode {
    func queue(_ queue: QueueName) async throws(CommandError) -> QueueRow? {
        let text = try await self.run(.listQueues)
        do {
            return try QueueRow.rows(in: text).first { $0.name == queue.text }
        } catch {
            throw CommandError(.refused, "FreeSWITCH's answer cannot be read: \(error)")
        }
    }
}
