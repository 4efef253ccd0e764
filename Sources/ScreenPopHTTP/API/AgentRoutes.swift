import CallCenter
import Hummingbird
import ScreenPopService

extension API {
    func addAgentRoutes(to routes: inout Routes) {
        self.on(&routes, .get, "/agents", .listAgents) { _, _ in .list(try await self.read(self.site.agents())) }
        self.on(&routes, .post, "/agents", .addAgent, makes: "agent") { request, context in try await self.add(request, by: context.principal) }
        self.on(&routes, .get, "/agents/:agent", .readAgent) { _, context in
            let name = try context.name("agent")
            guard let agent = try await self.read(self.site.agent(name)) else { throw Problem.unknown("agent", name) }
            return .json(agent)
        }
        self.on(&routes, .delete, "/agents/:agent", .deleteAgent) { request, context in
            let node = try Query(request.uri.query)["node"]
            try await self.controls.configuration.delete(agent: try context.name("agent"), node: node, by: context.principal)
            return Response(status: .noContent)
        }
        self.on(&routes, .put, "/agents/:agent/status", .setStatus) { try await self.run(.status, $0, $1) }
        self.on(&routes, .put, "/agents/:agent/state", .setState) { try await self.run(.state, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/login", .logIn) { try await self.run(.login, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/logout", .logOut) { try await self.run(.logout, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/ready", .ready) { try await self.run(.ready, $0, $1) }
        self.on(&routes, .post, "/agents/:agent/break", .takeBreak) { try await self.run(.takeBreak, $0, $1) }
    }

    func run(_ kind: AgentCommand.Kind, _ request: Request, _ context: HTTPContext) async throws -> Response {
        let agent = try context.name("agent")
        let command = try await self.decode(request) { members throws(Problem) in try AgentCommand(kind, members: &members) }
        return .outcome(try await command.run(self.controls.agents, agent: agent, by: context.principal))
    }

    private func add(_ request: Request, by: Principal) async throws -> Response {
        let settings = try await self.decode(request) { members throws(Problem) in
            var settings = AgentSettings(name: try members.requiredString("name"))
            if let type = try members.string("type") { settings.type = type }
            if let contact = try members.object("contact") {
                settings.contact = try Contact(members: Members(contact), allowDialStrings: self.configuration.allowDialStrings)
            }
            settings.maxNoAnswer = try members.integer("maxNoAnswer")
            settings.wrapUpTime = try members.integer("wrapUpTime")
            settings.rejectDelayTime = try members.integer("rejectDelayTime")
            settings.busyDelayTime = try members.integer("busyDelayTime")
            settings.noAnswerDelayTime = try members.integer("noAnswerDelayTime")
            settings.node = try members.string("node")
            return settings
        }
        return .outcome(try await self.controls.configuration.add(settings, by: by), status: .created)
    }
}

extension Contact {
    /// One of the forms of the contract, validated. A dial string is another matter: FreeSWITCH runs what stands in `${...}`.
    init(members: Members, allowDialStrings: Bool) throws(Problem) {
        var members = members
        let user = try members.string("user")
        let sofia = try members.object("sofia")
        let loopback = try members.object("loopback")
        let dialString = try members.string("dialString")
        let timeout = try members.integer("callTimeout")
        try members.finish()
        guard [user != nil, sofia != nil, loopback != nil, dialString != nil].filter(\.self).count == 1 else {
            throw Self.invalid("A contact is one of user, sofia, loopback.")
        }
        if timeout != nil, user == nil, sofia == nil { throw Self.invalid("callTimeout belongs to user and sofia contacts.") }
        if let user {
            self = .user(user, callTimeout: timeout)
        } else if let sofia {
            var sofia = Members(sofia)
            self = .sofia(
                profile: try sofia.requiredString("profile"), address: try sofia.requiredString("address"), callTimeout: timeout)
            try sofia.finish()
        } else if let loopback {
            var loopback = Members(loopback)
            self = .loopback(extension: try loopback.requiredString("extension"), context: try loopback.requiredString("context"))
            try loopback.finish()
        } else {
            guard allowDialStrings else {
                throw Problem(.forbidden, "dial-strings-not-allowed", "Dial strings are accepted only with --allow-dial-strings.")
            }
            let text = dialString ?? ""
            guard !text.contains("${") else { throw Self.invalid("A dial string must not contain \"${\".") }
            self = .dialString(text)
        }
        do { try self.validate() } catch { throw Self.invalid("\(error)") }
    }

    private static func invalid(_ detail: String) -> Problem {
        Problem(.unprocessableContent, CommandError.Code.invalidContact.rawValue, detail)
    }
}
