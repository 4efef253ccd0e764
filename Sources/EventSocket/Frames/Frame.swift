public import NIOCore

/// One message from FreeSWITCH: an outer header block and, where its `Content-Length` says so, a body.
public enum Frame: Sendable, Equatable {
    /// `auth/request`: the first frame; say who you are.
    case authRequest
    /// `command/reply`: the answer to a command of the socket itself.
    case commandReply(CommandReply)
    /// `api/response`: what the function of an `api` command wrote.
    case apiResponse(ByteBuffer)
    /// `text/event-plain` and `text/event-json`.
    case event(Event)
    /// `log/data`. A lower level is more severe: 0 console, 1 alert, 2 crit ... 7 debug.
    case log(level: Int, text: String)
    /// `text/disconnect-notice`: FreeSWITCH closes the connection, and why.
    case disconnectNotice(String)
    /// `text/rude-rejection`: the access list does not let us in.
    case rudeRejection(String)
    /// Another type, `text/event-xml` among them, which is never asked for. Its length is known, so leaving it out guesses nothing.
    case unknown(contentType: String)

    public struct CommandReply: Sendable, Equatable {
        /// `Reply-Text`: `+OK ...` or `-ERR ...`.
        public var text: String
        /// `Job-UUID`, in the reply to `bgapi`.
        public var jobUUID: String?

        public init(text: String, jobUUID: String? = nil) {
            self.text = text
            self.jobUUID = jobUUID
        }
    }
}
