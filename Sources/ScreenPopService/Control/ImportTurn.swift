import NIOCore
import ScreenPopStore
import Synchronization

/// Whose turn it is to import. Redis knows it: another instance may be importing.
protocol ImportClaiming: Sendable {
    func claimImport(owner: String, life: TimeAmount) -> EventLoopFuture<Bool>
    func renewImport(owner: String, life: TimeAmount) -> EventLoopFuture<Bool>
    func releaseImport(owner: String) -> EventLoopFuture<Void>
}

extension Store: ImportClaiming {}

/// One import at a time. A second one is refused, not made to wait: its plan was made of what the first is changing, and whoever asked for it should
/// look again.
struct ImportTurn: Sendable {
    let claims: any ImportClaiming
    /// A claim that was not renewed for so long belongs to a process that is gone.
    var life = TimeAmount.seconds(30)

    /// Whether the turn is still ours.
    final class Claim: Sendable {
        private let end: Mutex<ContinuousClock.Instant?>

        fileprivate init(until end: ContinuousClock.Instant) { self.end = Mutex(end) }

        /// To be asked before each step.
        /// - Throws: `storeUnavailable` once another may have begun: the claim is gone, or Redis has not taken it anew for as long as it lives.
        func check() throws(CommandError) {
            guard let end = self.end.withLock(\.self), ContinuousClock.now < end else {
                throw CommandError(.storeUnavailable, "Redis does not say any more that no other import is under way")
            }
        }

        fileprivate func renewed(until end: ContinuousClock.Instant) { self.end.withLock { if $0 != nil { $0 = end } } }
        /// For good: what another may have done since is not known here.
        fileprivate func lost() { self.end.withLock { $0 = nil } }
    }

    func take<Value: Sendable>(_ body: (Claim) async throws(CommandError) -> Value) async throws(CommandError) -> Value {
        let owner = String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        let isOurs: Bool
        let claim = Claim(until: self.end)
        do {
            isOurs = try await self.claims.claimImport(owner: owner, life: self.life).get()
        } catch {
            throw CommandError(.storeUnavailable, "Redis is away, and only there it stands whether another import is under way; try again")
        }
        guard isOurs else {
            throw CommandError(.importInProgress, "another import is under way, and changes what this one was made for; look again when it is done")
        }
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.renew(owner, claim) }
            defer { group.cancelAll() }
            let result: Result<Value, CommandError>
            do throws(CommandError) { result = .success(try await body(claim)) } catch { result = .failure(error) }
            return result
        }
        // One that stays ends by itself.
        _ = try? await self.claims.releaseImport(owner: owner).get()
        return try result.get()
    }

    /// Until it is cancelled, or the claim is lost. One that fails leaves two more before that.
    private func renew(_ owner: String, _ claim: Claim) async {
        while (try? await Task.sleep(for: .nanoseconds(self.life.nanoseconds / 3))) != nil {
            // Of now, not of the answer: Redis counts from when it was asked, or later.
            let end = self.end
            guard let isOurs = try? await self.claims.renewImport(owner: owner, life: self.life).get() else { continue }
            guard isOurs else { return claim.lost() }
            claim.renewed(until: end)
        }
    }

    private var end: ContinuousClock.Instant { ContinuousClock.now + .nanoseconds(self.life.nanoseconds) }
}
