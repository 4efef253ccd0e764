import NIOCore
import ScreenPopStore

/// Whose turn it is to import. Redis knows it: another instance may be importing.
protocol ImportClaiming: Sendable {
    func claimImport(owner: String, life: TimeAmount) -> EventLoopFuture<Bool>
    func renewImport(owner: String, life: TimeAmount) -> EventLoopFuture<Void>
    func releaseImport(owner: String) -> EventLoopFuture<Void>
}

extension Store: ImportClaiming {}

/// One import at a time. A second one is refused, not made to wait: its plan was made of what the first is changing, and whoever asked for it should
/// look again.
struct ImportTurn: Sendable {
    let claims: any ImportClaiming
    /// A claim that was not renewed for so long belongs to a process that is gone.
    var life = TimeAmount.seconds(30)

    func take<Value: Sendable>(_ body: () async throws(CommandError) -> Value) async throws(CommandError) -> Value {
        let owner = String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        let isOurs: Bool
        do {
            isOurs = try await self.claims.claimImport(owner: owner, life: self.life).get()
        } catch {
            throw CommandError(.storeUnavailable, "Redis is away, and only there it stands whether another import is under way; try again")
        }
        guard isOurs else {
            throw CommandError(.importInProgress, "another import is under way, and changes what this one was made for; look again when it is done")
        }
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.renew(owner) }
            defer { group.cancelAll() }
            let result: Result<Value, CommandError>
            do throws(CommandError) { result = .success(try await body()) } catch { result = .failure(error) }
            return result
        }
        // One that stays ends by itself.
        _ = try? await self.claims.releaseImport(owner: owner).get()
        return try result.get()
    }

    /// Until it is cancelled. One that fails leaves two more before the claim is lost.
    private func renew(_ owner: String) async {
        while (try? await Task.sleep(for: .nanoseconds(self.life.nanoseconds / 3))) != nil {
            _ = try? await self.claims.renewImport(owner: owner, life: self.life).get()
        }
    }
}
