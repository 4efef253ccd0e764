/// From a pop to a page about its caller: `https://crm.example.org/search?number={caller.number}&id={attributes.crm_id}`.
///
/// What a caller can choose never changes where the link leads: scheme and host are written out in the template, and a value is percent-encoded
/// but for the unreserved characters of RFC 3986, so that it stays one segment of the path or one value of the query.
public struct PopURLTemplate: Sendable, Equatable {
    /// What may stand between `{` and `}`: a closed list.
    enum Placeholder: Sendable, Equatable {
        case callerNumber, callerName, partyNumber, dialed, queue, agent, callUUID, kind
        case attribute(String)
    }

    private enum Part: Sendable, Equatable {
        case literal(String)
        case value(Placeholder, isOptional: Bool)
    }

    /// What may be written, as people are told.
    public static let placeholderNames = Placeholder.names.joined(separator: ", ")

    /// As it was written.
    public let text: String
    private let parts: [Part]

    /// Bytes: of a template, and of a link. What is longer is no link, for browsers and CRMs may cut it.
    public static let longestText = 2048
    public static let longestURL = 8192

    /// - Throws: what is wrong, for whoever wrote it.
    public init(_ text: String) throws(PopURLTemplateProblem) {
        guard text.utf8.count <= Self.longestText else { throw .tooLong }
        self.text = text
        try Self.checkStart(text)
        self.parts = try Self.parts(text)
        guard !Self.hasDotSegment(self.parts.map { if case .literal(let text) = $0 { text } else { "x" } }.joined()) else { throw .dotSegment }
    }

    /// Names of the channel variables that it is made with.
    public var attributes: [String] {
        self.parts.compactMap { if case .value(.attribute(let name), _) = $0 { name } else { nil } }
    }

    /// The link; `nil` when a value is unknown that it cannot do without (`{name}`, not `{name?}`), or when a value would make another path of it.
    public func url(for pop: Pop) -> String? {
        var url = ""
        for part in self.parts {
            switch part {
            case .literal(let text): url += text
            case .value(let placeholder, let isOptional):
                if let value = placeholder.value(of: pop), !value.isEmpty {
                    guard value.utf8.count <= Self.longestURL else { return nil }
                    Self.append(value, to: &url)
                } else if !isOptional {
                    return nil
                }
            }
        }
        // A browser takes `..` for the folder above however it is encoded: there is no way to write a caller of that name into a path.
        guard url.utf8.count <= Self.longestURL, !Self.hasDotSegment(url) else { return nil }
        return url
    }

    // MARK: reading the template

    /// Scheme and host.
    private static func checkStart(_ text: String) throws(PopURLTemplateProblem) {
        let scheme = text.prefix { $0 != ":" }
        guard ["http", "https"].contains(scheme.lowercased()), text.dropFirst(scheme.count).hasPrefix("://") else { throw .scheme }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.utf8.contains(UInt8(ascii: "{")), !authority.utf8.contains(UInt8(ascii: "}")) else { throw .placeholderInHost }
        guard Self.isHost(authority) else { throw .host }
    }

    /// `HOST` or `HOST:PORT`, without a user: what stands there would be shown to everybody.
    private static func isHost(_ authority: Substring) -> Bool {
        var host = authority
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let address = host[host.index(after: host.startIndex)..<end]
            guard !address.isEmpty, address.utf8.allSatisfy({ Self.isHex($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                return false
            }
            host = host[host.index(after: end)...]
            if host.isEmpty { return true }
            guard host.hasPrefix(":") else { return false }
        } else {
            let name = host.prefix { $0 != ":" }
            let isName = name.utf8.allSatisfy { Self.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
            guard !name.isEmpty, isName, name.utf8.first != UInt8(ascii: ".") else { return false }
            host = host[name.endIndex...]
            if host.isEmpty { return true }
        }
        let port = host.dropFirst()
        return (1...5).contains(port.utf8.count) && (Int(port).map { (1...65535).contains($0) } ?? false)
            && port.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func parts(_ text: String) throws(PopURLTemplateProblem) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while !rest.isEmpty {
            let literal = rest.prefix { $0 != "{" }
            if let wrong = Self.firstForbidden(in: literal) { throw .character(wrong) }
            if !literal.isEmpty { parts.append(.literal(String(literal))) }
            rest = rest[literal.endIndex...]
            guard rest.first == "{" else { break }
            guard let end = rest.firstIndex(of: "}") else { throw .openBrace }
            let isOptional = rest[..<end].hasSuffix("?")
            let name = rest[rest.index(after: rest.startIndex)..<end].dropLast(isOptional ? 1 : 0)
            guard let placeholder = Placeholder(name) else { throw .placeholder(String(name.prefix(64))) }
            parts.append(.value(placeholder, isOptional: isOptional))
            rest = rest[rest.index(after: end)...]
        }
        return parts
    }

    /// A URL holds RFC 3986's characters alone: a browser would make others of a space, a backslash or a quote.
    private static func firstForbidden(in literal: Substring) -> String? {
        var text = literal.unicodeScalars[...]
        while let scalar = text.popFirst() {
            if scalar == "%" {
                let digits = text.prefix(2)
                guard digits.count == 2, digits.allSatisfy({ $0.isASCII && Self.isHex(UInt8($0.value)) }) else { return "%" }
            } else if !scalar.isASCII || !Self.isAllowed(UInt8(scalar.value)) {
                guard scalar.value < 0x21 || (0x7F..<0xA0).contains(scalar.value) else { return String(scalar) }
                return "U+00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16, uppercase: true)
            }
        }
        return nil
    }

    /// Whether the path has a segment `.` or `..`, in any encoding.
    private static func hasDotSegment(_ url: String) -> Bool {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/", omittingEmptySubsequences: false).contains { segment in
            guard segment.utf8.count <= 6 else { return false }
            let plain = segment.lowercased().replacing("%2e", with: ".")
            return plain == "." || plain == ".."
        }
    }

    // MARK: characters

    private static func append(_ value: String, to url: inout String) {
        for byte in value.utf8 {
            if Self.isUnreserved(byte) {
                url.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                url += byte < 16 ? "%0" : "%"
                url += String(byte, radix: 16, uppercase: true)
            }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        Self.isLetterOrDigit(byte) || "-._~".utf8.contains(byte)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        Self.isUnreserved(byte) || ":/?#[]@!$&'()*+,;=".utf8.contains(byte)
    }
}

extension PopURLTemplate.Placeholder {
    private static let plain: [String: Self] = [
        "caller.number": .callerNumber, "caller.name": .callerName, "party.number": .partyNumber, "dialed": .dialed, "queue": .queue,
        "agent": .agent, "callUUID": .callUUID, "kind": .kind,
    ]
    private static let attributePrefix = "attributes."

    /// What people are told there is.
    static let names = ["caller.number", "caller.name", "party.number", "dialed", "queue", "agent", "callUUID", "kind", "attributes.NAME"]

    init?(_ name: some StringProtocol) {
        if let plain = Self.plain[String(name)] {
            self = plain
            return
        }
        guard name.hasPrefix(Self.attributePrefix) else { return nil }
        let variable = String(name.dropFirst(Self.attributePrefix.count))
        let isName = variable.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isName, !variable.isEmpty else { return nil }
        self = .attribute(variable)
    }

    func value(of pop: Pop) -> String? {
        switch self {
        case .callerNumber: pop.caller.number
        case .callerName: pop.caller.name
        case .partyNumber: pop.partyNumber
        case .dialed: pop.dialed
        case .queue: pop.queue
        case .agent: pop.agent
        case .callUUID: pop.callUUID
        case .kind: pop.kind.rawValue
        case .attribute(let name): pop.attributes[name]
        }
    }
}

/// Why a template is none.
public enum PopURLTemplateProblem: Error, Sendable, Equatable, CustomStringConvertible {
    case tooLong
    case scheme
    case host
    case placeholderInHost
    case openBrace
    case placeholder(String)
    case character(String)
    case dotSegment

    public var description: String {
        switch self {
        case .tooLong: "a link's template has at most \(PopURLTemplate.longestText) bytes"
        case .scheme: "a link begins with https:// or http://, written out"
        case .host: "after https:// comes a host, such as crm.example.org or crm.example.org:8443, without a user or password"
        case .placeholderInHost:
            "a placeholder may stand in path, query and fragment, not in the host: whoever calls must not choose where a link leads"
        case .openBrace: "a { has no }"
        case .placeholder(let name): "there is no placeholder {\(name)}; there are \(PopURLTemplate.placeholderNames)"
        case .character(let character): "`\(character)` cannot stand in a URL; write it percent-encoded (a space is %20, % is %25)"
        case .dotSegment: "a path without . and .. in it is meant; write the folder's own path"
        }
    }
}
