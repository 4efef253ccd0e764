import EventSocket
import NIOCore
import Testing

@Test func aDetachedEventKeepsNothingOfWhatWasReadWithIt() throws {
    var read = ByteBuffer(repeating: UInt8(ascii: "x"), count: 200_000)
    read.moveReaderIndex(forwardBy: read.readableBytes)
    read.writeString("Event-Name: HEARTBEAT\nCore-UUID: c1\n\n")
    let event = Event(plain: read.slice())
    let detached = event.detached
    #expect(detached == event)
    #expect(detached.coreUUID == "c1")
    #expect(detached.bytes.storageCapacity < 1024)
}
