import Synchronization

/// The messages that one listener got, in order.
final class Transcript: Sendable {
    private struct State {
        var messages: [JSON] = []
        var closeCode: Int?
        var isClosed = false
        var status: Int?
    }

    private let state = Mutex(State())

    func append(_ message: JSON) { self.state.withLock { $0.messages.append(message) } }
    func close(code: Int?) {
        self.state.withLock { state in
            state.isClosed = true
            if state.closeCode == nil { state.closeCode = code }
        }
    }

    func answered(_ status: Int) { self.state.withLock { $0.status = status } }

    /// Of the answer to the handshake.
    var status: Int? { self.state.withLock { $0.status } }
    var messages: [JSON] { self.state.withLock { $0.messages } }
    var isClosed: Bool { self.state.withLock { $0.isClosed } }
    var closeCode: Int? { self.state.withLock { $0.closeCode } }

    /// The pop of the newest `pop.*` message.
    var latestPop: JSON? { self.messages.last { $0["type"].string?.hasPrefix("pop.") == true }?["pop"] }

    /// Whether the pop was told while it lives, and no longer as provisional: by a message of its own, or by the snapshot that was owed to the
    /// desktop since Redis went, if that is read after the pop was written.
    func confirms(_ provisional: JSON) -> Bool {
        self.messages.contains { message in
            ([message["pop"]] + message["pops"].items).contains {
                $0["id"] == provisional["id"] && $0["provisional"].bool == false && $0["state"].string != "ended"
            }
        }
    }

    func all(_ type: String) -> [JSON] { self.messages.filter { $0["type"].string == type } }

    /// The cursor of the newest message that has one.
    var cursor: String? { self.messages.last { $0["cursor"].string != nil }?["cursor"].string }
}
