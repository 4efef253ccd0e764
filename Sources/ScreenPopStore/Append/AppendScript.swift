import Hiredis

extension RedisScript {
    /// Writes a batch: log entries, views, streams, publications.
    ///
    /// Redis runs a script alone but does not roll back one that fails half-way. So what can be known before the first write is looked at there:
    /// - every key's type is checked before anything is written; the operations' shapes are ours;
    /// - for full memory, a failing disk, a replica, missing replicas Redis itself checks a script's first write and no later one. That holds for
    ///   scripts without a `#!lua` line, on Redis 6 too, and as long as the first write is one that may need memory: it is the HSET of the node.
    /// - an ACL that forbids a command is found when the node is taken over.
    ///
    /// Where a later write fails all the same (an ACL that was changed since, Lua's own memory), the batch's number is not taken: only what is
    /// written to its end is confirmed. `writing` keeps the number, the operation that failed and the ids of the entries logged so far, and the same
    /// batch goes on with that operation. Of that one alone a part may be written twice: its log entry, when it was the publication that failed.
    ///
    /// The token alone does not fence: a Redis that forgot everything counts from 1 again, and an instance that has not noticed has a larger one. So the
    /// node must also be this instance's, or nobody's.
    ///
    /// KEYS: node, node's batches, log. ARGV: fence, number, Core-UUID, sequence, channel, kept log entries, kept batches, instance; then
    /// operations, each as name, number of arguments, arguments. Returns the ids of the log entries.
    static let append = RedisScript(
        """
        local node, batches, log = KEYS[1], KEYS[2], KEYS[3]
        local fence, number, channel = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[5]
        local known = redis.call('HMGET', node, 'fence', 'batch', 'open', 'instance', 'writing')
        local held, last = tonumber(known[1] or 0), tonumber(known[2])
        if fence < held or known[4] and known[4] ~= ARGV[8] then return redis.error_reply('FENCED ' .. held) end
        if fence > held then last = nil end
        if last then
            if number <= last then
                local ids = {}
                local kept = redis.call('HGET', batches, ARGV[2])
                for id in string.gmatch(kept or '', '%S+') do ids[#ids + 1] = id end
                return ids
            end
            if number ~= last + 1 and not known[3] then return redis.error_reply('OUTOFORDER ' .. last) end
        end
        local ids, begin = {}, 9
        if known[5] and fence == held then
            local half, from, logged = string.match(known[5], '^(%d+) (%d+)(.*)$')
            if half == ARGV[2] then
                begin = tonumber(from)
                for id in string.gmatch(logged, '%S+') do ids[#ids + 1] = id end
            end
        end

        local types = {hash = 'hash', view = 'hash', put = 'hash', show = 'hash', drop = 'hash', call = 'hash', stream = 'stream',
            add = 'set', remove = 'set', rank = 'zset', unrank = 'zset', del = 'any', expire = 'any', persist = 'any', log = 'none'}
        local checked = {}
        local function check(key, want)
            if want == 'any' or checked[key] == want then return end
            local is = redis.call('TYPE', key).ok
            if is ~= 'none' and is ~= want then return 'WRONGTYPE ' .. key .. ' is a ' .. is .. ', not a ' .. want end
            checked[key] = want
        end
        local wrong = check(log, 'stream') or check(batches, 'hash')
        local at = 9
        while at <= #ARGV and not wrong do
            local want, count = types[ARGV[at]], tonumber(ARGV[at + 1])
            if not want or not count or count > 4000 or at + 1 + count > #ARGV then return redis.error_reply('ERR not an operation') end
            if want ~= 'none' then wrong = check(ARGV[at + 2], want) end
            if ARGV[at] == 'call' and ARGV[at + 4] ~= '' then wrong = wrong or check(ARGV[at + 4], 'stream') end
            at = at + 2 + count
        end
        if wrong then return redis.error_reply(wrong) end

        redis.call('HSET', node, 'fence', ARGV[1])

        local function hash(key, life, first, final)
            redis.call('DEL', key)
            redis.call('HSET', key, unpack(ARGV, first, final))
            if life ~= '0' then redis.call('PEXPIRE', key, life) end
        end
        local run = {
            log = function(a, z)
                local id = redis.call('XADD', log, 'MAXLEN', '~', ARGV[6], '*', unpack(ARGV, a + 1, z))
                if ARGV[a] == '1' then redis.call('PUBLISH', channel, ARGV[z]) end
                ids[#ids + 1] = id
            end,
            hash = function(a, z) hash(ARGV[a], ARGV[a + 1], a + 2, z) end,
            view = function(a, z)
                if redis.call('EXISTS', ARGV[a + 1]) == 1 then redis.call('DEL', ARGV[a]) else hash(ARGV[a], '0', a + 2, z) end
            end,
            put = function(a) redis.call('HSET', ARGV[a], ARGV[a + 1], ARGV[a + 2]) end,
            show = function(a)
                if redis.call('EXISTS', ARGV[a + 1]) == 0 then redis.call('HSET', ARGV[a], ARGV[a + 2], ARGV[a + 3]) end
            end,
            drop = function(a) redis.call('HDEL', ARGV[a], ARGV[a + 1]) end,
            add = function(a) redis.call('SADD', ARGV[a], ARGV[a + 1]) end,
            remove = function(a) redis.call('SREM', ARGV[a], ARGV[a + 1]) end,
            rank = function(a) redis.call('ZADD', ARGV[a], ARGV[a + 1], ARGV[a + 2]) end,
            unrank = function(a) redis.call('ZREM', ARGV[a], ARGV[a + 1]) end,
            del = function(a) redis.call('DEL', ARGV[a]) end,
            expire = function(a) redis.call('PEXPIRE', ARGV[a], ARGV[a + 1]) end,
            persist = function(a) redis.call('PERSIST', ARGV[a]) end,
            stream = function(a, z)
                redis.call('XADD', ARGV[a], 'MAXLEN', ARGV[a + 1], '*', unpack(ARGV, a + 3, z))
                if ARGV[a + 2] ~= '0' then redis.call('PEXPIRE', ARGV[a], ARGV[a + 2]) end
            end,
            call = function(a, z)
                local key, life, calls, kept, unused = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4]
                if calls ~= '' and redis.call('HEXISTS', key, 'ended_at') == 0 then
                    redis.call('XADD', calls, 'MAXLEN', kept, '*', 'uuid', ARGV[a + 5], 'json', ARGV[z])
                    redis.call('PEXPIRE', calls, unused)
                end
                hash(key, life, a + 6, z)
            end,
        }
        at = begin
        local isWritten, problem = pcall(function()
            while at <= #ARGV do
                local count = tonumber(ARGV[at + 1])
                run[ARGV[at]](at + 2, at + 1 + count)
                at = at + 2 + count
            end
            redis.call('HSET', batches, ARGV[2], table.concat(ids, ' '))
            redis.call('HDEL', batches, string.format('%.0f', number - tonumber(ARGV[7])))
            if ARGV[3] ~= '' then redis.call('HSET', node, 'core_uuid', ARGV[3]) end
            redis.call('HSET', node, 'batch', ARGV[2], 'sequence', ARGV[4])
        end)
        if not isWritten then
            pcall(redis.call, 'HSET', node, 'writing', ARGV[2] .. ' ' .. at .. ' ' .. table.concat(ids, ' '))
            return redis.error_reply('HALFWAY ' .. (type(problem) == 'table' and problem.err or tostring(problem)))
        end
        if known[3] or known[5] then redis.call('HDEL', node, 'open', 'writing') end
        return ids
        """)
}
