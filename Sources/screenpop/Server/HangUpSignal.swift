import ServiceLifecycle
import UnixSignals

/// SIGHUP asks a service to look at its files again.
struct HangUpSignal: Service {
    let received: @Sendable () -> Void

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { self.received() }
    }
}
