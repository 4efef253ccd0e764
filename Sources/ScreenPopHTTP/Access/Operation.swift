/// Everything that can be asked for over HTTP or WebSocket, by name. `AccessTable` says who may.
enum Operation: String, CaseIterable, Sendable {
    // Agents.
    case listAgents, readAgent, addAgent, changeAgent, deleteAgent
    case setStatus, setState, logIn, logOut, ready, takeBreak, leaveQueues, cancelPending, wrapUp
    // Pops and calls.
    case readPops, acknowledgePop, listCalls, readCall, readTrace, readCaller
    case controlCall, dial, supervise, endCall
    // Queues.
    case readQueues, readMembers, readTiers, changeTiers, changeQueues, defineQueues, readSwitchConfiguration
    // The site.
    case readNodes, readReasons, changeReasons, importSettings, exportSettings
    case listen, claimDesk, readSession
    case manageTokens, manageUsers, manageSessions, readAudit
}
