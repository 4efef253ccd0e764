package import CallCenter

/// What somebody is here for; `AccessTable` says what each may.
package enum Role: String, Sendable, CaseIterable {
    /// Himself only.
    case agent
    /// Reads all, sets states, monitors.
    case supervisor
    /// Everything.
    case admin
    /// Reads pops, calls and callers.
    case integration
}

/// Who asks.
package struct Principal: Sendable, Equatable {
    /// Unique and stable: `admin-token`, `token:ID`, `user:NAME`, `jwt:SUBJECT`.
    package var id: String
    /// For people: the token's or the user's name. Stands in the audit and beside a reason.
    package var name: String
    package var role: Role
    /// The agent whose desktop it is.
    package var agent: String?
    /// `nil`: does not expire.
    package var expiresAt: Timestamp?

    package init(id: String, name: String, role: Role, agent: String? = nil, expiresAt: Timestamp? = nil) {
        self.id = id
        self.name = name
        self.role = role
        self.agent = agent
        self.expiresAt = expiresAt
    }

    /// Whoever has the token of the service's own configuration.
    package static let adminToken = Principal(id: "admin-token", name: "admin", role: .admin)
}
