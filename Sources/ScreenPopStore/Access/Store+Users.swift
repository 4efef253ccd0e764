import CallCenter
import Hiredis
package import NIOCore

extension Store {
    package enum SavedUser: Sendable, Equatable {
        case created
        /// What was begun under the former version has ended.
        case changed(revoked: String)
        /// A new one, and no password was given.
        case needsPassword
    }

    /// Ends all sessions that were begun under the user's former version.
    /// - Parameter password: as it is to be kept, a hash with its parameters; `nil` leaves the one that is there.
    package func save(_ user: StoredUser, password: String?) -> EventLoopFuture<SavedUser> {
        var fields = Fields(user)
        fields.set("password", password)
        var arguments = RedisCommand()
        arguments.append(user.name)
        arguments.append(Lives.logEntries)
        arguments.append(Revocation.user(user.name, version: ""))
        arguments.append(user.agent == nil ? "" : "1")
        arguments.append(password == nil ? "" : "1")
        arguments.append(fields)
        return self.client.evaluate(
            .saveUser, keys: [self.keys.user(user.name), self.keys.users, self.keys.log], arguments: arguments
        ).reading { reply throws(RedisError) in
            switch reply {
            case .integer(1): .created
            case .bulk(let revoked): .changed(revoked: String(buffer: revoked))
            case .integer(-1): .needsPassword
            default: throw .unexpectedReply
            }
        }
    }

    package func user(_ name: String) -> EventLoopFuture<StoredUser?> {
        self.userWithPassword(name).map { $0?.user }
    }

    package func userWithPassword(_ name: String) -> EventLoopFuture<(user: StoredUser, password: String)?> {
        self.client.send(RedisCommand("HGETALL", self.keys.user(name))).reading { reply throws(RedisError) in
            let fields = try reply.fields()
            guard let user = StoredUser(name: name, fields), let password = fields["password"] else { return nil }
            return (user, password)
        }
    }

    /// By name.
    package func users() -> EventLoopFuture<[StoredUser]> {
        var arguments = RedisCommand()
        arguments.append(self.keys.user(""))
        return self.client.evaluate(.namedHashes, keys: [self.keys.users], arguments: arguments).reading { reply throws(RedisError) in
            try reply.namedFields().compactMap { StoredUser(name: $0.name, $0.fields) }.sorted { $0.name < $1.name }
        }
    }

    /// What was begun by the user and has ended; nothing when there is no such user.
    package func deleteUser(_ name: String) -> EventLoopFuture<String?> {
        var arguments = RedisCommand()
        arguments.append(name)
        arguments.append(Lives.logEntries)
        arguments.append(Revocation.user(name, version: ""))
        return self.client.evaluate(
            .deleteUser, keys: [self.keys.user(name), self.keys.users, self.keys.log], arguments: arguments
        ).reading { reply throws(RedisError) in
            switch reply {
            case .bulk(let revoked): String(buffer: revoked)
            case .null: nil
            default: throw .unexpectedReply
            }
        }
    }

    // MARK: sessions

    /// False when the user is not any more what he was when his password was checked.
    /// - Parameter hash: of the session's id: SHA-256, in hexadecimal.
    package func begin(_ session: StoredSession, hash: String) -> EventLoopFuture<Bool> {
        var fields = Fields()
        var keys = [self.keys.session(hash)]
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
        arguments.append(fields)
        return self.client.evaluate(.beginSession, keys: keys, arguments: arguments).reading { reply throws(RedisError) in try reply.flag() }
    }

    package func session(hash: String) -> EventLoopFuture<StoredSession?> {
        var arguments = RedisCommand()
        arguments.append(self.keys.user(""))
        return self.client.evaluate(.session, keys: [self.keys.session(hash)], arguments: arguments).reading { reply throws(RedisError) in
            let fields = try reply.fields()
            guard let expiresAt = fields["expires_at"].flatMap({ Timestamp(rfc3339: $0) }) else { return nil }
            if let person = VouchedPerson(fields) { return StoredSession(vouched: person, expiresAt: expiresAt) }
            guard let name = fields["user"], let user = StoredUser(name: name, fields) else { return nil }
            return StoredSession(user: user, expiresAt: expiresAt)
        }
    }

    /// False when there is none.
    package func endSession(hash: String) -> EventLoopFuture<Bool> {
        var arguments = RedisCommand()
        arguments.append(Lives.logEntries)
        arguments.append(Revocation.session(hash))
        return self.client.evaluate(.endSession, keys: [self.keys.session(hash), self.keys.log], arguments: arguments)
            .reading { reply throws(RedisError) in try reply.flag() }
    }
}

extension RedisScript {
    /// KEYS: user, users, log. ARGV: name, kept log entries, the credential without its version, whether there is an agent, whether there is a
    /// password; then the fields. 1: created, -1: a new one without a password; the revoked credential of one that was changed.
    fileprivate static let saveUser = RedisScript(
        Revocation.script + """
            local before = redis.call('HGET', KEYS[1], 'version')
            if not before and ARGV[5] == '' then return -1 end
            local created = redis.call('HGET', KEYS[1], 'created_at')
            redis.call('HSET', KEYS[1], unpack(ARGV, 6))
            if created then redis.call('HSET', KEYS[1], 'created_at', created) end
            if ARGV[4] == '' then redis.call('HDEL', KEYS[1], 'agent') end
            redis.call('SADD', KEYS[2], ARGV[1])
            if not before then return 1 end
            revoke(KEYS[3], ARGV[2], ARGV[3] .. before)
            return ARGV[3] .. before
            """)

    /// KEYS: user, users, log. ARGV: name, kept log entries, the credential without its version. The revoked credential, or nothing when there was no
    /// such user.
    fileprivate static let deleteUser = RedisScript(
        Revocation.script + """
            local credential = ARGV[3] .. (redis.call('HGET', KEYS[1], 'version') or '')
            redis.call('SREM', KEYS[2], ARGV[1])
            if redis.call('DEL', KEYS[1]) == 0 then return false end
            revoke(KEYS[3], ARGV[2], credential)
            return credential
            """)

    /// KEYS: session, and of a user's the user. ARGV: the user's version, end of the session's life in milliseconds; then the fields. 0: the user is
    /// another.
    fileprivate static let beginSession = RedisScript(
        """
        if KEYS[2] and redis.call('HGET', KEYS[2], 'version') ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], unpack(ARGV, 3))
        redis.call('PEXPIREAT', KEYS[1], ARGV[2])
        return 1
        """)

    /// KEYS: session. ARGV: prefix of the users. The user's fields and the session's, or nothing when the user is gone or another. Of somebody who is
    /// no user of ours the session's alone.
    fileprivate static let session = RedisScript(
        """
        local session = redis.call('HMGET', KEYS[1], 'user', 'version', 'expires_at', 'subject')
        if session[4] then return redis.call('HGETALL', KEYS[1]) end
        if not session[1] then return {} end
        local user = redis.call('HMGET', ARGV[1] .. session[1], 'version', 'role', 'created_at', 'changed_at', 'agent')
        if not user[1] or user[1] ~= session[2] then return {} end
        local fields = {'user', session[1], 'expires_at', session[3] or '', 'version', user[1], 'role', user[2] or '',
            'created_at', user[3] or '', 'changed_at', user[4] or ''}
        if user[5] then
            fields[#fields + 1] = 'agent'
            fields[#fields + 1] = user[5]
        end
        return fields
        """)

    /// KEYS: session, log. ARGV: kept log entries, the credential. 1: ended, 0: there was none.
    fileprivate static let endSession = RedisScript(
        Revocation.script + """
            if redis.call('DEL', KEYS[1]) == 0 then return 0 end
            revoke(KEYS[2], ARGV[1], ARGV[2])
            return 1
            """)
}
