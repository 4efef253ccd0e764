import FreeSWITCHSimulator
import Logging
import NIOCore
import ServiceLifecycle

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A simulated FreeSWITCH that listens, and the traffic on it.
struct SimulatedExchange {
    let address: ListenAddress
    let services: [any Service]
    let simulator: Simulator

    /// Without calls nobody plays the phones either: both then wait for `api simulate`.
    ///
    /// - Parameter node: the how manieth of several, from 0.
    /// - Throws: `CommandFailure` (unavailable) when the address cannot be listened on.
    static func start(
        listen: ListenAddress, password: String, traffic: TrafficOptions, faults: FaultOptions? = nil, node: Int = 0, logger: Logger
    ) async throws -> SimulatedExchange {
        var configuration = Simulator.Configuration()
        configuration.host = listen.host
        configuration.port = listen.port
        configuration.password = password
        configuration.isSilent = faults?.silent ?? false
        configuration.telephony.faults = try faults?.faults() ?? []
        configuration.telephony.agents = DemoCast.agents(count: traffic.agents, from: faults?.sameAgents == true ? 1001 : 1001 + 1000 * node)
        configuration.telephony.tiers = DemoCast.tiers(of: configuration.telephony.agents)
        let seed = (traffic.seed ?? UInt64.random(in: 0...UInt64.max)) &+ UInt64(node)
        configuration.telephony.seed = seed
        configuration.lookUp = ConfigurationClient.lookUp
        let simulator = Simulator(configuration: configuration, logger: logger)
        let port: Int
        do {
            port = try await simulator.start()
        } catch let error as IOError {
            throw CommandFailure(
                .unavailable, "cannot listen on \(listen): \(String(cString: strerror(error.errnoCode))); choose another address with --listen")
        }
        let calls = DemoTraffic(
            simulator: simulator, configuration: DemoTraffic.Configuration(callsPerMinute: Double(traffic.callsPerMinute), seed: seed), logger: logger
        )
        return SimulatedExchange(
            address: ListenAddress(host: listen.host, port: port), services: traffic.callsPerMinute == 0 ? [simulator] : [simulator, calls],
            simulator: simulator)
    }

    /// The first of the sample agents.
    static func agentNames(_ count: Int, of traffic: TrafficOptions) -> [String] {
        DemoCast.agents(count: min(count, traffic.agents)).map(\.name)
    }
}
