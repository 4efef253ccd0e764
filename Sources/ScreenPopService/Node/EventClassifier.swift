import CallCenter
import EventSocket

/// Tells the few events apart that the machine of a node must know, at the cost of one header for all others.
struct EventClassifier {
    static let canarySubclass = "screenpop::canary"
    static let instanceHeader = "ScreenPop-Instance"
    static let countHeader = "ScreenPop-Count"

    private static let name = HeaderTable(["Event-Name"])
    private static let subclass = HeaderTable(["Event-Subclass"])
    private static let canary = HeaderTable([instanceHeader, countHeader, "Core-UUID", "Event-Date-Timestamp"])
    private static let module = HeaderTable(["key", "filename"])

    /// What our own canaries carry; no other process's are the same.
    let instance: String

    func signal(of event: Event) -> NodeStateMachine.Signal {
        let name = event.find(Self.name)
        if name.equals(0, "CUSTOM") {
            guard event.find(Self.subclass).equals(0, "screenpop::canary") else { return .other }
            let canary = event.find(Self.canary)
            guard canary.string(0) == self.instance, let number = canary.int(1), let coreUUID = canary.string(2), let at = canary.int(3) else {
                return .other
            }
            return .canary(number: Int(number), coreUUID: coreUUID, at: Timestamp(microseconds: at))
        }
        if name.equals(0, "SHUTDOWN") { return .shutdown }
        if name.equals(0, "MODULE_LOAD") {
            // Once for each interface of the module; the machine makes one resync of them.
            return event.find(Self.module).equals(0, "mod_callcenter") ? .callCenterLoaded : .other
        }
        return .other
    }

    func canaryHeaders(number: Int) -> [(String, String)] {
        [("Event-Subclass", Self.canarySubclass), (Self.instanceHeader, self.instance), (Self.countHeader, String(number))]
    }
}
