import HTTPTypes
import ScreenPopService
import Synchronization

/// How many WebSockets and event streams each principal has open.
final class SessionCaps: Sendable {
    private let limits: HTTPService.Configuration.Limits
    private let open = Mutex<[String: Int]>([:])

    init(limits: HTTPService.Configuration.Limits) {
        self.limits = limits
    }

    /// A cap does not bind an admin: he can make himself as many tokens as he likes.
    private func cap(_ role: Role) -> Int? {
        switch role {
        case .agent, .supervisor: self.limits.sessionsOfPerson
        case .integration: self.limits.sessionsOfIntegration
        case .admin: nil
        }
    }

    /// Asked before a session begins; as many as there are event loops may slip through at the same moment.
    func isFull(for principal: Principal) -> Bool {
        guard let cap = self.cap(principal.role) else { return false }
        return self.open.withLock { $0[principal.id] ?? 0 } >= cap
    }

    func opened(_ principal: Principal) {
        self.open.withLock { $0[principal.id, default: 0] += 1 }
    }

    func closed(_ principal: Principal) {
        self.open.withLock { open in
            guard let count = open[principal.id] else { return }
            open[principal.id] = count > 1 ? count - 1 : nil
        }
    }
}

extension Problem {
    static let tooManySessions = Problem(
        .tooManyRequests, "too-many-sessions", "There are too many sessions; try again.", headers: [.retryAfter: "5"])
}
