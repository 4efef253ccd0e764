import CallCenter
import HTTPTypes

/// The members of a JSON object that somebody sent: each is asked for by name, and what nobody asked for is refused by name, so that a
/// misspelt member cannot be overlooked.
struct Members {
    private var members: [String: JSONValue]
    private var asked: [String] = []

    init(_ members: [String: JSONValue]) {
        self.members = members
    }

    /// An empty body is an empty object.
    init(body: some Collection<UInt8>) throws(Problem) {
        guard !body.isEmpty else {
            self.members = [:]
            return
        }
        let value: JSONValue
        do { value = try JSONValue(body) } catch {
            throw Problem(.badRequest, "malformed-json", "The body is not JSON: \(error.reason) at byte \(error.offset).")
        }
        guard case .object(let members) = value else { throw Problem(.badRequest, "malformed-json", "The body must be a JSON object.") }
        self.members = members
    }

    private mutating func take<T>(_ name: String, _ kind: String, _ read: (JSONValue) -> T?) throws(Problem) -> T? {
        self.asked.append(name)
        guard let value = self.members.removeValue(forKey: name), value != .null else { return nil }
        guard let result = read(value) else { throw Problem(.unprocessableContent, "invalid-value", "\"\(name)\" must be \(kind).") }
        return result
    }

    mutating func string(_ name: String) throws(Problem) -> String? { try self.take(name, "a string", \.string) }
    mutating func bool(_ name: String) throws(Problem) -> Bool? { try self.take(name, "true or false", \.bool) }
    mutating func strings(_ name: String) throws(Problem) -> [String]? { try self.take(name, "a list of strings", \.strings) }
    mutating func integer(_ name: String) throws(Problem) -> Int? { try self.take(name, "a whole number", \.integer) }

    /// A moment in RFC 3339 as whole seconds since 1970, and 0 for `null`; `nil` where the member is missing.
    mutating func seconds(_ name: String) throws(Problem) -> Int64? {
        if self.members[name] == .null {
            self.asked.append(name)
            self.members[name] = nil
            return 0
        }
        return try self.take(name, "a time such as 2026-11-24T12:00:00Z, or null") { value in
            value.string.flatMap { Timestamp(rfc3339: $0).map { $0.microseconds / 1_000_000 } }
        }
    }

    mutating func object(_ name: String) throws(Problem) -> [String: JSONValue]? {
        try self.take(name, "an object") { if case .object(let members) = $0 { members } else { nil } }
    }

    /// A list of objects, each to be asked for its own members.
    mutating func objects(_ name: String) throws(Problem) -> [Members]? {
        try self.take(name, "a list of objects") { value in
            guard case .array(let items) = value else { return nil }
            var objects: [Members] = []
            for item in items {
                guard case .object(let members) = item else { return nil }
                objects.append(Members(members))
            }
            return objects
        }
    }

    /// Texts by names of the sender's own.
    mutating func texts(_ name: String) throws(Problem) -> [String: String]? {
        try self.take(name, "an object of strings") { value in
            guard case .object(let members) = value else { return nil }
            var texts: [String: String] = [:]
            for (name, value) in members {
                guard let text = value.string else { return nil }
                texts[name] = text
            }
            return texts
        }
    }

    mutating func requiredString(_ name: String) throws(Problem) -> String {
        guard let text = try self.string(name) else { throw Problem(.unprocessableContent, "invalid-value", "\"\(name)\" is missing.") }
        return text
    }

    mutating func requiredInteger(_ name: String) throws(Problem) -> Int {
        guard let number = try self.integer(name) else { throw Problem(.unprocessableContent, "invalid-value", "\"\(name)\" is missing.") }
        return number
    }

    /// Nothing may be left. Says what would have been understood.
    func finish() throws(Problem) {
        guard let name = self.members.keys.min() else { return }
        let known = self.asked.isEmpty ? "nothing is" : "known are \(self.asked.joined(separator: ", "))"
        throw Problem(.unprocessableContent, "unknown-member", "\"\(name.prefix(64))\" is not known here; \(known).")
    }
}
