public import NIOCore

/// One event from FreeSWITCH, kept as the bytes it came in.
///
/// Nothing is decoded until it is asked for, so an event nobody wants costs no allocation.
///
/// Names are compared byte by byte, case included. FreeSWITCH writes each header of its own in one spelling only, and the names of channel
/// variables, where spellings do vary (`variable_sip_h_X-CRM-Id`), come from outside: two spellings are two variables.
public struct Event: Sendable, Equatable {
    /// The bytes of a `text/event-plain` body: header lines, a blank line, and perhaps an inner body.
    package let bytes: ByteBuffer

    /// - Parameter plain: the body of a `text/event-plain` frame. It is not copied.
    public init(plain: ByteBuffer) {
        self.bytes = plain
    }

    /// The same event with bytes of its own. An event is a slice of what was read with it, up to some hundred KiB, and keeps all of that:
    /// who keeps many events keeps these.
    package var detached: Event {
        var own = ByteBufferAllocator().buffer(capacity: self.bytes.readableBytes)
        own.writeImmutableBuffer(self.bytes)
        return Event(plain: own)
    }

    /// The decoded value of the first header of that name; `nil` when it is absent, empty or `_undef_`.
    ///
    /// Reads no further than that header. For several headers use `find(_:)`.
    public func value(_ name: StaticString) -> String? {
        self.withFirstValue(name) { HeaderValue.string($0) } ?? nil
    }

    /// The value of the first header of that name as a decimal number; `nil` when it is absent or not one.
    public func int(_ name: StaticString) -> Int64? {
        self.withFirstValue(name) { HeaderValue.int($0) } ?? nil
    }

    /// Whether the decoded value of the first header of that name is exactly that text. Allocates nothing.
    public func equals(_ name: StaticString, _ text: StaticString) -> Bool {
        self.withFirstValue(name) { HeaderValue.equals($0, text) } ?? false
    }

    /// Finds all headers of a table in one pass over the bytes. The first of two headers of one name counts.
    public func find(_ table: HeaderTable) -> HeaderMatches {
        HeaderMatches(event: self, table: table)
    }

    /// Calls `body` with the raw bytes of the value of the first header of that name.
    private func withFirstValue<Result>(_ name: StaticString, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        self.bytes.withUnsafeReadableBytes { bytes in
            let nameBytes = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            var lines = HeaderLines(bytes)
            while let line = lines.next() {
                if let value = line.value(ifNamed: nameBytes) { return body(value) }
            }
            return nil
        }
    }

    /// Calls `body` with name and decoded value of each header, in order, duplicates included; the value is empty where it is `_undef_`.
    /// Lines that are no headers are left out.
    public func forEachHeader(_ body: (_ name: String, _ value: String) -> Void) {
        self.forEachHeader(prefix: "") { name, value in body(name, value ?? "") }
    }

    /// Calls `body` with name and decoded value of each header whose name begins with `prefix`, in order, duplicates included: of two headers
    /// of one name the first counts. Nothing is allocated for the others.
    ///
    /// - Parameter body: `value` is `nil` when it is empty or `_undef_`.
    public func forEachHeader(prefix: StaticString, _ body: (_ name: String, _ value: String?) -> Void) {
        self.bytes.withUnsafeReadableBytes { bytes in
            let prefixBytes = UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
            var lines = HeaderLines(bytes)
            while let line = lines.next() {
                guard line.bytes.starts(with: prefixBytes), let split = line.split() else { continue }
                body(String(decoding: split.name, as: UTF8.self), HeaderValue.string(split.value))
            }
        }
    }
}

// What every event has.
extension Event {
    /// `Event-Name`, such as `CHANNEL_ANSWER` or `CUSTOM`.
    public var name: String? { self.value("Event-Name") }

    /// `Event-Subclass` of a `CUSTOM` event, such as `callcenter::info`.
    public var subclass: String? { self.value("Event-Subclass") }

    /// `Core-UUID`: another one than before means that FreeSWITCH was restarted.
    public var coreUUID: String? { self.value("Core-UUID") }

    /// `Event-Sequence`: counts the events of one `Core-UUID`. Not monotonic on the wire, and full of holes.
    public var sequence: Int64? { self.int("Event-Sequence") }

    /// `Event-Date-Timestamp`: microseconds since 1970 by the clock of FreeSWITCH.
    public var timestampMicroseconds: Int64? { self.int("Event-Date-Timestamp") }

    /// Whether `Event-Name` is that name. Allocates nothing.
    public func isNamed(_ name: StaticString) -> Bool { self.equals("Event-Name", name) }

    /// Whether this is the `CUSTOM` event of that subclass. Allocates nothing.
    public func isCustom(_ subclass: StaticString) -> Bool { self.isNamed("CUSTOM") && self.equals("Event-Subclass", subclass) }

    /// The inner body, such as a `BACKGROUND_JOB`'s result: the `Content-Length` bytes after the header lines. `nil` when the event says it has
    /// none, or says it has more than there is.
    public var body: ByteBuffer? {
        guard let length = self.int("Content-Length"), length > 0 else { return nil }
        let headers = self.bytes.withUnsafeReadableBytes { bytes in
            var lines = HeaderLines(bytes)
            while lines.next() != nil {}
            return lines.bodyOffset
        }
        guard let headers, length <= self.bytes.readableBytes - headers else { return nil }
        return self.bytes.getSlice(at: self.bytes.readerIndex + headers, length: Int(length))
    }
}
