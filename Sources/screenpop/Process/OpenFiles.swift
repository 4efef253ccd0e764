#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// How many descriptors this process may hold: one for each desktop and a few more.
enum OpenFiles {
    static var limit: (current: UInt64, most: UInt64) {
        var limit = rlimit()
        #if canImport(Darwin)
        getrlimit(RLIMIT_NOFILE, &limit)
        #else
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #endif
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    /// Raises the soft limit as far as it goes without asking the administrator; a million at most, since some systems say "no limit" and
    /// programs that walk over all descriptors believe them.
    static func raiseLimit() {
        let (current, most) = self.limit
        let wanted = min(most, 1 << 20)
        guard wanted > current else { return }
        var limit = rlimit()
        limit.rlim_cur = rlim_t(wanted)
        limit.rlim_max = rlim_t(most)
        #if canImport(Darwin)
        setrlimit(RLIMIT_NOFILE, &limit)
        #else
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #endif
    }
}
