import Foundation
import NIOCore
import NIOPosix

/// Looks at this machine: programs, files, the port, limits.
enum MachineExamination {
    static func embeddedRedis(data: String, program: String? = Programs.path(of: "redis-server")) -> [Finding] {
        guard let program else {
            return [.fail("Redis", "none is configured, and redis-server is not installed", "sudo apt-get install redis-server")]
        }
        var findings = [Finding.ok("Redis", "the embedded one will be \(program), its data in \(data)")]
        do {
            // Whoever looks leaves nothing behind.
            try DataDirectory.examine(data)
        } catch let failure as CommandFailure where failure.kind == .unavailable {
            findings.append(.ok("Redis", "another screenpop works with that data now"))
        } catch {
            findings.append(.fail("Redis", (error as? CommandFailure)?.message ?? "\(error)", "choose another folder with --data"))
        }
        return findings
    }

    static func listen(_ settings: ServerSettings, eventLoopGroup: any EventLoopGroup) async -> [Finding] {
        var findings: [Finding] = []
        do {
            let channel = try await ServerBootstrap(group: eventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: settings.listen.host, port: settings.listen.port).get()
            try await channel.close()
            findings.append(.ok("listen", "\(settings.listen) is free"))
        } catch {
            findings.append(
                .fail(
                    "listen",
                    "\(settings.listen) cannot be used (\((error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"))",
                    "end what listens there (it may be a running screenpop), or choose another address with --listen"))
        }
        return findings
    }

    static func openFiles(limit: (current: UInt64, most: UInt64) = OpenFiles.limit) -> Finding {
        if limit.most >= 65_536 { return .ok("limits", "\(limit.most) open files are allowed") }
        return .warn(
            "limits", "\(limit.most) open files are allowed, each desktop takes one",
            "raise it: LimitNOFILE=65536 for a systemd service, or `ulimit -Hn 65536`")
    }
}
