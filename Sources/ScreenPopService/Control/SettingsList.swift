/// Agents and tiers as a list that can be exported, changed and imported again.
package struct SettingsList: Sendable, Equatable {
    /// Where an entry stands in what somebody sent, so that a fault can be told.
    package enum Place: Sendable, Hashable {
        case line(Int)
        /// `agents[2]`
        case path(String)
        /// Nowhere: it is the service's own.
        case none
    }

    package struct Agent: Sendable, Equatable {
        package var place = Place.none
        package var name: String
        /// `nil`: where it is, or the only node.
        package var node: String?
        /// What is `nil` stays as it is; for a new agent it is what mod_callcenter gives it.
        package var changes = AgentChanges()

        package init(name: String, place: Place = .none) {
            self.name = name
            self.place = place
        }
    }

    package struct Tier: Sendable, Equatable {
        package var place = Place.none
        package var queue: String
        package var agent: String
        package var level: Int?
        package var position: Int?

        package init(queue: String, agent: String, place: Place = .none) {
            self.queue = queue
            self.agent = agent
            self.place = place
        }
    }

    package var agents: [Agent]
    package var tiers: [Tier]

    package init(agents: [Agent] = [], tiers: [Tier] = []) {
        self.agents = agents
        self.tiers = tiers
    }
}

/// What an import does, or would do.
package struct ImportPlan: Sendable, Equatable {
    package enum Action: String, Sendable { case add, change, delete }
    package enum Kind: String, Sendable { case agent, tier }

    package struct Field: Sendable, Equatable {
        package var name: String
        package var from: CommandValue
        package var to: CommandValue
    }

    package struct Step: Sendable, Equatable {
        package var action: Action
        package var kind: Kind
        package var node: String
        package var agent: String
        package var queue: String?
        package var fields: [Field] = []
    }

    package struct Fault: Sendable, Equatable {
        package var place: SettingsList.Place
        package var code: CommandError.Code
        package var message: String

        package init(place: SettingsList.Place, code: CommandError.Code, message: String) {
            self.place = place
            self.code = code
            self.message = message
        }
    }

    package var steps: [Step] = []
    package var faults: [Fault] = []
    /// How many steps were carried out.
    package var applied = 0

    package init() {}
}
