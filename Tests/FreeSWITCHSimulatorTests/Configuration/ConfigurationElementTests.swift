import FreeSWITCHSimulator
import Testing

@Suite struct ConfigurationElementTests {
    private func read(_ text: String) throws(ConfigurationFault) -> ConfigurationElement { try ConfigurationElement.read(text, file: "a.xml") }

    @Test func `elements, attributes, comments and entities are read`() throws {
        let root = try self.read(
            """
            <?xml version="1.0"?>
            <!-- <not this="one"> -->
            <include>
              some text
              <queue name='a &amp; b &lt;&quot;&apos;&gt; &#x738B;&#33;'  max="1">
                <param name="strategy" value="ring-all"/><param name="x"/>
              </queue >
              <empty/>
            </include>
            """)
        #expect(root.name == "include" && root.children.map(\.name) == ["queue", "empty"])
        let queue = try #require(root.all("queue").first)
        #expect(queue["name"] == "a & b <\"'> 王!" && queue["max"] == "1" && queue["none"] == nil)
        #expect(queue.pairs().map(\.name) == ["strategy", "x"] && queue.pairs().map(\.value) == ["ring-all", ""])
        #expect(root.all("queue", "param").count == 2)
    }

    @Test(arguments: [
        ("", 1, "there is no element"), ("<a>", 1, "<a> has no end"), ("<a>\n</b>", 2, "</b> ends nothing that is open"),
        ("<a/>\n<b/>", 2, "there is a second root element, <b>"), ("<a/>x", 1, "there is text outside of the elements"),
        ("<a b/>", 1, "the attribute b has no value"), ("<a b=c/>", 1, "the value of b stands in no quotes"),
        ("<a b=\"c/>", 1, "the value of b does not end"), ("<a b=\"<\"/>", 1, "the value of b does not end"),
        ("<a b=\"1\" b=\"2\"/>", 1, "b stands twice"),
        ("<a b=\"&what;\"/>", 1, "&what; is unknown"), ("<a b=\"&amp\"/>", 1, "& begins an entity, and there is no ; behind it"),
        ("<a b=\"&#xD800;\"/>", 1, "&#xD800; is unknown"), ("<!DOCTYPE a [<!ENTITY b \"c\">]><a/>", 1, "<! begins a comment and nothing else here"),
        ("<a><!-- ", 1, "a comment does not end"), ("<a", 1, "a name is missing"), ("<", 1, "a name is missing"),
        ("</a x>", 1, "an end tag holds a name alone"),
    ])
    func `what is no such file is refused with its line`(text: String, line: Int, reason: String) {
        #expect(throws: ConfigurationFault(file: "a.xml", line: line, reason: reason)) { try self.read(text) }
    }

    @Test func `however deep, however cut, it does not trap`() throws {
        #expect(throws: ConfigurationFault.self) { try self.read(String(repeating: "<a>", count: 100_000)) }
        let whole = "<?xml version=\"1.0\"?><!-- c --><a b='&amp;'>t<c d=\"e\"/></a>"
        for count in 0..<whole.utf8.count {
            #expect(throws: ConfigurationFault.self) { try self.read(String(decoding: whole.utf8.prefix(count), as: UTF8.self)) }
        }
        _ = try self.read(whole)
    }
}

@Suite struct ConfigurationFolderTests {
    private let root = """
        <document type="freeswitch/xml"><X-PRE-PROCESS cmd="include" data="vars.xml"/>
        <section name="configuration"><X-PRE-PROCESS cmd="include" data="autoload_configs/*.xml"/></section>
        <section name="directory"><X-PRE-PROCESS cmd="include" data="directory/*.xml"/></section></document>
        """
    private let variables = """
        <include><X-PRE-PROCESS cmd="set" data="a=b=c"/><X-PRE-PROCESS cmd="set" data="d=$${a}!"/>
        <X-PRE-PROCESS cmd="exec-set" data="secret=touch /tmp/never"/><X-PRE-PROCESS cmd="env-set" data="host=$HOST"/></include>
        """

    @Test func `includes are followed and variables filled in`() throws {
        let folder = try ConfigurationFolder(
            files: [
                "freeswitch.xml": self.root, "vars.xml": self.variables,
                "autoload_configs/x.conf.xml": """
                <include><configuration name="x.conf"><p v="$${d}$${none}${kept}" s="$${secret}" h="$${host}"/>
                <menus><X-PRE-PROCESS cmd="include" data="../menus/*.xml"/></menus></configuration></include>
                """,
                "autoload_configs/notes.txt": "not <xml", "menus/a.xml": "<include><menu name=\"one\"/></include>",
                "menus/b.xml": "<menu name=\"two\"/>",
                "menus/deep/c.xml": "<menu name=\"three\"/>",
            ], environment: ["HOST": "example.org"])
        let configuration = try #require(folder.configuration("x.conf"))
        let element = try #require(configuration.all("p").first)
        #expect(element["v"] == "b=c!${kept}" && element["s"] == "" && element["h"] == "example.org")
        #expect(configuration.all("menus", "menu").compactMap { $0["name"] } == ["one", "two"])
        #expect(folder.configuration("y.conf") == nil && folder.section("directory").isEmpty)
    }

    @Test(
        arguments: [
            ([:], "freeswitch.xml: is not there"),
            (
                ["freeswitch.xml": "<d><X-PRE-PROCESS cmd=\"include\" data=\"freeswitch.xml\"/></d>"],
                "freeswitch.xml: files include each other too deep"
            ),
            (
                ["freeswitch.xml": "<d><X-PRE-PROCESS cmd=\"include\" data=\"../etc/passwd\"/></d>"],
                "freeswitch.xml: ../etc/passwd lies outside of the folder"
            ),
            (
                ["freeswitch.xml": "<d><X-PRE-PROCESS cmd=\"include\" data=\"/etc/passwd\"/></d>"],
                "freeswitch.xml: /etc/passwd lies outside of the folder"
            ),
            (
                ["freeswitch.xml": "<d><X-PRE-PROCESS cmd=\"include\" data=\"a/*\"/></d>", "a/b.xml": "<b>\n</c>"],
                "a/b.xml:2: </c> ends nothing that is open"
            ),
        ] as [([String: String], String)])
    func `what cannot be followed is named`(files: [String: String], text: String) {
        let fault = #expect(throws: ConfigurationFault.self) { try ConfigurationFolder(files: files) }
        #expect(fault?.description == text)
    }

    private func simulated(_ callCenter: String, dialplan: String = "") throws -> Simulator.Configuration {
        var configuration = Simulator.Configuration()
        try configuration.take(
            ConfigurationFolder(files: [
                "freeswitch.xml": """
                <document><section name="configuration"><configuration name="callcenter.conf">\(callCenter)</configuration></section>
                <section name="dialplan"><context name="default">\(dialplan)</context></section></document>
                """
            ]))
        return configuration
    }

    @Test func `agents and tiers that stand in the file are there`() throws {
        let telephony = try self.simulated(
            """
            <queues><queue name="a@b"><param name="strategy" value="top-down"/></queue></queues>
            <agents><agent name="7@b" type="Callback" contact="user/7@b" status="Available" max-no-answer="3" wrap-up-time="10" busy-delay-time="60"/></agents>
            <tiers><tier agent="7@b" queue="a@b" level="2" position="4"/><tier agent="7@b"/></tiers>
            """
        ).telephony
        #expect(telephony.queues.map(\.name) == ["a@b"] && telephony.queues.map(\.strategy) == [.topDown])
        var agent = SimulatedAgent(name: "7@b")
        agent.contact = "user/7@b"
        agent.status = "Available"
        agent.maxNoAnswer = 3
        agent.wrapUpTime = 10
        agent.busyDelayTime = 60
        #expect(telephony.agents == [agent])
        #expect(telephony.tiers == [SimulatedTier(queue: "a@b", agent: "7@b", level: 2, position: 4)])
        #expect(telephony.menu.map(\.key) == [] && telephony.queueExtensions.map(\.key) == [])
    }

    @Test(arguments: [
        ("<queues><queue name=\"a@b\"><param name=\"strategy\" value=\"random\"/></queue></queues>", "the strategy random is not simulated"),
        ("<queues><queue name=\"a@b\"><param name=\"stratagy\" value=\"ring-all\"/></queue></queues>", "there is no queue parameter \"stratagy\""),
        ("<queues><queue name=\"a b\"/></queues>", "queue \"a b\""),
    ])
    func `what the simulator does not play is refused`(callCenter: String, text: String) {
        let fault = #expect(throws: ConfigurationFault.self) { try self.simulated(callCenter) }
        #expect(fault?.description.contains(text) == true, "\(fault?.description ?? "")")
    }
}
