public import Logging
public import NIOCore

/// Where a node's event socket is and how to log in.
public struct EventSocketEndpoint: Sendable, Hashable {
    public enum Credentials: Sendable, Hashable {
        /// `auth PASSWORD`
        case password(String)
        /// `userauth USER@DOMAIN:PASSWORD`
        case user(String, password: String)
    }

    public var host: String
    public var port: Int
    public var credentials: Credentials
    /// The node's name: `?name=` of the URL, else `HOST:PORT`.
    public var name: String

    public init(host: String, port: Int = 8021, credentials: Credentials, name: String? = nil) {
        self.host = host
        self.port = port
        self.credentials = credentials
        self.name = name ?? "\(host):\(port)"
    }

    /// Reads `esl://:PASSWORD@HOST:8021?name=NODE` or `esl://USER%40DOMAIN:PASSWORD@HOST:8021`.
    public init(url: String) throws(EventSocketError) {
        throw .invalidURL(url)
    }
}

/// What can go wrong on an event socket.
public enum EventSocketError: Error, Sendable, Hashable {
    case invalidURL(String)
    /// The host cannot be reached, or nobody listens.
    case unreachable(String)
    /// The password was refused. Not to be tried again by itself.
    case authenticationRefused(String)
    /// The access list refused us (`text/rude-rejection`). Not to be tried again by itself.
    case accessDenied(String)
    /// A frame that makes no sense: the connection is closed, nothing is guessed.
    case protocolViolation(String)
    /// No reply came in time. The connection is closed: which reply belongs to which command would be a guess.
    case timedOut(String)
    /// The connection is closed; with the reason.
    case closed(String)
    /// A command would have become something else on the wire.
    case illegalCommand(String)
    /// FreeSWITCH said `-ERR ...` to a command of the socket itself (subscribe, log, sendevent).
    case refused(String)
}

/// What a connection hands on, on its event loop, in wire order. Whoever receives it must not block.
public enum EventSocketDelivery: Sendable {
    case event(Event)
    /// A `log/data` line.
    case log(level: Int, text: String)
    /// All that one read from the socket held has been delivered: the moment to flush.
    case readComplete
    /// The last delivery of a connection, exactly once.
    case closed(EventSocketError)
}

/// A whole `api` call: the function's name and its argument as one line, checked so that it cannot become two lines.
public struct APICall: Sendable, Hashable {
    public let function: String
    public let argument: String

    /// - Throws: `illegalCommand` for a control byte in either, or a space in `function`.
    public init(_ function: String, _ argument: String = "") throws(EventSocketError) {
        self.function = function
        self.argument = argument
    }
}

/// One authenticated connection to FreeSWITCH's event socket. One command is in flight at a time; the others wait in order.
public final class EventSocketConnection: Sendable {
    public struct Configuration: Sendable {
        public var connectTimeout: TimeAmount = .seconds(5)
        /// How long a reply may take.
        public var commandTimeout: TimeAmount = .seconds(10)
        public var maximumHeaderBytes = 64 * 1024
        public var maximumBodyBytes = 16 * 1024 * 1024
        /// Commands that may wait for their turn.
        public var maximumQueuedCommands = 1024

        public init() {}
    }

    /// Connects, logs in, and returns. `sink` is called on `eventLoop`.
    public static func connect(
        to endpoint: EventSocketEndpoint, on eventLoop: any EventLoop, configuration: Configuration = .init(), logger: Logger,
        sink: @escaping @Sendable (EventSocketDelivery) -> Void
    ) async throws(EventSocketError) -> EventSocketConnection {
        throw .unreachable(endpoint.name)
    }

    init() {}

    /// `event plain A B CUSTOM x::y ...`
    public func subscribe(events: [String], custom: [String]) async throws(EventSocketError) { throw .closed("") }

    /// `api FUNCTION ARGUMENT`: the body of the answer, as it came, `-ERR` texts included.
    public func api(_ call: APICall) async throws(EventSocketError) -> String { throw .closed("") }

    /// `bgapi`: returns when the BACKGROUND_JOB event with its Job-UUID arrives (this connection subscribes to it itself); the job's result.
    public func backgroundAPI(_ call: APICall) async throws(EventSocketError) -> String { throw .closed("") }

    /// `sendevent NAME` with headers and no body; the event's UUID.
    @discardableResult
    public func sendEvent(_ name: String, headers: [(String, String)]) async throws(EventSocketError) -> String { throw .closed("") }

    /// `log LEVEL`: log lines arrive as deliveries.
    public func log(level: String) async throws(EventSocketError) { throw .closed("") }

    /// Says `exit` and closes; returns when the channel is closed.
    public func close() async {}
}
