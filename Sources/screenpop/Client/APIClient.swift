import AsyncHTTPClient
import Foundation
import Hiredis
import NIOCore
import NIOHTTP1
import NIOSSL

/// A running service as its HTTP interface shows it.
struct APIClient: Sendable {
    /// Without a slash at its end.
    let base: String
    let token: String
    /// PEM file of the authority that signed the service's certificate, when no system knows it.
    var authority: String?

    struct Answer: Sendable {
        let status: Int
        let body: Data

        var text: String { String(decoding: self.body, as: UTF8.self) }

        /// - Throws: `CommandFailure` when it is not the JSON that is expected.
        func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
            do {
                return try JSONDecoder().decode(type, from: self.body)
            } catch {
                throw CommandFailure(.failed, "the service's answer is not understood (is it another version?): \(error)")
            }
        }
    }

    /// A name as one part of a path: `1001%40default`
    static func pathPart(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: "-._~").union(.asciiAlphanumerics)) ?? name
    }

    /// Sends one request; an answer that is a refusal is thrown as the sentence it says.
    func send(_ method: HTTPMethod, _ path: String, body: (any Encodable)? = nil) async throws -> Answer {
        try await self.send(method, path, "application/json", body.map { try JSONEncoder().encode($0) })
    }

    func send(_ method: HTTPMethod, _ path: String, _ contentType: String, _ body: Data?) async throws -> Answer {
        try await self.withClient { client in
            var request = self.request(method, path)
            if let body {
                request.headers.add(name: "content-type", value: contentType)
                request.body = .bytes(body)
            }
            let response = try await client.execute(request, timeout: .seconds(30))
            let bytes = try await response.body.collect(upTo: 64 * 1024 * 1024)
            return try self.accepted(Answer(status: Int(response.status.code), body: Data(bytes.readableBytesView)))
        }
    }

    /// Follows an event stream until it ends or the task is cancelled.
    func events(_ path: String, lastEvent: String?, receive: (ServerSentEvent) throws -> Void) async throws {
        try await self.withClient { client in
            var request = self.request(.GET, path)
            request.headers.add(name: "accept", value: "text/event-stream")
            if let lastEvent { request.headers.add(name: "last-event-id", value: lastEvent) }
            let response = try await client.execute(request, deadline: .distantFuture)
            guard response.status == .ok else {
                let bytes = try await response.body.collect(upTo: 1024 * 1024)
                _ = try self.accepted(Answer(status: Int(response.status.code), body: Data(bytes.readableBytesView)))
                throw CommandFailure(.failed, "the service answered \(response.status.code) instead of an event stream")
            }
            var parser = ServerSentEventParser()
            for try await chunk in response.body {
                for event in try parser.feed(chunk.readableBytesView) { try receive(event) }
            }
        }
    }

    private func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: self.base + path)
        request.method = method
        request.headers.add(name: "authorization", value: "Bearer \(self.token)")
        return request
    }

    private func withClient<Result: Sendable>(_ body: (HTTPClient) async throws -> Result) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        // Somebody waits in front of the terminal: say at once that nobody answers.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.redirectConfiguration = .disallow
        if let authority = self.authority { configuration.tlsConfiguration = try Self.trusting(authority) }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(client)
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            switch error {
            case is CommandFailure, is CancellationError: throw error
            default: throw CommandFailure(.unavailable, LineLogHandler.escaped("no ScreenPop answers at \(self.base): \(self.sentence(error))"))
            }
        }
    }

    /// Why nobody answers, and what to do about it.
    func sentence(_ error: any Error) -> String {
        let url = URL(string: self.base)
        let host = url?.host ?? self.base
        let port = url?.port ?? (url?.scheme == "https" ? 443 : 80)
        let place = "with --server URL or SCREENPOP_SERVER where it is"
        let failure: ConnectionFailure
        switch error as? HTTPClientError {
        case .connectTimeout?, .tlsHandshakeTimeout?, .getConnectionFromPoolTimeout?: failure = .timedOut
        case .deadlineExceeded?, .readTimeout?:
            return "it took the request and has not answered in time; look at `screenpop audit` before you ask again"
        case .remoteConnectionClosed?, .uncleanShutdown?:
            return "it closed the connection without an answer; a service with TLS is asked with https://, and its log may say more"
        case nil, .some: failure = ConnectionFailure(error)
        }
        switch failure {
        case .refused: return "nobody listens on port \(port) of \(host); start it there (screenpop serve), or say \(place)"
        case .noSuchHost: return "there is no host \(host); check the name, or say \(place)"
        case .timedOut: return "\(host) does not answer on port \(port); see that it is up and that no firewall is between, or say \(place)"
        case .noRoute: return "there is no way to \(host); check the network, or say \(place)"
        case .notAllowed: return "this machine does not let us connect to \(host); see its firewall"
        case .notTLS: return "what listens on port \(port) of \(host) speaks no TLS; write http:// in place of https://"
        case .certificateOfAnother: return "its certificate is for another name than \(host); write the name that it is for into --server"
        case .certificateNotTrusted:
            guard let authority = self.authority else {
                return "its certificate is not trusted; name the file of who signed it with --ca FILE or SCREENPOP_CA"
            }
            return "its certificate is not signed by the authority in \(authority); name the right file with --ca FILE or SCREENPOP_CA"
        case .noSuchFile: return "\(host) cannot be reached"
        case .other(let text): return text
        }
    }

    private static func trusting(_ file: String) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        do {
            // Read here: a file that cannot be read is to be said as that, not as a server that does not answer.
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
        } catch {
            throw CommandFailure(.configuration, "--ca: \(file) cannot be read as PEM certificates (\(error))")
        }
        return configuration
    }

    private func accepted(_ answer: Answer) throws -> Answer {
        guard !(200..<300).contains(answer.status) else { return answer }
        let problem = try? JSONDecoder().decode(Problem.self, from: answer.body)
        // A list with lines in error: each with its place.
        let faults = (problem?.errors ?? []).map { "\($0.line.map { "line \($0)" } ?? $0.entry ?? "?"): \($0.message ?? "")" }
        guard faults.isEmpty else {
            throw CommandFailure(.failed, "nothing was changed; " + faults.map(LineLogHandler.escaped).joined(separator: "\n"))
        }
        let reason = problem?.detail ?? problem?.title ?? "the service answered \(answer.status)"
        let code = problem?.code.map { " (\($0))" } ?? ""
        throw CommandFailure(answer.status == 503 ? .unavailable : .failed, LineLogHandler.escaped(reason + code + Self.advice(answer.status)))
    }

    /// What the service cannot know: how its client was called.
    private static func advice(_ status: Int) -> String {
        switch status {
        case 401: "; give another with --token or SCREENPOP_TOKEN"
        case 429, 503: "; try again in a moment"
        default: ""
        }
    }

    /// RFC 9457, as far as we show it.
    private struct Problem: Decodable {
        struct Fault: Decodable {
            var line: Int?
            var entry: String?
            var message: String?
        }

        var errors: [Fault]?
        var title: String?
        var detail: String?
        var code: String?
    }
}

extension CharacterSet {
    fileprivate static let asciiAlphanumerics = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
}
