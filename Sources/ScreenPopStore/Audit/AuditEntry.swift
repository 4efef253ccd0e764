package import CallCenter
import ScreenPop

/// One thing that somebody did or tried to do: who, what, to whom, from where, with what result.
///
/// It holds no secret and no caller's number: what a request asked for comes in as `request`, which is written by who knows what may be shown.
package struct AuditEntry: Sendable, Equatable {
    package enum Way: String, Sendable {
        case http, websocket
    }

    /// Whom or what it was done to: `agent` `1001@default`.
    package struct Target: Sendable, Equatable {
        package var kind: String
        package var name: String

        package init(_ kind: String, _ name: String) {
            self.kind = kind
            self.name = name
        }
    }

    /// Unique. An entry that is written again after a lost connection has the same.
    package var id = ""
    package var at: Timestamp
    /// `token:ID`, `user:NAME`, ...; `nil` when nobody has shown who he is.
    package var principal: String?
    package var name: String?
    package var role: String?
    /// As the table of rights calls it: `setStatus`.
    package var operation: String
    package var targets: [Target]
    /// The address; `nil` when there is none.
    package var from: String?
    package var way: Way
    /// As over HTTP, whatever way it came.
    package var status: Int
    package var code: String?
    /// The answer of an earlier request with the same key was given again; nothing was done.
    package var isReplayed = false
    /// A JSON object.
    package var request: [UInt8]?
    /// What it came to, where the status does not say it: a JSON object.
    package var result: [UInt8]?

    package init(
        at: Timestamp, principal: String? = nil, name: String? = nil, role: String? = nil, operation: String, targets: [Target] = [], from: String?,
        way: Way, status: Int, code: String? = nil, request: [UInt8]? = nil
    ) {
        self.at = at
        self.principal = principal
        self.name = name
        self.role = role
        self.operation = operation
        self.targets = targets
        self.from = from
        self.way = way
        self.status = status
        self.code = code
        self.request = request
    }

    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 384)
        writer.object { object in
            object.member("id", self.id)
            object.member("at", self.at)
            object.member("principal", self.principal)
            object.member("name", self.name)
            object.member("role", self.role)
            object.member("operation", self.operation)
            object.name("target")
            object.object { target in
                for one in self.targets {
                    target.name(escaping: one.kind)
                    target.value(one.name)
                }
            }
            object.member("from", self.from)
            object.member("way", self.way.rawValue)
            object.member("status", self.status)
            object.member("code", self.code)
            object.member("replayed", self.isReplayed)
            object.name("request")
            if let request { object.json(request) } else { object.null() }
            object.name("result")
            if let result { object.json(result) } else { object.null() }
        }
        return writer.bytes
    }
}
