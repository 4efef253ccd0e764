// What the wallboard says.

export const wallboardTexts = {
  en: {
    totals: "In all", queues: "Queues", agents: "Agents", membersWaiting: "Waiting callers", lastHour: "Last hour", queue: "Queue",
    waiting: "Waiting", longestWait: "Longest wait", ready: "Ready", talking: "Talking", loggedIn: "Logged in", answered: "Answered", abandoned: "Abandoned",
    level: "Service level", levelNote: "Service level: calls answered within {n} s, of all that were answered or given up since {time}, as far as this page saw them. Answered and abandoned count since FreeSWITCH started.",
    noQueues: "FreeSWITCH has no queue.", unmanned: "Callers wait, and nobody is logged in.", noAgents: "FreeSWITCH has no agent.", noMembers: "Nobody waits.", moreWaiting: "And {n} more.", caller: "Caller", number: "Number", wait: "Wait", offeredTo: "Rings at",
    plotNote: "What this page has seen since {time}; it does not draw what it did not see.", plotEmpty: "The curve begins now.",
    plotLabel: "Callers waiting, agents talking and agents ready in the last hour. Now: {waiting} waiting, {talking} talking, {ready} ready.",
    minutesAgo: "−{n} min", now: "now", withCaller: "with {caller}", noAnswer: "{n} unanswered",
    actionsFor: "{agent}: what to do", isNow: "{state} ({status}, {raw})", setStatus: "Set status", apply: "Apply", force: "even while a call is offered",
    logOut: "Log out", listen: "Listen", whisper: "Whisper", barge: "Barge in", endCall: "End call", endCallSure: "End this call?",
    endCallText: "{agent} is talking with {caller}. Both are cut off at once.", supervising: "Your phone rings; you are on this call: {mode}.", stopListening: "Leave the call",
    kept: "Kept until the call is over.", reason: "Reason", noReason: "no reason", needAgent: "To listen in, your user needs an agent whose phone rings.",
    pendingChange: "then {status}",
  },
  zh: {
    totals: "合计", queues: "队列", agents: "坐席", membersWaiting: "等待中的来电者", lastHour: "最近一小时", queue: "队列",
    waiting: "等待", longestWait: "最长等待", ready: "就绪", talking: "通话", loggedIn: "已签入", answered: "已接", abandoned: "放弃",
    level: "服务水平", levelNote: "服务水平：自 {time} 起本页看到的已接或放弃的来电中，在 {n} 秒内接听的比例。已接与放弃自 FreeSWITCH 启动起累计。",
    noQueues: "FreeSWITCH 没有队列。", unmanned: "有来电者等待，但无人签入。", noAgents: "FreeSWITCH 没有坐席。", noMembers: "没有人等待。", moreWaiting: "另有 {n} 人。", caller: "来电者", number: "号码", wait: "等待", offeredTo: "振铃于",
    plotNote: "本页自 {time} 起看到的；未看到的不绘制。", plotEmpty: "曲线从现在开始。",
    plotLabel: "最近一小时等待的来电者、通话中的坐席与就绪的坐席。现在：{waiting} 人等待，{talking} 人通话，{ready} 人就绪。",
    minutesAgo: "−{n} 分", now: "现在", withCaller: "与 {caller}", noAnswer: "{n} 次未接",
    actionsFor: "{agent}：操作", isNow: "{state}（{status}，{raw}）", setStatus: "设置状态", apply: "应用", force: "即使正在振铃",
    logOut: "签出", listen: "监听", whisper: "耳语", barge: "强插", endCall: "结束通话", endCallSure: "结束此通话？",
    endCallText: "{agent} 正在与 {caller} 通话。双方会立即断开。", supervising: "您的话机正在振铃；您已进入此通话：{mode}。", stopListening: "退出通话",
    kept: "已保留，待来电结束后执行。", reason: "原因", noReason: "无原因", needAgent: "要监听，您的用户须关联一个可振铃的坐席。",
    pendingChange: "随后 {status}",
  },
};
