import CallCenter
import RecordingsSupport
import Testing

/// The lists are not escaped, and what stands in them comes from callers and from whoever set a contact: whatever it is, it is no trap, and it
/// changes no other column.
@Suite struct HostileListTests {
    private static let hostile = [
        "|", "||", "|Available|Waiting|", "'", "\"", "\\", "${system(id)}", "+OK", "-ERR x", "name|instance_id", "^^:", ";", "王小明", "e\u{301}",
        "\u{202E}",
        "\u{2028}", "\t", "\u{7F}", "|0|0|0|0|", "1|2", "", " ", "a", "sofia/internal/1001@127.0.0.1:6001", "[call_timeout=10]", "single_box|",
        "|On Break|Idle",
    ]

    private static func text(_ random: inout SplitMix) -> String {
        (0..<Int(random.next() % 5)).map { _ in self.hostile[Int(random.next() % UInt64(self.hostile.count))] }.joined()
    }

    @Test func aContactChangesNoOtherColumn() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(seed: seed)
        let header =
            "name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|busy_delay_time|no_answer_delay_time|"
            + "last_bridge_start|last_bridge_end|last_offered_call|last_status_change|no_answer_count|calls_answered|talk_time|ready_time|"
            + "external_calls_count"
        for _ in 0..<3000 {
            let contacts = (0..<3).map { _ in Self.text(&random) }
            let rows = contacts.enumerated().map { "100\($0)@default|single_box||Callback|\($1)|On Break|Idle|3|\($0)|1|2|4|5|6|7|8|9|10|11|12|0" }
            let agents = try AgentRow.rows(in: "\(header)\n\(rows.joined(separator: "\n"))\n+OK\n")
            #expect(agents.map(\.contact) == contacts, "seed \(seed)")
            #expect(agents.map(\.name) == ["1000@default", "1001@default", "1002@default"])
            #expect(agents.allSatisfy { $0.status == .onBreak && $0.state == .idle && $0.maxNoAnswer == 3 && $0.readyTime == 12 })
            #expect(agents.map(\.wrapUpTime) == [0, 1, 2])
        }
    }

    @Test func aCallersNameChangesNoOtherColumn() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(seed: seed)
        let header =
            "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|rejoined_epoch|bridge_epoch|abandoned_epoch|base_score|"
            + "skill_score|serving_agent|serving_system|state|score"
        for _ in 0..<3000 {
            let name = Self.text(&random)
            let row = "support@default|single_box|member|session|02055501234|\(name)|1795386829|1795386830|0|0|0|0|0|1001@default|single_box|Trying|7"
            let member = try #require(try MemberRow.rows(in: "\(header)\n\(row)\n+OK\n").first)
            #expect(member.queue == "support@default" && member.uuid == "member" && member.sessionUUID == "session", "seed \(seed)")
            #expect(member.joinedEpoch == 1_795_386_830 && member.state == "Trying" && member.score == 7 && member.servingAgent == "1001@default")
            let shown = [member.callerNumber, member.callerName].compactMap { $0 }.joined(separator: "|")
            #expect(shown == (name.isEmpty ? "02055501234" : "02055501234|\(name)"), "seed \(seed)")
        }
    }

    /// Recorded lists with bytes changed, taken out and put in: an error, or rows; never a trap, and never long.
    @Test func brokenListsAreErrorsOrRows() throws {
        let lists = try Recording("commands").messages.filter { $0.hasContentType("api/response") }.map { String(decoding: $0.body, as: UTF8.self) }
            .filter { $0.contains("|") || $0.hasPrefix("{") }
        #expect(lists.count > 8)
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix(seed: seed)
        var errors = 0
        var rows = 0
        for round in 0..<20_000 {
            var bytes = Array(lists[round % lists.count].utf8)
            for _ in 0..<(1 + Int(random.next() % 6)) where !bytes.isEmpty {
                let at = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 5 {
                case 0: bytes.remove(at: at)
                case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
                case 2: bytes[at] = [UInt8(ascii: "|"), 0x0A, 0, 0xFF, UInt8(ascii: "-")][Int(random.next() % 5)]
                case 3: bytes.removeSubrange(at..<min(bytes.count, at + Int(random.next() % 40)))
                default: bytes.insert(contentsOf: Self.text(&random).utf8, at: at)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            func count(_ read: () throws -> Int) { if let count = try? read() { rows += count } else { errors += 1 } }
            count { try AgentRow.rows(in: text).count }
            count { try TierRow.rows(in: text).count }
            count { try QueueRow.rows(in: text).count }
            count { try MemberRow.rows(in: text).count }
            count { try ChannelRow.rows(in: text).count }
            count { try ChannelDump.headers(in: text).count }
            if (try? CallCenterReply(text)) == nil { errors += 1 }
        }
        #expect(errors > 1000 && rows > 1000, "seed \(seed)")
    }

    @Test func listsThatAskForMuchWorkAreReadInLittleTime() throws {
        let start = ContinuousClock.now
        for text in [
            String(repeating: "|", count: 100_000), "name|status|state\n" + String(repeating: "|", count: 50_000) + "\n+OK\n",
            "name|status|state\n" + String(repeating: "a|b|c\n", count: 20_000) + "+OK\n", String(repeating: "\n", count: 100_000),
            "queue|instance_id|uuid|session_uuid|cid_number|cid_name|state\nq|s|u|s|" + String(repeating: "|", count: 2000) + "|Trying\n+OK\n",
            String(repeating: "[", count: 10_000), "{\"row_count\":1,\"rows\":" + String(repeating: "[", count: 5000),
        ] {
            _ = try? AgentRow.rows(in: text)
            _ = try? TierRow.rows(in: text)
            _ = try? QueueRow.rows(in: text)
            _ = try? MemberRow.rows(in: text)
            _ = try? ChannelRow.rows(in: text)
        }
        #expect(start.duration(to: .now) < .seconds(20))
    }
}
