/// What the restricted user of the event socket is allowed: exactly what ScreenPop uses.
enum EventSocketRights {
    static let events = [
        "CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_ANSWER", "CHANNEL_BRIDGE", "CHANNEL_UNBRIDGE", "CHANNEL_HANGUP",
        "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY", "CHANNEL_HOLD", "CHANNEL_UNHOLD", "CHANNEL_UUID", "HEARTBEAT", "SHUTDOWN", "MODULE_LOAD",
        "MODULE_UNLOAD", "BACKGROUND_JOB", "CUSTOM", "callcenter::info", "screenpop::canary", "sofia::register", "sofia::unregister",
        "sofia::expire",
    ]

    static let commands = ["callcenter_config", "show", "uuid_dump", "global_getvar", "status"]
}
