import AsyncHTTPClient
import NIOCore
import NIOSSL
import Testing

@testable import screenpop

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// What is said when no service answers: in words, and with what to do.
@Suite struct ClientTroubleTests {
    private static func io(_ code: CInt) -> any Error { IOError(errnoCode: code, reason: "connect(descriptor:addr:size:)") }

    @Test(
        arguments: [
            (Self.io(ECONNREFUSED), "nobody listens on port 8443 of pop.example.org; start it there"),
            (Self.io(EHOSTUNREACH), "there is no way to pop.example.org; check the network"),
            (Self.io(ETIMEDOUT), "pop.example.org does not answer on port 8443; see that it is up"),
            (HTTPClientError.connectTimeout, "pop.example.org does not answer on port 8443; see that it is up"),
            (HTTPClientError.deadlineExceeded, "it took the request and has not answered in time; look at `screenpop audit`"),
            (HTTPClientError.remoteConnectionClosed, "it closed the connection without an answer; a service with TLS is asked with https://"),
            (NIOSSLError.unableToValidateCertificate, "its certificate is not trusted; name the file of who signed it with --ca FILE"),
            (NIOSSLExtraError.failedToValidateHostname, "its certificate is for another name than pop.example.org"),
        ] as [(any Error, String)])
    func eachWayNotToBeAnsweredHasItsWordsAndItsAdvice(error: any Error, text: String) {
        let client = APIClient(base: "https://pop.example.org:8443", token: "x")
        let said = client.sentence(error)
        #expect(said.hasPrefix(text), "\(said)")
        for word in ["errno", "HTTPClientError", "NIO", "descriptor"] { #expect(!said.contains(word), "\(said)") }
    }

    @Test func aPortThatIsNotWrittenIsTheSchemes() {
        #expect(APIClient(base: "https://a", token: "x").sentence(Self.io(ECONNREFUSED)).hasPrefix("nobody listens on port 443 of a;"))
        #expect(APIClient(base: "http://a", token: "x").sentence(Self.io(ECONNREFUSED)).hasPrefix("nobody listens on port 80 of a;"))
    }

    @Test func whoNamedAnAuthorityIsToldThatItIsNotThatOne() {
        let said = APIClient(base: "https://a", token: "x", authority: "ca.pem").sentence(NIOSSLError.unableToValidateCertificate)
        #expect(said.hasPrefix("its certificate is not signed by the authority in ca.pem"), "\(said)")
    }
}
