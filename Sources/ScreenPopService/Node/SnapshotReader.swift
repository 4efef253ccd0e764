import CallCenter
import EventSocket
import Logging

/// Asks a node for everything that a resync needs, one command after the other: a busy mod_callcenter has one lock for all of them.
///
/// Only list commands, `show ... as json` and `uuid_dump`: a restricted event socket user has no JSON API.
struct SnapshotReader {
    enum Failure: Error, Equatable {
        case connection(EventSocketError)
        /// mod_callcenter is not loaded.
        case moduleMissing
        /// An answer that is no such list.
        case unreadable(String)
    }

    /// Channels whose variables are read; more only lack attributes.
    var maximumDumps = 1000
    let connection: any NodeConnection
    let logger: Logger

    func read(_ request: NodeStateMachine.SnapshotRequest) async throws(Failure) -> SwitchSnapshot {
        var snapshot = SwitchSnapshot(coreUUID: "", takenAt: Timestamp(microseconds: 0))
        snapshot.coreUUID = try await self.coreUUID(request)
        let queues = try await self.ask(.listQueues)
        snapshot.queues = try Self.list { () throws(ListError) in try QueueRow.rows(in: queues) }
        let agents = try await self.ask(.listAgents())
        snapshot.agents = try Self.list { () throws(ListError) in try AgentRow.rows(in: agents) }
        let tiers = try await self.ask(.listTiers)
        snapshot.tiers = try Self.list { () throws(ListError) in try TierRow.rows(in: tiers) }
        for queue in snapshot.queues {
            guard let name = try? QueueName(queue.name) else {
                self.logger.warning("a queue's name cannot be used in commands; its members are not read", metadata: ["queue": "\(queue.name)"])
                continue
            }
            let members = try await self.ask(.listQueueMembers(name))
            snapshot.members += try Self.list { () throws(ListError) in try MemberRow.rows(in: members) }
        }
        snapshot.channels = try await self.channels()
        snapshot.takenAt = request.takenAt ?? Self.newest(snapshot)
        for uuid in self.dumped(snapshot) {
            let text = try await self.send("uuid_dump", "\(uuid) json")
            // A channel that has gone since is no matter: its events come after the first canary.
            snapshot.dumps[uuid] = try? ChannelDump.headers(in: text)
        }
        return snapshot
    }

    /// Empty where nobody tells; the first event will.
    private func coreUUID(_ request: NodeStateMachine.SnapshotRequest) async throws(Failure) -> String {
        if let coreUUID = request.coreUUID { return coreUUID }
        let text = try await self.send("global_getvar", "core_uuid")
        let word = text.last == "\n" ? text.dropLast() : text[...]
        // FreeSWITCH's own: what else comes is a refusal in some words.
        let isUUID = word.utf8.count <= 128 && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return isUUID && !word.hasPrefix("-") ? String(word) : ""
    }

    /// The newest thing that the calls in a snapshot tell the time of. Never later than the events to come, unlike a clock of ours would be.
    private static func newest(_ snapshot: SwitchSnapshot) -> Timestamp {
        let members = snapshot.members.flatMap { [$0.joinedEpoch, $0.rejoinedEpoch, $0.bridgeEpoch] }
        let epochs = members + (snapshot.channels ?? []).map(\.createdEpoch)
        return epochs.max().flatMap { Timestamp(seconds: $0) } ?? Timestamp(microseconds: 0)
    }

    private func channels() async throws(Failure) -> [ChannelRow]? {
        let text = try await self.send("show", "channels as json")
        do {
            return try ChannelRow.rows(in: text)
        } catch {
            let reply = if case .refused(_, let reply) = error { reply } else { "\(error)" }
            self.logger.warning(
                "the node keeps no list of its channels; calls in progress are known by their members alone", metadata: ["reply": "\(reply)"])
            return nil
        }
    }

    /// Members' channels first, then the agents' own, then the others.
    private func dumped(_ snapshot: SwitchSnapshot) -> [String] {
        let alive = Set((snapshot.channels ?? []).map(\.uuid))
        var chosen: Set<String> = []
        var order: [String] = []
        for uuid in snapshot.members.map(\.sessionUUID) + snapshot.agents.compactMap(\.uuid) + (snapshot.channels ?? []).map(\.uuid)
        where order.count < self.maximumDumps && alive.contains(uuid) && (try? ChannelUUID(uuid)) != nil && chosen.insert(uuid).inserted {
            order.append(uuid)
        }
        return order
    }

    private func ask(_ command: CallCenterCommand) async throws(Failure) -> String {
        let text: String
        do {
            text = try await self.connection.api(command.call())
        } catch {
            throw .connection(error)
        }
        do {
            _ = try CallCenterReply(text)
            return text
        } catch {
            switch error {
            case .commandNotFound: throw .moduleMissing
            case .permissionDenied: throw .connection(.refused("callcenter_config: permission denied"))
            case .agentNotFound, .agentExists, .queueNotFound, .tierNotFound, .tierExists, .invalidStatus, .invalidState, .invalidType,
                .invalidTierState, .invalidKey, .invalidArguments, .noReply, .other:
                // Unloading, mod_callcenter answers nothing at all.
                throw .unreadable("callcenter_config answered \(error)")
            }
        }
    }

    private func send(_ function: String, _ argument: String) async throws(Failure) -> String {
        do {
            return try await self.connection.api(APICall(function, argument))
        } catch {
            throw .connection(error)
        }
    }

    private static func list<Row>(_ read: () throws(ListError) -> [Row]) throws(Failure) -> [Row] {
        do { return try read() } catch { throw .unreadable("\(error)") }
    }
}
