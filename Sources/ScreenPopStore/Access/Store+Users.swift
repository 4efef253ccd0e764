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
}
