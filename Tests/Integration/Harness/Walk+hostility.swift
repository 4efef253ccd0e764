import NIOHTTP1

@testable import screenpop

/// What somebody may try who would rather give FreeSWITCH orders than fill in a form.
extension Walk {
    private static let names = [
        "x' 'Callback", "x\" \"Callback", "walk evil@default", "unload_mod_event_socket@default", "walk-evil@default\n\napi shutdown",
        "walk-evil@default\r\nbgapi status", "walk-evil|Callback@default", "${global_setvar(walk_injected=yes)}", "walk-evil\\@default",
        "walk-evil@default; fsctl shutdown", "walk-evil\u{0}@default", "", String(repeating: "walk-evil", count: 60),
    ]

    private static let contacts = [
        #"{"user":"${global_setvar(walk_injected=yes)}"}"#, #"{"user":"${system(touch /tmp/injected)}"}"#, #"{"user":"1001@example.org' 'x"}"#,
        #"{"user":"1001 &system(touch)"}"#, #"{"user":"1001@example.org,sofia/internal/1002@192.0.2.7"}"#,
        #"{"user":"1001@example.org|error/user_busy"}"#, #"{"user":"1001@example.org\n\napi shutdown"}"#,
        #"{"sofia":{"profile":"internal","address":"1001@192.0.2.7:5060,loopback/9196"}}"#,
        #"{"sofia":{"profile":"internal/../x","address":"1001@192.0.2.7"}}"#,
        #"{"sofia":{"profile":"internal","address":"1001@${hostname}"}}"#,
        #"{"loopback":{"extension":"9196/default/inline","context":"default"}}"#,
        #"{"loopback":{"extension":"9196","context":"default]${x}"}}"#, #"{"user":"1001@example.org","sofia":{"profile":"a","address":"b"}}"#,
        #"{"dialString":"{api_on_answer='fsctl shutdown'}user/1001"}"#, #"{"user":"[origination_uuid=x]1001"}"#,
    ]

    func hostility() async throws {
        let agents = try await self.switchboard.api("callcenter_config", "agent list")
        let queues = try await self.switchboard.api("callcenter_config", "queue list")
        let unchanged: Step.InFreeSWITCH = ("callcenter_config", "agent list", { $0 == agents })
        for name in Self.names {
            let text = JSON.string(name).text
            try await self.take([
                Step(
                    name: "add \(text)", method: .POST, path: "/api/v1/agents", body: #"{"name":\#(text)}"#, status: 422, inFreeSWITCH: unchanged),
                Step(
                    name: "import \(text)", method: .POST, path: "/api/v1/import", body: #"{"agents":[{"name":\#(text)}]}"#, status: 422,
                    inFreeSWITCH: unchanged),
            ])
            guard !name.isEmpty else { continue }
            try await self.take(
                Step(
                    name: "log in \(text)", method: .POST, path: "\(self.path(name))/login", body: "{}", status: 422, inFreeSWITCH: unchanged))
        }
        for contact in Self.contacts {
            let status = contact.contains("dialString") ? 403 : 422
            try await self.take([
                Step(
                    name: "add with \(contact)", method: .POST, path: "/api/v1/agents", body: #"{"name":"walk-evil@default","contact":\#(contact)}"#,
                    status: status, inFreeSWITCH: unchanged),
                Step(
                    name: "change to \(contact)", method: .PATCH, path: self.path(), body: #"{"contact":\#(contact)}"#, status: status,
                    inFreeSWITCH: unchanged),
            ])
        }
        try await self.wait("nothing was run", ("global_getvar", "walk_injected", { !$0.contains("yes") }))
        try await self.wait("the queues are as they were", ("callcenter_config", "queue list", { $0 == queues }))
        try await self.wait("the event socket is there", ("module_exists", "mod_event_socket", { $0.hasPrefix("true") }))
    }
}
