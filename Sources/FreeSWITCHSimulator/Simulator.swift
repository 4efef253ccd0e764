package import Logging
import NIOCore
import ServiceLifecycle

/// A simulated FreeSWITCH with mod_callcenter, as far as ScreenPop sees one.
package final class Simulator: Service {
    package init(logger: Logger) {}

    package func run() async throws {}
}
