import CallCenter
import EventSocket
import ScreenPop

extension ConfigurationCommands {
    func run(_ command: QueueCommand, queue: String, node wanted: String?, by: Principal) async throws(CommandError) -> CommandOutcome {
        let start = ContinuousClock.now
        let queue = try NodeRoster.queueName(queue)
        let (place, node) = try self.roster.place(ofQueue: queue.text, wanted: wanted)
        let isLoaded = try await node.queue(queue) != nil
        switch command {
        case .load:
            // FreeSWITCH would load it a second time, and the first one's counts and callers would be lost to sight.
            if isLoaded { throw CommandError(.queueExists, "the queue \(queue) is loaded already; reload it to have its settings read again") }
        case .reload, .unload:
            // FreeSWITCH says +OK to unloading what is not there, and loads what is reloaded.
            if !isLoaded { throw CommandError(.queueNotFound, "the queue \(queue) is not loaded") }
        }
        let reply: String
        do {
            reply = try await Self.reply(to: Self.call(command, queue), of: node)
        } catch {
            // A reload that fails has unloaded the queue.
            _ = try? await node.reconcile(.screenpop(by: by.name))
            guard error.code == .queueNotFound else { throw error }
            let rest = command == .reload ? "; FreeSWITCH has unloaded it" : ""
            throw CommandError(.queueNotFound, "\(await self.missing(queue, on: place))\(rest)")
        }
        let lists = try await node.reconcile(.screenpop(by: by.name))
        let isListed = lists.queues.contains { $0.name == queue.text }
        switch (command, isListed) {
        case (.load, false), (.reload, false): throw CommandError(.notApplied, "FreeSWITCH said \(reply) and does not list the queue \(queue)")
        case (.unload, true):
            throw CommandError(
                .notApplied,
                "FreeSWITCH said \(reply) and lists the queue \(queue) again: somebody who waits in it, or waited and hung up, brings it back; "
                    + "unload it when it is empty and discard-abandoned-after is over")
        case (.load, true), (.reload, true), (.unload, false): break
        }
        await self.catalogue.note(queue, isLoaded: isListed, on: place)
        // Tiers outlive their queue: whoever loads it again finds them, and whoever does not wants to know.
        let tiers = lists.tiers.count { $0.queue == queue.text }
        return CommandOutcome(
            requested: ["loaded": .flag(command != .unload)], reply: reply, actual: ["loaded": .flag(isListed), "tiers": .number(tiers)],
            applied: true, tookMilliseconds: CommandOutcome.milliseconds(since: start))
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

    private static func reply<Node: CommandNode>(to call: APICall, of node: Node) async throws(CommandError) -> String {
        try Node.reply(try await node.sendPatiently(call))
    }
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
