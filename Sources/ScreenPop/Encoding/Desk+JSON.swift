import CallCenter

extension PendingChange {
    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 160)
        self.write(to: &writer)
        return writer.bytes
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("status", self.status?.text)
            writer.member("state", self.state?.text)
            writer.member("reason", self.reason)
            writer.name("leave")
            if self.leave.isEmpty { writer.null() } else { writer.array(self.leave) { $0.value($1) } }
            writer.member("by", self.by)
            writer.member("since", self.since)
        }
    }
}

extension PendingFailure {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", self.code)
            writer.member("message", self.message)
        }
    }
}

extension WrapUp {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("since", self.since)
            writer.member("until", self.until)
            writer.member("extended", self.isExtended)
        }
    }
}

extension EndedWrapUp {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("wrapUpTime", self.wrapUpTime)
            writer.member("until", self.until)
        }
    }
}

extension ReasonPeriod {
    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 200)
        writer.object { writer in
            writer.member("status", self.status.text)
            writer.member("reason", self.reason)
            writer.member("by", self.by)
            writer.member("source", self.source?.rawValue)
            writer.member("since", self.since)
            writer.member("until", self.until)
        }
        return writer.bytes
    }
}

extension ReasonList {
    /// `{"items":[{"code":"lunch","labels":{"en":"Lunch","zh":"午餐"}}],"freeText":true}`
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.name("items")
            writer.array(self.items) { writer, item in
                writer.object { writer in
                    writer.member("code", item.code)
                    writer.name("labels")
                    writer.object { writer in
                        for (language, label) in item.labels.sorted(by: { $0.key < $1.key }) {
                            writer.name(escaping: language)
                            writer.value(label)
                        }
                    }
                }
            }
            writer.member("freeText", self.allowsFreeText)
        }
        return writer.bytes
    }
}
