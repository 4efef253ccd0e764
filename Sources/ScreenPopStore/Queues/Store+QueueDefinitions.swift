package import CallCenter
import Hiredis
import Logging
package import NIOCore
import ScreenPop

/// Queues that ScreenPop defines. Whatever changes of them is said to everybody as `config.changed`.
extension Store {
    package enum AddedQueueDefinition: Sendable, Equatable {
        case added, exists
        /// There are `StoredQueueDefinition.limit`.
        case tooMany
    }

    package enum ReplacedQueueDefinition: Sendable, Equatable {
        case replaced, missing
        /// Somebody else has changed it meanwhile.
        case changedMeanwhile
    }

    package func queueDefinition(_ name: QueueName) -> EventLoopFuture<StoredQueueDefinition?> {
        self.client.send(RedisCommand("HGETALL", self.keys.queueDefinition(name.text))).reading { [logger] reply throws(RedisError) in
            Self.definition(name.text, try reply.fields(), logger)
        }
    }

    /// Whether there is one, be it that it cannot be read: an earlier version allowed more, or somebody wrote there by hand.
    package func hasQueueDefinition(_ name: QueueName) -> EventLoopFuture<Bool> {
        self.client.send(RedisCommand("EXISTS", self.keys.queueDefinition(name.text))).reading { reply throws(RedisError) in try reply.flag() }
    }

    /// By name.
    package func queueDefinitions() -> EventLoopFuture<[StoredQueueDefinition]> {
        var arguments = RedisCommand()
        arguments.append(self.keys.queueDefinition(""))
        return self.client.evaluate(.namedHashes, keys: [self.keys.queueDefinitions], arguments: arguments).reading {
            [logger] reply throws(RedisError) in
            try reply.namedFields().compactMap { Self.definition($0.name, $0.fields, logger) }
                .sorted { $0.definition.name.text < $1.definition.name.text }
        }
    }

    private static func definition(_ name: String, _ fields: [String: String], _ logger: Logger) -> StoredQueueDefinition? {
        let stored = StoredQueueDefinition(name: name, fields)
        if stored == nil, !fields.isEmpty {
            logger.warning("a stored queue cannot be read; it is not served, and can only be deleted", metadata: ["queue": "\(name)"])
        }
        return stored
    }

    package func add(_ stored: StoredQueueDefinition) -> EventLoopFuture<AddedQueueDefinition> {
        let name = stored.definition.name
        var arguments = self.announcement("queue-definition-added", name, by: stored.changedBy)
        arguments.append(Int64(StoredQueueDefinition.limit))
        arguments.append(Fields(stored))
        return self.client.evaluate(.addQueueDefinition, keys: self.definitionKeys(name), arguments: arguments).reading { reply throws(RedisError) in
            switch reply {
            case .integer(1): .added
            case .integer(0): .exists
            case .integer(-1): .tooMany
            default: throw .unexpectedReply
            }
        }
    }

    /// Its nodes, and when it was created, stay.
    /// - Parameter version: of the one it was made from; `nil` replaces whatever is there.
    package func replace(_ stored: StoredQueueDefinition, of version: String?) -> EventLoopFuture<ReplacedQueueDefinition> {
        let name = stored.definition.name
        var arguments = self.announcement("queue-definition-changed", name, by: stored.changedBy)
        arguments.append(version ?? "")
        arguments.append(Fields(stored))
        return self.client.evaluate(.replaceQueueDefinition, keys: self.definitionKeys(name), arguments: arguments)
            .reading { reply throws(RedisError) in
                switch reply {
                case .integer(1): .replaced
                case .integer(0): .missing
                case .integer(-1): .changedMeanwhile
                default: throw .unexpectedReply
                }
            }
    }

    /// False when there is none.
    package func deleteQueueDefinition(_ name: QueueName, by: String) -> EventLoopFuture<Bool> {
        self.client.evaluate(
            .deleteQueueDefinition, keys: self.definitionKeys(name), arguments: self.announcement("queue-definition-removed", name, by: by)
        ).reading { reply throws(RedisError) in try reply.flag() }
    }

    /// Whether a node is to have the queue. Of no effect where ScreenPop does not define it.
    package func setQueue(_ name: QueueName, isLoaded: Bool, on node: String) -> EventLoopFuture<Void> {
        var arguments = RedisCommand()
        arguments.append(StoredQueueDefinition.field(ofNode: node))
        arguments.append(isLoaded ? "1" : "")
        return self.client.evaluate(.setQueueDefinitionNode, keys: [self.keys.queueDefinition(name.text)], arguments: arguments).map { _ in }
    }

    private func definitionKeys(_ name: QueueName) -> [String] {
        [self.keys.queueDefinition(name.text), self.keys.queueDefinitions, self.keys.log]
    }

    /// Kept log entries, the queue, the message.
    private func announcement(_ what: String, _ name: QueueName, by: String) -> RedisCommand {
        var writer = JSONWriter(capacity: 192)
        writer.object { message in
            message.member("type", "config.changed")
            message.member("what", what)
            message.member("node", nil as String?)
            message.member("agent", nil as String?)
            message.member("queue", name.text)
            message.member("source", "screenpop")
            message.member("by", by)
        }
        var arguments = RedisCommand()
        arguments.append(Lives.logEntries)
        arguments.append(name.text)
        arguments.append(writer.bytes)
        return arguments
    }
}

extension RedisScript {
    /// Before anything is changed: a log that is none must not be found out about in the middle.
    private static let announce = """
        local is = redis.call('TYPE', KEYS[3]).ok
        if is ~= 'none' and is ~= 'stream' then return redis.error_reply('WRONGTYPE ' .. KEYS[3] .. ' is a ' .. is) end
        local function announce()
            redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[1], '*', 'type', 'config.changed', 'queue', ARGV[2], 'json', ARGV[3])
        end

        """

    /// KEYS: definition, definitions, log. ARGV: kept log entries, queue, message, how many there may be; then the fields.
    /// 1: added, 0: there is one, -1: there are too many.
    fileprivate static let addQueueDefinition = RedisScript(
        announce + """
            if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
            if redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[4]) then return -1 end
            redis.call('HSET', KEYS[1], unpack(ARGV, 5))
            redis.call('SADD', KEYS[2], ARGV[2])
            announce()
            return 1
            """)

    /// KEYS: definition, definitions, log. ARGV: kept log entries, queue, message, expected version or nothing; then the fields.
    /// 1: replaced, 0: there is none, -1: it has another version.
    fileprivate static let replaceQueueDefinition = RedisScript(
        announce + """
            local old = redis.call('HGETALL', KEYS[1])
            if #old == 0 then return 0 end
            local kept, version = {}, nil
            for i = 1, #old, 2 do
                if old[i] == 'version' then version = old[i + 1] end
                if old[i] == 'created_at' or string.sub(old[i], 1, 5) == 'node:' then
                    kept[#kept + 1] = old[i]
                    kept[#kept + 1] = old[i + 1]
                end
            end
            if ARGV[4] ~= '' and ARGV[4] ~= version then return -1 end
            redis.call('DEL', KEYS[1])
            redis.call('HSET', KEYS[1], unpack(ARGV, 5))
            if #kept > 0 then redis.call('HSET', KEYS[1], unpack(kept)) end
            announce()
            return 1
            """)

    /// KEYS: definition, definitions, log. ARGV: kept log entries, queue, message. 1: deleted, 0: there was none.
    fileprivate static let deleteQueueDefinition = RedisScript(
        announce + """
            redis.call('SREM', KEYS[2], ARGV[2])
            if redis.call('DEL', KEYS[1]) == 0 then return 0 end
            announce()
            return 1
            """)

    /// KEYS: definition. ARGV: the node's field, whether it is to be there.
    fileprivate static let setQueueDefinitionNode = RedisScript(
        """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        if ARGV[2] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
        return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        """)
}
