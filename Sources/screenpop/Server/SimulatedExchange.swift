import FreeSWITCHSimulator
import Logging
import ServiceLifecycle

/// A simulated FreeSWITCH that listens, and the traffic on it.
struct SimulatedExchange {
    let address: ListenAddress
    let services: [any Service]

    static func start(listen: ListenAddress, password: String, traffic: TrafficOptions, logger: Logger) async throws -> SimulatedExchange {
        SimulatedExchange(address: listen, services: [Simulator(logger: logger)])
    }

    /// The first of the sample agents.
    static func agentNames(_ count: Int, of traffic: TrafficOptions) -> [String] {
        (0..<min(count, traffic.agents)).map { "\(1001 + $0)@default" }
    }
}
