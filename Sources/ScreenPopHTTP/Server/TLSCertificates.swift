package import CallCenter
import CoreMetrics
import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Why the files are no certificate chain and its key; says nothing of what is in them.
package struct TLSFileError: Error, CustomStringConvertible {
    package let description: String
}

/// The certificate that new connections are shown: that of the files as they were when they last made sense.
final class TLSCertificates: Sendable {
    fileprivate struct Files: Equatable {
        var certificate: [UInt8]
        var key: [UInt8]
    }

    private struct State {
        var context: NIOSSLContext
        var files: Files
        /// What was said already: a broken file is one line in the log, however often it is looked at.
        var refused: String?
    }

    private let paths: HTTPService.Configuration.TLS
    private let logger: Logger
    private let state: Mutex<State>

    init(_ paths: HTTPService.Configuration.TLS, logger: Logger) throws(TLSFileError) {
        self.paths = paths
        self.logger = logger
        let files = try Self.read(paths)
        self.state = Mutex(State(context: try Self.context(files, paths), files: files))
    }

    var current: NIOSSLContext { self.state.withLock { $0.context } }

    /// Looks at the files again and again, and whenever it is asked to, until cancelled.
    func follow(_ requests: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { group in
            group.addTask { for await _ in requests { await self.refresh() } }
            group.addTask {
                while (try? await Task.sleep(for: .nanoseconds(self.paths.interval.nanoseconds))) != nil { await self.refresh() }
            }
        }
    }

    /// Off the event loops: the files may lie on a slow disk.
    func refresh() async {
        try? await NIOThreadPool.singleton.runIfActive { self.refreshNow() }
    }

    private func refreshNow() {
        do throws(TLSFileError) {
            let files = try Self.read(self.paths)
            guard files != self.state.withLock({ $0.files }) else {
                self.state.withLock { $0.refused = nil }
                return
            }
            let context = try Self.context(files, self.paths)
            self.state.withLock { $0 = State(context: context, files: files) }
            self.logger.notice("the TLS certificate was read anew", metadata: ["file": "\(self.paths.certificatePath)"])
        } catch {
            let isNew = self.state.withLock { state in
                defer { state.refused = error.description }
                return state.refused != error.description
            }
            guard isNew else { return }
            GateMetrics.certificatesRefused.increment()
            self.logger.error("the TLS files are not right; the certificate before stays in use", metadata: ["reason": "\(error)"])
        }
    }

    fileprivate static func read(_ paths: HTTPService.Configuration.TLS) throws(TLSFileError) -> Files {
        Files(certificate: try self.bytes(paths.certificatePath), key: try self.bytes(paths.keyPath))
    }

    private static func bytes(_ path: String) throws(TLSFileError) -> [UInt8] {
        do { return Array(try Data(contentsOf: URL(filePath: path))) } catch {
            throw TLSFileError(description: "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// Both files as they were read together: a chain with the key of another one is refused.
    fileprivate static func context(_ files: Files, _ paths: HTTPService.Configuration.TLS) throws(TLSFileError) -> NIOSSLContext {
        let chain = try self.chain(files, paths)
        let key: NIOSSLPrivateKey
        do { key = try NIOSSLPrivateKey(bytes: files.key, format: .pem) } catch {
            throw TLSFileError(description: "\(paths.keyPath) is no PEM private key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw TLSFileError(description: "\(paths.certificatePath) and \(paths.keyPath) do not belong together")
        }
    }

    fileprivate static func chain(_ files: Files, _ paths: HTTPService.Configuration.TLS) throws(TLSFileError) -> [NIOSSLCertificate] {
        do { return try NIOSSLCertificate.fromPEMBytes(files.certificate) } catch {
            throw TLSFileError(description: "\(paths.certificatePath) is no PEM certificate chain")
        }
    }
}

extension HTTPService.Configuration.TLS {
    /// Reads both files as the service does when it starts.
    /// - Returns: from when and until when all of the chain is valid; nothing is said of now.
    package func validity() throws(TLSFileError) -> (from: Timestamp, until: Timestamp) {
        let files = try TLSCertificates.read(self)
        _ = try TLSCertificates.context(files, self)
        var validity = (from: Int64.min, until: Int64.max)
        for certificate in try TLSCertificates.chain(files, self) {
            validity.from = max(validity.from, Int64(certificate.notValidBefore))
            validity.until = min(validity.until, Int64(certificate.notValidAfter))
        }
        func moment(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds.multipliedReportingOverflow(by: 1_000_000).partialValue) }
        return (moment(validity.from), moment(validity.until))
    }
}
