import EventSocket
import NIOCore
import Testing

@Suite struct EventSocketEndpointTests {
    @Test(arguments: [
        (
            "esl://:ClueCon@127.0.0.1:8021",
            EventSocketEndpoint(host: "127.0.0.1", port: 8021, credentials: .password("ClueCon"), name: "127.0.0.1:8021")
        ),
        ("esl://:p@fs1", EventSocketEndpoint(host: "fs1", port: 8021, credentials: .password("p"), name: "fs1:8021")),
        ("ESL://:p@fs1/?name=node%201".replacing("%20", with: "-"), EventSocketEndpoint(host: "fs1", credentials: .password("p"), name: "node-1")),
        ("esl://:a%40b%3Ac%2F%25@h:1", EventSocketEndpoint(host: "h", port: 1, credentials: .password("a@b:c/%"))),
        ("esl://:a@b:c@h:1", EventSocketEndpoint(host: "h", port: 1, credentials: .password("a@b:c"))),
        (
            "esl://screenpop%40default:s3cret@10.0.0.1:8022?name=fs1",
            EventSocketEndpoint(host: "10.0.0.1", port: 8022, credentials: .user("screenpop@default", password: "s3cret"), name: "fs1")
        ),
        ("esl://:p@[fd00::2]:8021", EventSocketEndpoint(host: "fd00::2", port: 8021, credentials: .password("p"), name: "[fd00::2]:8021")),
        ("esl://:p@[::1]", EventSocketEndpoint(host: "::1", port: 8021, credentials: .password("p"))),
        ("esl://:%E5%AF%86@h", EventSocketEndpoint(host: "h", credentials: .password("密"))),
    ])
    func reads(url: String, endpoint: EventSocketEndpoint) throws {
        #expect(try EventSocketEndpoint(url: url) == endpoint)
    }

    @Test(arguments: [
        "", "http://:hunter2@h", "esl://h:8021", "esl://hunter2@h", "esl://:@h", "esl://:hunter2@", "esl://:hunter2@:8021", "esl://:hunter2@h:",
        "esl://:hunter2@h:0", "esl://:hunter2@h:65536", "esl://:hunter2@h:+1", "esl://:hunter2@h:8021x", "esl://:hunter2@fd00::2",
        "esl://:hunter2@[::1",
        "esl://:hunter2@[::1]x", "esl://user:hunter2@h", "esl://:hunter2%@h", "esl://:hunter2%0Aapi@h", "esl://:hunter2%ff@h",
        "esl://:hunter2@h?nam=x",
        "esl://:hunter2@h?name=", "esl://:hunter2@h?name=a&name=b", "esl://:hunter2@h?name=a%20b", "esl://:hunter2@h/x", "esl://a%40b%20c:hunter2@h",
    ])
    func refuses(url: String) {
        do {
            _ = try EventSocketEndpoint(url: url)
            Issue.record("accepted")
        } catch {
            guard case .invalidURL(let text) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(!text.isEmpty)
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func noDescriptionShowsThePassword() throws {
        for url in ["esl://:hunter2@h", "esl://u%40d:hunter2@h"] {
            let endpoint = try EventSocketEndpoint(url: url)
            var dumped = ""
            dump(endpoint, to: &dumped)
            dump(endpoint.credentials, to: &dumped)
            for text in ["\(endpoint)", "\(endpoint.credentials)", String(reflecting: endpoint), String(reflecting: [endpoint.credentials]), dumped] {
                #expect(!text.contains("hunter2"))
                #expect(!text.isEmpty)
            }
        }
    }
}

@Suite struct ReconnectBackoffTests {
    @Test func growsToASecondWhileThePortIsOpenAndToTenOtherwise() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for (isOpen, most) in [(true, Int64(1_000)), (false, 10_000)] {
            var backoff = ReconnectBackoff()
            let expected = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800].map { min(most, $0) } + Array(repeating: most, count: 100)
            for ceiling in expected {
                let wait = backoff.next(portWasOpen: isOpen, using: &random).nanoseconds / 1_000_000
                #expect((ceiling / 2...ceiling).contains(wait), "seed \(seed)")
            }
            backoff.reset()
            #expect(backoff.next(portWasOpen: isOpen, using: &random) <= .milliseconds(100), "seed \(seed)")
        }
    }

    @Test func aPortThatOpensShortensTheWait() {
        var random = SeededGenerator(seed: 1)
        var backoff = ReconnectBackoff()
        for _ in 0..<20 { _ = backoff.next(portWasOpen: false, using: &random) }
        #expect(backoff.next(portWasOpen: true, using: &random) <= .seconds(1))
    }

    @Test func twoNodesDoNotWaitAlike() {
        var (first, second) = (SeededGenerator(seed: 1), SeededGenerator(seed: 2))
        var backoffs = (ReconnectBackoff(), ReconnectBackoff())
        let waits = (0..<10).map { _ in (backoffs.0.next(portWasOpen: true, using: &first), backoffs.1.next(portWasOpen: true, using: &second)) }
        #expect(waits.contains { $0.0 != $0.1 })
    }
}
