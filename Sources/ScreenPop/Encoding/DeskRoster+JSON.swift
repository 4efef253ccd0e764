import CallCenter

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension DeskRoster {
    /// `{"primary":{"desk","since"},"desks":[{"id","since","instances":[...]}]}`, for ourselves alone.
    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { object in
            object.name("primary")
            if let primary = self.primary { primary.write(to: &object) } else { object.null() }
            object.name("desks")
            object.array(self.desks) { writer, desk in
                writer.object { object in
                    object.member("id", desk.id)
                    object.member("since", desk.since)
                    object.name("instances")
                    object.array(desk.instances) { $0.value($1) }
                }
            }
        }
        return writer.bytes
    }

    /// As `json` wrote it. `nil` for anything else.
    package init?(json: some Sequence<UInt8>) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)) else { return nil }
        var desks: [Desk] = []
        for desk in form.desks {
            guard let since = Timestamp(rfc3339: desk.since) else { return nil }
            desks.append(Desk(id: desk.id, since: since, instances: desk.instances))
        }
        var primary: Primary?
        if let found = form.primary {
            guard let since = Timestamp(rfc3339: found.since) else { return nil }
            primary = Primary(desk: found.desk, since: since)
        }
        self.init(desks: desks, primary: primary)
    }

    private struct Form: Decodable {
        struct Desk: Decodable {
            var id: String
            var since: String
            var instances: [String]
        }

        struct Primary: Decodable {
            var desk: String
            var since: String
        }

        var primary: Primary?
        var desks: [Desk]
    }
}

extension DeskRoster.Primary {
    /// `{"desk":"...","since":"..."}`
    package func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("desk", self.desk)
            object.member("since", self.since)
        }
    }
}

extension Message {
    /// Which of an agent's desks rings from now on; `null` where none is open.
    ///
    /// `{"type":"desk.primary","agent":"1001@default","desk":"...","since":"..."}`
    package static func primaryDesk(_ primary: DeskRoster.Primary?, of agent: String) -> Message {
        Message("desk.primary", agent: agent) { writer in
            writer.member("agent", agent)
            writer.member("desk", primary?.desk)
            writer.member("since", primary?.since)
        }
    }
}
