// The client of ScreenPop's WebSocket: keeps one agent's state and pops, and comes back from where it was.
//
//   const desk = new ScreenPop({ token, agent: "1001@default" });
//   desk.addEventListener("change", () => draw(desk.agentState, desk.pops, desk.connection));
//   desk.connect();
//   await desk.command("agent.break", { reason: "lunch" });

const VERSION = "screenpop.v1";
const ANSWER_WITHIN = 10000;
const LONGEST_PAUSE = 5000;
const KEPT = 20;

export class ScreenPop extends EventTarget {
  #url;
  #token;
  #agent;
  #socket = null;
  #cursor = null;
  #pause = 250;
  #timer = null;
  #heartbeat = null;
  #deadline = null;
  #waiting = new Map();
  #number = 0;
  #wanted = false;
  #greeted = false;
  #attempt = 0;

  /** The agent as the service shows it, or null. */
  agentState = null;
  /** Pops by id; ended ones stay until they are dismissed. */
  pops = new Map();
  /** "off", "connecting", "live" or "refused". */
  connection = "off";
  /** Since when what is shown may be old; null while it is live. */
  staleSince = null;
  /** Whether the service said that a part of it is away. */
  degraded = false;

  /** The token goes into a subprotocol, never into the URL, which others log. */
  constructor({ token, agent, url = new URL("/api/v1/ws", location.href) }) {
    super();
    this.#url = new URL(url);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#token = token;
    this.#agent = agent;
  }

  get agent() { return this.#agent; }

  connect() {
    this.#wanted = true;
    this.#open();
  }

  close() {
    this.#wanted = false;
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#set("off");
  }

  /** Sends a command for the agent and gives its result, or throws an Error with a `code`. */
  command(type, members = {}) {
    return this.#ask({ type, agent: this.#agent, ...members });
  }

  /** Says that a pop was "received", "shown" or "dismissed". */
  ack(pop, stage) {
    if (stage === "dismissed") {
      this.pops.delete(pop);
      this.#changed();
    }
    this.#send({ type: "ack", agent: this.#agent, pop, stage });
  }

  #open() {
    if (!this.#wanted) return;
    this.#attempt += 1;
    this.#greeted = false;
    this.#set("connecting");
    const url = new URL(this.#url);
    url.searchParams.set("agent", this.#agent);
    if (this.#cursor) url.searchParams.set("since", this.#cursor);
    let socket;
    try {
      socket = new WebSocket(url, [VERSION, `bearer.${subprotocol(this.#token)}`]);
    } catch {
      this.#wanted = false;
      this.#set("refused");
      return;
    }
    this.#socket = socket;
    socket.addEventListener("message", (event) => { if (socket === this.#socket) this.#receive(event.data); });
    socket.addEventListener("close", () => { if (socket === this.#socket) this.#lost(); });
  }

  async #lost() {
    this.#socket = null;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#deadline);
    this.#deadline = null;
    for (const { reject } of this.#waiting.values()) reject(failure("disconnected", "The connection was lost."));
    this.#waiting.clear();
    if (this.connection === "live") this.staleSince = new Date();
    if (!this.#wanted) return;
    this.#set("connecting");
    if (!this.#greeted) {
      const attempt = this.#attempt;
      const refused = await this.#isRefused();
      if (attempt !== this.#attempt) return;
      if (refused) {
        this.#wanted = false;
        this.#set("refused");
        return;
      }
    }
    // Jittered, so that a thousand desktops do not come back in the same moment.
    this.#timer = setTimeout(() => this.#open(), this.#pause * (0.5 + Math.random()));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  /** A browser does not tell why a WebSocket did not open: ask for the agent, with the same token. */
  async #isRefused() {
    const url = new URL(`agents/${encodeURIComponent(this.#agent)}`, this.#url);
    url.protocol = url.protocol.replace("ws", "http");
    try {
      const { status } = await fetch(url, { headers: { Authorization: `Bearer ${this.#token}` }, signal: AbortSignal.timeout(ANSWER_WITHIN) });
      return status === 401 || status === 403;
    } catch {
      return false;
    }
  }

  #receive(text) {
    clearTimeout(this.#deadline);
    this.#deadline = null;
    const message = JSON.parse(text);
    switch (message.type) {
      case "hello":
        this.#greeted = true;
        this.#pause = 250;
        this.#beat(message.heartbeatSeconds);
        // What was known is whole again at once; else the snapshot makes it so.
        if (message.recovered && this.#cursor) this.#live();
        break;
      case "snapshot":
        this.#snapshot(message);
        break;
      case "agent.state":
        if (message.agent === this.#agent) this.agentState = message.agentState;
        break;
      case "pop.offered": case "pop.updated": case "pop.answered": case "pop.ended":
        this.#pop(message.pop, message.type);
        break;
      case "pop.dismissed":
        this.pops.delete(typeof message.pop === "string" ? message.pop : message.pop?.id);
        break;
      case "system.degraded": this.degraded = true; break;
      case "system.recovered": case "system.resync": this.degraded = false; break;
      case "result": this.#result(message); break;
      default: break;
    }
    if (message.cursor && message.type !== "hello" && (this.#cursor || message.type === "snapshot")) this.#cursor = message.cursor;
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
    this.#changed();
  }

  #snapshot(message) {
    if (message.topic && message.topic !== `agent:${this.#agent}`) return;
    this.agentState = message.agentState ?? null;
    const live = new Set();
    for (const pop of message.pops) {
      live.add(pop.id);
      this.#pop(pop, "snapshot");
    }
    // What is live no more has ended while nobody told us.
    for (const pop of this.pops.values()) {
      if (!live.has(pop.id) && pop.state !== "ended") this.pops.set(pop.id, { ...pop, state: "ended" });
    }
    this.#live();
  }

  #pop(pop, type) {
    if (!pop || pop.agent !== this.#agent) return;
    const known = this.pops.get(pop.id);
    if (known && (known.version > pop.version || (known.state === "ended" && pop.state !== "ended"))) return;
    // An ended pop is never shown as a new one.
    if (!known && pop.state === "ended") return;
    this.pops.set(pop.id, pop);
    // Ended ones go first, the oldest before the others.
    while (this.pops.size > KEPT) {
      const ended = [...this.pops.values()].find((pop) => pop.state === "ended");
      this.pops.delete(ended?.id ?? this.pops.keys().next().value);
    }
    if (!known) {
      this.ack(pop.id, "received");
      this.dispatchEvent(new CustomEvent("pop", { detail: { pop, type } }));
    }
  }

  #live() {
    this.staleSince = null;
    this.#set("live");
  }

  #beat(seconds) {
    clearInterval(this.#heartbeat);
    // A browser shows a page no pings, so the page asks for itself.
    this.#heartbeat = setInterval(() => {
      this.#send({ id: "beat", type: "ping" });
      this.#deadline ??= setTimeout(() => {
        const socket = this.#socket;
        this.#lost();
        socket?.close();
      }, ANSWER_WITHIN);
    }, Math.max(5, seconds || 25) * 1000);
  }

  #ask(message) {
    const id = `c${++this.#number}`;
    return new Promise((resolve, reject) => {
      if (!this.#send({ id, ...message })) {
        reject(failure("disconnected", "Not connected."));
        return;
      }
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #result(message) {
    const waiting = this.#waiting.get(message.re);
    if (!waiting) return;
    this.#waiting.delete(message.re);
    if (message.ok) waiting.resolve(message);
    else waiting.reject(failure(message.error.code, message.error.message));
  }

  #send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #set(connection) {
    this.connection = connection;
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event("change")); }
}

// What a subprotocol may not hold is percent-encoded.
function subprotocol(token) {
  return encodeURIComponent(token).replace(/[()]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
}

function failure(code, message) {
  return Object.assign(new Error(message), { code });
}
