/// The names of everything ScreenPop keeps in Redis, as `docs/redis.md` shows them.
///
/// All keys of a site carry `{SITE}` as hash tag and so lie in one slot of a Redis Cluster: that is what lets one script write them together.
/// Names of agents and queues stand in keys as they are in mod_callcenter.
package struct Keys: Sendable, Equatable {
    package let site: String
    package let prefix: String

    package init(site: String) {
        self.site = site
        self.prefix = "screenpop:{\(site)}:"
    }

    /// Letters, digits, `.`, `_`, `-`, 64 at most. Braces would end the hash tag, `*` would stand for other keys in an ACL pattern.
    package static func isValid(site: String) -> Bool {
        (1...64).contains(site.utf8.count)
            && site.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    package var schema: String { self.prefix + "schema" }
    package var log: String { self.prefix + "log" }
    /// Not a key: the channel that pop messages are published on.
    package var popsChannel: String { self.prefix + "pops" }

    package var agents: String { self.prefix + "agents" }
    package func agent(_ name: String) -> String { "\(self.prefix)agent:\(name)" }
    package func agentPop(_ name: String) -> String { "\(self.prefix)agent:\(name):pop" }
    package func agentPops(_ name: String) -> String { "\(self.prefix)agent:\(name):pops" }
    package func agentLive(_ name: String) -> String { "\(self.prefix)agent:\(name):live" }
    package func agentReasons(_ name: String) -> String { "\(self.prefix)agent:\(name):reasons" }
    package var reasons: String { self.prefix + "reasons" }

    package var queues: String { self.prefix + "queues" }
    package func queue(_ name: String) -> String { "\(self.prefix)queue:\(name)" }
    package func queueMembers(_ name: String) -> String { "\(self.prefix)queue:\(name):members" }
    package func queueOrder(_ name: String) -> String { "\(self.prefix)queue:\(name):order" }
    package var queueDefinitions: String { self.prefix + "queue-definitions" }
    package func queueDefinition(_ name: String) -> String { "\(self.prefix)queue-definition:\(name)" }

    package func call(_ uuid: String) -> String { "\(self.prefix)call:\(uuid)" }
    package func callTrace(_ uuid: String) -> String { "\(self.prefix)call:\(uuid):trace" }
    package func callerCalls(_ number: String) -> String { "\(self.prefix)caller:\(number):calls" }
    package func popDismissed(_ id: String) -> String { "\(self.prefix)pop:\(id):dismissed" }
    package func popAcknowledged(_ id: String) -> String { "\(self.prefix)pop:\(id):acknowledged" }

    package func node(_ name: String) -> String { "\(self.prefix)node:\(name)" }
    package func nodeLease(_ name: String) -> String { "\(self.prefix)node:\(name):lease" }
    package func nodeBatches(_ name: String) -> String { "\(self.prefix)node:\(name):batches" }
    package func nodePops(_ name: String) -> String { "\(self.prefix)node:\(name):pops" }
    package func nodeAgents(_ name: String) -> String { "\(self.prefix)node:\(name):agents" }
    package func nodeQueues(_ name: String) -> String { "\(self.prefix)node:\(name):queues" }

    package func desks(_ agent: String) -> String { "\(self.prefix)desks:\(agent)" }
    package func instance(_ id: String) -> String { "\(self.prefix)instance:\(id)" }

    package var tokens: String { self.prefix + "tokens" }
    package func token(_ id: String) -> String { "\(self.prefix)token:\(id)" }
    package var users: String { self.prefix + "users" }
    package func user(_ name: String) -> String { "\(self.prefix)user:\(name)" }
    package var sessions: String { self.prefix + "sessions" }
    package func session(_ hash: String) -> String { "\(self.prefix)session:\(hash)" }
    package var audit: String { self.prefix + "audit" }
    package func idempotency(_ hash: String) -> String { "\(self.prefix)idempotency:\(hash)" }
    package var importing: String { self.prefix + "importing" }

    /// Every key with its variable part as in the documentation.
    package static var documented: [String] {
        let keys = Keys(site: "SITE")
        return [
            keys.schema, keys.log, keys.agents, keys.agent("NAME"), keys.agentPop("NAME"), keys.agentPops("NAME"), keys.agentLive("NAME"),
            keys.agentReasons("NAME"), keys.reasons, keys.queues, keys.queue("NAME"), keys.queueMembers("NAME"), keys.queueOrder("NAME"),
            keys.queueDefinitions, keys.queueDefinition("NAME"), keys.call("UUID"), keys.callTrace("UUID"),
            keys.callerCalls("NUMBER"), keys.popDismissed("ID"), keys.popAcknowledged("ID"), keys.node("NAME"), keys.nodeLease("NAME"),
            keys.nodeBatches("NAME"),
            keys.nodePops("NAME"), keys.nodeAgents("NAME"), keys.nodeQueues("NAME"), keys.desks("NAME"), keys.instance("ID"), keys.tokens,
            keys.token("ID"),
            keys.users, keys.user("NAME"), keys.sessions, keys.session("HASH"), keys.audit, keys.idempotency("HASH"), keys.importing,
        ]
    }
}
