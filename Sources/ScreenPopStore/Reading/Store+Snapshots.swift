import Hiredis
package import NIOCore
package import ScreenPop

/// Views together with the log's end, read at one moment: what comes after the cursor is exactly what the views do not show yet.
extension Store {
    /// An agent with its live pops, the oldest offer first, without dismissed ones, and with the desk that rings. `agent` is `nil` when there is no
    /// such agent, `primary` when none of its desks is open.
    package func agentSnapshot(
        _ name: String
    ) -> EventLoopFuture<(cursor: Cursor, agent: ByteBuffer?, pops: [ByteBuffer], primary: DeskRoster.Primary?)> {
        self.client.evaluate(
            .agentSnapshot, keys: [self.keys.log, self.keys.agent(name), self.keys.agentLive(name), self.keys.desks(name)], arguments: RedisCommand()
        ).reading { reply throws(RedisError) in
            let parts = try reply.array()
            guard parts.count == 4 else { throw .unexpectedReply }
            let primary = try parts[3].buffer().flatMap { DeskRoster(json: $0.readableBytesView) }?.primary
            return (try parts[0].cursor(), try parts[1].buffer(), try parts[2].buffers().sortedByOffer(), primary)
        }
    }

    /// All agents, by name, with all live pops.
    package func agentsSnapshot() -> EventLoopFuture<(cursor: Cursor, agents: [ByteBuffer], pops: [ByteBuffer])> {
        var arguments = RedisCommand()
        arguments.append(self.keys.prefix + "agent:")
        return self.client.evaluate(.agentsSnapshot, keys: [self.keys.log, self.keys.agents], arguments: arguments)
            .reading { reply throws(RedisError) in
                let parts = try reply.array()
                guard parts.count == 3 else { throw .unexpectedReply }
                return (try parts[0].cursor(), try parts[1].buffers(), try parts[2].buffers().sortedByOffer())
            }
    }

    /// One queue, or (`nil`) all queues, by name; with their members, a queue's oldest first.
    package func queueSnapshot(_ name: String?) -> EventLoopFuture<(cursor: Cursor, queues: [ByteBuffer], members: [ByteBuffer])> {
        var keys = [self.keys.log]
        var arguments = RedisCommand()
        if let name {
            keys += [self.keys.queue(name), self.keys.queueOrder(name), self.keys.queueMembers(name)]
            arguments.append("one")
        } else {
            keys.append(self.keys.queues)
            arguments.append("all")
            arguments.append(self.keys.prefix + "queue:")
        }
        return self.client.evaluate(.queueSnapshot, keys: keys, arguments: arguments).reading { reply throws(RedisError) in
            let parts = try reply.array()
            guard parts.count == 3 else { throw .unexpectedReply }
            return (try parts[0].cursor(), try parts[1].buffers(), try parts[2].buffers())
        }
    }
}

extension [ByteBuffer] {
    /// Live pops are few and their JSON is ours: `offeredAt` has one form, and times in it sort as text.
    fileprivate func sortedByOffer() -> [ByteBuffer] {
        let name = [UInt8](#""offeredAt":""#.utf8)
        func offer(_ json: ByteBuffer) -> ArraySlice<UInt8> {
            let bytes = [UInt8](json.readableBytesView)
            guard let range = bytes.firstRange(of: name) else { return [] }
            return bytes[range.upperBound...].prefix(24)
        }
        return self.map { (offer($0), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }
}

extension RedisScript {
    /// The id of the last entry. Nothing but trimming at the other end removes entries, so it is the end of the log.
    private static let logEnd =
        """
        local function log_end()
            local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
            return last and last[1] or '0-0'
        end

        """

    /// KEYS: log, agent, live pops, desks.
    fileprivate static let agentSnapshot = RedisScript(
        logEnd + "return {log_end(), redis.call('HGET', KEYS[2], 'json'), redis.call('HVALS', KEYS[3]), redis.call('GET', KEYS[4])}")

    /// KEYS: log, agents. ARGV: prefix of an agent's keys.
    fileprivate static let agentsSnapshot = RedisScript(
        logEnd + """
            local names, agents, pops = redis.call('SMEMBERS', KEYS[2]), {}, {}
            table.sort(names)
            for _, name in ipairs(names) do
                local json = redis.call('HGET', ARGV[1] .. name, 'json')
                if json then agents[#agents + 1] = json end
                for _, pop in ipairs(redis.call('HVALS', ARGV[1] .. name .. ':live')) do pops[#pops + 1] = pop end
            end
            return {log_end(), agents, pops}
            """)

    /// KEYS: log, queue, its order, its members; or log, queues. ARGV: `one`; or `all`, prefix of a queue's keys.
    fileprivate static let queueSnapshot = RedisScript(
        logEnd + """
            local queues, members = {}, {}
            local function take(order, jsons)
                for _, uuid in ipairs(redis.call('ZRANGE', order, 0, -1)) do
                    local json = redis.call('HGET', jsons, uuid)
                    if json then members[#members + 1] = json end
                end
            end
            if ARGV[1] == 'one' then
                queues[1] = redis.call('HGET', KEYS[2], 'json') or nil
                take(KEYS[3], KEYS[4])
            else
                local names = redis.call('SMEMBERS', KEYS[2])
                table.sort(names)
                for _, name in ipairs(names) do
                    local json = redis.call('HGET', ARGV[2] .. name, 'json')
                    if json then queues[#queues + 1] = json end
                    take(ARGV[2] .. name .. ':order', ARGV[2] .. name .. ':members')
                end
            end
            return {log_end(), queues, members}
            """)
}
