import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

extension RunningSite {
    /// All of an answer, whatever it is written in.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var text: String
        /// `null` when it is no JSON.
        var body: JSON

        /// By a path of members, `actual.status`.
        subscript(_ path: String) -> JSON { path.split(separator: ".").reduce(self.body) { $0[String($1)] } }
    }

    /// - Parameter token: who asks; `nil` is nobody.
    func send(
        _ method: HTTPMethod, _ path: String, body: String?, type: String, token: String?, headers: [String: String]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(path)")
        request.method = method
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(70))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 24))
        let isJSON = response.headers.first(name: "content-type")?.contains("json") == true
        return Answer(
            status: Int(response.status.code), headers: response.headers, text: text, body: isJSON ? try JSON(text) : .null)
    }
}
