import Hiredis
import Logging
package import NIOCore
package import ScreenPop

extension Store {
    /// Live pops of a node, for `NodeReducer.restore`, dismissed ones included. One that cannot be read is left out, with a line in the log.
    package func livePops(node: String) -> EventLoopFuture<[Pop]> {
        self.client.send(RedisCommand("HVALS", self.keys.nodePops(node))).reading { [logger] reply throws(RedisError) in
            var pops: [Pop] = []
            for json in try reply.buffers() {
                if let pop = Pop(json: json.readableBytesView) {
                    pops.append(pop)
                } else {
                    logger.warning("a stored pop cannot be read and is left out")
                }
            }
            return pops.sorted { ($0.offeredAt, $0.id) < ($1.offeredAt, $1.id) }
        }
    }

    /// Who waits on a node as Redis has it, for `NodeReducer.restore`. One that cannot be read is left out, with a line in the log.
    package func members(node: String) -> EventLoopFuture<[MemberRecord]> { self.members(node: node, ofFirst: Self.restoredMembers) }

    /// Far more than wait anywhere: the script's answer is read as a whole.
    private static let restoredMembers = 65_536

    /// - Parameter limit: how many members are looked at, whatever their nodes; of each queue the longest waiting first.
    package func members(node: String, ofFirst limit: Int) -> EventLoopFuture<[MemberRecord]> {
        var arguments = RedisCommand()
        arguments.append(self.keys.prefix + "queue:")
        arguments.append(Int64(limit))
        // A queue that two nodes have is in the set of one of them only.
        return self.client.evaluate(.nodeMembers, keys: [self.keys.nodeQueues(node), self.keys.queues], arguments: arguments)
            .reading { [logger] reply throws(RedisError) in
                var members: [MemberRecord] = []
                for json in try reply.buffers() {
                    if let member = MemberRecord(json: json.readableBytesView) {
                        if member.node == node { members.append(member) }
                    } else {
                        logger.warning("a stored member of a queue cannot be read and is left out")
                    }
                }
                return members
            }
    }

    /// JSON of each, sorted by name.
    package func agents() -> EventLoopFuture<[ByteBuffer]> { self.records(of: self.keys.agents, prefix: "agent:") }

    package func agent(_ name: String) -> EventLoopFuture<ByteBuffer?> { self.json(self.keys.agent(name)) }

    /// JSON of each, sorted by name.
    package func queues() -> EventLoopFuture<[ByteBuffer]> { self.records(of: self.keys.queues, prefix: "queue:") }

    package func queue(_ name: String) -> EventLoopFuture<ByteBuffer?> { self.json(self.keys.queue(name)) }

    /// Members in the queue now, oldest first.
    package func members(queue: String) -> EventLoopFuture<[ByteBuffer]> {
        self.queueSnapshot(queue).map { $0.members }
    }

    /// The current pop.
    package func pop(agent: String) -> EventLoopFuture<ByteBuffer?> { self.json(self.keys.agentPop(agent)) }

    /// Ended pops, newest first, and the cursor for the next page.
    package func pops(agent: String, limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ByteBuffer], next: Cursor?)> {
        let limit = max(1, min(limit, Int(Lives.agentPops)))
        let end = before.map { $0.predecessor.description } ?? "+"
        // One more than asked for shows whether there is a next page.
        return self.client.send(RedisCommand("XREVRANGE", self.keys.agentPops(agent), end, "-", "COUNT", String(limit + 1)))
            .reading { reply throws(RedisError) in
                let entries = try StreamEntry.all(reply)
                let page = entries.prefix(limit)
                return (page.compactMap { $0.field("json") }, entries.count > limit ? page.last?.cursor : nil)
            }
    }

    package func call(_ uuid: String) -> EventLoopFuture<ByteBuffer?> { self.json(self.keys.call(uuid)) }

    /// What was seen, decided and acknowledged, in that order.
    package func trace(call: String) -> EventLoopFuture<[ByteBuffer]> {
        self.client.send(RedisCommand("XRANGE", self.keys.callTrace(call), "-", "+")).reading { reply throws(RedisError) in
            try StreamEntry.all(reply).compactMap { $0.field("json") }
        }
    }

    /// That caller's past calls, newest first.
    package func calls(caller: String) -> EventLoopFuture<[ByteBuffer]> {
        self.client.send(RedisCommand("XREVRANGE", self.keys.callerCalls(caller), "+", "-")).reading { reply throws(RedisError) in
            try StreamEntry.all(reply).compactMap { $0.field("json") }
        }
    }

    /// The agents and queues that a node has brought, by name: what an earlier process knew, for one that finds less in the switch.
    package func names(node: String) -> EventLoopFuture<(agents: [String], queues: [String])> {
        let agents = self.client.send(RedisCommand("SMEMBERS", self.keys.nodeAgents(node)))
        let queues = self.client.send(RedisCommand("SMEMBERS", self.keys.nodeQueues(node)))
        return agents.and(queues).flatMapThrowing { agents, queues in
            (try agents.array().compactMap(\.text).sorted(), try queues.array().compactMap(\.text).sorted())
        }
    }

    private func json(_ key: String) -> EventLoopFuture<ByteBuffer?> {
        self.client.send(RedisCommand("HGET", key, "json")).reading { reply throws(RedisError) in try reply.buffer() }
    }

    private func records(of set: String, prefix: String) -> EventLoopFuture<[ByteBuffer]> {
        var arguments = RedisCommand()
        arguments.append(self.keys.prefix + prefix)
        return self.client.evaluate(.records, keys: [set], arguments: arguments).reading { reply throws(RedisError) in try reply.buffers() }
    }
}

extension RedisScript {
    /// KEYS: names of a node's queues, of all queues. ARGV: prefix of the queues' keys, how many members at most. Their JSON, the node's queues first.
    fileprivate static let nodeMembers = RedisScript(
        """
        local left, seen, result = tonumber(ARGV[2]), {}, {}
        for _, names in ipairs(KEYS) do
            for _, name in ipairs(redis.call('SMEMBERS', names)) do
                if left > 0 and not seen[name] then
                    seen[name] = true
                    local key = ARGV[1] .. name
                    for _, uuid in ipairs(redis.call('ZRANGE', key .. ':order', 0, left - 1)) do
                        left = left - 1
                        local json = redis.call('HGET', key .. ':members', uuid)
                        if json then result[#result + 1] = json end
                    end
                end
            end
        end
        return result
        """)

    /// KEYS: the set of names. ARGV: prefix of the hashes. Their JSON, sorted by name.
    fileprivate static let records = RedisScript(
        """
        local names, result = redis.call('SMEMBERS', KEYS[1]), {}
        table.sort(names)
        for _, name in ipairs(names) do
            local json = redis.call('HGET', ARGV[1] .. name, 'json')
            if json then result[#result + 1] = json end
        end
        return result
        """)
}
