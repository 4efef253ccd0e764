import CallCenter
import ScreenPop

extension Schemas {
    static let queues: [Named] = [
        .answer(
            "Queue",
            .object(
                .always("name", Self.knownName), .always("node", .text), .always("strategy", .text.orNull),
                .always("waiting", Schema.count.described("Members that nobody has answered.")), .always("longestWaitSince", .time.orNull),
                .always("agentsReady", .count), .always("agentsTalking", .count), .always("agentsLoggedIn", .count),
                .always("answered", Schema.count.described("Since the switch started, as it counts.")), .always("abandoned", .count),
                .always("parameters", Schema.map(.anything).described("All settings, as the switch lists them.")))),
        .answer(
            "Member",
            .object(
                .always("uuid", .uuid), .always("callUUID", Schema.uuid.orNull), .always("queue", .text), .always("node", .text),
                .always("caller", Self.caller), .always("state", .oneWord(of: MemberRecord.State.allCases.map(\.rawValue))),
                .always("joinedAt", .time), .always("servingAgent", .text.orNull), .always("leftAt", .time.orNull),
                .always("leaveReason", Self.endReason.orNull))),
        .answer(
            "Tier",
            .object(
                .always("queue", .text), .always("agent", .text), .always("level", .count), .always("position", .count),
                .always("state", .text.orNull))),
        .request(
            "TierRequest", .object(.optional("level", Self.tierNumber), .optional("position", Self.tierNumber), .optional("state", Self.tierState))),
    ]

    private static let tierState = Schema.oneWord(of: CallCenterCommand.TierState.allCases.map(\.rawValue))
    private static let tierNumber = Schema.integer(0...1_000_000)
}
