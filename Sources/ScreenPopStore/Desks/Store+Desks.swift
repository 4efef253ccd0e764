import Hiredis
package import NIOCore
package import ScreenPop

/// An agent's desks as they are kept, with what it takes to replace them.
package struct KeptDesks: Sendable, Equatable {
    package var roster: DeskRoster
    /// Byte for byte; empty when nothing is kept.
    package var text: String
    /// Instances named in it that live no more.
    package var gone: Set<String>
    /// The end of the log at that moment: a message behind it is newer.
    package var asOf: Cursor
}

/// Desks are decided upon by whichever instance has something to say, and written only over what the decision was made from.
extension Store {
    /// How this instance is named in a roster.
    package var deskHolder: String { self.instance }

    package func desks(of agent: String) -> EventLoopFuture<KeptDesks> {
        var arguments = RedisCommand()
        arguments.append(self.keys.instance(""))
        let keys = [self.keys.desks(agent), self.keys.log]
        return self.client.evaluate(.readDesks, keys: keys, arguments: arguments).reading { reply throws(RedisError) in
            let texts = try reply.array().map { value throws(RedisError) in
                guard let text = value.text else { throw .unexpectedReply }
                return text
            }
            guard texts.count >= 2, let asOf = Cursor(texts[1]) else { throw .unexpectedReply }
            let text = texts[0]
            // What cannot be read is as good as nothing: it is replaced.
            return KeptDesks(roster: DeskRoster(json: text.utf8) ?? DeskRoster(), text: text, gone: Set(texts.dropFirst(2)), asOf: asOf)
        }
    }

    /// With the message about another primary in the log, in one. False when what is kept is not `kept` any more.
    package func replace(_ kept: KeptDesks, by roster: DeskRoster, of agent: String) -> EventLoopFuture<Bool> {
        var arguments = RedisCommand()
        arguments.append(kept.text)
        arguments.append(roster.desks.isEmpty ? [] : roster.json)
        arguments.append(Lives.desks)
        arguments.append(Lives.instance)
        arguments.append(Lives.logEntries)
        arguments.append(agent)
        arguments.append(roster.primary == kept.roster.primary ? [] : Message.primaryDesk(roster.primary, of: agent).json)
        return self.client.evaluate(
            .replaceDesks, keys: [self.keys.desks(agent), self.keys.instance(self.instance), self.keys.log], arguments: arguments
        ).reading { reply throws(RedisError) in try reply.flag() }
    }

    /// Says that this instance lives and holds its desks for a while longer. False when that had been forgotten: then somebody may have taken over.
    package func keepHoldingDesks() -> EventLoopFuture<Bool> {
        self.client.send(RedisCommand("SET", self.keys.instance(self.instance), "1", "GET", "PX", String(Lives.instance))).map { $0 != .null }
    }

    /// The instance ends: whoever comes back to another one finds his desk for a moment still.
    package func stopHoldingDesks() -> EventLoopFuture<Void> {
        self.client.send(RedisCommand("PEXPIRE", self.keys.instance(self.instance), String(Lives.endedInstance))).map { _ in }
    }
}

extension RedisScript {
    /// KEYS: desks, log. ARGV: prefix of the instances. The roster, or an empty text; the log's end; then the instances in it that live no more.
    fileprivate static let readDesks = RedisScript(
        """
        local text = redis.call('GET', KEYS[1])
        local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
        local result = {text or '', last and last[1] or '0-0'}
        if not text then return result end
        local ok, roster = pcall(cjson.decode, text)
        if not ok or type(roster) ~= 'table' or type(roster.desks) ~= 'table' then return result end
        local seen = {}
        for _, desk in ipairs(roster.desks) do
            local instances = type(desk) == 'table' and type(desk.instances) == 'table' and desk.instances or {}
            for _, instance in ipairs(instances) do
                if type(instance) == 'string' and not seen[instance] then
                    seen[instance] = true
                    if redis.call('EXISTS', ARGV[1] .. instance) == 0 then result[#result + 1] = instance end
                end
            end
        end
        return result
        """)

    /// KEYS: desks, instance, log. ARGV: what is kept, what is to be, its life, the instance's life, kept log entries, agent, message or nothing.
    /// 1: done, 0: something else is kept.
    fileprivate static let replaceDesks = RedisScript(
        """
        if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
        if ARGV[2] == '' then
            redis.call('DEL', KEYS[1])
        else
            redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
            redis.call('SET', KEYS[2], '1', 'PX', ARGV[4])
        end
        if ARGV[7] ~= '' then
            redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], '*', 'type', 'desk.primary', 'agent', ARGV[6], 'json', ARGV[7])
        end
        return 1
        """)
}
