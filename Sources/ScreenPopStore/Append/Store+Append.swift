import Hiredis
package import NIOCore

extension Store {
    /// Writes schema version; makes ready to write for the node and returns the fencing token, larger than any before. The same instance gets its
    /// token again as long as nobody took the node over in between; then its outstanding batches may be repeated under it. A node is taken from
    /// another instance with the lease alone: one that is another's fails with `StoreError.fenced`. Fails with `StoreError.schema` when another
    /// version's data is there.
    package func takeOver(node: String, owner: String) -> EventLoopFuture<Int64> {
        var arguments = RedisCommand()
        arguments.append(Self.schemaVersion)
        arguments.append(owner)
        arguments.append(self.instance)
        arguments.append(self.keys.popsChannel)
        return self.client.evaluate(
            .takeOver, keys: [self.keys.schema, self.keys.node(node), self.keys.nodeBatches(node), self.keys.log],
            arguments: arguments
        ).namingStoreErrors().reading { reply throws(RedisError) in
            guard case .integer(let fence) = reply else { throw .unexpectedReply }
            return fence
        }
    }

    /// One script: log entries, views, streams, publish; one round trip. One cursor for each logged change, in order; for a repeated batch those
    /// of the first time (none, if more than 128 batches came after it).
    /// Fails with a `StoreError`, or with a `RedisError`; then nothing of it is written, unless that is `StoreError.halfWay`.
    package func append(_ batch: Batch) -> EventLoopFuture<[Cursor]> {
        let operations = AppendOperations(batch, keys: self.keys, instance: self.instance)
        return self.client.evaluate(
            .append, keys: [self.keys.node(batch.node), self.keys.nodeBatches(batch.node), self.keys.log], arguments: operations.arguments
        ).namingStoreErrors().reading { reply throws(RedisError) in
            var cursors: [Cursor] = []
            for id in try reply.array() { cursors.append(try id.cursor()) }
            return cursors
        }
    }
}

extension RedisScript {
    /// KEYS: schema, node, batches, log. ARGV: schema version, owner, instance, channel.
    ///
    /// Where Redis can tell (7.0), a user whose ACL lacks a command of the append script is refused here, rather than in the middle of a batch.
    static let takeOver = RedisScript(
        """
        local schema, node, batches, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
        local written = redis.call('GET', schema)
        if written and written ~= ARGV[1] then return redis.error_reply('SCHEMA ' .. written) end
        if redis.acl_check_cmd then
            local needed = {{'XADD', log, '*', 'a', 'b'}, {'HSET', node, 'a', 'b'}, {'HDEL', node, 'a'}, {'HMGET', node, 'a'}, {'HGET', node, 'a'},
                {'HEXISTS', node, 'a'}, {'DEL', node}, {'EXISTS', node}, {'TYPE', node}, {'PEXPIRE', node, '1'}, {'PERSIST', node},
                {'SADD', node, 'a'}, {'SREM', node, 'a'}, {'ZADD', node, '1', 'a'}, {'ZREM', node, 'a'}, {'PUBLISH', ARGV[4], 'a'}}
            for _, command in ipairs(needed) do
                if not redis.acl_check_cmd(unpack(command)) then
                    return redis.error_reply('NOPERM this Redis user may not run ' .. command[1] .. ' on the keys and channels of this site')
                end
            end
        end
        local fence, instance = redis.call('HGET', node, 'fence'), redis.call('HGET', node, 'instance')
        if instance and instance ~= ARGV[3] then return redis.error_reply('FENCED ' .. (fence or '')) end
        if not fence or instance ~= ARGV[3] then
            fence = redis.call('HINCRBY', node, 'fence', 1)
            redis.call('HDEL', node, 'batch', 'writing')
            redis.call('DEL', batches)
        end
        redis.call('HSET', node, 'owner', ARGV[2], 'instance', ARGV[3], 'open', '1')
        redis.call('SET', schema, ARGV[1])
        return tonumber(fence)
        """)
}
