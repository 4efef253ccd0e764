import OrderedCollections

/// The API functions of the core, and one of our own to drive calls by hand.
extension SimulatedSwitch {
    /// Runs `FUNCTION ARGUMENT` and returns what an `api` command is answered with.
    mutating func run(_ line: String) -> String {
        let parts = line.split(separator: " ", maxSplits: 1)
        let function = parts.first.map(String.init) ?? ""
        let argument = parts.count > 1 ? String(parts[1]) : ""
        switch function {
        case "callcenter_config" where self.isCallCenterLoaded: return self.callCenterConfig(argument)
        case "callcenter_break" where self.isCallCenterLoaded: return self.callCenterBreak(argument)
        case "json": return self.jsonAPI(argument)
        case "msleep": return "+OK"
        case "create_uuid": return self.makeUUID()
        case "module_exists": return argument == "mod_callcenter" && !self.isCallCenterLoaded ? "false" : String(argument.hasPrefix("mod_"))
        case "reloadxml":
            self.emit("RELOADXML", .reloadXML, [:])
            return "+OK [Success]\n"
        case "load": return self.loadModule(argument)
        case "unload": return self.unloadModule(argument)
        case "reload": return self.reloadModule(argument)
        case "status": return self.status()
        case "version": return "FreeSWITCH Version \(Self.version) (git a88d069 2024-08-02 21:02:27Z 64bit)\n"
        case "show": return self.show(argument)
        case "uuid_dump": return self.uuidDump(argument)
        case "simulate": return self.simulate(argument)
        case "help": return Self.help
        default: return self.callControl(function, argument) ?? "-ERR \(function) Command not found!\n"
        }
    }

    static let version = "1.10.12-release+git~20240802T210227Z~a88d069d6f~64bit"

    private static let help = """
        callcenter_config,<target> <args>,config of callcenter,mod_callcenter
        callcenter_break,agent <uuid>,Stop watching an uuid and release agent,mod_callcenter
        hupall,<cause>,hupall,mod_commands
        originate,<call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>],Originate a call,mod_commands
        reload,[-f] <mod_name>,Reload module,mod_commands
        show,channels [as json|count],Show various reports,mod_commands
        simulate,call NUMBER NAME EXTENSION [name=value ...],a caller dials; the answer is the call's uuid,simulator
        simulate,answer AGENT | reject AGENT | busy AGENT,what an agent's phone does with a call that rings,simulator
        simulate,hold AGENT | unhold AGENT,what an agent does with a call,simulator
        simulate,hangup UUID [caller|agent],one side hangs up,simulator
        simulate,dtmf UUID DIGIT,a key pressed in the menu,simulator
        simulate,dialout AGENT NUMBER | farend UUID,an agent's own call; its far end answers,simulator
        simulate,phone AGENT rings|answers|rejects|busy|unregistered,how that phone behaves from now on,simulator
        simulate,slow SECONDS COMMAND | refuse TEXT COMMAND,commands that begin so take long or are answered with that,simulator
        simulate,queue-server URL NAME:PASSWORD | queue-server off,whom mod_xml_curl asks for queues,simulator
        simulate,extension NUMBER QUEUE,from now on that is dialled for a queue,simulator
        simulate,faultless,nothing is slow or refused any more,simulator
        status,,Show current status,mod_commands
        uuid_bridge,<uuid> <other_uuid>,Bridge call legs,mod_commands
        uuid_broadcast,<uuid> <path> [aleg|bleg|holdb|both],Execute dialplan application,mod_commands
        uuid_dual_transfer,<uuid> <A-dest-exten>[/<A-dialplan>] <B-dest-exten>[/<B-dialplan>],Transfer a session and its partner,mod_commands
        uuid_dump,<uuid> json,Dump session vars,mod_commands
        uuid_exists,<uuid>,Check if a uuid exists,mod_commands
        uuid_getvar,<uuid> <var>,Get a variable from a channel,mod_commands
        uuid_hold,[off|toggle] <uuid> [<display>],Place call on hold,mod_commands
        uuid_kill,<uuid> [cause],Kill channel,mod_commands
        uuid_park,<uuid>,Park channel,mod_commands
        uuid_send_dtmf,<uuid> <dtmf_data>,Send dtmf digits,mod_commands
        uuid_setvar,<uuid> <var> [value],Set a variable,mod_commands
        uuid_transfer,<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>],Transfer a session,mod_commands
        version,,Version,mod_commands

        +OK

        """

    private func status() -> String {
        """
        UP \(SwitchTime.duration(self.now - self.startedAt))
        FreeSWITCH (Version 1.10.12-release git a88d069 2024-08-02 21:02:27Z 64bit) is ready
        \(self.sessionsSinceStart) session(s) since startup
        \(self.channels.count) session(s) - peak \(self.peak), last 5min \(self.peak) 
        0 session(s) per Sec out of max 500, peak 0, last 5min 0 
        5000 session(s) max
        min idle cpu 0.00/99.00
        Current Stack Size/Max 240K/8192K

        """
    }

    private func show(_ argument: String) -> String {
        switch argument {
        case "channels as json":
            if self.channels.isEmpty { return "{\"row_count\": 0}\n" }
            return "{\"row_count\":\(self.channels.count),\"rows\":[" + self.channels.values.map(self.channelRow).joined(separator: ",") + "]}\n"
        case "channels count": return "\n\(self.channels.count) total.\n"
        case "calls as json", "registrations as json": return "{\"row_count\": 0}\n"
        default: return "-USAGE: codec|endpoint|channels [as json|count]\n"
        }
    }

    private func channelRow(_ channel: CallLeg) -> String {
        let profile = channel.profile
        let codec = channel.hasCodec
        let isCaller = profile.direction == .inbound
        let bridged = channel.bridgedTo
        var created = SwitchEvent(name: "")
        created.append([
            "uuid": channel.uuid, "direction": profile.direction.rawValue, "created": SwitchTime.local(channel.times.created),
            "created_epoch": String(channel.times.created / 1_000_000), "name": profile.channelName, "state": channel.state.rawValue,
            "cid_name": profile.callerName, "cid_num": profile.callerNumber, "ip_addr": isCaller ? "127.0.0.1" : "", "dest": profile.destination,
            "application": bridged.map { _ in channel.application == "bridge" ? "bridge" : "uuid_bridge" } ?? channel.application,
            "application_data": channel.application == "bridge" ? channel.applicationData : bridged ?? channel.applicationData,
            "dialplan": isCaller ? "XML" : "", "context": profile.context, "read_codec": codec ? "PCMU" : "", "read_rate": codec ? "8000" : "",
            "read_bit_rate": codec ? "64000" : "", "write_codec": codec ? "PCMU" : "", "write_rate": codec ? "8000" : "",
            "write_bit_rate": codec ? "64000" : "", "secure": "", "hostname": "vm", "presence_id": "", "presence_data": "", "accountcode": "",
            "callstate": channel.callState, "callee_name": profile.calleeName ?? "", "callee_num": profile.calleeNumber ?? "",
            "callee_direction": bridged == nil ? "" : "SEND",
            "call_uuid": bridged == nil ? (isCaller ? "" : channel.callUUID) : channel.callUUID, "sent_callee_name": "", "sent_callee_num": "",
            "initial_cid_name": profile.callerName, "initial_cid_num": profile.callerNumber, "initial_ip_addr": isCaller ? "127.0.0.1" : "",
            "initial_dest": channel.initialDestination, "initial_dialplan": isCaller ? "XML" : "", "initial_context": isCaller ? "public" : "default",
        ])
        return EventText.json(created.headers)
    }

    private mutating func uuidDump(_ argument: String) -> String {
        let words = argument.split(separator: " ")
        guard let uuid = words.first.map(String.init), let channel = self.channels[uuid] else { return "-ERR No such channel!\n" }
        var event = self.baseHeaders("CHANNEL_DATA", .uuidDump)
        event.headers += channel.headers()
        return words.dropFirst().first == "json" ? EventText.json(event.headers) : EventText.plain(event)
    }

    private mutating func simulate(_ argument: String) -> String {
        let words = ArgumentTokens.split(argument, maximum: 16)
        func done(_ worked: Bool, _ otherwise: String) -> String { worked ? "+OK\n" : "-ERR \(otherwise)\n" }
        switch (words.first, words.count) {
        case ("call", 4...):
            let variables = words.dropFirst(4).compactMap { word -> (String, String)? in
                let pair = word.split(separator: "=", maxSplits: 1)
                return pair.count == 2 ? (String(pair[0]), String(pair[1])) : nil
            }
            return "+OK \(self.dial(number: words[1], name: words[2], to: words[3], variables: variables))\n"
        case ("answer", 2): return done(self.answer(agent: words[1]), "nothing rings at \(words[1])")
        case ("reject", 2): return done(self.reject(agent: words[1]), "nothing rings at \(words[1])")
        case ("busy", 2): return done(self.reject(agent: words[1], busy: true), "nothing rings at \(words[1])")
        case ("hold", 2): return done(self.hold(agent: words[1], true), "\(words[1]) has no call to hold")
        case ("unhold", 2): return done(self.hold(agent: words[1], false), "\(words[1]) holds no call")
        case ("hangup", 2...3):
            let side = words.count > 2 ? CallSide(rawValue: words[2]) : .caller
            guard let side else { return "-ERR caller or agent\n" }
            return done(self.hangUp(words[1], by: side), "no such call")
        case ("dtmf", 3): return done(self.dtmf(words[2], call: words[1]), "no such call")
        case ("dialout", 3): return self.dialOut(agent: words[1], number: words[2]).map { "+OK \($0)\n" } ?? "-ERR \(words[1]) has no phone\n"
        case ("farend", 2): return done(self.answerFarEnd(call: words[1]), "no such call")
        case ("phone", 3):
            guard let phone = Phone(rawValue: words[2]) else {
                return "-ERR \(Phone.allCases.map(\.rawValue).joined(separator: ", "))\n"
            }
            self.setPhone(phone, of: words[1])
            return "+OK\n"
        case ("slow", 3...):
            guard let seconds = Double(words[1]), (0...3600).contains(seconds) else { return "-ERR seconds from 0 to 3600\n" }
            self.faults.append(SwitchFault(command: words[2...].joined(separator: " "), delay: seconds))
            return "+OK\n"
        case ("refuse", 3...):
            self.faults.append(SwitchFault(command: words[2...].joined(separator: " "), refusal: words[1]))
            return "+OK\n"
        case ("queue-server", 3):
            self.configurationServer = ConfigurationServer(url: words[1], credentials: words[2])
            return "+OK\n"
        case ("queue-server", 2) where words[1] == "off":
            self.configurationServer = nil
            return "+OK\n"
        case ("extension", 3):
            self.configuration.queueExtensions[words[1]] = words[2]
            return "+OK\n"
        case ("faultless", 1):
            self.faults = []
            return "+OK\n"
        default:
            return
                "-USAGE: simulate call|answer|reject|busy|hold|unhold|hangup|dtmf|dialout|farend|phone|slow|refuse|faultless|queue-server|extension ...; see: api help\n"
        }
    }
}

/// What the event socket itself makes the switch do.
extension SimulatedSwitch {
    mutating func makeUUID() -> String { self.random.uuid() }

    /// `sendevent NAME`: the event's uuid.
    mutating func sendEvent(command: String, headers: [SwitchEvent.Header], body: String) -> String {
        let words = command.split(separator: " ")
        let name = words.count > 1 ? String(words[1]) : "CUSTOM"
        let subclass = name == "CUSTOM" ? headers.first { $0.name == "Event-Subclass" }?.value : nil
        let uuid = self.random.uuid()
        let origin = self.baseHeaders(name, .sendevent)
        var event = SwitchEvent(name: name, subclass: subclass)
        if let subclass { event.append("Event-Subclass", subclass) }
        event.append("Command", command)
        for header in headers where !["Event-Subclass", "Event-Name", "Content-Length"].contains(header.name) { event.headers.append(header) }
        event.append("Event-UUID", uuid)
        event.headers += origin.headers
        event.body = body.isEmpty ? nil : body
        self.events.append(event)
        return uuid
    }
}
