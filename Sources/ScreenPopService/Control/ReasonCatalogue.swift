import NIOCore
import ScreenPop
import ScreenPopStore
import Synchronization

/// The reasons that may be given: as Redis has them, because another instance may have set them; while it is away, as they were last.
final class ReasonCatalogue: Sendable {
    private let store: Store
    private let known: Mutex<ReasonList> = Mutex(.standard)

    init(store: Store) {
        self.store = store
    }

    func current() async -> ReasonList {
        do {
            let list = try await self.store.reasonList().get() ?? .standard
            self.known.withLock { $0 = list }
            return list
        } catch {
            return self.known.withLock { $0 }
        }
    }

    func set(_ list: ReasonList, by: Principal) async throws(CommandError) {
        if let problem = list.problem { throw CommandError(.invalidValue, problem) }
        do {
            try await self.store.setReasonList(list, by: by.name).get()
        } catch {
            Attempt.markUnlessUnsent(error)
            throw CommandError(.storeUnavailable, "Redis is away; try again")
        }
        self.known.withLock { $0 = list }
    }

    /// - Returns: the reason; `nil` for none, or an empty one.
    func checked(_ reason: String?) async throws(CommandError) -> String? {
        guard let reason, !reason.isEmpty else { return nil }
        let list = await self.current()
        guard list.allows(reason) else {
            let codes = NodeRoster.list(list.items.map(\.code))
            throw CommandError(
                .invalidReason,
                list.allowsFreeText
                    ? "the reason must be one of \(codes), or text of at most \(ReasonList.longestReason) bytes without control characters"
                    : "the reason must be one of \(codes)")
        }
        return reason
    }
}
