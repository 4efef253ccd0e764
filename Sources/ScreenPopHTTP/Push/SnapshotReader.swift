import NIOCore
import ScreenPop
import ScreenPopService
import ScreenPopStore

/// Reads the state of a topic and writes it as a `snapshot` message.
struct SnapshotReader: Sendable {
    struct Snapshot: Sendable {
        var cursor: Cursor
        /// `nil` for a desktop that has not said yet whose it is.
        var topic: Topic?
        /// A whole JSON object.
        var payload: ByteBuffer
    }

    let site: any SiteReading
    let source: any MessageSource
    let nodes: @Sendable () -> [(name: String, status: NodeStatus)]

    /// - Parameters:
    ///   - principal: What he may not see is left out, as if it were not there.
    ///   - withDesk: Whether it is for a socket of the agent's own, which is told the desk that rings, where there is one.
    func read(_ topic: Topic, for principal: Principal, withDesk: Bool = false, on eventLoop: any EventLoop) -> EventLoopFuture<Snapshot> {
        func may(_ operation: Operation, _ agent: String? = nil) -> Bool { AccessTable.allows(principal, operation, agent: agent) }
        switch topic {
        case .agent(let name):
            let (seesAgent, seesPops) = (may(.readAgent, name), may(.readPops, name))
            return self.site.agentSnapshot(name).map { read in
                Self.snapshot(read.cursor, topic) { object in
                    object.member("agentState", json: seesAgent ? read.agent : nil)
                    object.member("pops", items: seesPops ? read.pops : [])
                    guard withDesk, seesAgent, let primary = read.primary else { return }
                    object.name("primary")
                    primary.write(to: &object)
                }
            }.hop(to: eventLoop)
        case .agents:
            let (seesAgents, seesPops) = (may(.listAgents), may(.readPops))
            return self.site.agentsSnapshot().map { read in
                Self.snapshot(read.cursor, topic) { object in
                    object.member("agents", items: seesAgents ? read.agents : [])
                    object.member("pops", items: seesPops ? read.pops : [])
                }
            }.hop(to: eventLoop)
        case .queue(let name):
            let seesMembers = may(.readMembers)
            return self.site.queueSnapshot(name).map { read in
                Self.snapshot(read.cursor, topic) { object in
                    object.member("queues", items: read.queues)
                    object.member("members", items: seesMembers ? read.members : [])
                }
            }.hop(to: eventLoop)
        case .queues:
            let seesMembers = may(.readMembers)
            return self.site.queueSnapshot(nil).map { read in
                Self.snapshot(read.cursor, topic) { object in
                    object.member("queues", items: read.queues)
                    object.member("members", items: seesMembers ? read.members : [])
                }
            }.hop(to: eventLoop)
        case .nodes, .everybody:
            return eventLoop.makeSucceededFuture(
                Self.snapshot(self.source.end, topic) { object in
                    object.member("nodes", items: self.nodes().map { $0.status.json(name: $0.name) })
                })
        }
    }

    /// For a desktop that has not said yet whose it is.
    static func empty(_ cursor: Cursor) -> Snapshot {
        Self.snapshot(cursor, nil) { object in
            object.member("agentState", json: nil)
            object.member("pops", items: [])
        }
    }

    private static func snapshot(_ cursor: Cursor, _ topic: Topic?, _ members: (inout JSONWriter) -> Void) -> Snapshot {
        Snapshot(
            cursor: cursor, topic: topic,
            payload: JSONWriter.object { object in
                object.member("type", "snapshot")
                object.member("cursor", cursor.description)
                if let topic { object.member("topic", topic.text) }
                members(&object)
            })
    }
}

extension NodeStatus {
    /// `{"name","status","ready","detail"}`
    func json(name: String) -> ByteBuffer {
        JSONWriter.object { object in
            object.member("name", name)
            switch self {
            case .connecting(let reason):
                object.member("status", "connecting")
                object.member("ready", false)
                object.member("detail", reason)
            case .synchronizing:
                object.member("status", "synchronizing")
                object.member("ready", false)
                object.member("detail", nil as String?)
            case .live(let coreUUID, let detail):
                object.member("status", "live")
                object.member("ready", true)
                object.member("detail", detail)
                object.member("coreUUID", coreUUID)
            case .standby(let line):
                object.member("status", "standby")
                object.member("ready", false)
                object.member("detail", line)
            case .failed(let reason):
                object.member("status", "failed")
                object.member("ready", false)
                object.member("detail", reason)
            }
        }
    }

    var isLive: Bool {
        switch self {
        case .live: true
        case .connecting, .synchronizing, .standby, .failed: false
        }
    }

    /// Live, and nothing is amiss.
    var isWhole: Bool {
        switch self {
        case .live(_, let detail): detail == nil
        case .connecting, .synchronizing, .standby, .failed: false
        }
    }
}
