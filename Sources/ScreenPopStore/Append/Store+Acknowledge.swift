import CallCenter
import Hiredis
package import NIOCore
import ScreenPop

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The stages a desktop acknowledges.
package enum AcknowledgementStage: String, Sendable, CaseIterable {
    case received, shown, dismissed
}

extension Store {
    /// Writes the stage into the call's trace, the first time; `dismissed` also deletes the pop from the agent's view and logs `pop.dismissed`.
    /// A dismissed pop does not come back into the view, whatever becomes of it. False when that agent has no such pop, live or among its last 200.
    package func acknowledge(agent: String, pop: String, stage: AcknowledgementStage, by: String) -> EventLoopFuture<Bool> {
        let trace = Fields(TraceEntry(at: .now, kind: .acknowledged, what: stage.rawValue, agent: agent, detail: by))
        var message = JSONWriter(capacity: 64)
        message.value(agent)
        var arguments = RedisCommand()
        arguments.append(self.keys.prefix)
        arguments.append(agent)
        arguments.append(pop)
        arguments.append(stage.rawValue)
        arguments.append(message.bytes)
        arguments.append(self.keys.popsChannel)
        for number in [Lives.logEntries, Lives.dismissed, Lives.traceEntries, Lives.trace] { arguments.append(number) }
        for field in trace.items {
            arguments.append(field.name)
            arguments.append(field.value)
        }
        return self.client.evaluate(
            .acknowledge,
            keys: [
                self.keys.agentLive(agent), self.keys.agentPops(agent), self.keys.agentPop(agent), self.keys.popDismissed(pop), self.keys.log,
                self.keys.popAcknowledged(pop),
            ],
            arguments: arguments
        ).reading { reply throws(RedisError) in
            guard case .integer(let found) = reply else { throw .unexpectedReply }
            return found == 1
        }
    }
}

extension RedisScript {
    /// KEYS: live, ended pops, current pop, marker, log, what was acknowledged. ARGV: prefix, agent, pop, stage, agent as JSON, channel, kept log entries, life of the
    /// marker, kept trace entries, life of the trace; then the trace entry's fields. 1: done, 0: no such pop.
    ///
    /// The marker is the pop as it was when it was dismissed: it answers for the pop until it ends. What was acknowledged once is neither looked for
    /// nor written again: each desk of an agent says so, and whoever said it without end would push everything else out of the trace.
    fileprivate static let acknowledge = RedisScript(
        """
        local live, ended, current, marker, log, acknowledged = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
        local prefix, agent, pop, stage = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
        local dismissed = redis.call('GET', marker)
        local said = stage .. ' ' .. agent
        local is = redis.call('TYPE', acknowledged).ok
        if is ~= 'none' and is ~= 'set' then return redis.error_reply('WRONGTYPE ' .. acknowledged .. ' is a ' .. is) end
        if redis.call('SISMEMBER', acknowledged, said) == 1 and (stage ~= 'dismissed' or dismissed) then return 1 end
        local json = redis.call('HGET', live, pop)
        if not json and dismissed and cjson.decode(dismissed).agent == agent then json = dismissed end
        if not json then
            -- Some at a time: it is mostly one of the last, and all of them are a lot to read.
            local last = '+'
            repeat
                local entries = redis.call('XREVRANGE', ended, last, '-', 'COUNT', 17)
                for _, entry in ipairs(entries) do
                    if entry[2][2] == pop then json = entry[2][4] break end
                end
                local isLastPage = #entries < 17
                -- The one that the next page begins with again: excluding it is said otherwise before Redis 6.2.
                if not isLastPage then last = entries[#entries][1] end
            until json or isLastPage
        end
        if not json then return 0 end
        local call = cjson.decode(json).callUUID
        local trace = type(call) == 'string' and prefix .. 'call:' .. call .. ':trace'
        for key, want in pairs({[log] = 'stream', [trace or log] = 'stream', [current] = 'hash'}) do
            local is = redis.call('TYPE', key).ok
            if is ~= 'none' and is ~= want then return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. is) end
        end
        local isFirst = redis.call('SADD', acknowledged, said) == 1
        redis.call('PEXPIRE', acknowledged, ARGV[10])
        if trace and isFirst then
            redis.call('XADD', trace, 'MAXLEN', ARGV[9], '*', unpack(ARGV, 11))
            redis.call('PEXPIRE', trace, ARGV[10])
        end
        if stage == 'dismissed' and not dismissed then
            redis.call('SET', marker, json, 'PX', ARGV[8])
            redis.call('HDEL', live, pop)
            if redis.call('HGET', current, 'id') == pop then redis.call('DEL', current) end
            local message = '{"type":"pop.dismissed","agent":' .. ARGV[5] .. ',"pop":' .. json .. '}'
            redis.call('XADD', log, 'MAXLEN', '~', ARGV[7], '*', 'type', 'pop.dismissed', 'agent', agent, 'json', message)
            redis.call('PUBLISH', ARGV[6], message)
        end
        return 1
        """)
}

extension Timestamp {
    /// The wall clock. An acknowledgement comes from a desktop, not from an event that has a time of its own.
    fileprivate static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
