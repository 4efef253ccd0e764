import CallCenter
import HTTPTypes
import NIOCore
import ScreenPop
import ScreenPopService

extension SettingsList {
    /// - Returns: the list, and what of it cannot be read.
    /// - Throws: `Problem` for what is no list at all.
    static func read(_ bytes: some Collection<UInt8>, _ format: SettingsFormat) throws(Problem) -> (list: SettingsList, faults: [ImportPlan.Fault]) {
        switch format {
        case .json: try self.readJSON(bytes)
        case .csv: try self.readCSV(bytes)
        }
    }

    // MARK: reading

    private static func readJSON(_ bytes: some Collection<UInt8>) throws(Problem) -> (list: SettingsList, faults: [ImportPlan.Fault]) {
        var members = try Members(body: bytes)
        let agents = try members.objects("agents") ?? []
        let tiers = try members.objects("tiers") ?? []
        try members.finish()
        var list = SettingsList()
        var faults: [ImportPlan.Fault] = []
        func reading(_ path: String, _ read: (Place) throws(Problem) -> Void) {
            do throws(Problem) { try read(.path(path)) } catch { faults.append(error.fault(at: .path(path))) }
        }
        for (index, entry) in agents.enumerated() {
            reading("agents[\(index)]") { place throws(Problem) in list.agents.append(try Agent(entry, place)) }
        }
        for (index, entry) in tiers.enumerated() {
            reading("tiers[\(index)]") { place throws(Problem) in list.tiers.append(try Tier(entry, place)) }
        }
        return (list, faults)
    }

    // MARK: writing

    var json: ByteBuffer {
        JSONWriter.object { object in
            object.name("agents")
            object.array(self.agents) { writer, agent in agent.write(to: &writer) }
            object.name("tiers")
            object.array(self.tiers) { writer, tier in tier.write(to: &writer) }
        }
    }
}

extension SettingsList.Agent {
    fileprivate init(_ members: Members, _ place: SettingsList.Place) throws(Problem) {
        var members = members
        self.init(name: try members.requiredString("name"), place: place)
        self.node = try members.string("node")
        self.changes.type = try members.string("type")
        if let contact = try members.object("contact") {
            self.changes.contact = try Contact(listed: Members(contact))
        }
        self.changes.maxNoAnswer = try members.integer("maxNoAnswer")
        self.changes.wrapUpTime = try members.integer("wrapUpTime")
        self.changes.rejectDelayTime = try members.integer("rejectDelayTime")
        self.changes.busyDelayTime = try members.integer("busyDelayTime")
        self.changes.noAnswerDelayTime = try members.integer("noAnswerDelayTime")
        try members.finish()
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("name", self.name)
            object.member("node", self.node)
            object.member("type", self.changes.type)
            object.name("contact")
            if let contact = self.changes.contact { object.json(contact.jsonObject) } else { object.null() }
            object.member("maxNoAnswer", self.changes.maxNoAnswer)
            object.member("wrapUpTime", self.changes.wrapUpTime)
            object.member("rejectDelayTime", self.changes.rejectDelayTime)
            object.member("busyDelayTime", self.changes.busyDelayTime)
            object.member("noAnswerDelayTime", self.changes.noAnswerDelayTime)
        }
    }
}

extension SettingsList.Tier {
    fileprivate init(_ members: Members, _ place: SettingsList.Place) throws(Problem) {
        var members = members
        self.init(queue: try members.requiredString("queue"), agent: try members.requiredString("agent"), place: place)
        self.level = try members.integer("level")
        self.position = try members.integer("position")
        try members.finish()
    }

    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("queue", self.queue)
            object.member("agent", self.agent)
            object.member("level", self.level)
            object.member("position", self.position)
        }
    }
}

extension Contact {
    /// One of a list. A dial string may be one that is there already and stays; the plan refuses it where it would be written.
    fileprivate init(listed members: Members) throws(Problem) {
        var others = members
        if let text = try others.string("dialString") {
            try others.finish()
            self = .dialString(text)
        } else {
            self = try Contact(members: members, allowDialStrings: false)
        }
    }
}

extension Problem {
    func fault(at place: SettingsList.Place) -> ImportPlan.Fault {
        ImportPlan.Fault(place: place, code: CommandError.Code(rawValue: self.code) ?? .invalidValue, message: self.detail)
    }
}
