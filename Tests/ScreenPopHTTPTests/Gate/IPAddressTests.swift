import NIOCore
import Testing

@testable import ScreenPopHTTP

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"), ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:db8::1", "2001:db8::1"),
        ("2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("64:ff9b::192.0.2.7", "64:ff9b::c000:207"),
        ("fe80::a:b:c:d", "fe80::a:b:c:d"), ("0:0:0:0:0:0:0:0", "::"),
    ])
    func `reads an address and writes it in its one form`(text: String, form: String) throws {
        #expect(try #require(IPAddress(text)).description == form)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "+1.2.3.4", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
        "::1::", "12345::", "g::", "1.2.3.4::", "::1.2.3.256", "fe80::1%eth0", "localhost", "::+1",
    ])
    func `refuses what is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.1.2.3/8", "10.9.9.9", true), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false), ("fd00::/8", "fdff::1", true),
        ("fd00::/8", "fc00::1", false), ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("::/0", "1.2.3.4", true),
    ])
    func `a range holds what begins alike`(range: String, address: String, holds: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == holds)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "x/8", "::/129"])
    func `refuses what is no range`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        arguments: [
            // Nobody is trusted: what the header says is anybody's word.
            ([], "198.51.100.1", ["203.0.113.9"], "198.51.100.1"),
            (["198.51.100.1"], "198.51.100.1", ["203.0.113.9"], "203.0.113.9"),
            // What stands before the last one was sent by the client.
            (["198.51.100.1"], "198.51.100.1", ["10.6.6.6, 203.0.113.9"], "203.0.113.9"),
            (["198.51.100.1", "10.0.0.0/8"], "198.51.100.1", ["6.6.6.6, 203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            (["198.51.100.1"], "198.51.100.1", ["203.0.113.9:4711"], "203.0.113.9"),
            (["198.51.100.1"], "198.51.100.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
            (["198.51.100.1"], "198.51.100.1", ["unknown"], "198.51.100.1"),
            (["198.51.100.1"], "198.51.100.1", [], "198.51.100.1"),
            (["198.51.100.1"], "198.51.100.2", ["203.0.113.9"], "198.51.100.2"),
        ] as [([String], String, [String], String)])
    func `only a trusted proxy says where a request comes from`(proxies: [String], peer: String, header: [String], address: String) throws {
        let found = IPAddress(
            peer: try SocketAddress(ipAddress: peer, port: 1), forwardedFor: header, proxies: proxies.compactMap(AddressRange.init))
        #expect(found?.description == address)
    }

    @Test func `addresses of one network of IPv6 count as one`() throws {
        let network = try #require(IPAddress("2001:db8:1:2:3:4:5:6")).network
        #expect(network == IPAddress("2001:db8:1:2::9")?.network)
        #expect(network != IPAddress("2001:db8:1:3::9")?.network)
        #expect(IPAddress("192.0.2.1")?.network != IPAddress("192.0.2.2")?.network)
    }
}
