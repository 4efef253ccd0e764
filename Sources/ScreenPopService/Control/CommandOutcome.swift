package import ScreenPop

/// What a command asked, what FreeSWITCH said, and what was read back.
package struct CommandOutcome: Sendable, Equatable {
    /// Field names as in the JSON answer: `status`, `state`, ...
    package var requested: [String: CommandValue]
    /// FreeSWITCH's words: `+OK`
    package var reply: String
    package var actual: [String: CommandValue]
    /// Whether what was read back is what was asked.
    package var applied: Bool
    package var tookMilliseconds: Int
    /// What cannot be carried out now and is kept. Nothing was sent then, unless `reply` says so.
    package var pending: PendingChange?

    package init(
        requested: [String: CommandValue], reply: String, actual: [String: CommandValue], applied: Bool, tookMilliseconds: Int,
        pending: PendingChange? = nil
    ) {
        self.requested = requested
        self.reply = reply
        self.actual = actual
        self.applied = applied
        self.tookMilliseconds = tookMilliseconds
        self.pending = pending
    }
}

/// Why a command was not carried out. `code` and HTTP status are fixed by the kind.
package struct CommandError: Error, Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        case agentNotFound = "agent-not-found"  // 404
        case queueNotFound = "queue-not-found"  // 404
        case tierNotFound = "tier-not-found"  // 404
        case agentOnTwoNodes = "agent-on-two-nodes"  // 409
        case queueExists = "queue-exists"  // 409
        case callNotFound = "call-not-found"  // 404
        case transferNotFound = "transfer-not-found"  // 404
        case supervisionNotFound = "supervision-not-found"  // 404
        case targetNotAllowed = "target-not-allowed"  // 403
        case noCall = "no-call"  // 409
        case agentExists = "agent-exists"  // 409
        case tierExists = "tier-exists"  // 409
        case invalidStatus = "invalid-status"  // 422
        case invalidState = "invalid-state"  // 422
        case invalidType = "invalid-type"  // 422
        case invalidContact = "invalid-contact"  // 422
        case invalidName = "invalid-name"  // 422
        case invalidValue = "invalid-value"  // 422
        case invalidReason = "invalid-reason"  // 422
        case nodeUnknown = "node-unknown"  // 422: several nodes, and the request does not say which
        case nodeUnavailable = "node-unavailable"  // 503
        case storeUnavailable = "store-unavailable"  // 503
        case timedOut = "timed-out"  // 504
        case refused = "refused"  // 502: FreeSWITCH said -ERR with a text we do not know
        case wrongState = "wrong-state"  // 409: not while the agent or the call is as it is
        case importInProgress = "import-in-progress"  // 409
        case notApplied = "not-applied"  // 409: +OK, but what was read back is something else
    }

    package var code: Code
    /// A sentence for people: what was wrong, where, what to do.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
