import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ScreenPopService

/// Around every request: errors become problems, answers get their security headers, and the request is counted by its route.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = HTTPContext

    let isSecure: Bool

    func handle(_ request: Request, context: HTTPContext, next: (Request, HTTPContext) async throws -> Response) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as HTTPParserError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            let problem = Problem(catching: error)
            if problem == .internalError {
                context.logger.error("A request failed.", metadata: ["error.type": "\(type(of: error))"])
            }
            response = problem.response
        }
        self.secure(&response)
        let took = (ContinuousClock.now - start).components
        HTTPMetrics.request(
            method: Self.label(request.method), route: context.endpointPath ?? "unknown", status: response.status.code,
            took: took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000)
        return response
    }

    /// A method may be any word: only those we know become a label.
    private static func label(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }

    private func secure(_ response: inout Response) {
        // Of no effect, and ignored by browsers, where it does not come over TLS.
        if self.isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.crossOriginResourcePolicy] = response.headers[.crossOriginResourcePolicy] ?? "same-origin"
        let policy = response.headers[.contentSecurityPolicy] ?? "default-src 'none'; frame-ancestors 'none'"
        response.headers[.contentSecurityPolicy] = policy
        // It knows no list of origins: where there is one, the policy alone speaks.
        response.headers[.xFrameOptions] = policy.contains("frame-ancestors 'none'") ? "DENY" : nil
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
    }
}

extension Problem {
    /// The rest of the body is not read: the connection ends.
    static let bodyTooLarge = Problem(.contentTooLarge, "body-too-large", "The body is too large.", headers: [.connection: "close"])
    static let internalError = Problem(.internalServerError, "internal-error", "Something went wrong here; the log says more.")

    /// Whatever a route throws, as callers see it.
    init(catching error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as CommandError: self.init(error)
        case is NIOTooManyBytesError: self = .bodyTooLarge
        case let error as any HTTPResponseError:
            switch error.status {
            case .notFound: self.init(.notFound, "not-found", "There is nothing at this path.")
            case .contentTooLarge: self = .bodyTooLarge
            default: self.init(error.status, "bad-request", "The request is not understood.")
            }
        default: self = .internalError
        }
    }
}

extension HTTPField.Name {
    static let xFrameOptions = Self("X-Frame-Options")!
    static let referrerPolicy = Self("Referrer-Policy")!
    static let crossOriginResourcePolicy = Self("Cross-Origin-Resource-Policy")!
    static let lastEventID = Self("Last-Event-ID")!
}
