import Hiredis
package import NIOCore

/// One import of the site at a time, whichever instance carries it out: two at once would each plan against what the other is changing.
extension Store {
    /// - Parameters:
    ///   - owner: who carries it out, unique.
    ///   - life: after that another may begin: whoever claimed it is gone.
    /// - Returns: false while another import is under way.
    package func claimImport(owner: String, life: TimeAmount) -> EventLoopFuture<Bool> {
        var command = RedisCommand("SET", self.keys.importing, owner, "NX", "PX")
        command.append(life.nanoseconds / 1_000_000)
        return self.client.send(command).reading { reply throws(RedisError) in
            switch reply {
            case .status("OK"): true
            case .null: false
            default: throw .unexpectedReply
            }
        }
    }

    /// It is still being carried out.
    /// - Returns: false when the claim was lost: its life was over, and another may have begun.
    package func renewImport(owner: String, life: TimeAmount) -> EventLoopFuture<Bool> {
        var arguments = RedisCommand()
        arguments.append(owner)
        arguments.append(life.nanoseconds / 1_000_000)
        return self.client.evaluate(.renewImport, keys: [self.keys.importing], arguments: arguments)
            .reading { reply throws(RedisError) in try reply.flag() }
    }

    /// It is over. Another's claim stays.
    package func releaseImport(owner: String) -> EventLoopFuture<Void> {
        var arguments = RedisCommand()
        arguments.append(owner)
        return self.client.evaluate(.releaseImport, keys: [self.keys.importing], arguments: arguments).map { _ in }
    }
}

extension RedisScript {
    /// KEYS: the claim. ARGV: owner, life.
    fileprivate static let renewImport = RedisScript(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0")

    /// KEYS: the claim. ARGV: owner.
    fileprivate static let releaseImport = RedisScript(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
}
