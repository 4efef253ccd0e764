import Foundation
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
    /// Their names in mod_callcenter.
    let agents: [String]

    /// Without calls nobody plays the phones either: both then wait for `api simulate`.
    ///
    /// - Parameters:
    ///   - node: the how manieth of several, from 0.
    ///   - client: asks for queues that are served over HTTP, once there is a link to them.
    /// - Throws: `CommandFailure`: unavailable when the address cannot be listened on, configuration when the folder cannot be used.
    static func start(
        listen: ListenAddress, password: String, traffic: TrafficOptions, faults: FaultOptions? = nil, node: Int = 0,
        client: ConfigurationClient = .shared, logger: Logger
    ) async throws -> SimulatedExchange {
        var configuration = Simulator.Configuration()
        configuration.host = listen.host
        configuration.port = listen.port
        configuration.password = password
        configuration.isSilent = faults?.silent ?? false
        configuration.telephony.faults = try faults?.faults() ?? []
        let shift = faults?.sameAgents == true ? 0 : 1000 * node
        if let folder = traffic.configuration {
            try Self.take(folder, traffic, shift: shift, into: &configuration)
        } else {
            configuration.telephony.agents = DemoCast.agents(count: traffic.agents, from: 1001 + shift)
            configuration.telephony.tiers = DemoCast.tiers(of: configuration.telephony.agents)
        }
        let seed = (traffic.seed ?? UInt64.random(in: 0...UInt64.max)) &+ UInt64(node)
        configuration.telephony.seed = seed
        configuration.lookUp = { client.lookUp($0) }
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
            simulator: simulator, agents: configuration.telephony.agents.map(\.name))
    }

    /// What the folder says. Where it leaves the agents to ScreenPop, as ours does, its first telephones become the sample agents.
    private static func take(
        _ folder: String, _ traffic: TrafficOptions, shift: Int, into configuration: inout Simulator.Configuration
    ) throws(CommandFailure) {
        do throws(ConfigurationFault) {
            try configuration.take(
                ConfigurationFolder(files: try ConfigurationFilesReader.texts(in: folder), environment: ProcessInfo.processInfo.environment))
        } catch {
            throw CommandFailure(.configuration, "--configuration \(folder): \(error)")
        }
        guard configuration.telephony.agents.isEmpty else {
            guard shift == 0 else {
                throw CommandFailure(.usage, "--nodes: the agents of \(folder) would be on each of them; say --same-agents when that is meant")
            }
            return
        }
        let phones = configuration.telephony.deskPhones.compactMap { Int($0) }.sorted().prefix(traffic.agents)
        configuration.telephony.agents = DemoCast.agents(numbers: phones.map { $0 + shift })
        configuration.telephony.tiers = DemoCast.tiers(
            of: configuration.telephony.agents, queues: configuration.telephony.queueExtensions.map(\.value))
    }
}
