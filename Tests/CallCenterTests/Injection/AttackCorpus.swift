/// Texts that have broken something of this kind somewhere, or would here. The property test tries them first, in every place; add to them what it,
/// or anybody, finds.
enum AttackCorpus {
    static let attacks: [String] = quotes + lines + separators + commands + shapes + unicode + overlong

    private static let quotes = [
        "'", "''", "'''", "\"", "\"\"", "\\", "\\\\", "\\\\\\", "\\'", "'\\", "\\'\\", "a'", "'a", "a\\", "a\\'", "O'Brien", "x' 'y", "' Available",
        "1001' 'Logged Out", "1001@default' Available '", "\\\" x", "a b", " a", "a ", "  ", "\\ ", "a\\ b", "\\n", "\\r", "\\t", "\\s", "\\n\\n",
        "\\\\n", "'\\n'", "\\x41", "\\0", "\\u0027",
    ]

    private static let lines = [
        "\n", "\n\n", "\r", "\r\n", "\r\n\r\n", "\0", "a\0b", "a\n", "\na", "a\rb", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}", "\u{7F}",
        "\u{1B}[2J",
        "\t", "x\n\napi system touch /tmp/injected", "x\nconsole_execute: true", "x\nJob-UUID: 11111111-2222-3333-4444-555555555555",
        "x\nEvent-UUID: 1", "x\nasync: true", "x\nsession-id: 1", "x\nContent-Length: 10", "x\r\n\r\nexit", "x\n\nexit\n\n", "x\0\n\napi version",
    ]

    private static let separators = [
        "^^", "^^:", "^^:a:b", "^^ ", "^^'", "^^\\", "^^^", "x^^:", "|", "a|b|c", "a,b", "a;b", "a;;b", "x;;system touch /tmp/injected", "&", "&&",
        "a:_:b", ":_:", "[a=b]", "<a=b>", "a!b", "~", "#", "%0A", "%0a%0a", "%27", "%%", "a\tb", "=", "a=b",
    ]

    private static let commands = [
        "${system(touch /tmp/injected)}", "$${system(touch /tmp/injected)}", "${", "}", "${a}", "\\${a}", "$", "@@system(id)", "&system(id)",
        "&park()",
        "console_execute: true", "Job-UUID: 1", "api system id", "bgapi system id", "exit", "...", "system id", "{api_on_answer='system id'}user/1",
        "[execute_on_answer='system id']user/1", "[app=x]", "{origination_uuid=1}sofia/internal/1@x", "sofia/gateway/x/1", "error/user_busy",
        "loopback/app=system:id", "pickup/x", "unload mod_event_socket", "reload mod_event_socket", "unload_mod_event_socket@default",
        "mod_event_socket", "MOD_EVENT_SOCKET@RELOAD", "mod_event_socket.unload",
        "mod_event_socket\u{301}.unload", "unload\u{345}mod_event_socket\u{301}", "reload", "unload", "'; DROP TABLE agents; --", "' OR '1'='1",
        "$(touch /tmp/injected)", "`touch /tmp/injected`", "| touch /tmp/injected", "../../etc/passwd", "<script>alert(1)</script>", "%s%n%x",
    ]

    private static let shapes = [
        "", " ", "1001@default", "Available", "available", "Available (On Demand)", "On Break", "Logged Out", "Lunch", "Waiting", "-1", "0",
        "9223372036854775808", "1 2 3 4 5 6 7 8 9", "a b c d e f g h i j", "1001@default 1 1 extra", "-", "--", "-both", "all", "none", "undef",
        "_undef_",
        "true", "nil", "+OK", "-ERR x", "-USAGE: x", "name|instance_id",
    ]

    private static let unicode = [
        "客服1@default", "عميل@default", "Ünal@default", "Ελένη", "Юлия", "한국어", "न\u{93F}शा", "e\u{301}", "\u{301}e", "王小明", "👩🏽‍💻", "a\u{200B}b",
        "a\u{200D}b", "a\u{FEFF}b", "\u{FEFF}", "a\u{AD}b", "\u{202E}tluafed", "\u{2066}x\u{2069}", "a\u{A0}b", "a\u{3000}b", "＇", "＂", "＼", "＾＾:",
        "｜", "；；",
        "’", "‘", "´", "ʼ", "＄｛system(id)｝", "\u{FF07} \u{FF07}", "\u{FFFD}", "\u{10FFFF}", "\u{E000}", "𝟙𝟘𝟘𝟙", "ａｄｍｉｎ", "аdmin", "İ", "ß", "ﬁ",
        "\u{0}\u{301}", "a\u{338}", "\u{1F1E8}\u{1F1F3}", "\u{E0041}",
    ]

    private static let overlong = [
        String(repeating: "x", count: 64), String(repeating: "x", count: 65), String(repeating: "王", count: 64), String(repeating: "'", count: 300),
        String(repeating: "\\", count: 301), String(repeating: " ", count: 300), String(repeating: "a b ", count: 200),
        String(repeating: "x", count: 65_537),
        String(repeating: "e\u{301}", count: 40),
    ]
}
