public import CallCenter

extension NodeReducer {
    /// Brings the state in line with a snapshot and says what differs; afterwards the events since the snapshot's first canary are applied
    /// again, which changes nothing that is already so. Another Core-UUID ends all live pops as `lost-track` first.
    public mutating func load(_ snapshot: SwitchSnapshot, to changes: inout [Change]) {
    }

    mutating func adoptStored(_ pop: Pop) {
    }
}
