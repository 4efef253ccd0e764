import Testing

@testable import Hiredis

struct RedisEndpointTests {
    @Test(arguments: [
        ("redis://example.org", RedisEndpoint(address: .tcp(host: "example.org", port: 6379, tls: false))),
        ("REDIS://example.org:6380/3", RedisEndpoint(address: .tcp(host: "example.org", port: 6380, tls: false), database: 3)),
        ("redis://h/?db=4", RedisEndpoint(address: .tcp(host: "h", port: 6379, tls: false), database: 4)),
        ("rediss://:secret@10.0.0.1", RedisEndpoint(address: .tcp(host: "10.0.0.1", port: 6379, tls: true), password: "secret")),
        (
            "redis://us%3Aer:p%40ss%2Fw%25@[::1]:7000/1",
            RedisEndpoint(address: .tcp(host: "::1", port: 7000, tls: false), username: "us:er", password: "p@ss/w%", database: 1)
        ),
        ("redis://user:a@b@h", RedisEndpoint(address: .tcp(host: "h", port: 6379, tls: false), username: "user", password: "a@b")),
        ("redis+unix:///run/redis.sock", RedisEndpoint(address: .unix(path: "/run/redis.sock"))),
        ("redis+unix://:pw@/a%20b?db=2", RedisEndpoint(address: .unix(path: "/a b"), password: "pw", database: 2)),
    ])
    func urlsAreTakenApart(_ url: String, _ expected: RedisEndpoint) throws {
        #expect(try RedisEndpoint(url: url) == expected)
    }

    @Test(arguments: [
        "", "localhost:6379", "http://h", "redis://", "redis://:6379", "redis://h:0", "redis://h:65536", "redis://h:+1", "redis://h:6379x",
        "redis://[::1", "redis://[::1]x", "redis://h/x", "redis://h/-1", "redis://h?timeout=3", "redis://h/1#x", "redis://secret@h",
        "redis://user:@h", "redis://u:%zz@h", "redis://u:%4@h", "redis://u:%ff@h", "redis+unix://run/redis.sock", "redis+unix://", "redis+unix:///",
    ])
    func wrongURLsAreRefusedWithoutRepeatingThem(_ url: String) {
        let error = #expect(throws: RedisError.self) { try RedisEndpoint(url: url) }
        guard case .invalidURL(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!text.contains("secret"))
    }

    @Test(arguments: ["redis+sentinel://h1:26379,h2:26379/main", "redis+cluster://h1,h2"])
    func whatIsNotBuiltYetIsRefusedByName(_ url: String) throws {
        let error = #expect(throws: RedisError.self) { try RedisEndpoint(url: url) }
        guard case .invalidURL(let text) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(text.hasPrefix(String(url.prefix { $0 != "/" }) + "//"))
    }

    @Test func passwordsAreNotShown() throws {
        let endpoint = try RedisEndpoint(url: "rediss://user:secret@h:1/2")
        var dumped = ""
        dump(endpoint, to: &dumped)
        for text in ["\(endpoint)", String(reflecting: endpoint), "\([endpoint])", dumped] {
            #expect(text.contains("rediss://user:***@h:1/2"))
            #expect(!text.contains("secret"))
        }
        #expect(RedisEndpoint(address: .unix(path: "/a"), database: 3).description == "redis+unix:///a?db=3")
        #expect(RedisEndpoint(address: .tcp(host: "::1", port: 1, tls: false)).description == "redis://[::1]:1/0")
    }
}
