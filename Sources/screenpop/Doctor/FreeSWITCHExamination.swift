import CallCenter
import EventSocket
import Logging
import NIOCore

/// Looks at one node over its event socket, changing nothing.
struct FreeSWITCHExamination {
    let endpoint: EventSocketEndpoint
    let eventLoop: any EventLoop
    let logger: Logger

    var subject: String { "FreeSWITCH \(self.endpoint.name)" }

    func findings() async -> [Finding] {
        let connection: EventSocketConnection
        do {
            connection = try await EventSocketConnection.connect(to: self.endpoint, on: self.eventLoop, logger: self.logger) { _ in }
        } catch {
            return [self.refusal(error)]
        }
        var findings = [Finding.ok(self.subject, "reachable at \(self.endpoint.host):\(self.endpoint.port), and the log-in is accepted")]
        if self.endpoint.credentials == .password("ClueCon") {
            findings.append(
                .warn(
                    self.subject, "it has FreeSWITCH's default password, which everybody knows",
                    "change it in autoload_configs/event_socket.conf.xml, and keep port 8021 off shared networks"))
        }
        do {
            findings += try await self.callCenter(connection)
            findings += try await self.rights(connection)
        } catch {
            findings.append(.fail(self.subject, "the connection broke while it was looked at: \(error)", "see FreeSWITCH's log, then try again"))
        }
        await connection.close()
        return findings
    }

    func refusal(_ error: EventSocketError) -> Finding {
        let address = "\(self.endpoint.host):\(self.endpoint.port)"
        switch error {
        case .authenticationRefused:
            let advice =
                switch self.endpoint.credentials {
                case .password: "put the password of autoload_configs/event_socket.conf.xml into --freeswitch"
                case .user: "put the user's esl-password of the directory (FREESWITCH_SCREENPOP_PASSWORD in the shipped one) into --freeswitch"
                }
            return .fail(self.subject, "the log-in was refused", advice)
        case .accessDenied:
            return .fail(
                self.subject, "its access list refuses this machine",
                "set apply-inbound-acl in autoload_configs/event_socket.conf.xml to a list that allows this machine's address")
        case .unreachable, .timedOut, .closed:
            return .fail(
                self.subject, "nobody answers at \(address)",
                "start FreeSWITCH with mod_event_socket, let listen-ip of event_socket.conf.xml be an address that this machine reaches, open the port"
            )
        case .protocolViolation:
            return .fail(self.subject, "what answers at \(address) is no event socket", "check host and port")
        case .invalidURL, .illegalCommand, .refused:
            return .fail(self.subject, "\(error)", "check --freeswitch")
        }
    }

    private func callCenter(_ connection: EventSocketConnection) async throws(EventSocketError) -> [Finding] {
        let queuesText = try await connection.api(try CallCenterCommand.listQueues.call())
        guard !queuesText.hasPrefix("-ERR"), let queues = try? QueueRow.rows(in: queuesText) else {
            return [
                .fail(
                    self.subject, "mod_callcenter does not answer (\(queuesText.prefix { !$0.isNewline }))",
                    "load it in autoload_configs/modules.conf.xml, or now with: fs_cli -x 'load mod_callcenter'; "
                        + "a userauth user needs callcenter_config in esl-allowed-api")
            ]
        }
        var findings = [Finding.ok(self.subject, "mod_callcenter is loaded")]
        if queues.isEmpty {
            findings.append(
                .fail(
                    self.subject, "mod_callcenter has no queue",
                    "define one in autoload_configs/callcenter.conf.xml and load it: fs_cli -x 'callcenter_config queue load NAME@DOMAIN'"))
        } else {
            findings.append(.ok(self.subject, "queues: \(queues.map(\.name).joined(separator: ", "))"))
        }
        let agentsText = try await connection.api(try CallCenterCommand.listAgents().call())
        if let agents = try? AgentRow.rows(in: agentsText) {
            findings += Self.contacts(agents, subject: self.subject)
        } else {
            findings.append(.fail(self.subject, "the list of agents cannot be read", "see FreeSWITCH's log"))
        }
        let channels = try await connection.api(try APICall("show", "channels as json"))
        if channels.hasPrefix("-") {
            findings.append(
                .fail(
                    self.subject, "`show channels as json` is refused (\(channels.prefix { !$0.isNewline }))",
                    "allow `show` to the userauth user, and do not disable core SQL: without it calls in progress are unknown after a reconnect"))
        }
        return findings
    }

    /// Contacts that do something else than whoever wrote them thinks.
    static func contacts(_ agents: [AgentRow], subject: String) -> [Finding] {
        guard !agents.isEmpty else {
            return [.warn(subject, "mod_callcenter has no agents", "add some: screenpop agent add 1001@default --user 1001@example.org")]
        }
        var findings: [Finding] = []
        for agent in agents where agent.type == "Callback" {
            if agent.contact.isEmpty {
                findings.append(.warn(subject, "agent \(agent.name) has no contact and cannot be reached", "set one in the agent's settings"))
            } else if agent.contact.contains("${") {
                findings.append(
                    .warn(
                        subject, "the contact of agent \(agent.name) holds ${...}, which FreeSWITCH carries out at each offer, system commands too",
                        "make sure that you wrote it, or set the contact again"))
            } else if let warning = Contact.warning(dialString: agent.contact) {
                findings.append(.warn(subject, "agent \(agent.name): \(warning)", "write [leg_timeout=SECONDS] there"))
            }
        }
        return findings.isEmpty ? [.ok(subject, "\(agents.count) agents, their contacts are sound")] : findings
    }
}
