import HTTPTypes
import Hummingbird
import NIOCore

/// A request without a connection.
enum HummingbirdRequest {
    static func post(_ path: String) -> Request {
        Request(head: HTTPRequest(method: .post, scheme: "http", authority: "x", path: path), body: RequestBody(buffer: ByteBuffer()))
    }
}
