/// What the service needs of an event socket user whose rights are restricted (`esl-allowed-events`, `esl-allowed-api`): all it uses, no more.
package enum EventSocketRights {
    /// In the order in which FreeSWITCH wants them: the names of its own events, then those of modules behind `CUSTOM`.
    package static let events =
        Subscription.required + Subscription.optional + ["BACKGROUND_JOB", "CUSTOM"] + Subscription.requiredCustom + Subscription.optionalCustom

    package static let commands = [
        "callcenter_config", "show", "uuid_dump", "global_getvar", "bgapi", "originate", "uuid_bridge", "uuid_broadcast", "uuid_exists", "uuid_hold",
        "uuid_kill", "uuid_transfer",
    ]
}
