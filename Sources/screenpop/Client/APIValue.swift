import Foundation

/// A JSON value of the service: what is in it is looked up by name, so that a later version's members do not stop an earlier client.
enum APIValue: Equatable, Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([APIValue])
    case object([String: APIValue])

    subscript(_ name: String) -> APIValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    var items: [APIValue] {
        if case .list(let items) = self { items } else { [] }
    }

    var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var bool: Bool? {
        if case .flag(let flag) = self { flag } else { nil }
    }

    /// In the order of their names.
    var members: [(name: String, value: APIValue)] {
        if case .object(let members) = self { members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } } else { [] }
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// As it stands in a table: nothing for `null`.
    var shown: String {
        switch self {
        case .null: ""
        case .flag(let flag): flag ? "yes" : "no"
        case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
        case .text(let text): text
        case .list(let items): items.map(\.shown).joined(separator: ", ")
        case .object: self.members.map { "\($0.name) \($0.value.shown)" }.joined(separator: ", ")
        }
    }
}

extension APIValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let items = try? container.decode([APIValue].self) {
            self = .list(items)
        } else {
            self = .object(try container.decode([String: APIValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .number(let number):
            if let whole = Int(exactly: number) { try container.encode(whole) } else { try container.encode(number) }
        case .text(let text): try container.encode(text)
        case .list(let items): try container.encode(items)
        case .object(let members): try container.encode(members)
        }
    }
}

/// The members of a request: those that were given.
struct RequestBody {
    private var members: [String: APIValue] = [:]

    var value: APIValue { .object(self.members) }
    var isEmpty: Bool { self.members.isEmpty }

    mutating func set(_ name: String, _ text: String?) { if let text { self.members[name] = .text(text) } }
    mutating func set(_ name: String, _ number: Int?) { if let number { self.members[name] = .number(Double(number)) } }
    mutating func set(_ name: String, _ flag: Bool?) { if let flag { self.members[name] = .flag(flag) } }
    mutating func set(_ name: String, _ value: APIValue?) { if let value { self.members[name] = value } }
    /// Nothing for none.
    mutating func set(_ name: String, _ texts: [String]) { if !texts.isEmpty { self.members[name] = .list(texts.map(APIValue.text)) } }
    /// `true`, or not at all.
    mutating func flag(_ name: String, _ flag: Bool) { if flag { self.members[name] = .flag(true) } }
}
