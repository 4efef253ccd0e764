import CallCenter
import Testing

@testable import ScreenPopService

/// A recording holds every event, subscribed to or not: only a real switch, or this, shows that one was forgotten.
@Test func asksForEveryChannelEventThatTheDomainReads() {
    let asked = Set(Subscription.required + Subscription.optional)
    #expect(asked.isSuperset(of: ChannelEvent.allCases.map(\.text.description)))
    #expect(asked.count == Subscription.required.count + Subscription.optional.count)
}
