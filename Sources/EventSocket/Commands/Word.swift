extension String {
    /// Whether the word, ASCII in lower case, stands anywhere in the text's bytes, the ASCII letters of the text in whatever case.
    ///
    /// So FreeSWITCH looks for words. Swift's own search compares characters: to it a `t` with an accent behind it is another letter, and the word
    /// is not found where FreeSWITCH finds it.
    package func holds(_ word: StaticString) -> Bool {
        let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        var text = self
        return text.withUTF8 { bytes in
            guard let first = word.first, bytes.count >= word.count else { return false }
            return (0...(bytes.count - word.count)).contains { start in
                Self.lowercased(bytes[start]) == first && word.indices.allSatisfy { Self.lowercased(bytes[start + $0]) == word[$0] }
            }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte }
}
