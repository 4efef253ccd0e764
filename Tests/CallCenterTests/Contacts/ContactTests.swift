import CallCenter
import Foundation
import Testing

@Suite struct ContactDialStringTests {
    @Test(arguments: [
        (Contact.user("1001@example.org", callTimeout: 10), "[call_timeout=10]user/1001@example.org"),
        (.user("1001", callTimeout: nil), "user/1001"),
        (.sofia(profile: "internal", address: "1001@192.0.2.7:5060", callTimeout: 10), "[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060"),
        (.sofia(profile: "internal", address: "1001@[2001:db8::7]:5060", callTimeout: nil), "sofia/internal/1001@[2001:db8::7]:5060"),
        (.sofia(profile: "internal", address: "1001@[2001:db8::7]", callTimeout: nil), "sofia/internal/1001@[2001:db8::7]"),
        (.loopback(extension: "1001", context: "default"), "loopback/1001/default"),
    ])
    func readsWhatItWrites(contact: Contact, dialString: String) throws {
        try contact.validate()
        #expect(contact.dialString == dialString)
        #expect(Contact(dialString: dialString) == contact)
        #expect(Contact.warning(dialString: dialString) == nil)
    }

    @Test(arguments: [
        "", "error/user_busy", "[leg_timeout=5]sofia/internal/1002@127.0.0.1|sofia/internal/1003@127.0.0.1", "sofia/gateway/pstn/02055501111",
        "{originate_timeout=4}sofia/internal/1001@127.0.0.1", "[leg_timeout=4]user/1001@example.org", "[call_timeout=4]loopback/1001/default",
        "[call_timeout=x]user/1001", "[call_timeout=0]user/1001", "user/${system(touch /tmp/x)}", "[x=1,call_timeout=4]user/1001", "loopback/1001",
        "sofia/internal/1001@host:99999", "[call_timeout=4",
    ])
    func keepsTheRestAsItIs(text: String) {
        #expect(Contact(dialString: text) == .dialString(text))
        #expect(Contact(dialString: text).dialString == text)
    }

    @Test func warnsOfATimeoutThatDoesNothing() {
        let text = "[call_timeout=10]sofia/internal/1001@127.0.0.1:6001"
        #expect(Contact(dialString: text) == .sofia(profile: "internal", address: "1001@127.0.0.1:6001", callTimeout: 10))
        #expect(Contact.warning(dialString: text)?.hasPrefix("call_timeout does nothing here") == true)
        #expect(Contact.warning(dialString: "[leg_timeout=10]sofia/internal/1001@127.0.0.1:6001") == nil)
    }
}

@Suite struct ContactValidationTests {
    static let hostile = [
        "", " ", "a b", "a'b", "a\"b", "a\\", "a|b", "a,b", "a{b", "a}b", "${x}", "$a", "a&b", "a\nb", "a\0b", "a/b", "a;b", "a=b", "a[b", "a]b",
        "^^:", "a:b:c",
        "é", String(repeating: "x", count: 300),
    ]

    @Test(arguments: hostile) func refusesAHostilePart(text: String) {
        let contacts: [Contact] = [
            .user(text, callTimeout: nil), .user("1001@\(text)", callTimeout: nil), .user("\(text)@example.org", callTimeout: nil),
            .sofia(profile: text, address: "1001@host", callTimeout: nil), .sofia(profile: "internal", address: text, callTimeout: nil),
            .sofia(profile: "internal", address: "\(text)@host", callTimeout: nil),
            .sofia(profile: "internal", address: "1001@\(text)", callTimeout: nil),
            .loopback(extension: text, context: "default"), .loopback(extension: "1001", context: text),
        ]
        for contact in contacts {
            #expect(throws: ContactError.self, "\(contact)") { try contact.validate() }
        }
    }

    @Test(arguments: [0, -1, 3601, Int.max]) func refusesATimeoutOutOfRange(seconds: Int) {
        #expect(throws: ContactError.illegalTimeout(seconds)) { try Contact.user("1001", callTimeout: seconds).validate() }
    }

    @Test func refusesAGatewayAsAProfile() {
        #expect(throws: ContactError.self) { try Contact.sofia(profile: "gateway", address: "1001@host", callTimeout: nil).validate() }
    }

    @Test(arguments: [
        "${system(touch /tmp/x)}", "&{system(x)}", "{execute_on_answer=system}user/1", "[execute_on_answer=x]user/1", "[API_ON_ANSWER=x]user/1",
        "loopback/app=system:x",
        "[api_hangup_hook=x]user/1", "user/1\nuser/2", "user/1'", "a\\", "^^:user/1", "",
    ])
    func refusesADialStringThatRunsSomething(text: String) {
        #expect(throws: ContactError.self) { try Contact.dialString(text).validate() }
    }

    @Test(arguments: [
        "[leg_timeout=5]sofia/internal/1002@127.0.0.1|sofia/internal/1003@127.0.0.1", "sofia/gateway/pstn/02055501111", "user/1001,user/1002",
    ])
    func acceptsAPlainDialString(text: String) throws {
        try Contact.dialString(text).validate()
    }
}

@Suite struct ContactFormTests {
    @Test(arguments: [
        (#"{"user":"1001@example.org","callTimeout":10}"#, "[call_timeout=10]user/1001@example.org"),
        (
            #"{"sofia":{"profile":"internal","address":"1001@192.0.2.7:5060"},"callTimeout":10}"#,
            "[leg_timeout=10]sofia/internal/1001@192.0.2.7:5060"
        ),
        (#"{"loopback":{"extension":"1001","context":"default"}}"#, "loopback/1001/default"),
        (#"{"dialString":"sofia/gateway/pstn/1"}"#, "sofia/gateway/pstn/1"),
    ])
    func readsAndWritesTheContractsForms(json: String, dialString: String) throws {
        let contact = try JSONDecoder().decode(ContactForm.self, from: Data(json.utf8)).contact()
        #expect(contact.dialString == dialString)
        #expect(String(decoding: contact.jsonObject, as: UTF8.self) == json)
        #expect(String(decoding: Contact.jsonObject(dialString: dialString), as: UTF8.self) == json)
    }

    @Test func tellsTheWarning() throws {
        let json = Contact.jsonObject(dialString: "[call_timeout=10]sofia/internal/1001@127.0.0.1:6001")
        let form = try JSONDecoder().decode(ContactForm.self, from: Data(json))
        #expect(form.sofia == ContactForm(dialString: "sofia/internal/1001@127.0.0.1:6001").sofia)
        #expect(form.callTimeout == 10)
        #expect(form.warning?.isEmpty == false)
    }

    @Test func writesNullForNoContact() {
        #expect(Contact.jsonObject(dialString: "") == Array("null".utf8))
    }

    @Test func escapesWhatItCannotName() throws {
        let text = "x\"\\\n\u{1}王"
        #expect(Contact.jsonObject(dialString: text) == Array(#"{"dialString":"x\"\\\u000a\u0001王"}"#.utf8))
    }

    @Test(arguments: [
        (#"{}"#, ContactError.oneFormExpected), (#"{"user":"1","dialString":"x"}"#, .oneFormExpected),
        (#"{"loopback":{"extension":"1","context":"d"},"callTimeout":5}"#, .illegalTimeout(5)),
        (#"{"user":"1","callTimeout":0}"#, .illegalTimeout(0)),
    ])
    func refusesWhatIsNoContact(json: String, error: ContactError) throws {
        let form = try JSONDecoder().decode(ContactForm.self, from: Data(json.utf8))
        #expect(throws: error) { try form.contact() }
    }
}
