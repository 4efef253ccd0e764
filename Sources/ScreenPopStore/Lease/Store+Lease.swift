import Hiredis
package import NIOCore

/// How an instance asks for the lease of its nodes.
package enum LeaseClaim: String, Sendable, CaseIterable {
    /// Where nobody holds it, for a writer that begins anew.
    case acquire
    /// It is ours, and the same writer goes on: also where it has run out, unless another instance has had a node since.
    case renew
    /// Whoever holds it is known to be gone; for a writer that begins anew.
    case seize
}

package enum LeaseAnswer: Sendable, Equatable {
    /// Ours for its life, for all nodes.
    case held
    /// Another's, for one of the nodes at least; then none is ours.
    case refused(LeaseHolder)
}

package struct LeaseHolder: Sendable, Equatable {
    /// `HOST:PID`
    package var owner: String
    /// Until the lease runs out unless it is renewed; zero where it has run out, or was given back.
    package var remaining: TimeAmount

    package init(owner: String, remaining: TimeAmount) {
        self.owner = owner
        self.remaining = remaining
    }
}

extension Store {
    /// Takes or renews the lease of all these nodes, or of none. Unless it is renewed, the nodes are taken over with it: from then on what an earlier
    /// writer still writes, be it of another instance or of this one, is refused, batches are counted anew, and `takeOver` of this instance gets the
    /// new fencing token.
    ///
    /// It is the instance's, not its host's and process's, which containers repeat. Fails with `StoreError.schema` when another version's data is there.
    package func claimLease(of nodes: [String], owner: String, life: TimeAmount, _ claim: LeaseClaim) -> EventLoopFuture<LeaseAnswer> {
        var arguments = RedisCommand()
        arguments.append(Self.schemaVersion)
        arguments.append(owner)
        arguments.append(self.instance)
        arguments.append(max(1, life.nanoseconds / 1_000_000))
        arguments.append(claim.rawValue)
        let keys = [self.keys.schema] + nodes.flatMap { [self.keys.node($0), self.keys.nodeLease($0), self.keys.nodeBatches($0)] }
        return self.client.evaluate(.claimLease, keys: keys, arguments: arguments).namingStoreErrors().reading { reply throws(RedisError) in
            switch reply {
            case .integer: return .held
            case .array(let parts):
                guard parts.count == 2, let owner = parts[0].text, case .integer(let left) = parts[1] else { throw .unexpectedReply }
                return .refused(LeaseHolder(owner: String(owner.prefix(128)), remaining: .milliseconds(max(0, left))))
            case .null, .status, .bulk, .error: throw .unexpectedReply
            }
        }
    }

    /// Gives it back where it is ours, so that nobody has to wait for its end.
    package func releaseLease(of nodes: [String]) -> EventLoopFuture<Void> {
        var arguments = RedisCommand()
        arguments.append(self.instance)
        let keys = nodes.flatMap { [self.keys.node($0), self.keys.nodeLease($0)] }
        return self.client.evaluate(.releaseLease, keys: keys, arguments: arguments).map { _ in }
    }
}

extension RedisScript {
    /// KEYS: schema; for each node its hash, lease, batches. ARGV: schema version, owner, instance, life in ms, claim.
    /// 1: held. An array of owner and ms left: refused, nothing is changed.
    ///
    /// Whoever does not renew begins with batch 1: under the token of an earlier term it would be taken for one that is written already.
    ///
    /// A lease without a life was written by a version of ScreenPop that did not renew it: it holds nobody back.
    fileprivate static let claimLease = RedisScript(
        """
        local written = redis.call('GET', KEYS[1])
        if written and written ~= ARGV[1] then return redis.error_reply('SCHEMA ' .. written) end
        local owner, ours, life, claim = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
        for at = 2, #KEYS, 3 do
            local instance, left = redis.call('HGET', KEYS[at], 'instance'), redis.call('PTTL', KEYS[at + 1])
            if instance ~= ours and claim ~= 'seize' and (left >= 0 and claim == 'acquire' or instance and claim == 'renew') then
                local lease = redis.call('GET', KEYS[at + 1])
                return {lease and string.match(lease, '^(.*) %d+$') or redis.call('HGET', KEYS[at], 'owner') or '', left}
            end
        end
        for at = 2, #KEYS, 3 do
            local node = KEYS[at]
            local fence = redis.call('HGET', node, 'fence')
            if claim ~= 'renew' or not fence or redis.call('HGET', node, 'instance') ~= ours then
                fence = redis.call('HINCRBY', node, 'fence', 1)
                redis.call('HSET', node, 'owner', owner, 'instance', ours, 'open', '1')
                redis.call('HDEL', node, 'batch', 'writing')
                redis.call('DEL', KEYS[at + 2])
            end
            redis.call('SET', KEYS[at + 1], owner .. ' ' .. fence, 'PX', life)
        end
        return 1
        """)

    /// KEYS: for each node its hash and lease. ARGV: instance.
    fileprivate static let releaseLease = RedisScript(
        """
        for at = 1, #KEYS, 2 do
            if redis.call('HGET', KEYS[at], 'instance') == ARGV[1] then redis.call('DEL', KEYS[at + 1]) end
        end
        return 1
        """)
}
