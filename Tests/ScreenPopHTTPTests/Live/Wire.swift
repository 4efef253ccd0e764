import NIOCore
import NIOPosix

/// A bare TCP connection: the tests write every byte themselves.
final class Wire {
    struct Ended: Error {}

    struct Answer {
        var status: Int
        var headers: [(String, String)]
        var body: String

        subscript(_ name: String) -> String? { self.headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
    }

    struct Frame: Equatable {
        var opcode: UInt8
        var bytes: [UInt8]

        var text: String { String(decoding: self.bytes, as: UTF8.self) }
        /// Of a close frame.
        var code: Int? { self.bytes.count < 2 ? nil : Int(self.bytes[0]) << 8 | Int(self.bytes[1]) }
    }

    let channel: any Channel
    private var inbound: AsyncStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()

    private init(channel: any Channel, inbound: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.inbound = inbound.makeAsyncIterator()
    }

    /// A peer that stays for ever is waited for by the server that ends: two seconds after its close frame, five of TLS.
    deinit { self.channel.close(promise: nil) }

    static func connect(_ port: Int, _ prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in }) async throws -> Wire {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation: continuation))
                }
            }.connect(host: "127.0.0.1", port: port).get()
        return Wire(channel: channel, inbound: stream)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<ByteBuffer>.Continuation

        init(continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.continuation.yield(self.unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { self.continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    // MARK: bytes

    func write(_ text: String, isolation: isolated (any Actor)? = #isolation) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(string: text))
    }
    func write(_ bytes: [UInt8], isolation: isolated (any Actor)? = #isolation) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func more(isolation: isolated (any Actor)? = #isolation) async throws {
        guard var bytes = await self.inbound.next(isolation: isolation) else { throw Ended() }
        self.buffer.writeBuffer(&bytes)
    }

    /// Until the peer closes; gives what was left.
    func end(isolation: isolated (any Actor)? = #isolation) async -> String {
        while (try? await self.more()) != nil {}
        return self.buffer.readString(length: self.buffer.readableBytes) ?? ""
    }

    func line(isolation: isolated (any Actor)? = #isolation) async throws -> String {
        while true {
            if let end = self.buffer.readableBytesView.firstIndex(of: 0x0A) {
                let text = self.buffer.readString(length: end + 1 - self.buffer.readerIndex) ?? ""
                return String(text.dropLast(text.hasSuffix("\r\n") ? 1 : 1)).replacing("\r", with: "")
            }
            try await self.more()
        }
    }

    private func bytes(_ count: Int, isolation: isolated (any Actor)? = #isolation) async throws -> [UInt8] {
        while self.buffer.readableBytes < count { try await self.more() }
        return self.buffer.readBytes(length: count) ?? []
    }

    // MARK: HTTP

    func answer(head: Bool = false, isolation: isolated (any Actor)? = #isolation) async throws -> Answer {
        let status = Int(try await self.line().split(separator: " ")[1]) ?? 0
        var headers: [(String, String)] = []
        while true {
            let line = try await self.line()
            guard !line.isEmpty else { break }
            let parts = line.split(separator: ":", maxSplits: 1)
            headers.append((String(parts[0]), parts[1].trimmingPrefix(while: { $0 == " " }).description))
        }
        var answer = Answer(status: status, headers: headers, body: "")
        if !head, status != 101, let count = answer["content-length"].flatMap(Int.init) {
            answer.body = String(decoding: try await self.bytes(count), as: UTF8.self)
        }
        return answer
    }

    func request(
        _ method: String, _ target: String, token: String? = TestServer.token, headers: [String] = [], body: String? = nil,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> Answer {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        for header in headers { text += header + "\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        try await self.write(text + "\r\n" + (body ?? ""))
        return try await self.answer(head: method == "HEAD")
    }

    // MARK: WebSocket

    static let handshake = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]

    static func webSocket(_ server: TestServer, _ query: String = "", isolation: isolated (any Actor)? = #isolation) async throws -> Wire {
        let wire = try await Wire.connect(server.port)
        let answer = try await wire.request("GET", "/api/v1/ws" + query, headers: Self.handshake)
        guard answer.status == 101 else { throw Ended() }
        return wire
    }

    /// A client's frame, masked unless told otherwise.
    static func frame(_ payload: [UInt8], opcode: UInt8 = 1, fin: Bool = true, rsv: UInt8 = 0, masked: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [(fin ? 0x80 : 0) | rsv | opcode]
        let mask: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(mask | UInt8(payload.count))
        case ..<65536: bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [mask | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard masked else { return bytes + payload }
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }

    func send(_ text: String, isolation: isolated (any Actor)? = #isolation) async throws { try await self.write(Self.frame(Array(text.utf8))) }

    /// The next frame; pings are left out unless wanted.
    func frame(pings: Bool = false, isolation: isolated (any Actor)? = #isolation) async throws -> Frame {
        while true {
            let head = try await self.bytes(2)
            var count = Int(head[1] & 0x7F)
            if count == 126 { count = try await self.bytes(2).reduce(0) { $0 << 8 | Int($1) } }
            if count == 127 { count = try await self.bytes(8).reduce(0) { $0 << 8 | Int($1) } }
            let frame = Frame(opcode: head[0] & 0x0F, bytes: try await self.bytes(count))
            if frame.opcode != 9 || pings { return frame }
        }
    }

    /// The next text message.
    func text(isolation: isolated (any Actor)? = #isolation) async throws -> String { try await self.frame().text }
}
