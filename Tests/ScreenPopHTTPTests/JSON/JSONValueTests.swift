import NIOCore
import ScreenPop
import ScreenPopService
import Testing

@testable import ScreenPopHTTP

@Suite struct JSONValueTests {
    @Test func `values are read`() throws {
        let value = try JSONValue(#" {"a":[1,-2.5e1,true,false,null],"b":{"c":"x\"\\\/\b\f\n\r\té\u00e9\ud83d\ude00"}} "#.utf8)
        #expect(
            value
                == .object([
                    "a": .array([.number(1), .number(-25), .bool(true), .bool(false), .null]),
                    "b": .object(["c": .string("x\"\\/\u{8}\u{c}\n\r\téé😀")]),
                ]))
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{a:1}", "01", "1.", "-", "1e", "+1", "tru", "nullx", "\"", "\"\u{1}\"", #""\x""#,
        #""\ud800""#, #""\ud800x""#, #""\udc00""#, #""\u12""#, "1 2", "1e999", "[[[[[[[[[[1]]]]]]]]]]", "{\"a\"}", "'a'",
    ]) func `what is no JSON is refused`(text: String) {
        #expect(throws: JSONValue.Malformed.self) { try JSONValue(text.utf8) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: JSONValue.Malformed.self) { try JSONValue([0x22, 0xC3, 0x28, 0x22]) }
        // An overlong slash, and half a surrogate pair written as UTF-8.
        #expect(throws: JSONValue.Malformed.self) { try JSONValue([0x22, 0xC0, 0xAF, 0x22]) }
        #expect(throws: JSONValue.Malformed.self) { try JSONValue([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func `what is written can be read, whatever it holds`() throws {
        let text = "\u{0}\u{1f}\u{7f}\"\\/\n😀é</script>"
        let buffer = JSONWriter.object { object in
            object.name(escaping: text)
            object.value(text)
            object.member("n", nil as String?)
            object.member("map", ["b": "2", "a": "1"])
        }
        #expect(
            try JSONValue(buffer.readableBytesView)
                == .object([text: .string(text), "n": .null, "map": .object(["a": .string("1"), "b": .string("2")])]))
        #expect(buffer.readableBytesView.allSatisfy { $0 >= 0x20 })
    }
}
