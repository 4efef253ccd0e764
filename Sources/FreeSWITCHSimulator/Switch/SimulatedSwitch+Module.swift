import OrderedCollections

/// mod_callcenter as a module: loaded, unloaded, reloaded.
extension SimulatedSwitch {
    private enum Change: String {
        case load = "MODULE_LOAD"
        case unload = "MODULE_UNLOAD"
    }

    private static let file = "/srv/freeswitch/lib/freeswitch/mod/mod_callcenter.so"

    /// A module whose application runs cannot be unloaded.
    private var isCallCenterInUse: Bool {
        self.members.values.contains { $0.state != .abandoned } || self.channels.values.contains { $0.trackedAgent != nil }
    }

    mutating func loadModule(_ name: String) -> String {
        self.emit("RELOADXML", .reloadXML, [:])
        guard name == "mod_callcenter", !self.isCallCenterLoaded else { return "+OK Reloading XML\n-ERR [Module already loaded]\n" }
        self.loadCallCenter()
        return "+OK Reloading XML\n+OK\n"
    }

    mutating func unloadModule(_ name: String) -> String {
        guard name == "mod_callcenter" else { return "-ERR [Module is not unloadable]\n" }
        guard self.isCallCenterLoaded else { return "-ERR [No such module!]\n" }
        guard !self.isCallCenterInUse else { return "-ERR [Module in use.]\n" }
        self.unloadCallCenter()
        return "+OK\n"
    }

    mutating func reloadModule(_ name: String) -> String {
        self.emit("RELOADXML", .reloadXML, [:])
        guard name == "mod_callcenter", !self.isCallCenterInUse else {
            return "+OK Reloading XML\n-ERR unloading module [Module in use.]\n-ERR loading module [Module already loaded]\n"
        }
        let unloaded = self.isCallCenterLoaded ? "+OK module unloaded\n" : "-ERR unloading module [No such module!]\n"
        if self.isCallCenterLoaded { self.unloadCallCenter() }
        self.loadCallCenter()
        return "+OK Reloading XML\n\(unloaded)+OK module loaded\n"
    }

    private mutating func unloadCallCenter() {
        self.isCallCenterLoaded = false
        self.announce(.unload)
    }

    /// Agents and tiers come from the database with their states reset, queues from the file; who waited has been abandoned.
    private mutating func loadCallCenter() {
        self.isCallCenterLoaded = true
        self.queues = [:]
        for queue in self.configuration.queues { self.queues[queue.name] = queue }
        for name in self.agents.keys {
            self.agents[name]?.state = "Waiting"
            self.agents[name]?.uuid = ""
            self.agents[name]?.externalCalls = 0
        }
        for index in self.tiers.indices { self.tiers[index].state = "Ready" }
        self.announce(.load)
    }

    private mutating func announce(_ change: Change) {
        let interfaces: [(type: String, name: String, description: String, syntax: String?, lines: (load: Int, unload: Int))] = [
            ("application", "callcenter", "CallCenter", "queue_name", (330, 1240)),
            ("application", "callcenter_track", "CallCenter Track Call", "queue_name", (330, 1240)),
            ("api", "callcenter_config", "Config of callcenter", Self.syntax, (390, 1297)),
            ("api", "callcenter_break", "Stop watching an uuid and release agent", "callcenter_break agent <uuid>", (390, 1297)),
            ("json_api", "callcenter_config", "JSON Callcenter API", nil, (420, 1329)),
        ]
        for interface in interfaces {
            let isLoad = change == .load
            let source = EventSource(
                file: "switch_loadable_module.c",
                function: isLoad ? "switch_loadable_module_process" : "switch_loadable_module_unprocess",
                line: isLoad ? interface.lines.load : interface.lines.unload)
            var event = self.baseHeaders(change.rawValue, source)
            event.append(["type": interface.type, "name": interface.name, "description": interface.description])
            if let syntax = interface.syntax { event.append("syntax", syntax) }
            // Only an api still says at its end where it came from.
            if isLoad || interface.type == "api" { event.append(["key": "mod_callcenter", "filename": Self.file]) }
            self.events.append(event)
        }
    }

    /// `callcenter_break agent UUID`: the module lets go of a call, the two go on talking.
    mutating func callCenterBreak(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 2)
        guard words.count == 2, words[0].lowercased() == "agent" else { return "-ERR Usage: callcenter_break agent <uuid>\n" }
        guard self.channels[words[1]] != nil else { return "-ERR Session not found for uuid \(words[1])\n" }
        if let member = self.members.values.first(where: { $0.state == .answered && $0.agentLeg == words[1] && !$0.isParted }) {
            self.members[member.uuid]?.isParted = true
            self.directCalls[words[1]] = member.channel
            self.schedule(.endQueueCall(member: member.uuid), after: 100_000)
        }
        return "+OK\n"
    }
}
