// ScreenPop's client: keeps one agent's state and pops, and comes back from where it was.
//
//   const desk = new ScreenPop({ token, agent: "1001@default" });
//   desk.addEventListener("change", () => draw(desk.agentState, desk.pops, desk.state));
//   desk.addEventListener("pop", ({ detail }) => ring(detail.pop));
//   desk.connect();
//   await desk.takeBreak({ reason: "lunch" });

import { Connection } from "./screenpop-connection.js";

export { Service, ServiceError } from "./screenpop-service.js";
export { Watch } from "./screenpop-watch.js";

const KEPT = 20;
/** After these it is not known whether the service has heard it, or it has and could not do all of it. */
const UNCERTAIN = ["disconnected", "timed-out", "store-unavailable"];

/** Events: `change`, `message`, `pop` with {pop, type} for one that was not known, `pending-failed` with {code, message}. */
export class ScreenPop extends Connection {
  #agent;
  #desk;
  #isDesk;
  /** Pops that were told of on this connection, by id: what is known of them is so now, though a snapshot may be missing still. */
  #told = new Set();
  /** Pops that are new, of which the end may be among what is still to be told. */
  #news = new Set();
  /** Transfers that were told of since the list of them was asked for: newer than what it says. */
  #newerTransfers = null;

  /** The agent as the service shows it, or null. */
  agentState = null;
  /** Pops by id; ended ones stay until they are dismissed. */
  pops = new Map();
  /** Attended transfers under way, by id. */
  transfers = new Map();
  /** The agent's desk that rings: {desk, since}, or null where it is not known. */
  primary = null;

  /**
   * Without a token the session of `Service.logIn` is used. `desk` makes it one of the agent's desks: 1 to 64 letters, digits, - or _, of this
   * browser's own, kept over reloads. Without it the socket is no desk, and none rings for it.
   */
  constructor({ token = null, agent, desk = null, url = undefined }) {
    super({ token, topics: [`agent:${agent}`], url });
    this.#agent = agent;
    this.#desk = desk;
    this.#isDesk = desk !== null;
  }

  get agent() { return this.#agent; }
  get desk() { return this.#isDesk ? this.#desk : null; }

  /**
   * Whether calls are to be announced here: by ringing, a notification, the focus. Not to know is to announce: twice is better than never.
   * So it is no only where the service says on this very connection that another desk rings.
   */
  get popsHere() {
    return !this.isHeard || this.primary === null || this.primary.desk === this.desk;
  }

  /**
   * Whether what is known of a pop is so now. While it is live all is; before the snapshot is there (Redis may be away) what was told on this very
   * connection. Of the rest it is not known whether it is over.
   */
  isCurrent(pop) {
    return this.state === "live" || (this.isHeard && this.#told.has(pop.id));
  }

  /** From now on calls are announced here; `desk` where it was none before. */
  async claimDesk(desk = this.#desk) {
    const before = [this.#desk, this.#isDesk];
    // Before it is answered: should the connection go first, it comes back as a desk.
    if (desk) [this.#desk, this.#isDesk] = [desk, true];
    try {
      const result = await this.command("desk.claim", given({ desk }));
      [this.#desk, this.#isDesk] = [result.desk, true];
      return result;
    } catch (error) {
      if (!UNCERTAIN.includes(error.code)) [this.#desk, this.#isDesk] = before;
      throw error;
    } finally {
      this.changed();
    }
  }

  /** Goes on showing what comes, and lets another desk announce it. */
  async leaveDesk() {
    this.#isDesk = false;
    const result = await this.ask({ type: "desk.leave" });
    this.changed();
    return result;
  }

  /** Replaces what is known of the transfers by the list that `read` gives, but for those that were told of meanwhile. */
  async renewTransfers(read) {
    const newer = this.#newerTransfers = new Set();
    let items;
    try {
      items = await read();
      // Asked for once more meanwhile: that one is newer.
      if (newer !== this.#newerTransfers) return;
    } finally {
      if (newer === this.#newerTransfers) this.#newerTransfers = null;
    }
    for (const id of this.transfers.keys()) if (!newer.has(id)) this.transfers.delete(id);
    for (const transfer of items) if (!transfer.endedAt && !newer.has(transfer.id)) this.transfers.set(transfer.id, transfer);
    this.changed();
  }

  /** Sends a command for the agent and gives its result, or throws an Error with a `code`. */
  command(type, members = {}) {
    return this.ask({ type, agent: this.#agent, ...members });
  }

  // The agent's own state. Where the agent is offered a call just now, the result carries `pending`, unless `force` is given.
  logIn({ ready, queues, force } = {}) { return this.command("agent.login", given({ ready, queues, force })); }
  logOut({ force } = {}) { return this.command("agent.logout", given({ force })); }
  ready({ force } = {}) { return this.command("agent.ready", given({ force })); }
  takeBreak({ reason, force } = {}) { return this.command("agent.break", given({ reason, force })); }
  leaveQueues({ queues, force } = {}) { return this.command("agent.leave", given({ queues, force })); }
  cancelPending() { return this.command("agent.cancel-pending"); }
  extendWrapUp(seconds) { return this.command("agent.wrap-up", { seconds }); }
  endWrapUp() { return this.command("agent.end-wrap-up"); }

  // The agent's call; `pop` names which, when there are several. `to` is {extension}, {agent}, {queue} or {number}.
  hangUp({ pop } = {}) { return this.command("call.hangup", given({ pop })); }
  hold({ pop } = {}) { return this.command("call.hold", given({ pop })); }
  resume({ pop } = {}) { return this.command("call.resume", given({ pop })); }
  transfer(to, { pop } = {}) { return this.command("call.transfer", given({ to, pop })); }
  dial(to) { return this.command("call.dial", { to }); }
  /** Puts the caller on hold and rings somebody: the first half of an attended transfer. The result carries `transfer`. */
  consult(to, { pop } = {}) { return this.#handOver("call.consult", given({ to, pop })); }
  /** Connects the caller with who was asked. */
  complete(transfer) { return this.#handOver("call.complete", given({ transfer })); }
  /** Comes back to the caller. */
  cancel(transfer) { return this.#handOver("call.cancel", given({ transfer })); }

  /** Says that a pop was "received", "shown" or "dismissed". */
  ack(pop, stage) {
    if (stage === "dismissed") {
      this.#forget(pop);
      this.changed();
    }
    this.send({ type: "ack", agent: this.#agent, pop, stage });
  }

  query() { return given({ agent: this.#agent, desk: this.desk }); }
  probe() { return `agents/${encodeURIComponent(this.#agent)}/pop`; }

  take(message) {
    switch (message.type) {
      // What was missed tells of every change; without that nothing is known until the snapshot.
      case "hello":
        this.#told.clear();
        this.#news.clear();
        if (!message.recovered) this.primary = null;
        break;
      case "snapshot": this.#snapshot(message); break;
      case "desk.primary":
        if (message.agent === this.#agent) this.primary = message.desk ? { desk: message.desk, since: message.since } : null;
        break;
      case "agent.state":
        if (message.agent === this.#agent) this.agentState = message.agentState;
        break;
      case "agent.pending":
        if (message.agent === this.#agent) this.#pending(message);
        break;
      case "pop.offered": case "pop.updated": case "pop.answered": case "pop.ended":
        this.#pop(message.pop, message.type);
        break;
      case "call.transfer":
        if (message.agent === this.#agent) this.#transfer(message.transfer);
        break;
      case "pop.dismissed":
        this.#forget(typeof message.pop === "string" ? message.pop : message.pop?.id);
        break;
      default: break;
    }
  }

  async #handOver(type, members) {
    const result = await this.command(type, members);
    if (result.transfer) this.#transfer(result.transfer);
    this.changed();
    return result;
  }

  #transfer(transfer) {
    this.#newerTransfers?.add(transfer.id);
    if (transfer.endedAt) this.transfers.delete(transfer.id);
    else this.transfers.set(transfer.id, transfer);
  }

  #pending({ pending, error }) {
    if (this.agentState) this.agentState = { ...this.agentState, pending };
    if (error) this.dispatchEvent(new CustomEvent("pending-failed", { detail: error }));
  }

  #snapshot(message) {
    if (message.topic && message.topic !== `agent:${this.#agent}`) return;
    this.agentState = message.agentState ?? null;
    this.primary = message.primary ?? null;
    const live = new Set();
    for (const pop of message.pops) {
      live.add(pop.id);
      this.#pop(pop, "snapshot");
    }
    // What is live no more has ended while nobody told us.
    for (const pop of this.pops.values()) {
      if (!live.has(pop.id) && pop.state !== "ended") this.pops.set(pop.id, { ...pop, state: "ended" });
    }
  }

  #forget(pop) {
    this.pops.delete(pop);
    this.#told.delete(pop);
  }

  #pop(pop, type) {
    if (!pop || pop.agent !== this.#agent) return;
    const known = this.pops.get(pop.id);
    if (known && (known.version > pop.version || (known.state === "ended" && pop.state !== "ended"))) return;
    // An ended pop is never shown as a new one.
    if (!known && pop.state === "ended") return;
    this.pops.set(pop.id, pop);
    this.#told.add(pop.id);
    // Ended ones go first, the oldest before the others.
    while (this.pops.size > KEPT) {
      const ended = [...this.pops.values()].find((pop) => pop.state === "ended");
      this.#forget(ended?.id ?? this.pops.keys().next().value);
    }
    if (known) return;
    this.ack(pop.id, "received");
    if (this.isBehind) this.#news.add(pop.id);
    else this.#announce(pop, type);
  }

  #announce(pop, type) { this.dispatchEvent(new CustomEvent("pop", { detail: { pop, type } })); }

  /** Of what was missed only what is not over is new. */
  caughtUp() {
    const news = [...this.#news].map((id) => this.pops.get(id));
    this.#news.clear();
    for (const pop of news) if (pop && pop.state !== "ended") this.#announce(pop, `pop.${pop.state}`);
  }
}

/** The members that were given. */
function given(members) {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}
