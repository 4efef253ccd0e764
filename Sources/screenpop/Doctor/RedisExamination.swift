import Foundation
import Hiredis
import Logging
import NIOCore
import ScreenPopStore

/// Looks at a Redis of the administrator's, changing nothing.
struct RedisExamination {
    let endpoint: RedisEndpoint
    let site: String
    /// The names of those that `serve` would follow.
    let nodes: [String]
    let eventLoop: any EventLoop
    let logger: Logger

    func findings() async -> [Finding] {
        let client = RedisClient(endpoint: self.endpoint, on: self.eventLoop, logger: self.logger)
        return await withTaskGroup(of: [Finding]?.self) { group in
            group.addTask {
                await client.run()
                return nil
            }
            group.addTask { await self.ask(client) }
            var findings: [Finding] = []
            while let result = await group.next() {
                if let result {
                    findings = result
                    break
                }
            }
            group.cancelAll()
            return findings
        }
    }

    private func ask(_ client: RedisClient) async -> [Finding] {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            do {
                let reply = try await client.send(RedisCommand("INFO")).get()
                guard case .bulk(let buffer) = reply else { break }
                let clock = Self.clock(try await client.send(RedisCommand("TIME")).get(), ours: Self.now())
                return try await Self.findings(info: String(buffer: buffer)) + [clock] + self.leases(client)
            } catch RedisError.server(let text) {
                return [.fail("Redis", "it refuses us: \(text)", "give user and password: redis://USER:PASSWORD@HOST:6379")]
            } catch {
                guard ContinuousClock.now < deadline else { return [Self.unreachable(error)] }
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
        return [.fail("Redis", "what answers is no Redis", "check --redis")]
    }

    /// What the client says of it names what to do as well.
    private static func unreachable(_ error: any Error) -> Finding {
        guard case RedisError.unavailable(let sentence) = error else {
            return .fail("Redis", "what answers at the address of --redis breaks off (\(error))", "check --redis")
        }
        return Finding(grade: .fail, subject: "Redis", text: sentence)
    }

    private func leases(_ client: RedisClient) async throws -> [Finding] {
        let keys = Keys(site: self.site)
        var findings: [Finding] = []
        for node in self.nodes {
            let key = keys.nodeLease(node)
            let answers = try await client.pipeline([RedisCommand("GET", key), RedisCommand("PTTL", key)]).get()
            findings.append(Self.lease(node, value: answers[0], left: answers[1]))
        }
        return findings
    }

    /// Judges the answers of GET and PTTL.
    static func lease(_ node: String, value: Result<RedisValue, RedisError>, left: Result<RedisValue, RedisError>) -> Finding {
        switch (value, left) {
        case (.success(.bulk(let buffer)), .success(.integer(let left))) where left >= 0:
            // `HOST:PID FENCE`
            let owner = String(buffer: buffer).prefix { $0 != " " }
            let seconds = (left + 999) / 1000
            return .ok("lease", "\(owner) holds node \(node), for \(seconds) s unless it renews; an instance that starts now stands by")
        case (.success, .success): return .ok("lease", "nobody holds node \(node): an instance that starts now is active at once")
        case (.failure(let error), _), (_, .failure(let error)):
            return .warn(
                "lease", "who holds node \(node) cannot be read: \(error)", "allow this site's keys to the Redis user; docs/redis.md says which")
        }
    }

    /// Seconds since 1970.
    private static func now() -> Int64 { Int64(Date().timeIntervalSince1970) }

    /// Times on the screen are FreeSWITCH's, lives of keys are Redis's, log-ins expire by ours.
    static func clock(_ time: RedisValue, ours: Int64) -> Finding {
        guard case .array(let parts) = time, case .bulk(let seconds)? = parts.first, let theirs = Int64(String(buffer: seconds)) else {
            return .warn("clock", "Redis does not tell its time", "allow TIME to the Redis user")
        }
        let apart = abs(theirs - ours)
        if apart <= 2 { return .ok("clock", "Redis and this machine agree") }
        return .fail("clock", "Redis's clock and this machine's are \(apart) seconds apart", "let both follow NTP (systemd-timesyncd, chrony)")
    }

    /// Judges the answer of INFO.
    static func findings(info: String) -> [Finding] {
        var values: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
        let version = values["redis_version"] ?? "unknown"
        var findings: [Finding] = []
        if let major = version.split(separator: ".").first.flatMap({ Int($0) }), major >= 6 {
            findings.append(.ok("Redis", "reachable, version \(version)"))
        } else {
            findings.append(.fail("Redis", "version \(version) is too old", "use Redis 6 or newer; Debian 12 and Ubuntu 24.04 bring 7.0"))
        }
        if values["role"] == "slave" {
            findings.append(.fail("Redis", "it is a replica, which takes no writes", "name the primary in --redis"))
        }
        if values["aof_enabled"] == "1" {
            findings.append(.ok("Redis", "writes to an append-only file: a restart loses a second at most"))
        } else {
            findings.append(
                .warn("Redis", "without an append-only file a restart loses what came since the last snapshot", "set `appendonly yes`"))
        }
        let writes: [(name: Substring, what: String)] = [("aof_last_write_status", "append-only file"), ("rdb_last_bgsave_status", "snapshot")]
        for (name, what) in writes where values[name] == "err" {
            findings.append(
                .fail("Redis", "it could not write its \(what), and may refuse writes", "see its log: is the disk full, may it write to its folder?"))
        }
        if let limit = values["maxmemory"].flatMap({ Int64($0) }), limit > 0, let used = values["used_memory"].flatMap({ Int64($0) }),
            used > limit / 10 * 9
        {
            findings.append(
                .warn("Redis", "\(used / 1_048_576) of \(limit / 1_048_576) MiB are in use; when it is full, it takes no writes", "raise maxmemory"))
        }
        let policy = values["maxmemory_policy"] ?? "noeviction"
        if policy == "noeviction" {
            findings.append(.ok("Redis", "evicts nothing"))
        } else {
            findings.append(
                .warn("Redis", "maxmemory-policy is \(policy): when memory runs short, agents and pops vanish", "set `maxmemory-policy noeviction`"))
        }
        return findings
    }
}
