// What the page says, in English and Chinese.

export const texts = {
  en: {
    token: "Token", agent: "Agent", connect: "Connect", state: "State", calls: "Calls", none: "No call.",
    logIn: "Log in", ready: "Ready", break: "Break", reason: "Reason", logOut: "Log out", leave: "Disconnect", dismiss: "Dismiss",
    other: "中文",
    off: "not connected", connecting: "connecting…", live: "live", refused: "refused", stale: "stale since {time}", degraded: "live, but a part of the service is away",
    badToken: "The service refused the token.", unreachable: "The service cannot be reached.", unknownAgent: "The service knows no such agent.",
    offered: "Ringing", answered: "Talking", ended: "Ended", held: "On hold", newCall: "Call from {caller}",
    number: "Number", queue: "Queue", dialed: "Dialled", wait: "Waited", seconds: "{n} s", unknownCaller: "unknown",
    loggedOut: "Logged out", notReady: "Not ready", isReady: "Ready", reserved: "Reserved", talking: "Talking", hold: "Hold", wrapUp: "Wrap-up",
    done: "Done.", notApplied: "FreeSWITCH answered {reply}, but the state is {actual}.",
    readyAfterCall: "You are in a call: the next one comes when it is over.", provisional: "not confirmed yet",
    endReasons: {
      "completed-agent": "you hung up", "completed-caller": "the caller hung up", "answered-elsewhere": "answered by somebody else",
      "caller-abandoned": "the caller gave up", "no-answer": "nobody answered", rejected: "rejected", busy: "the phone was busy",
      "not-registered": "the phone is not registered", "offer-cancelled": "the offer was withdrawn", "queue-timeout": "waited too long in the queue",
      "no-agent-timeout": "no agent was there", "exit-key": "the caller left the queue", "break-out": "taken out of the queue",
      transferred: "transferred", failed: "the call failed", "lost-track": "the end was not seen",
    },
  },
  zh: {
    token: "令牌", agent: "坐席", connect: "连接", state: "状态", calls: "来电", none: "没有来电。",
    logIn: "签入", ready: "就绪", break: "小休", reason: "原因", logOut: "签出", leave: "断开", dismiss: "关闭",
    other: "English",
    off: "未连接", connecting: "正在连接…", live: "实时", refused: "被拒绝", stale: "自 {time} 起数据已陈旧", degraded: "实时，但部分服务不可用",
    badToken: "服务拒绝了该令牌。", unreachable: "无法连接服务。", unknownAgent: "没有这个坐席。",
    offered: "振铃", answered: "通话中", ended: "已结束", held: "保持", newCall: "{caller} 来电",
    number: "号码", queue: "队列", dialed: "被叫", wait: "等待", seconds: "{n} 秒", unknownCaller: "未知",
    loggedOut: "已签出", notReady: "未就绪", isReady: "就绪", reserved: "已预留", talking: "通话中", hold: "保持", wrapUp: "话后处理",
    done: "完成。", notApplied: "FreeSWITCH 回答 {reply}，但状态是 {actual}。",
    readyAfterCall: "您正在通话中：结束后会有下一个来电。", provisional: "尚未确认",
    endReasons: {
      "completed-agent": "您已挂断", "completed-caller": "来电者已挂断", "answered-elsewhere": "已由他人接听",
      "caller-abandoned": "来电者放弃等待", "no-answer": "无人接听", rejected: "已拒接", busy: "话机忙",
      "not-registered": "话机未注册", "offer-cancelled": "呼叫已撤回", "queue-timeout": "排队超时",
      "no-agent-timeout": "没有坐席", "exit-key": "来电者离开队列", "break-out": "已移出队列",
      transferred: "已转接", failed: "呼叫失败", "lost-track": "未看到结束",
    },
  },
};

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
