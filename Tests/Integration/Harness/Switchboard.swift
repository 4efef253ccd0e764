import EventSocket
import FreeSWITCHSimulator
import Logging
import NIOPosix

/// The FreeSWITCH behind the service, seen past the service.
protocol Switchboard: Sendable {
    /// Whether callers and phones can be played.
    var simulator: Simulator? { get }

    func api(_ function: String, _ argument: String) async throws -> String
}

struct SimulatedSwitchboard: Switchboard {
    let simulator: Simulator?

    init(simulator: Simulator) { self.simulator = simulator }

    func api(_ function: String, _ argument: String) async throws -> String { await self.simulator?.api("\(function) \(argument)") ?? "" }
}

struct RealSwitchboard: Switchboard {
    let simulator: Simulator? = nil
    private let connection: EventSocketConnection

    static func connect(to endpoint: EventSocketEndpoint) async throws -> RealSwitchboard {
        RealSwitchboard(
            connection: try await EventSocketConnection.connect(
                to: endpoint, on: MultiThreadedEventLoopGroup.singleton.any(), logger: Logger(label: "walk") { _ in SwiftLogNoOpLogHandler() },
                sink: { _ in }))
    }

    func api(_ function: String, _ argument: String) async throws -> String { try await self.connection.api(APICall(function, argument)) }
}
