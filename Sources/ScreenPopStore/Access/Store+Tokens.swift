package import CallCenter
import Hiredis
package import NIOCore

extension Store {
    /// - Parameter hash: of the token's secret: SHA-256, in hexadecimal.
    package func add(_ token: StoredToken, hash: String) -> EventLoopFuture<Void> {
        var arguments = RedisCommand()
        arguments.append(token.id)
        arguments.append(token.expiresAt.map { String($0.microseconds / 1000) } ?? "")
        arguments.append(Fields(token, hash: hash))
        return self.client.evaluate(.addToken, keys: [self.keys.token(token.id), self.keys.tokens], arguments: arguments).map { _ in }
    }

    /// The token with that secret, and notes that it was used. The secrets' hashes are compared in Redis: how long that takes says nothing about
    /// a secret of 256 random bits.
    package func token(_ id: String, hash: String, at now: Timestamp) -> EventLoopFuture<StoredToken?> {
        var arguments = RedisCommand()
        arguments.append(hash)
        arguments.append(now.rfc3339)
        return self.client.evaluate(.useToken, keys: [self.keys.token(id)], arguments: arguments).reading { reply throws(RedisError) in
            StoredToken(id: id, try reply.fields())
        }
    }

    /// The oldest first.
    package func tokens() -> EventLoopFuture<[StoredToken]> {
        var arguments = RedisCommand()
        arguments.append(self.keys.token(""))
        return self.client.evaluate(.namedHashes, keys: [self.keys.tokens], arguments: arguments).reading { reply throws(RedisError) in
            try reply.namedFields().compactMap { StoredToken(id: $0.name, $0.fields) }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        }
    }

    /// False when there is none.
    package func deleteToken(_ id: String) -> EventLoopFuture<Bool> {
        var arguments = RedisCommand()
        arguments.append(id)
        arguments.append(Lives.logEntries)
        arguments.append(Revocation.token(id))
        return self.client.evaluate(
            .deleteToken, keys: [self.keys.token(id), self.keys.tokens, self.keys.log], arguments: arguments
        ).reading { reply throws(RedisError) in try reply.flag() }
    }
}

extension RedisValue {
    func flag() throws(RedisError) -> Bool {
        guard case .integer(let number) = self else { throw .unexpectedReply }
        return number == 1
    }
}

extension RedisScript {
    /// KEYS: token, tokens. ARGV: id, end of its life in milliseconds or empty; then its fields.
    fileprivate static let addToken = RedisScript(
        """
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], unpack(ARGV, 3))
        if ARGV[2] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[2]) end
        redis.call('SADD', KEYS[2], ARGV[1])
        return 1
        """)

    /// KEYS: token. ARGV: hash, now. Its fields, or nothing. That it was used is noted once a minute, and not insisted on: a Redis that takes no
    /// writes keeps nobody out.
    fileprivate static let useToken = RedisScript(
        """
        if redis.call('HGET', KEYS[1], 'hash') ~= ARGV[1] then return {} end
        local fields = redis.call('HGETALL', KEYS[1])
        local used = redis.call('HGET', KEYS[1], 'last_used_at')
        if not used or string.sub(used, 1, 16) ~= string.sub(ARGV[2], 1, 16) then redis.pcall('HSET', KEYS[1], 'last_used_at', ARGV[2]) end
        return fields
        """)

    /// KEYS: the set of names. ARGV: prefix of the hashes. Each name with its hash; a name whose hash is gone, because its life is over, goes too.
    static let namedHashes = RedisScript(
        """
        local result = {}
        for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
            local fields = redis.call('HGETALL', ARGV[1] .. name)
            if #fields == 0 then
                redis.call('SREM', KEYS[1], name)
            else
                result[#result + 1] = name
                result[#result + 1] = fields
            end
        end
        return result
        """)

    /// KEYS: token, tokens, log. ARGV: id, kept log entries, the credential. 1: deleted, 0: there was none.
    fileprivate static let deleteToken = RedisScript(
        Revocation.script + """
            redis.call('SREM', KEYS[2], ARGV[1])
            if redis.call('DEL', KEYS[1]) == 0 then return 0 end
            revoke(KEYS[3], ARGV[2], ARGV[3])
            return 1
            """)
}
