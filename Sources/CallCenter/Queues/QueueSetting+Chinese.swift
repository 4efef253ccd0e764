extension QueueSetting {
    /// `meaning` in Chinese.
    public var chineseMeaning: String { Self.chinese[self.name] ?? self.meaning }

    static let chinese: [String: String] = [
        "strategy": "下一个来电派给哪个坐席。在同一层级内进行；ring-all 与 ring-progressively 会同时派给多人。",
        "moh-sound": "来电者等待时听到的声音：local_stream://moh、tone_stream://…、文件。不设则静音。",
        "announce-sound": "等待时不时插播的提示音。在播放期间被接起的来电者，播完才听到坐席。",
        "announce-frequency": "两次提示音之间的秒数；0：不播放。",
        "record-template": "每个接通来电的录音文件名；不设则不录音。请告知来电者。",
        "time-base-score": "先后次序：按在本队列等待的时间（queue），或按来电进入系统的时间，包括菜单（system）。",
        "ring-progressively-delay": "策略 ring-progressively：隔多少秒再增派一个坐席，其余坐席继续振铃。",
        "tier-rules-apply": "来电者是否须等待后才询问更高层级的坐席。不设则各层级依次立即询问。",
        "tier-rule-wait-second": "来电者在一个层级等待多少秒后询问下一层级。",
        "tier-rule-wait-multiply-level": "该时间是否乘以层级：层级 3 要等三倍的秒数。",
        "tier-rule-no-agent-no-wait": "没有坐席签入的层级是否直接跳过，不等待。",
        "discard-abandoned-after": "挂断的来电者的位置保留多少秒。",
        "abandoned-resume-allowed": "来电者在该时间内再次来电，是否恢复原来的位置。",
        "max-wait-time": "等待多少秒后来电者离开队列（原因 queue-timeout）；0：不限。",
        "max-wait-time-with-no-agent": "同上，用于无人签入队列时（原因 no-agent-timeout）；0：不限。",
        "max-wait-time-with-no-agent-time-reached": "一旦发生上述情况，新的来电者等待这么多秒就被送走。",
        "agent-no-answer-status": "坐席连续未接次数超过其上限后变成的状态。",
        "skip-agents-with-external-calls": "正在通话且该通话不属于本队列的坐席是否跳过。",
    ]
}
