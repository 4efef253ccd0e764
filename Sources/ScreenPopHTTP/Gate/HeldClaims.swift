import NIOCore
import ScreenPopStore
import Synchronization

/// The requests with an `Idempotency-Key` that this instance carries out, and those that it has carried out while Redis does not know their answers.
final class HeldClaims: Sendable {
    struct Unkept: Sendable {
        var request: IdempotentRequest
        var answer: KeptAnswer
        var isRefusal: Bool
        /// So long it would have been kept.
        fileprivate var until: NIODeadline
    }

    private enum Claim {
        case underWay(IdempotentRequest)
        case answered(Unkept)

        var request: IdempotentRequest {
            switch self {
            case .underWay(let request): request
            case .answered(let unkept): unkept.request
            }
        }
    }

    private struct State {
        var claims: [String: Claim] = [:]
        /// Whose answer Redis has refused once.
        var waiting: Set<String> = []
        /// Bytes of their bodies.
        var bytes = 0
        var isFinished = false
    }

    private static let maximumWaiting = 10_000
    private static let maximumBytes = 16 * 1024 * 1024

    private let state = Mutex(State())
    let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init() {
        (self.wakes, self.wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// `nil`: Redis knows.
    func find(_ request: IdempotentRequest) -> IdempotencyClaim? {
        self.state.withLock { state in
            guard let claim = state.claims[request.hash] else { return nil }
            guard claim.request.fingerprint == request.fingerprint else { return .mismatch }
            switch claim {
            case .underWay: return .inProgress
            case .answered(let unkept): return .answered(unkept.answer)
            }
        }
    }

    func begin(_ request: IdempotentRequest) {
        self.state.withLock { $0.claims[request.hash] = .underWay(request) }
    }

    func answered(_ request: IdempotentRequest, _ answer: KeptAnswer, isRefusal: Bool) {
        let until = NIODeadline.now() + (isRefusal ? .minutes(5) : .hours(24))
        self.state.withLock {
            $0.claims[request.hash] = .answered(Unkept(request: request, answer: answer, isRefusal: isRefusal, until: until))
        }
    }

    /// Redis knows the answer, or there is none.
    func end(_ request: IdempotentRequest) {
        self.state.withLock { Self.end(request.hash, &$0) }
    }

    private static func end(_ hash: String, _ state: inout State) {
        guard case .answered(let unkept)? = state.claims.removeValue(forKey: hash), state.waiting.remove(hash) != nil else { return }
        state.bytes -= unkept.answer.body?.readableBytes ?? 0
    }

    /// Redis has not taken the answer: it stays here until it does.
    /// - Returns: false when too many stay already.
    func retry(_ request: IdempotentRequest) -> Bool {
        let isHeld = self.state.withLock { state in
            guard case .answered(var unkept)? = state.claims[request.hash] else { return false }
            guard state.waiting.count < Self.maximumWaiting else {
                Self.end(request.hash, &state)
                return false
            }
            // That it was done is what matters most.
            if state.bytes + (unkept.answer.body?.readableBytes ?? 0) > Self.maximumBytes { unkept.answer.body = nil }
            state.bytes += unkept.answer.body?.readableBytes ?? 0
            state.claims[request.hash] = .answered(unkept)
            state.waiting.insert(request.hash)
            return true
        }
        if isHeld { self.wake.yield() }
        return isHeld
    }

    /// What is to be brought to Redis.
    var waiting: [Unkept] {
        let now = NIODeadline.now()
        return self.state.withLock { state in
            var waiting: [Unkept] = []
            for hash in state.waiting {
                guard case .answered(let unkept)? = state.claims[hash] else { continue }
                if unkept.until > now { waiting.append(unkept) } else { Self.end(hash, &state) }
            }
            return waiting
        }
    }

    var isFinished: Bool { self.state.withLock { $0.isFinished } }

    func finish() {
        self.state.withLock { $0.isFinished = true }
        self.wake.finish()
    }
}
