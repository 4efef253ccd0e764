import CoreMetrics
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ScreenPopService
import ScreenPopStore
import Synchronization

/// `Idempotency-Key`: a request that changes something is carried out once, however often it is sent with the same key.
struct Idempotency: Sendable {
    let store: any GateStoring
    /// A claim that was not renewed for so long belongs to somebody who is gone.
    let deadline: TimeAmount
    /// Of an answer that is kept.
    let answerBytes: Int
    let logger: Logger
    private let claims = HeldClaims()

    init(store: any GateStoring, deadline: TimeAmount, answerBytes: Int, logger: Logger) {
        self.store = store
        self.deadline = deadline
        self.answerBytes = answerBytes
        self.logger = logger
    }

    /// `nil` without a key.
    static func key(_ request: Request) throws(Problem) -> String? {
        let values = request.headers[values: .idempotencyKey]
        guard let key = values.first else { return nil }
        guard values.count == 1, (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(.badRequest, "malformed-idempotency-key", "Idempotency-Key is one value of 1 to 255 visible ASCII characters.")
        }
        return key
    }

    /// - Parameters:
    ///   - holdsSecret: the answer shows a secret once; that it was given is kept, but not the answer.
    ///   - carryOut: what answers the first one.
    /// - Returns: and whether it is an earlier answer.
    func answer(
        _ request: Request, body: ByteBuffer, key: String, of principal: Principal, holdsSecret: Bool, _ carryOut: () async throws -> Response
    ) async throws -> (Response, isReplayed: Bool) {
        let claim = Self.claim(request, body: body, key: key, of: principal)
        // What is being done here, or was done here and is not in Redis yet, is known without Redis.
        let outcome: IdempotencyClaim
        if let held = self.claims.find(claim) { outcome = held } else { outcome = try await self.begin(claim) }
        switch outcome {
        case .begun: return (try await self.first(claim, holdsSecret: holdsSecret, carryOut), false)
        case .answered(let answer):
            GateMetrics.replayed.increment()
            return (try Self.response(answer), true)
        case .inProgress: throw Problem.idempotencyInProgress
        case .mismatch: throw Problem.idempotencyMismatch
        }
    }

    private func begin(_ claim: IdempotentRequest) async throws -> IdempotencyClaim {
        do { return try await self.store.claim(claim, deadline: self.deadline).get() } catch {
            // Without knowing whether it was done before, nothing may be done.
            throw Problem.storeUnavailable
        }
    }

    private func first(_ claim: IdempotentRequest, holdsSecret: Bool, _ carryOut: () async throws -> Response) async throws -> Response {
        let attempt = Attempt()
        var response: Response
        self.claims.begin(claim)
        do { response = try await Attempt.$current.withValue(attempt) { try await self.holding(claim, carryOut) } } catch {
            var problem = Problem(catching: error)
            if problem.status == .serviceUnavailable, !attempt.hasSent {
                // Nothing was done, that is certain. A claim that cannot be given back runs out.
                try? await self.store.release(claim).get()
                self.claims.end(claim)
                throw error
            }
            if problem == .internalError {
                self.logger.error("A request failed.", metadata: ["error.type": "\(type(of: error))"])
            }
            // A refusal is an answer. So is a failure that may have done it: asked again, it must not be done twice, and coming back later with
            // this key gets the same.
            if problem.status.kind == .serverError { problem.headers[.retryAfter] = nil }
            response = problem.response
        }
        let body: ByteBuffer
        do { body = try await Self.collect(response.body) } catch {
            self.claims.end(claim)
            throw error
        }
        response.body = ResponseBody(byteBuffer: body)
        let isKept = body.readableBytes <= self.answerBytes && !(holdsSecret && response.status.kind == .successful)
        let answer = KeptAnswer(
            status: response.status.code, headers: isKept ? response.headers.map { "\($0.name.rawName): \($0.value)" } : [],
            body: isKept ? body : nil)
        // A refusal after which nothing was done: repeated, it can do no harm.
        let isRefusal = response.status.kind == .clientError && !attempt.hasSent
        self.claims.answered(claim, answer, isRefusal: isRefusal)
        do {
            _ = try await self.store.keep(answer, isRefusal: isRefusal, of: claim).get()
            self.claims.end(claim)
        } catch {
            self.logger.warning(
                "the answer to a request with an Idempotency-Key cannot be kept now; it is tried again", metadata: ["error": "\(error)"])
            if !self.claims.retry(claim) { self.logger.error("too many answers wait for Redis: one is not kept") }
        }
        return response
    }

    /// An import may take longer than a claim lives.
    private func holding(_ claim: IdempotentRequest, _ carryOut: () async throws -> Response) async throws -> Response {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.renew(claim) }
            defer { group.cancelAll() }
            return try await carryOut()
        }
    }

    /// Until it is cancelled. One that fails leaves two more before the claim is lost.
    private func renew(_ claim: IdempotentRequest) async {
        while (try? await Task.sleep(for: .nanoseconds(self.deadline.nanoseconds / 3))) != nil {
            try? await self.store.renew(claim, deadline: self.deadline).get()
        }
    }

    /// Brings to Redis what it did not take at once: what was done is not to be done again, here or by another instance. Until `finish`, and then once
    /// more.
    func run() async {
        for await _ in self.claims.wakes {
            var pause = Duration.milliseconds(50)
            while await !self.keepAll(), !self.claims.isFinished, (try? await Task.sleep(for: pause)) != nil {
                pause = min(pause * 2, .milliseconds(500))
            }
        }
        guard await !self.keepAll() else { return }
        self.logger.error(
            "the service ends with answers that Redis did not take: their requests may be done again",
            metadata: ["count": "\(self.claims.waiting.count)"])
    }

    func finish() { self.claims.finish() }

    /// True when none is left.
    private func keepAll() async -> Bool {
        for answer in self.claims.waiting {
            do {
                _ = try await self.store.keep(answer.answer, isRefusal: answer.isRefusal, of: answer.request).get()
                self.claims.end(answer.request)
            } catch {
                // A Redis that is full still takes this.
                try? await self.store.renew(answer.request, deadline: self.deadline).get()
            }
        }
        return self.claims.waiting.isEmpty
    }

    private static func response(_ answer: KeptAnswer) throws(Problem) -> Response {
        guard let body = answer.body else { throw Problem.idempotencyNotReplayable }
        var headers = HTTPFields()
        for header in answer.headers {
            guard let colon = header.firstIndex(of: ":"), let name = HTTPField.Name(String(header[..<colon])) else { continue }
            headers.append(HTTPField(name: name, value: String(header[colon...].dropFirst(2))))
        }
        headers[.idempotencyReplayed] = "true"
        return Response(status: .init(code: answer.status), headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// The key is chosen by the caller and hard to guess when he does as he is told. It goes into both digests and is itself not stored, so that
    /// whoever reads Redis cannot try passwords against the fingerprint of a body.
    private static func claim(_ request: Request, body: ByteBuffer, key: String, of principal: Principal) -> IdempotentRequest {
        let target = request.head.path ?? ""
        return IdempotentRequest(
            hash: Self.digest([Array(principal.id.utf8), Array(key.utf8)]),
            fingerprint: Self.digest([
                Array(key.utf8), Array(request.method.rawValue.utf8), Array(target.utf8), Array(body.readableBytesView),
            ]),
            owner: String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16))
    }

    /// SHA-256 in hexadecimal digits. Each part goes with its length: no two lists of parts are the same bytes.
    private static func digest(_ parts: [[UInt8]]) -> String {
        var message: [UInt8] = []
        for part in parts {
            message.append(contentsOf: "\(part.count):".utf8)
            message.append(contentsOf: part)
        }
        return Secret.hash(message)
    }

    private static func collect(_ body: ResponseBody) async throws -> ByteBuffer {
        let collected = Collected()
        try await body.write(Collector(collected: collected))
        return collected.bytes.withLock { $0 }
    }

    private final class Collected: Sendable {
        let bytes = Mutex(ByteBuffer())
    }

    private struct Collector: ResponseBodyWriter {
        let collected: Collected

        mutating func write(_ buffer: ByteBuffer) async throws {
            self.collected.bytes.withLock { _ = $0.writeImmutableBuffer(buffer) }
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

extension Problem {
    static let idempotencyInProgress = Problem(
        .conflict, "idempotency-in-progress", "A request with this Idempotency-Key is being carried out.", headers: [.retryAfter: "1"])
    static let idempotencyMismatch = Problem(
        .unprocessableContent, "idempotency-mismatch", "This Idempotency-Key was used for another request.")
    static let idempotencyNotReplayable = Problem(
        .conflict, "idempotency-not-replayable", "This was done already; its answer held a secret, or was too long, and is not kept.")
}

extension HTTPField.Name {
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotencyReplayed = Self("Idempotency-Replayed")!
    static let forwardedFor = Self("X-Forwarded-For")!
    static let forwardedProto = Self("X-Forwarded-Proto")!
    static let strictTransportSecurity = Self("Strict-Transport-Security")!
}
