package import CallCenter
import Hiredis

/// A token as it is kept: of its secret only the hash.
package struct StoredToken: Sendable, Equatable {
    package var id: String
    /// For people: `desk 1`
    package var name: String
    package var role: String
    package var agent: String?
    package var createdAt: Timestamp
    package var createdBy: String
    /// `nil`: never.
    package var expiresAt: Timestamp?
    /// To the minute.
    package var lastUsedAt: Timestamp?

    package init(
        id: String, name: String, role: String, agent: String?, createdAt: Timestamp, createdBy: String, expiresAt: Timestamp?,
        lastUsedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.agent = agent
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }
}

/// Somebody who may log in at the pages.
package struct StoredUser: Sendable, Equatable {
    package var name: String
    package var role: String
    package var agent: String?
    package var createdAt: Timestamp
    package var changedAt: Timestamp
    /// Another one with each change: sessions begun under an earlier one are void.
    package var version: String

    package init(name: String, role: String, agent: String?, createdAt: Timestamp, changedAt: Timestamp, version: String) {
        self.name = name
        self.role = role
        self.agent = agent
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.version = version
    }
}

/// Somebody for whom the company's log-in vouched. Nothing else is kept of him.
package struct VouchedPerson: Sendable, Equatable {
    package var subject: String
    /// For people.
    package var name: String
    package var role: String
    package var agent: String?

    package init(subject: String, name: String, role: String, agent: String?) {
        self.subject = subject
        self.name = name
        self.role = role
        self.agent = agent
    }
}

/// A session and whose it is. Its id, which the browser holds, is kept as a hash only.
package struct StoredSession: Sendable, Equatable {
    package enum Holder: Sendable, Equatable {
        /// It ends with the user's version.
        case user(StoredUser)
        case vouched(VouchedPerson)
    }

    package var holder: Holder
    package var expiresAt: Timestamp

    package init(user: StoredUser, expiresAt: Timestamp) {
        self.holder = .user(user)
        self.expiresAt = expiresAt
    }

    package init(vouched person: VouchedPerson, expiresAt: Timestamp) {
        self.holder = .vouched(person)
        self.expiresAt = expiresAt
    }
}

/// A session as an administrator sees it, who neither sees nor needs what the browser holds.
package struct ListedSession: Sendable, Equatable {
    /// Of the digits of its hash: enough to tell it from every other.
    package static let idLength = 24

    package var id: String
    package var session: StoredSession
    package var begunAt: Timestamp

    package static func id(ofHash hash: String) -> String { String(hash.prefix(Self.idLength)) }
}

/// One that an administrator has ended.
package struct EndedSession: Sendable, Equatable {
    package var hash: String
    /// Whose it was: a user's name, or the subject of the company's log-in.
    package var user: String?
    package var subject: String?
}

extension Fields {
    init(_ token: StoredToken, hash: String) {
        self.set("name", token.name)
        self.set("role", token.role)
        self.set("agent", token.agent)
        self.set("hash", hash)
        self.set("created_at", token.createdAt)
        self.set("created_by", token.createdBy)
        self.set("expires_at", token.expiresAt)
    }

    init(_ user: StoredUser) {
        self.set("role", user.role)
        self.set("agent", user.agent)
        self.set("created_at", user.createdAt)
        self.set("changed_at", user.changedAt)
        self.set("version", user.version)
    }
}

extension VouchedPerson {
    /// `nil` for a hash that holds no such session.
    init?(_ fields: [String: String]) {
        guard let subject = fields["subject"], let name = fields["name"], let role = fields["role"] else { return nil }
        self.init(subject: subject, name: name, role: role, agent: fields["agent"])
    }
}

extension StoredToken {
    /// `nil` for a hash that holds no token.
    init?(id: String, _ fields: [String: String]) {
        guard let name = fields["name"], let role = fields["role"], let createdAt = fields["created_at"].flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        // One that cannot be read must not become "never".
        let expiresAt = fields["expires_at"].flatMap { Timestamp(rfc3339: $0) }
        if fields["expires_at"] != nil, expiresAt == nil { return nil }
        self.init(
            id: id, name: name, role: role, agent: fields["agent"], createdAt: createdAt, createdBy: fields["created_by"] ?? "",
            expiresAt: expiresAt, lastUsedAt: fields["last_used_at"].flatMap { Timestamp(rfc3339: $0) })
    }
}

extension StoredSession {
    /// What the script says of a session; `nil` when it is over, or its user is gone or another.
    init?(_ fields: [String: String]) {
        guard let expiresAt = fields["expires_at"].flatMap({ Timestamp(rfc3339: $0) }) else { return nil }
        if let person = VouchedPerson(fields) {
            self.init(vouched: person, expiresAt: expiresAt)
            return
        }
        guard let name = fields["user"], let user = StoredUser(name: name, fields) else { return nil }
        self.init(user: user, expiresAt: expiresAt)
    }
}

extension StoredUser {
    init?(name: String, _ fields: [String: String]) {
        guard let role = fields["role"], let version = fields["version"],
            let createdAt = fields["created_at"].flatMap({ Timestamp(rfc3339: $0) }),
            let changedAt = fields["changed_at"].flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        self.init(name: name, role: role, agent: fields["agent"], createdAt: createdAt, changedAt: changedAt, version: version)
    }
}

extension RedisValue {
    /// What HGETALL gives.
    func fields() throws(RedisError) -> [String: String] {
        let texts = try self.array().map { value throws(RedisError) in
            guard let text = value.text else { throw .unexpectedReply }
            return text
        }
        guard texts.count.isMultiple(of: 2) else { throw .unexpectedReply }
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: texts.count, by: 2) { fields[texts[index]] = texts[index + 1] }
        return fields
    }

    /// Pairs of a name and what HGETALL gives.
    func namedFields() throws(RedisError) -> [(name: String, fields: [String: String])] {
        let values = try self.array()
        guard values.count.isMultiple(of: 2) else { throw .unexpectedReply }
        var named: [(name: String, fields: [String: String])] = []
        for index in stride(from: 0, to: values.count, by: 2) {
            guard let name = values[index].text else { throw .unexpectedReply }
            named.append((name, try values[index + 1].fields()))
        }
        return named
    }
}

extension RedisCommand {
    mutating func append(_ fields: Fields) {
        for field in fields.items {
            self.append(field.name)
            self.append(field.value)
        }
    }
}
