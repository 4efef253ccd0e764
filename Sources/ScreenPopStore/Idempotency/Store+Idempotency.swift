import Hiredis
package import NIOCore

/// A request that is to be carried out once, however often it is sent.
package struct IdempotentRequest: Sendable, Equatable {
    /// Names it in Redis: made of whose it is and the key that he chose, in a form that gives away neither.
    package var hash: String
    /// Of all that was asked: another request with the same key has another one.
    package var fingerprint: String
    /// Who carries it out, unique: whoever lost the claim must not answer for its successor.
    package var owner: String

    package init(hash: String, fingerprint: String, owner: String) {
        self.hash = hash
        self.fingerprint = fingerprint
        self.owner = owner
    }
}

/// An answer that is kept to be given again.
package struct KeptAnswer: Sendable, Equatable {
    package var status: Int
    /// `Name: value`
    package var headers: [String]
    /// `nil`: that it was carried out is known, but its answer was not to be kept.
    package var body: ByteBuffer?

    package init(status: Int, headers: [String], body: ByteBuffer?) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

package enum IdempotencyClaim: Sendable, Equatable {
    /// It is the caller's to carry out, and then to `keep` or to `release`.
    case begun
    /// Somebody else carries it out now.
    case inProgress
    case answered(KeptAnswer)
    /// The key stands for another request.
    case mismatch
}

extension Store {
    /// - Parameter deadline: after that somebody else may carry it out: whoever claimed it is gone.
    package func claim(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<IdempotencyClaim> {
        var arguments = RedisCommand()
        arguments.append(request.fingerprint)
        arguments.append(request.owner)
        arguments.append(deadline.nanoseconds / 1_000_000)
        return self.client.evaluate(.claim, keys: [self.keys.idempotency(request.hash)], arguments: arguments).reading { reply throws(RedisError) in
            let parts = try reply.array()
            switch parts.first?.text {
            case "begun": return .begun
            case "open": return .inProgress
            case "mismatch": return .mismatch
            case "answered":
                guard parts.count == 4, let status = parts[1].text.flatMap({ Int($0) }), let headers = parts[2].text else { throw .unexpectedReply }
                return .answered(
                    KeptAnswer(status: status, headers: headers.split(separator: "\n").map { String($0) }, body: try parts[3].buffer()))
            default: throw .unexpectedReply
            }
        }
    }

    /// False when the claim was lost to somebody else meanwhile: then his answer stands.
    /// - Parameter isRefusal: nothing was done, so nothing can be done twice: kept for a few minutes, for whoever did not get it.
    package func keep(_ answer: KeptAnswer, isRefusal: Bool, of request: IdempotentRequest) -> EventLoopFuture<Bool> {
        var arguments = RedisCommand()
        for text in [request.fingerprint, request.owner] { arguments.append(text) }
        arguments.append(isRefusal ? Lives.idempotencyOfRefusal : Lives.idempotency)
        arguments.append(String(answer.status))
        arguments.append(answer.headers.joined(separator: "\n"))
        if let body = answer.body { arguments.append(body.readableBytesView) }
        return self.client.evaluate(.keep, keys: [self.keys.idempotency(request.hash)], arguments: arguments).reading { reply throws(RedisError) in
            guard case .integer(let kept) = reply else { throw .unexpectedReply }
            return kept == 1
        }
    }

    /// It is still being carried out.
    package func renew(_ request: IdempotentRequest, deadline: TimeAmount) -> EventLoopFuture<Void> {
        var arguments = RedisCommand()
        arguments.append(request.owner)
        arguments.append(deadline.nanoseconds / 1_000_000)
        return self.client.evaluate(.renew, keys: [self.keys.idempotency(request.hash)], arguments: arguments).map { _ in }
    }

    /// It was not carried out, or may be tried again.
    package func release(_ request: IdempotentRequest) -> EventLoopFuture<Void> {
        var arguments = RedisCommand()
        arguments.append(request.owner)
        return self.client.evaluate(.release, keys: [self.keys.idempotency(request.hash)], arguments: arguments).map { _ in }
    }
}

extension RedisScript {
    /// KEYS: the request's hash. ARGV: fingerprint, owner, life of the claim.
    fileprivate static let claim = RedisScript(
        """
        local known = redis.call('HMGET', KEYS[1], 'fingerprint', 'status', 'headers', 'body')
        if not known[1] then
            redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'owner', ARGV[2])
            redis.call('PEXPIRE', KEYS[1], ARGV[3])
            return {'begun'}
        end
        if known[1] ~= ARGV[1] then return {'mismatch'} end
        if not known[2] then return {'open'} end
        return {'answered', known[2], known[3], known[4]}
        """)

    /// KEYS: the request's hash. ARGV: fingerprint, owner, life of the answer, status, headers, body unless it is not to be kept.
    fileprivate static let keep = RedisScript(
        """
        local owner = redis.call('HGET', KEYS[1], 'owner')
        if owner and owner ~= ARGV[2] then return 0 end
        redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'owner', ARGV[2], 'status', ARGV[4], 'headers', ARGV[5])
        if ARGV[6] then redis.call('HSET', KEYS[1], 'body', ARGV[6]) end
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
        return 1
        """)

    /// KEYS: the request's hash. ARGV: owner, life of the claim.
    fileprivate static let renew = RedisScript(
        "if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0")

    /// KEYS: the request's hash. ARGV: owner.
    fileprivate static let release = RedisScript(
        "if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
}
