import EventSocket
import ScreenPopService

// What a restricted user of the event socket lacks.
extension FreeSWITCHExamination {
    /// Asks for each command without its arguments, which only says how it is used, and subscribes to each event.
    func rights(_ connection: EventSocketConnection) async throws(EventSocketError) -> [Finding] {
        var commands: [String] = []
        for command in EventSocketRights.commands where try await self.isRefused(command, connection) { commands.append(command) }
        var events: [String] = []
        for event in EventSocketRights.events where event != "CUSTOM" {
            let isSubclass = event.contains("::")
            do {
                try await connection.subscribe(events: isSubclass ? [] : [event], custom: isSubclass ? [event] : [])
            } catch {
                guard case .refused = error else { throw error }
                events.append(event)
            }
        }
        return Self.rights(refusedCommands: commands, refusedEvents: events, subject: self.subject)
    }

    static func rights(refusedCommands: [String], refusedEvents: [String], subject: String) -> [Finding] {
        var findings: [Finding] = []
        if !refusedCommands.isEmpty {
            let list = refusedCommands.joined(separator: ",")
            let grade: Finding.Grade = refusedCommands.contains { ["callcenter_config", "show"].contains($0) } ? .fail : .warn
            findings.append(
                Finding(
                    grade: grade, subject: subject, text: "the event socket user may not run \(list)",
                    advice: "add them to esl-allowed-api in the directory; without them what needs them is refused"))
        }
        if !refusedEvents.isEmpty {
            let list = refusedEvents.joined(separator: ",")
            let grade: Finding.Grade = refusedEvents.contains("callcenter::info") ? .fail : .warn
            findings.append(
                Finding(
                    grade: grade, subject: subject, text: "the event socket user does not get \(list)",
                    advice: "add them to esl-allowed-events in the directory (CUSTOM stands before the names with ::)"))
        }
        return findings.isEmpty ? [.ok(subject, "the event socket user may do all that ScreenPop needs")] : findings
    }

    private func isRefused(_ command: String, _ connection: EventSocketConnection) async throws(EventSocketError) -> Bool {
        do {
            // Without a name this one would show every global variable, secrets among them.
            return try await connection.api(try APICall(command, command == "global_getvar" ? "core_uuid" : "")).hasPrefix("-ERR permission denied")
        } catch {
            guard case .refused = error else { throw error }
            return true
        }
    }
}
