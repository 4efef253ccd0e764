import HTTPTypes
import ScreenPopService

/// Who may what: role by operation by whether it is about one's own agent. The one place that says so; checks and tests read it.
enum AccessTable {
    enum Right: Sendable {
        case never
        /// About the agent that the principal is.
        case own
        case always
    }

    static func right(_ role: Role, _ operation: Operation) -> Right {
        switch role {
        case .admin: .always
        case .supervisor: self.supervisor(operation)
        case .agent: self.agent(operation)
        case .integration: self.integration(operation)
        }
    }

    private static func supervisor(_ operation: Operation) -> Right {
        switch operation {
        case .listAgents, .readAgent, .setStatus, .setState, .logIn, .logOut, .ready, .takeBreak, .leaveQueues, .cancelPending, .wrapUp, .readPops,
            .acknowledgePop, .listCalls, .readCall, .readTrace, .readCaller, .supervise, .endCall, .readQueues, .readMembers, .readTiers,
            .readNodes, .readReasons, .listen, .readSession:
            .always
        case .controlCall, .dial, .claimDesk: .own
        case .addAgent, .changeAgent, .deleteAgent, .changeTiers, .changeQueues, .defineQueues, .readSwitchConfiguration, .changeReasons,
            .importSettings, .exportSettings, .manageTokens, .manageUsers, .manageSessions, .readAudit:
            .never
        }
    }

    private static func agent(_ operation: Operation) -> Right {
        switch operation {
        case .readAgent, .setStatus, .setState, .logIn, .logOut, .ready, .takeBreak, .leaveQueues, .cancelPending, .wrapUp, .readPops,
            .acknowledgePop, .controlCall, .dial, .listen, .claimDesk:
            .own
        case .readReasons, .readQueues, .readSession: .always
        case .listAgents, .addAgent, .changeAgent, .deleteAgent, .listCalls, .readCall, .readTrace, .readCaller, .supervise, .endCall, .readMembers,
            .readTiers, .changeTiers, .changeQueues, .defineQueues, .readSwitchConfiguration, .readNodes, .changeReasons, .importSettings,
            .exportSettings, .manageTokens, .manageUsers, .manageSessions, .readAudit:
            .never
        }
    }

    private static func integration(_ operation: Operation) -> Right {
        switch operation {
        case .readPops, .listCalls, .readCall, .readTrace, .readCaller, .readSwitchConfiguration, .listen, .readSession: .always
        case .listAgents, .readAgent, .addAgent, .changeAgent, .deleteAgent, .setStatus, .setState, .logIn, .logOut, .ready, .takeBreak,
            .leaveQueues, .cancelPending, .wrapUp, .acknowledgePop, .controlCall, .dial, .claimDesk, .supervise, .endCall, .readQueues,
            .readMembers, .readTiers, .changeTiers, .changeQueues, .defineQueues, .readNodes, .readReasons, .changeReasons, .importSettings,
            .exportSettings,
            .manageTokens, .manageUsers, .manageSessions, .readAudit:
            .never
        }
    }

    static func allows(_ principal: Principal, _ operation: Operation, agent: String?) -> Bool {
        switch self.right(principal.role, operation) {
        case .never: false
        case .own: principal.isAgent(agent)
        case .always: true
        }
    }
}

extension Principal {
    /// Byte by byte: to Swift, two spellings of one letter are equal; to FreeSWITCH and Redis they are two agents.
    func isAgent(_ name: String?) -> Bool {
        guard let name, let own = self.agent else { return false }
        return name.utf8.elementsEqual(own.utf8)
    }

    /// Before anybody has said who he is: may nothing.
    static let nobody = Principal(id: "", name: "", role: .agent)
}

extension Problem {
    static let forbidden = Problem(.forbidden, "forbidden", "Your role does not allow this.")
    /// Who tries to change his status this way is told which way it goes.
    static let ownSettings = Problem(
        .forbidden, "forbidden",
        "Settings are an admin's to change, your own too; status and state you set with PUT .../status, PUT .../state, or POST .../ready and .../break."
    )
}
