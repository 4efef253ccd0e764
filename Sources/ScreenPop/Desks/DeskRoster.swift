package import CallCenter

/// The desks of one agent, and which of them is primary: the one that rings. A desk is a browser in which the agent's desktop is open, in however
/// many tabs; an instance is one of ours that holds sockets of it.
package struct DeskRoster: Sendable, Equatable {
    package struct Desk: Sendable, Equatable {
        package var id: String
        package var since: Timestamp
        /// Never empty.
        package var instances: [String]

        package init(id: String, since: Timestamp, instances: [String]) {
            self.id = id
            self.since = since
            self.instances = instances
        }
    }

    package struct Primary: Sendable, Equatable {
        package var desk: String
        /// Since when it is the one.
        package var since: Timestamp

        package init(desk: String, since: Timestamp) {
            self.desk = desk
            self.since = since
        }
    }

    /// The longest open first.
    package private(set) var desks: [Desk]
    package private(set) var primary: Primary?

    /// Of one agent: whoever has more browsers open has them open by a script.
    package static let limit = 32

    package init(desks: [Desk] = [], primary: Primary? = nil) {
        self.desks = desks
        self.primary = primary
    }

    /// Letters, digits, `-` and `_`, 64 at most: what a browser makes for itself.
    package static func isValid(id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// Makes it so that `instance` holds sockets of exactly those desks. Where the primary is gone by that, the desk that is open longest follows it.
    /// - Parameters:
    ///   - open: In the order in which they were opened.
    ///   - gone: Instances that live no more, and hold nothing.
    package mutating func settle(_ open: [String], of instance: String, gone: Set<String> = [], at now: Timestamp) {
        for index in self.desks.indices {
            let id = self.desks[index].id
            self.desks[index].instances.removeAll { $0 == instance ? !open.contains(id) : gone.contains($0) }
        }
        // Added before anything is dropped: a primary that changed its instance is still the same desk.
        for id in open { self.add(id, of: instance, at: now) }
        self.desks.removeAll { $0.instances.isEmpty }
        if let primary = self.primary, self.desks.contains(where: { $0.id == primary.desk }) { return }
        self.primary = self.desks.first.map { Primary(desk: $0.id, since: now) }
    }

    /// False when there is no room for one more desk.
    package mutating func claim(_ id: String, of instance: String, at now: Timestamp) -> Bool {
        guard self.add(id, of: instance, at: now) else { return false }
        if self.primary?.desk != id { self.primary = Primary(desk: id, since: now) }
        return true
    }

    @discardableResult
    private mutating func add(_ id: String, of instance: String, at now: Timestamp) -> Bool {
        if let index = self.desks.firstIndex(where: { $0.id == id }) {
            if !self.desks[index].instances.contains(instance) { self.desks[index].instances.append(instance) }
            return true
        }
        guard self.desks.count < Self.limit else { return false }
        self.desks.append(Desk(id: id, since: now, instances: [instance]))
        return true
    }
}
