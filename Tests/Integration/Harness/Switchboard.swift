import EventSocket
import FreeSWITCHSimulator
import Logging
import NIOPosix

/// Phones that a walk may call, at a FreeSWITCH that is the test's own.
struct Phones: Sendable {
    /// A SIP address that rings for ever.
    var ringing: String
    /// One that answers after a moment.
    var answering: String
    /// An extension that answers, of the dialplan's context `default`.
    var target: String
}

/// The FreeSWITCH behind the service, seen past the service.
protocol Switchboard: Sendable {
    /// `nil` where nobody may be called, nor anything changed that was there before.
    var phones: Phones? { get }

    func api(_ function: String, _ argument: String) async throws -> String

    /// A caller comes into the queue; his channel.
    func call(_ queue: String) async throws -> String

    /// From now on the agent's phone answers, or only rings. His contact says the same.
    func setPhone(of agent: String, answers: Bool) async
}

struct SimulatedSwitchboard: Switchboard {
    let simulator: Simulator
    let phones: Phones? = Phones(ringing: "1996@192.0.2.7:5060", answering: "1999@192.0.2.7:5060", target: "1002")

    func api(_ function: String, _ argument: String) async throws -> String { await self.simulator.api("\(function) \(argument)") }

    func call(_ queue: String) async throws -> String { await self.simulator.dial(number: "5551234", name: "Ann", to: "7000") }

    func setPhone(of agent: String, answers: Bool) async { await self.simulator.setPhone(answers ? .answers : .rings, of: agent) }
}

struct RealSwitchboard: Switchboard {
    let phones: Phones?
    private let connection: EventSocketConnection

    /// - Parameter phones: `RINGING,ANSWERING,EXTENSION`, two SIP addresses and what may be dialled.
    static func connect(to endpoint: EventSocketEndpoint, phones: String?) async throws -> RealSwitchboard {
        let parts = phones?.split(separator: ",").map(String.init) ?? []
        return RealSwitchboard(
            phones: parts.count == 3 ? Phones(ringing: parts[0], answering: parts[1], target: parts[2]) : nil,
            connection: try await EventSocketConnection.connect(
                to: endpoint, on: MultiThreadedEventLoopGroup.singleton.any(), logger: Logger(label: "walk") { _ in SwiftLogNoOpLogHandler() },
                sink: { _ in }))
    }

    func api(_ function: String, _ argument: String) async throws -> String { try await self.connection.api(APICall(function, argument)) }

    /// A channel with nobody at it. Of one that was called, mod_callcenter reports the callee's name and number.
    func call(_ queue: String) async throws -> String {
        let caller = "{origination_callee_id_number=5551234,origination_callee_id_name=Ann}null/caller"
        let reply = try await self.api("originate", "\(caller) &callcenter(\(queue))")
        guard let uuid = reply.split(whereSeparator: \.isWhitespace).last, reply.hasPrefix("+OK") else {
            throw DidNotHappen(what: "somebody calls: \(reply)")
        }
        return String(uuid)
    }

    func setPhone(of agent: String, answers: Bool) async {}
}
