import NIOCore
import NIOPosix
import NIOSSL

/// Why a connection was not made, told apart as far as different things are to be done about it.
package enum ConnectionFailure: Sendable, Equatable {
    /// The machine is there, and nobody listens.
    case refused
    case noSuchHost
    case timedOut
    case noRoute
    /// Of a socket in the file system.
    case noSuchFile
    case notAllowed
    case certificateNotTrusted
    case certificateOfAnother
    /// Whoever answers speaks something else.
    case notTLS
    case other(String)

    package init(_ error: any Error) {
        switch error {
        case let error as NIOConnectionError:
            // A name with several addresses: what the first one said.
            guard let first = error.connectionErrors.first else {
                self = .noSuchHost
                return
            }
            self.init(first.error)
        case let error as IOError: self.init(error)
        case ChannelError.connectTimeout: self = .timedOut
        case let error as NIOSSLExtraError where error == .failedToValidateHostname: self = .certificateOfAnother
        case let error as NIOSSLError: self.init(error)
        default: self = .other("\(error)")
        }
    }

    private init(_ error: IOError) {
        switch error.errnoCode {
        case ECONNREFUSED: self = .refused
        case ETIMEDOUT: self = .timedOut
        case EHOSTUNREACH, ENETUNREACH: self = .noRoute
        case ENOENT, ENOTDIR: self = .noSuchFile
        case EACCES, EPERM: self = .notAllowed
        default: self = .other("\(error)")
        }
    }

    /// BoringSSL's reasons come as text alone.
    private init(_ error: NIOSSLError) {
        let text = "\(error)"
        if error == .unableToValidateCertificate || error == .noCertificateToValidate || text.contains("CERTIFICATE_VERIFY_FAILED") {
            self = .certificateNotTrusted
        } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            self = .notTLS
        } else {
            self = .other("TLS failed: \(text)")
        }
    }
}

extension RedisEndpoint {
    /// What is wrong and what to do about it, in a line. Without user and password.
    func sentence(_ failure: ConnectionFailure) -> String {
        switch self.address {
        case .unix(let path): Self.sentence(failure, socket: path)
        case .tcp(let host, let port, tls: _): Self.sentence(failure, host: host, port: port)
        }
    }

    private static func sentence(_ failure: ConnectionFailure, socket path: String) -> String {
        switch failure {
        case .refused: "nobody listens at the socket \(path); start Redis there, or correct its address"
        case .noSuchFile: "there is no socket \(path); start Redis there, or correct its address"
        case .notAllowed: "this user may not open the socket \(path); see unixsocketperm in redis.conf, and the group of its folder"
        case .noSuchHost, .timedOut, .noRoute, .certificateNotTrusted, .certificateOfAnother, .notTLS, .other:
            "the socket \(path) cannot be opened: \(failure)"
        }
    }

    private static func sentence(_ failure: ConnectionFailure, host: String, port: Int) -> String {
        switch failure {
        case .refused: "nobody listens on port \(port) of \(host); start Redis there, or correct its address"
        case .noSuchHost: "there is no host \(host); check the name"
        case .timedOut: "\(host) does not answer on port \(port); see that it is up, and that no firewall is between"
        case .noRoute: "there is no way to \(host); check the address and the network"
        case .notAllowed: "this machine does not let us connect to \(host); see its firewall"
        case .certificateNotTrusted: "the certificate of \(host) is not trusted; add who signed it to the authorities of this system"
        case .certificateOfAnother: "the certificate of \(host) is for another name; write the name that it is for"
        case .notTLS: "what answers on port \(port) of \(host) speaks no TLS; write redis:// in place of rediss://"
        case .noSuchFile: "\(host) cannot be reached"
        case .other(let text): "\(host):\(port) cannot be reached: \(text)"
        }
    }
}
