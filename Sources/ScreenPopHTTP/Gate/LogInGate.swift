import HTTPTypes
import Hummingbird
import ScreenPopService
import ScreenPopStore

extension Gate {
    /// Watches over a request to log in: however it ends is recorded, of many failures of one address the first.
    func watchLogIn(
        _ request: Request, _ context: HTTPContext, _ body: (inout LogInAttempt) async throws -> Response
    ) async throws -> Response {
        var attempt = LogInAttempt(address: self.address(of: request, context))
        do {
            let response = try await body(&attempt)
            self.auditor.record(attempt.entry(status: response.status.code, code: nil))
            return response
        } catch let refusal as Refusal {
            if refusal.isFirst { self.auditor.record(attempt.entry(status: refusal.problem.status.code, code: refusal.problem.code)) }
            throw refusal.problem
        } catch {
            var problem = Problem(catching: error)
            var isWorthALine = true
            if problem.status.kind == .clientError {
                do { try self.refuseStranger(from: attempt.address) } catch {
                    isWorthALine = error.isFirst
                    // Passwords are slowed down elsewhere, by user and by address: there only that nobody fills the audit.
                    if attempt.showsToken { problem = error.problem }
                }
            }
            if isWorthALine { self.auditor.record(attempt.entry(status: problem.status.code, code: problem.code)) }
            // What is no problem of ours goes on as it is.
            if attempt.showsToken, problem.status.kind == .clientError { throw problem }
            throw error
        }
    }
}

/// What is found out about somebody who wants to log in.
struct LogInAttempt {
    let address: IPAddress?
    /// Whom he says to be.
    var user: String?
    /// Whether there is such a user. Of any other name nothing is shown: it may be a password that was typed into the wrong field.
    var userExists = false
    var principal: Principal?
    /// A token of the company's log-in, no password.
    var showsToken = false

    /// By which his failures are counted.
    var network: String { self.address?.network.description ?? "" }

    private var shownUser: String? { self.user.map { self.userExists ? String($0.prefix(128)) : AuditSummary.hidden } }

    fileprivate func entry(status: Int, code: String?) -> AuditEntry {
        AuditEntry(
            at: WallClock.now(), principal: self.principal?.id, name: self.principal?.name, role: self.principal?.role.rawValue,
            operation: "openSession", targets: self.shownUser.map { [AuditEntry.Target("user", $0)] } ?? [],
            from: self.address?.description, way: .http, status: status, code: code)
    }
}
