import HTTPTypes
import ScreenPopService

/// What a refusal says in `code`, with the status it comes with.
struct ProblemCode: Hashable, Sendable {
    let status: Int
    let code: String

    init(_ status: Int, _ code: String) {
        self.status = status
        self.code = code
    }

    init(_ code: CommandError.Code) {
        self.init(code.status.code, code.rawValue)
    }

    // Of commands.
    static let agentNotFound = ProblemCode(.agentNotFound)
    static let queueNotFound = ProblemCode(.queueNotFound)
    static let tierNotFound = ProblemCode(.tierNotFound)
    static let agentExists = ProblemCode(.agentExists)
    static let agentOnTwoNodes = ProblemCode(.agentOnTwoNodes)
    static let queueExists = ProblemCode(.queueExists)
    static let importInProgress = ProblemCode(.importInProgress)
    static let notApplied = ProblemCode(.notApplied)
    static let invalidStatus = ProblemCode(.invalidStatus)
    static let invalidState = ProblemCode(.invalidState)
    static let invalidType = ProblemCode(.invalidType)
    static let invalidContact = ProblemCode(.invalidContact)
    static let invalidName = ProblemCode(.invalidName)
    static let invalidValue = ProblemCode(.invalidValue)
    static let invalidReason = ProblemCode(.invalidReason)
    static let wrongState = ProblemCode(.wrongState)
    static let callNotFound = ProblemCode(.callNotFound)
    static let transferNotFound = ProblemCode(.transferNotFound)
    static let supervisionNotFound = ProblemCode(.supervisionNotFound)
    static let targetNotAllowed = ProblemCode(.targetNotAllowed)
    static let noCall = ProblemCode(.noCall)
    static let nodeUnknown = ProblemCode(.nodeUnknown)
    static let nodeUnavailable = ProblemCode(.nodeUnavailable)
    static let storeUnavailable = ProblemCode(.storeUnavailable)
    static let timedOut = ProblemCode(.timedOut)
    static let refused = ProblemCode(.refused)

    // Of requests.
    static let malformedPath = ProblemCode(400, "malformed-path")
    static let malformedQuery = ProblemCode(400, "malformed-query")
    static let malformedJSON = ProblemCode(400, "malformed-json")
    static let badRequest = ProblemCode(400, "bad-request")
    static let badHandshake = ProblemCode(400, "bad-handshake")
    static let malformedIdempotencyKey = ProblemCode(400, "malformed-idempotency-key")
    static let unauthorized = ProblemCode(401, "unauthorized")
    static let wrongPassword = ProblemCode(401, "wrong-password")
    static let forbidden = ProblemCode(403, "forbidden")
    static let csrfTokenNeeded = ProblemCode(403, "csrf-token-needed")
    static let originNotAllowed = ProblemCode(403, "origin-not-allowed")
    static let dialStringsNotAllowed = ProblemCode(403, "dial-strings-not-allowed")
    static let popNotFound = ProblemCode(404, "pop-not-found")
    static let sessionNotFound = ProblemCode(404, "session-not-found")
    static let tokenNotFound = ProblemCode(404, "token-not-found")
    static let userNotFound = ProblemCode(404, "user-not-found")
    static let noSession = ProblemCode(409, "no-session")
    static let malformedCSV = ProblemCode(400, "malformed-csv")
    static let unsupportedMediaType = ProblemCode(415, "unsupported-media-type")
    static let idempotencyInProgress = ProblemCode(409, "idempotency-in-progress")
    static let idempotencyNotReplayable = ProblemCode(409, "idempotency-not-replayable")
    static let bodyTooLarge = ProblemCode(413, "body-too-large")
    static let unknownMember = ProblemCode(422, "unknown-member")
    static let unknownTopic = ProblemCode(422, "unknown-topic")
    static let tooManyTopics = ProblemCode(422, "too-many-topics")
    static let idempotencyMismatch = ProblemCode(422, "idempotency-mismatch")
    static let upgradeRequired = ProblemCode(426, "upgrade-required")
    static let tooManyRequests = ProblemCode(429, "too-many-requests")
    static let tooManyIdempotencyKeys = ProblemCode(429, "too-many-idempotency-keys")
    static let tooManySessions = ProblemCode(429, "too-many-sessions")
    static let tooManyAttempts = ProblemCode(429, "too-many-attempts")
    static let tooBusy = ProblemCode(503, "too-busy")
}
