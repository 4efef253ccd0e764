package import CallCenter
import Hiredis
package import NIOCore

extension Store {
    /// False when the user is not any more what he was when his password was checked.
    /// - Parameter hash: of the session's id: SHA-256, in hexadecimal.
    package func begin(_ session: StoredSession, hash: String, at now: Timestamp) -> EventLoopFuture<Bool> {
        var fields = Fields()
        var keys = [self.keys.session(hash), self.keys.sessions]
        var arguments = RedisCommand()
        switch session.holder {
        case .user(let user):
            fields.set("user", user.name)
            fields.set("version", user.version)
            keys.append(self.keys.user(user.name))
            arguments.append(user.version)
        case .vouched(let person):
            fields.set("subject", person.subject)
            fields.set("name", person.name)
            fields.set("role", person.role)
            fields.set("agent", person.agent)
            arguments.append("")
        }
        fields.set("expires_at", session.expiresAt)
        arguments.append(String(session.expiresAt.microseconds / 1000))
        arguments.append(hash)
        arguments.append(String(now.microseconds))
        arguments.append(self.keys.session(""))
        arguments.append(fields)
        return self.client.evaluate(.beginSession, keys: keys, arguments: arguments).reading { reply throws(RedisError) in try reply.flag() }
    }

    package func session(hash: String) -> EventLoopFuture<StoredSession?> {
        var arguments = RedisCommand()
        arguments.append(self.keys.user(""))
        return self.client.evaluate(.session, keys: [self.keys.session(hash)], arguments: arguments).reading { reply throws(RedisError) in
            StoredSession(try reply.fields())
        }
    }

    /// Those that are not over, newest first, and the cursor for the next page. A page may hold fewer than asked for.
    package func sessions(limit: Int, before: Cursor?) -> EventLoopFuture<(items: [ListedSession], next: Cursor?)> {
        var arguments = RedisCommand()
        arguments.append(self.keys.session(""))
        arguments.append(self.keys.user(""))
        arguments.append(before.map { "(\($0.microseconds)" } ?? "+inf")
        arguments.append(String(limit))
        return self.client.evaluate(.sessions, keys: [self.keys.sessions], arguments: arguments).reading { reply throws(RedisError) in
            let parts = try reply.array()
            guard parts.count == 2, let last = parts[0].text else { throw .unexpectedReply }
            var items: [ListedSession] = []
            for part in try parts[1].array() {
                let values = try part.array()
                guard values.count == 3, let hash = values[0].text, let begun = values[1].text.flatMap({ Int64($0) }) else {
                    throw .unexpectedReply
                }
                guard let session = StoredSession(try values[2].fields()) else { continue }
                items.append(
                    ListedSession(id: ListedSession.id(ofHash: hash), session: session, begunAt: Timestamp(microseconds: begun)))
            }
            return (items, Int64(last).flatMap { Cursor(microseconds: $0) })
        }
    }

    /// False when there is none.
    package func endSession(hash: String) -> EventLoopFuture<Bool> {
        var arguments = RedisCommand()
        arguments.append(Lives.logEntries)
        arguments.append(Revocation.session(hash))
        arguments.append(hash)
        return self.client.evaluate(
            .endSession, keys: [self.keys.session(hash), self.keys.sessions, self.keys.log], arguments: arguments
        ).reading { reply throws(RedisError) in try reply.flag() }
    }

    /// Of anybody, by the id that `sessions` shows; `nil` when there is none.
    package func endSession(id: String) -> EventLoopFuture<EndedSession?> {
        var arguments = RedisCommand()
        arguments.append(Lives.logEntries)
        arguments.append(Revocation.session(""))
        arguments.append(id)
        arguments.append(self.keys.session(""))
        return self.client.evaluate(.endListedSession, keys: [self.keys.sessions, self.keys.log], arguments: arguments)
            .reading { reply throws(RedisError) in
                let values = try reply.array()
                guard let hash = values.first?.text else { return nil }
                guard values.count == 2 else { throw .unexpectedReply }
                let fields = try values[1].fields()
                return EndedSession(hash: hash, user: fields["user"], subject: fields["subject"])
            }
    }
}

extension Cursor {
    /// The place of a session in the list: when it was begun.
    fileprivate init?(microseconds: Int64) {
        guard microseconds >= 0 else { return nil }
        self.init(milliseconds: UInt64(microseconds / 1000), sequence: UInt64(microseconds % 1000))
    }

    /// Whatever somebody sent as a cursor, it is a number that Redis reads.
    fileprivate var microseconds: UInt64 {
        let (thousands, overflow) = self.milliseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max : thousands.addingReportingOverflow(min(self.sequence, 999)).partialValue
    }
}

extension RedisScript {
    /// A function of Lua: the user's fields and the session's, or nothing when the session is over, or the user gone or another. Of somebody who is
    /// no user of ours the session's alone.
    private static let read = """
        local function read(key, users)
            local session = redis.call('HMGET', key, 'user', 'version', 'expires_at', 'subject')
            if session[4] then return redis.call('HGETALL', key) end
            if not session[1] then return {} end
            local user = redis.call('HMGET', users .. session[1], 'version', 'role', 'created_at', 'changed_at', 'agent')
            if not user[1] or user[1] ~= session[2] then return {} end
            local fields = {'user', session[1], 'expires_at', session[3] or '', 'version', user[1], 'role', user[2] or '',
                'created_at', user[3] or '', 'changed_at', user[4] or ''}
            if user[5] then
                fields[#fields + 1] = 'agent'
                fields[#fields + 1] = user[5]
            end
            return fields
        end

        """

    /// KEYS: session, sessions, and of a user's the user. ARGV: the user's version, end of the session's life in milliseconds, its hash, the
    /// moment, prefix of the sessions; then the fields. 0: the user is another.
    ///
    /// The oldest of the list that are over go from it, some each time: nobody need ever read it to keep it short.
    fileprivate static let beginSession = RedisScript(
        """
        if KEYS[3] and redis.call('HGET', KEYS[3], 'version') ~= ARGV[1] then return 0 end
        for _, hash in ipairs(redis.call('ZRANGE', KEYS[2], 0, 7)) do
            if redis.call('EXISTS', ARGV[5] .. hash) == 1 then break end
            redis.call('ZREM', KEYS[2], hash)
        end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], unpack(ARGV, 6))
        redis.call('PEXPIREAT', KEYS[1], ARGV[2])
        redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
        return 1
        """)

    /// KEYS: session. ARGV: prefix of the users.
    fileprivate static let session = RedisScript(Self.read + "return read(KEYS[1], ARGV[1])")

    /// KEYS: sessions. ARGV: prefix of the sessions, of the users, where to begin, how many to look at. The moment of the last one that was looked at,
    /// when there may be more; then hash, moment and fields of each. Those that are over go from the list.
    fileprivate static let sessions = RedisScript(
        Self.read + """
            local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[3], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
            local result = {}
            local last = ''
            for index = 1, #found, 2 do
                last = string.format('%.0f', tonumber(found[index + 1]))
                local fields = read(ARGV[1] .. found[index], ARGV[2])
                if #fields == 0 then
                    redis.call('ZREM', KEYS[1], found[index])
                else
                    result[#result + 1] = {found[index], last, fields}
                end
            end
            if #found < 2 * tonumber(ARGV[4]) then last = '' end
            return {last, result}
            """)

    /// KEYS: session, sessions, log. ARGV: kept log entries, the credential, the hash. 1: ended, 0: there was none.
    fileprivate static let endSession = RedisScript(
        Revocation.script + """
            redis.call('ZREM', KEYS[2], ARGV[3])
            if redis.call('DEL', KEYS[1]) == 0 then return 0 end
            revoke(KEYS[3], ARGV[1], ARGV[2])
            return 1
            """)

    /// KEYS: sessions, log. ARGV: kept log entries, the credential without its hash, the hash's first digits, prefix of the sessions. The hash and
    /// what the session held, or nothing.
    fileprivate static let endListedSession = RedisScript(
        Revocation.script + """
            local first = 0
            while true do
                local hashes = redis.call('ZRANGE', KEYS[1], first, first + 499)
                if #hashes == 0 then return {} end
                for _, hash in ipairs(hashes) do
                    if string.sub(hash, 1, #ARGV[3]) == ARGV[3] then
                        redis.call('ZREM', KEYS[1], hash)
                        local fields = redis.call('HGETALL', ARGV[4] .. hash)
                        if redis.call('DEL', ARGV[4] .. hash) == 0 then return {} end
                        revoke(KEYS[2], ARGV[1], ARGV[2] .. hash)
                        return {hash, fields}
                    end
                end
                first = first + 500
            end
            """)
}
