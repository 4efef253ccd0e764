import CallCenter
import EventSocket

/// The events a node is asked for: exactly those that the domain and the pipeline look at, because each one that nobody wants costs FreeSWITCH
/// and us, and a full queue there drops events without a word.
enum Subscription {
    static let required = ["CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_HANGUP_COMPLETE"]
    static let requiredCustom = ["callcenter::info"]
    /// Every other channel event that the domain decodes, and what tells of the node itself.
    static let optional =
        ChannelEvent.allCases.map(\.text.description).filter { !Self.required.contains($0) } + [
            "HEARTBEAT", "SHUTDOWN", "MODULE_LOAD", "MODULE_UNLOAD",
        ]
    static let optionalCustom = [EventClassifier.canarySubclass, "sofia::register", "sofia::unregister", "sofia::expire"]

    /// Subscribes; a restricted user may lack some of the optional events, and one event too many is refused together with all others, so then
    /// each is asked for alone.
    /// - Returns: what was refused.
    static func subscribe(_ connection: any NodeConnection) async throws(EventSocketError) -> [String] {
        do {
            try await connection.subscribe(events: self.required + self.optional, custom: self.requiredCustom + self.optionalCustom)
            return []
        } catch {
            guard case .refused = error else { throw error }
        }
        do {
            try await connection.subscribe(events: self.required, custom: self.requiredCustom)
        } catch {
            guard case .refused(let text) = error else { throw error }
            throw .refused("the events \((self.required + self.requiredCustom).joined(separator: " ")) (\(text))")
        }
        var refused: [String] = []
        for event in self.optional {
            if try await !self.isGranted(connection, events: [event], custom: []) { refused.append(event) }
        }
        for subclass in self.optionalCustom {
            if try await !self.isGranted(connection, events: [], custom: [subclass]) { refused.append(subclass) }
        }
        return refused
    }

    private static func isGranted(_ connection: any NodeConnection, events: [String], custom: [String]) async throws(EventSocketError) -> Bool {
        do {
            try await connection.subscribe(events: events, custom: custom)
            return true
        } catch {
            guard case .refused = error else { throw error }
            return false
        }
    }
}
