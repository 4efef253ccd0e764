import HTTPTypes
import ScreenPop
import ScreenPopStore

/// Names in paths and queries (RFC 3986, 2.1).
enum PercentEncoding {
    /// `nil` for half an escape or bytes that are not UTF-8.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(self.digit), let low = iterator.next().flatMap(self.digit) else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(0x20)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// `a=1&b=2`, decoded; the first of each name.
struct Query {
    private var values: [String: String] = [:]

    init(_ query: (some StringProtocol)?) throws(Problem) {
        guard let query else { return }
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else { throw Problem(.badRequest, "malformed-query", "The query is not percent-encoded UTF-8.") }
            if self.values[name] == nil { self.values[name] = value }
        }
    }

    subscript(_ name: String) -> String? { self.values[name] }
}

extension PushSession.Opening {
    /// `?agent=1001@default` names the desktop's agent, `?topics=a,b` what else it listens to, `?since=CURSOR` where it was, `?desk=ID` which of the
    /// agent's desks it is.
    init(query: Query, lastEventID: String? = nil, otherwise: [Topic] = []) throws(Problem) {
        var topics: [Topic] = []
        let agent = query["agent"].flatMap { $0.isEmpty ? nil : $0 }
        if let agent {
            guard let topic = Topic("agent:\(agent)") else { throw Problem.unknownTopic("agent:\(agent)") }
            topics.append(topic)
        }
        for text in (query["topics"] ?? "").split(separator: ",") {
            guard let topic = Topic(String(text)) else { throw Problem.unknownTopic(String(text)) }
            if !topics.contains(topic) { topics.append(topic) }
        }
        let start: Start
        if let text = lastEventID ?? query["since"] {
            start = Cursor(text).map(Start.after) ?? .unreadableCursor
        } else {
            start = .fresh
        }
        let desk = query["desk"].flatMap { $0.isEmpty ? nil : $0 }
        if let desk, !DeskRoster.isValid(id: desk) { throw Problem.invalidDesk }
        self.init(agent: agent, topics: topics.isEmpty ? otherwise : topics, start: start, desk: desk)
    }
}

extension Problem {
    static let invalidDesk = Problem(
        .unprocessableContent, "invalid-value", "\"desk\" is 1 to 64 letters, digits, hyphens or underscores, which a browser makes and keeps.")
}
