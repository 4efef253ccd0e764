import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ScreenPopService

/// Around every request: errors become problems, answers get their security headers, and the request is counted by its route.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = HTTPContext

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
            response = Self.problem(error, logger: context.logger).response
        }
        Self.secure(&response)
        let took = (ContinuousClock.now - start).components
        HTTPMetrics.request(
            method: Self.label(request.method), route: context.endpointPath ?? "unknown", status: response.status.code,
            took: took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000)
        return response
    }

    private static func problem(_ error: any Error, logger: Logger) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as CommandError: return Problem(error)
        case is NIOTooManyBytesError: return Problem.bodyTooLarge
        case let error as any HTTPResponseError:
            switch error.status {
            case .notFound: return Problem(.notFound, "not-found", "There is nothing at this path.")
            case .contentTooLarge: return Problem.bodyTooLarge
            default: return Problem(error.status, "bad-request", "The request is not understood.")
            }
        default:
            logger.error("A request failed.", metadata: ["error.type": "\(type(of: error))"])
            return Problem(.internalServerError, "internal-error", "Something went wrong here; the log says more.")
        }
    }

    /// A method may be any word: only those we know become a label.
    private static func label(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
        default: "other"
        }
    }

    private static func secure(_ response: inout Response) {
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.xFrameOptions] = "DENY"
        response.headers[.crossOriginResourcePolicy] = response.headers[.crossOriginResourcePolicy] ?? "same-origin"
        response.headers[.contentSecurityPolicy] = response.headers[.contentSecurityPolicy] ?? "default-src 'none'; frame-ancestors 'none'"
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
    }
}

extension Problem {
    /// The rest of the body is not read: the connection ends.
    static let bodyTooLarge = Problem(.contentTooLarge, "body-too-large", "The body is too large.", headers: [.connection: "close"])
}

extension HTTPField.Name {
    static let xFrameOptions = Self("X-Frame-Options")!
    static let referrerPolicy = Self("Referrer-Policy")!
    static let crossOriginResourcePolicy = Self("Cross-Origin-Resource-Policy")!
    static let lastEventID = Self("Last-Event-ID")!
}
