import CallCenter
import ScreenPop
import Testing

@Suite struct PopURLTemplateTests {
    private func pop(_ number: String? = "+8613900139000", name: String? = "王小明", _ attributes: [String: String] = [:]) -> Pop {
        var pop = Pop(id: "p-1", kind: .queue, agent: "1001@default", node: "fs1", offeredAt: Timestamp(microseconds: 1))
        pop.caller = Pop.Caller(number: number, name: name)
        pop.queue = "support@default"
        pop.dialed = "7000"
        pop.callUUID = "c21cf556-e04e-469f-9a7f-d14a655129b4"
        pop.attributes = attributes
        return pop
    }

    @Test func everyPlaceholderIsFilledIn() throws {
        let template = try PopURLTemplate(
            """
            https://crm.example.org/{queue}/{kind}?n={caller.number}&name={caller.name}&party={party.number}&d={dialed}&a={agent}&c={callUUID}\
            &id={attributes.crm_id}#{attributes.crm.segment-2}
            """)
        #expect(template.attributes == ["crm_id", "crm.segment-2"])
        #expect(
            template.url(for: self.pop(["crm_id": "crm-4711", "crm.segment-2": "gold"]))
                == """
                https://crm.example.org/support%40default/queue?n=%2B8613900139000&name=%E7%8E%8B%E5%B0%8F%E6%98%8E&party=%2B8613900139000&d=7000\
                &a=1001%40default&c=c21cf556-e04e-469f-9a7f-d14a655129b4&id=crm-4711#gold
                """)
    }

    private func pop(_ attributes: [String: String]) -> Pop { self.pop("+8613900139000", name: "王小明", attributes) }

    /// Whatever a caller sends stays one value: it ends neither the query nor the path, and is no other link.
    @Test(arguments: [
        ("a&admin=1#x", "a%26admin%3D1%23x"), ("../../logout", "..%2F..%2Flogout"), ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("https://evil.example", "https%3A%2F%2Fevil.example"), ("100%41 \"<'>`\\", "100%2541%20%22%3C%27%3E%60%5C"),
        ("{caller.number}", "%7Bcaller.number%7D"), ("a\r\nb\u{0}\u{7F}\t", "a%0D%0Ab%00%7F%09"),
        ("\u{202E}é", "%E2%80%AE%C3%A9"), ("-._~Az9", "-._~Az9"),
    ]) func aHostileValueStaysAValue(name: String, encoded: String) throws {
        let pop = self.pop(name: name)
        #expect(try PopURLTemplate("https://h/?q={caller.name}&x=1").url(for: pop) == "https://h/?q=\(encoded)&x=1")
        #expect(try PopURLTemplate("https://h/p/{caller.name}/x").url(for: pop) == "https://h/p/\(encoded)/x")
    }

    /// A browser goes up a folder at `..`, and at `%2e%2e` as well.
    @Test(arguments: [".", ".."]) func aValueThatWouldBeAFolderMakesNoLink(name: String) throws {
        let pop = self.pop(".", name: name)
        #expect(try PopURLTemplate("https://h/customers/{caller.name}/edit").url(for: pop) == nil)
        #expect(try PopURLTemplate("https://h/customers/{caller.name}").url(for: pop) == nil)
        #expect(try PopURLTemplate("https://h/customers/{caller.number}%2E").url(for: pop) == nil)
        #expect(try PopURLTemplate("https://h/customers/n{caller.name}").url(for: pop) == "https://h/customers/n\(name)")
        #expect(try PopURLTemplate("https://h/?q={caller.name}").url(for: pop) == "https://h/?q=\(name)")
        #expect(try PopURLTemplate("https://h/#/{caller.name}/x").url(for: pop) == "https://h/#/\(name)/x")
    }

    @Test func withoutAValueThereIsNoLinkUnlessItMayBeEmpty() throws {
        let strict = try PopURLTemplate("https://h/?n={caller.number}&id={attributes.crm_id}")
        let loose = try PopURLTemplate("https://h/?n={caller.number?}&id={attributes.crm_id?}")
        #expect(strict.url(for: self.pop()) == nil)
        #expect(strict.url(for: self.pop(["crm_id": ""])) == nil)
        #expect(strict.url(for: self.pop(["crm_id": "7"])) == "https://h/?n=%2B8613900139000&id=7")
        #expect(loose.url(for: self.pop()) == "https://h/?n=%2B8613900139000&id=")
        #expect(loose.url(for: self.pop(nil)) == "https://h/?n=&id=")
        #expect(try PopURLTemplate("http://h").url(for: self.pop(nil)) == "http://h")
    }

    @Test func inACallThatTheAgentMakesThePartyIsWhoIsCalled() throws {
        var pop = self.pop("1001")
        pop.kind = .outbound
        pop.dialed = "+442079460123"
        #expect(try PopURLTemplate("https://h/{party.number}").url(for: pop) == "https://h/%2B442079460123")
    }

    @Test func aLinkThatIsTooLongIsNone() throws {
        let template = try PopURLTemplate("https://h/?q={caller.name}")
        #expect(template.url(for: self.pop(name: String(repeating: "王", count: 900)))?.utf8.count == 13 + 8100)
        #expect(template.url(for: self.pop(name: String(repeating: "王", count: 1000))) == nil)
        #expect(template.url(for: self.pop(name: String(repeating: "x", count: 100_000))) == nil)
    }

    @Test(arguments: [
        ("", PopURLTemplateProblem.scheme), ("crm.example.org/{queue}", .scheme), ("ftp://h/", .scheme), ("javascript:alert({caller.name})", .scheme),
        ("data:text/html,{caller.name}", .scheme), ("{kind}://h/", .scheme), (" https://h/", .scheme), ("https:/h/", .scheme), ("https:h", .scheme),
        ("https://", .host), ("https:///p", .host), ("https://?q", .host), ("https://user:secret@h/", .host), ("https://h:0/", .host),
        ("https://h:65536/", .host), ("https://h:80x/", .host), ("https://h:/", .host), ("https://[::1/", .host), ("https://[::1]x/", .host),
        ("https://h h/", .host), ("https://h\\@evil/", .host), ("https://.h/", .host), ("https://münchen.example/", .host),
        ("https://{caller.name}/", .placeholderInHost), ("https://h{caller.name}", .placeholderInHost), ("https://h:{dialed}/", .placeholderInHost),
        ("https://h{queue?}/", .placeholderInHost), ("https://h}/", .placeholderInHost),
        ("https://h/{caller.nunber}", .placeholder("caller.nunber")), ("https://h/{}", .placeholder("")), ("https://h/{?}", .placeholder("")),
        ("https://h/{attributes.}", .placeholder("attributes.")), ("https://h/{attributes.a b}", .placeholder("attributes.a b")),
        ("https://h/{queue", .openBrace), ("https://h/{{queue}}", .placeholder("{queue")), ("https://h/queue}", .character("}")),
        ("https://h/a b", .character("U+0020")), ("https://h/100%", .character("%")), ("https://h/%zz", .character("%")),
        ("https://h/\\x", .character("\\")),
        ("https://h/\"x\"", .character("\"")), ("https://h/客户", .character("客")), ("https://h/a\nb", .character("U+000A")),
        ("https://h/../{queue}", .dotSegment), ("https://h/%2e%2E/x", .dotSegment), ("https://h/{queue?}/./x", .dotSegment),
    ]) func whatIsNoTemplateIsRefusedWithTheReason(text: String, problem: PopURLTemplateProblem) {
        #expect(throws: problem) { try PopURLTemplate(text) }
        #expect(!problem.description.isEmpty)
    }

    @Test func aTemplateHasALimit() {
        #expect(throws: PopURLTemplateProblem.tooLong) { try PopURLTemplate("https://h/" + String(repeating: "x", count: 2048)) }
        #expect(PopURLTemplateProblem.placeholder("x").description.contains("attributes.NAME"))
    }

    @Test(arguments: [
        "https://crm.example.org", "HTTPS://crm.example.org:8443/a?b", "http://[2001:db8::1]:80/", "http://[::1]", "https://h?n={dialed}",
        "https://h#/{dialed}", "https://h/%20/~x/!$&'()*+,;=:@",
    ])
    func whatIsAURLIsTaken(text: String) throws {
        let template = try PopURLTemplate(text)
        #expect(template.url(for: self.pop()) == text.replacing("{dialed}", with: "7000"))
    }
}
