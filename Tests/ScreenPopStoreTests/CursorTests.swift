import ScreenPopStore
import Testing

struct CursorTests {
    @Test(arguments: ["1795388079837-0", "0-0", "18446744073709551615-18446744073709551615"])
    func aCursorIsWrittenAsItIsRead(_ text: String) throws {
        #expect(try #require(Cursor(text)).description == text)
    }

    @Test(arguments: ["", "1", "1-", "-1", "1-2-3", "+1-0", "1-+0", " 1-0", "1-0 ", "١-0", "18446744073709551616-0", "$", "a-b"])
    func anythingElseIsNoCursor(_ text: String) {
        #expect(Cursor(text) == nil)
    }

    @Test func cursorsAreOrderedAsNumbers() {
        let cursors = [Cursor(milliseconds: 9, sequence: 10), Cursor(milliseconds: 10, sequence: 2), Cursor(milliseconds: 10, sequence: 10)]
        #expect(cursors.reversed().sorted() == cursors)
    }
}
