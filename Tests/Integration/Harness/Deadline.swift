import Testing

/// What was waited for and did not come.
struct DidNotHappen: Error, CustomStringConvertible {
    let what: String
    var description: String { "this did not happen in time: \(self.what)" }
}

/// Looks until the condition gives something, and gives up after the deadline.
@discardableResult
func eventually<Value>(
    _ what: String, within time: Duration = .seconds(30), isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + time
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < deadline else { throw DidNotHappen(what: what) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// The same for a condition that is true or not.
func eventually(
    _ what: String, within time: Duration = .seconds(30), isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: time) { try await condition() ? true : nil }
}
