import HTTPTypes
import Hummingbird
import NIOCore
import ScreenPop
import ScreenPopService

/// An error as callers see it: `application/problem+json` (RFC 9457) with a stable `code`.
struct Problem: Error, Equatable, Sendable {
    var status: HTTPResponse.Status
    var code: String
    /// A sentence for people: what was wrong, where, what to do.
    var detail: String
    var headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ code: String, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
    }

    init(_ error: CommandError) {
        self.init(error.code.status, error.code.rawValue, error.message)
        if error.code.status == .serviceUnavailable { self.headers[.retryAfter] = "1" }
    }

    static let storeUnavailable = Problem(
        .serviceUnavailable, CommandError.Code.storeUnavailable.rawValue, "Redis is away; try again.", headers: [.retryAfter: "1"])

    static func unknown(_ what: String, _ name: String) -> Problem {
        Problem(.notFound, "\(what)-not-found", "There is no \(what) \(name.prefix(128)).")
    }

    var body: ByteBuffer {
        JSONWriter.object { object in
            object.member("type", "about:blank")
            object.member("title", self.status.reasonPhrase)
            object.member("status", self.status.code)
            object.member("detail", self.detail)
            object.member("code", self.code)
        }
    }

    var response: Response {
        var headers = self.headers
        headers[.contentType] = "application/problem+json"
        return Response(status: self.status, headers: headers, body: ResponseBody(byteBuffer: self.body))
    }
}

extension CommandError.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .agentNotFound, .queueNotFound, .tierNotFound, .callNotFound, .transferNotFound, .supervisionNotFound: .notFound
        case .targetNotAllowed: .forbidden
        case .agentExists, .agentOnTwoNodes, .queueExists, .tierExists, .noCall, .wrongState, .notApplied, .importInProgress: .conflict
        case .invalidStatus, .invalidState, .invalidType, .invalidContact, .invalidName, .invalidValue, .invalidReason, .nodeUnknown:
            .unprocessableContent
        case .nodeUnavailable, .storeUnavailable: .serviceUnavailable
        case .timedOut: .gatewayTimeout
        case .refused: .badGateway
        }
    }
}
