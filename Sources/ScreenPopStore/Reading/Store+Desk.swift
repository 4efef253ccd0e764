import Hiredis
import Logging
package import NIOCore
package import ScreenPop

/// What ScreenPop itself keeps of agents, and the reasons they may give.
extension Store {
    /// What is kept of the agents that a node has brought, for `NodeReducer.restore`.
    package func keptAgents(node: String) -> EventLoopFuture<[AgentRecord]> {
        var arguments = RedisCommand()
        arguments.append(self.keys.prefix + "agent:")
        return self.client.evaluate(.keptAgents, keys: [self.keys.nodeAgents(node)], arguments: arguments)
            .reading { [logger] reply throws(RedisError) in
                var records: [AgentRecord] = []
                for json in try reply.buffers() {
                    if let record = AgentRecord(keptBy: json.readableBytesView) {
                        if record.isKept, record.node == node { records.append(record) }
                    } else {
                        logger.warning("a stored agent cannot be read; its reason and what was pending are lost")
                    }
                }
                return records
            }
    }

    /// Reasons that ended, newest first, and the cursor for the next page.
    package func reasons(agent: String, limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> {
        let limit = max(1, min(limit, Int(Lives.agentReasons)))
        let end = before.map { $0.predecessor.description } ?? "+"
        return self.client.send(RedisCommand("XREVRANGE", self.keys.agentReasons(agent), end, "-", "COUNT", String(limit + 1)))
            .reading { reply throws(RedisError) in
                let entries = try StreamEntry.all(reply)
                let page = entries.prefix(limit)
                return (page.compactMap { $0.field("json") }, entries.count > limit ? page.last?.cursor : nil)
            }
    }

    /// The reasons that may be given; `nil` while nobody has set any.
    package func reasonList() -> EventLoopFuture<ReasonList?> {
        self.client.send(RedisCommand("GET", self.keys.reasons)).reading { reply throws(RedisError) in
            guard let json = try reply.buffer() else { return nil }
            guard let list = ReasonList(json: json.readableBytesView) else { throw .unexpectedReply }
            return list
        }
    }

    /// Sets them, and says so to everybody as `config.changed`.
    package func setReasonList(_ list: ReasonList, by: String) -> EventLoopFuture<Void> {
        var message = JSONWriter(capacity: 128)
        message.object { message in
            message.member("type", "config.changed")
            message.member("what", "reasons-changed")
            message.member("node", nil as String?)
            message.member("agent", nil as String?)
            message.member("queue", nil as String?)
            message.member("source", "screenpop")
            message.member("by", by)
        }
        var arguments = RedisCommand()
        arguments.append(list.json)
        arguments.append(Lives.logEntries)
        arguments.append(message.bytes)
        return self.client.evaluate(.setReasons, keys: [self.keys.reasons, self.keys.log], arguments: arguments).map { _ in }
    }
}

extension RedisScript {
    /// KEYS: names of a node's agents. ARGV: prefix of an agent's hash. Their JSON.
    fileprivate static let keptAgents = RedisScript(
        """
        local result = {}
        for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
            local json = redis.call('HGET', ARGV[1] .. name, 'json')
            if json then result[#result + 1] = json end
        end
        return result
        """)

    /// KEYS: reasons, log. ARGV: the list as JSON, kept log entries, the message.
    fileprivate static let setReasons = RedisScript(
        """
        local is = redis.call('TYPE', KEYS[2]).ok
        if is ~= 'none' and is ~= 'stream' then return redis.error_reply('WRONGTYPE ' .. KEYS[2] .. ' is a ' .. is) end
        redis.call('SET', KEYS[1], ARGV[1])
        redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'type', 'config.changed', 'json', ARGV[3])
        return 1
        """)
}
