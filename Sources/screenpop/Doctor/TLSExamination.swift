import CallCenter
import Foundation
import ScreenPopHTTP

/// Looks at the certificate that browsers will be shown, and at its key.
enum TLSExamination {
    /// Whoever renews certificates by a program renews them a month before their end: one that is so near to it was forgotten.
    static let shortDays: Int64 = 14

    static func findings(certificate: String, key: String, now: Timestamp) -> [Finding] {
        let validity: (from: Timestamp, until: Timestamp)
        do throws(TLSFileError) {
            validity = try HTTPService.Configuration.TLS(certificatePath: certificate, keyPath: key).validity()
        } catch {
            return [
                .fail(
                    "TLS", "\(error)",
                    "name PEM files that screenpop may read: --tls-certificate with the certificate first and its chain after it, --tls-key with its key"
                )
            ]
        }
        var findings = [self.finding(validity, now: now)]
        if let permissions = try? FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int, permissions & 0o004 != 0 {
            findings.append(.warn("TLS", "everybody on this machine may read the key in \(key)", "chmod o= \(key)"))
        }
        return findings
    }

    static func finding(_ validity: (from: Timestamp, until: Timestamp), now: Timestamp) -> Finding {
        let (from, until) = (self.day(validity.from), self.day(validity.until))
        guard validity.from <= now else {
            return .fail("TLS", "the certificate is valid from \(from) on only", "check this machine's clock, or wait")
        }
        guard now < validity.until else {
            return .fail(
                "TLS", "the certificate has expired on \(until)",
                "renew it; a running service takes the new files by itself within half a minute, or at once with SIGHUP")
        }
        let days = (validity.until.microseconds - now.microseconds) / (86_400 * 1_000_000)
        guard days >= self.shortDays else {
            return .warn(
                "TLS", "the certificate expires on \(until), in \(days == 1 ? "a day" : "\(days) days")",
                "renew it; a running service takes the new files by itself within half a minute, or at once with SIGHUP")
        }
        return .ok("TLS", "certificate and key belong together, valid until \(until)")
    }

    /// `2026-11-27`
    private static func day(_ time: Timestamp) -> String { String(time.rfc3339.prefix(10)) }
}
