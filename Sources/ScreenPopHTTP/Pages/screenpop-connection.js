// One WebSocket to ScreenPop that comes back from where it was, and says how far what it knows can be trusted.

const VERSION = "screenpop.v1";
const ANSWER_WITHIN = 10000;
const COMMAND_WITHIN = 20000;
const DOUBT_AFTER = 5000;
const LONGEST_PAUSE = 5000;
/** Any but 1000, which says that one does not come back. */
const PAUSED = 4000;
/** The ping whose answer comes behind everything that was missed. */
const CAUGHT_UP = "caught-up";
/** How often a subscription is sent again that was one too many, and after how long where the service names no time. */
const REPEATS = 5;
const REPEAT_AFTER = 1000;

/**
 * What `ScreenPop` and `Watch` are made of. Events: `change` after everything that may have changed, `message` with each message.
 * A subclass says what to listen to (`query`), what to ask when no socket opens (`probe`) and takes the messages (`take`).
 */
export class Connection extends EventTarget {
  #url;
  #token;
  #topics;
  #socket = null;
  #cursor = null;
  #missing = new Set();
  #pause = 250;
  #timer = null;
  #heartbeat = null;
  #seconds = 25;
  #deadline = null;
  #heard = 0;
  #isInDoubt = false;
  #waiting = new Map();
  #number = 0;
  #wanted = false;
  #greeted = false;
  /** What was missed is being told: of what has begun in it the end may come with the next message. */
  #isBehind = false;
  #attempt = 0;
  #isKept = false;
  #wake = ({ type }) => this.#verify(type);
  #hide = ({ persisted }) => { if (persisted) this.#rest(); };

  /** "off", "connecting", "live" or "refused". */
  connection = "off";
  /** Since when what is shown may be old; null while it is live. */
  staleSince = null;
  /** Whether the service said that a part of it is away. */
  degraded = false;
  /** Which, or null. */
  degradedPart = null;

  /**
   * The token goes into a subprotocol, never into the URL, which others log. Without a token the browser sends the session's cookie.
   * `topics` are those that must each have sent their snapshot before anything can be vouched for.
   */
  constructor({ token = null, topics, url = new URL("/api/v1/ws", import.meta.url) }) {
    super();
    this.#url = new URL(url);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#token = token;
    this.#topics = topics;
    this.#missing = new Set(topics);
  }

  /** What the page may say: "off", "connecting", "live", "stale" or "refused". */
  get state() {
    return this.connection === "connecting" && this.staleSince ? "stale" : this.connection;
  }

  connect() {
    this.#wanted = true;
    for (const event of ["online", "focus", "pageshow"]) addEventListener(event, this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    addEventListener("pagehide", this.#hide);
    this.#open();
  }

  close() {
    this.#wanted = false;
    this.#attempt += 1;
    for (const event of ["online", "focus", "pageshow"]) removeEventListener(event, this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    removeEventListener("pagehide", this.#hide);
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#set("off");
  }

  /**
   * Sends what wants an answer and gives its result, or throws an Error with a `code`. A `subscribe` that is refused with `too-many-requests` is
   * sent again a few times: whoever asked would otherwise miss that topic for as long as the socket lives.
   */
  async ask(message) {
    for (let repeats = message.type === "subscribe" ? REPEATS : 0; ; repeats -= 1) {
      try {
        return await this.#askOnce(message);
      } catch (error) {
        if (error.code !== "too-many-requests" || repeats === 0) throw error;
        const pause = error.retryAfter ? error.retryAfter * 1000 : REPEAT_AFTER;
        // Jittered, for those that were refused together.
        await new Promise((resolve) => { setTimeout(resolve, pause * (1 + Math.random() / 2)); });
      }
    }
  }

  #askOnce(message) {
    const id = `c${++this.#number}`;
    return new Promise((resolve, reject) => {
      if (!this.send({ id, ...message })) {
        reject(failure("disconnected", "Not connected."));
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(failure("timed-out", "There was no answer."));
      }, COMMAND_WITHIN);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  /** Whether it could be sent. */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** For subclasses: says that something may have changed. */
  changed() { this.dispatchEvent(new Event("change")); }

  /** For subclasses: whether this socket was greeted, has told what was missed, and nothing speaks against somebody still being at its other end. */
  get isHeard() { return this.#greeted && !this.#isBehind && this.#socket !== null && !this.#isInDoubt; }
  /** For subclasses: whether what was missed is still being told. */
  get isBehind() { return this.#isBehind; }
  /** For subclasses: all that was missed has been told. */
  caughtUp() {}
  /** For subclasses: parameters of the URL besides `since`. */
  query() { return {}; }
  /** For subclasses: a path under /api/v1 that is refused when the socket is. */
  probe() { return "session"; }
  /** For subclasses: a message that is not about the connection itself. */
  take() {}

  #open() {
    if (!this.#wanted) return;
    this.#attempt += 1;
    this.#greeted = this.#isBehind = false;
    this.#set("connecting");
    const url = new URL(this.#url);
    for (const [name, value] of Object.entries(this.query())) url.searchParams.set(name, value);
    if (this.#cursor) url.searchParams.set("since", this.#cursor);
    let socket;
    try {
      socket = new WebSocket(url, this.#token ? [VERSION, `bearer.${subprotocol(this.#token)}`] : [VERSION]);
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
    this.#isInDoubt = false;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(failure("disconnected", "The connection was lost."));
    }
    this.#waiting.clear();
    if (this.connection === "live") this.staleSince = new Date();
    if (!this.#wanted) return;
    this.#set("connecting");
    if (this.#isKept) return;
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

  /** A browser does not tell why a WebSocket did not open: ask over HTTP, with the same credential. */
  async #isRefused() {
    const url = new URL(this.probe(), this.#url);
    url.protocol = url.protocol.replace("ws", "http");
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    try {
      const { status } = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_WITHIN) });
      return status === 401 || status === 403;
    } catch {
      return false;
    }
  }

  #receive(text) {
    clearTimeout(this.#deadline);
    this.#deadline = null;
    this.#heard = Date.now();
    if (this.#isInDoubt) {
      this.#isInDoubt = false;
      if (!this.#isBehind) this.#live();
    }
    const message = JSON.parse(text);
    switch (message.type) {
      case "hello":
        this.#greeted = true;
        this.#pause = 250;
        this.#beat(message.heartbeatSeconds);
        // What was known is whole again when all that was missed has been told; else the snapshots make it so.
        this.#isBehind = message.recovered && this.#cursor !== null;
        this.#missing = new Set(this.#isBehind ? [] : this.#topics);
        if (this.#isBehind) this.#ping(ANSWER_WITHIN, CAUGHT_UP);
        break;
      case "system.degraded": this.#degrade(message); break;
      case "system.recovered": case "system.resync": this.#degrade(null); break;
      case "result":
        if (message.re === CAUGHT_UP && this.#isBehind) {
          this.#isBehind = false;
          this.caughtUp();
        } else this.#result(message);
        break;
      default: break;
    }
    this.take(message);
    if (message.type === "snapshot") this.#missing.delete(message.topic);
    // Before all snapshots are there, there is no place to come back to.
    if (message.cursor && message.type !== "hello" && this.#missing.size === 0) this.#cursor = message.cursor;
    if (this.#greeted && !this.#isBehind && this.#missing.size === 0 && this.connection === "connecting") this.#live();
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
    this.changed();
  }

  #degrade(message) {
    this.degraded = message !== null;
    this.degradedPart = message ? [message.part, message.node].filter(Boolean).join(" ") || null : null;
  }

  #live() {
    this.staleSince = null;
    this.#set("live");
  }

  #beat(seconds) {
    clearInterval(this.#heartbeat);
    this.#seconds = Math.max(5, seconds || 25);
    // A browser shows a page no pings, so the page asks for itself.
    this.#heartbeat = setInterval(() => this.#ping(ANSWER_WITHIN), this.#seconds * 1000);
  }

  #ping(within, id = "beat") {
    this.send({ id, type: "ping" });
    this.#deadline ??= setTimeout(() => {
      const socket = this.#socket;
      if (this.#isInDoubt || this.connection === "live") this.staleSince = new Date(this.#heard);
      this.connection = "connecting";
      this.#lost();
      socket?.close();
    }, within);
  }

  /**
   * A browser keeps a page that was left for the way back, with its socket open and nobody to see what comes: it would be the desk that rings, in
   * a page that is not there.
   */
  #rest() {
    this.#isKept = true;
    clearTimeout(this.#timer);
    this.#attempt += 1;
    const socket = this.#socket;
    this.#lost();
    socket?.close(PAUSED);
  }

  /** After a sleep the socket looks open, whatever has become of it: nothing is vouched for until it has answered. */
  #verify(event) {
    if (this.#isKept) {
      if (event !== "pageshow") return;
      this.#isKept = false;
      this.#open();
      return;
    }
    if (this.connection === "connecting" && this.#timer && !this.#socket && this.#wanted) {
      clearTimeout(this.#timer);
      this.#open();
      return;
    }
    if (this.connection !== "live" || Date.now() - this.#heard < DOUBT_AFTER) return;
    if (Date.now() - this.#heard > this.#seconds * 1000 + ANSWER_WITHIN) {
      this.#isInDoubt = true;
      this.staleSince = new Date(this.#heard);
      this.#set("connecting");
    }
    clearTimeout(this.#deadline);
    this.#deadline = null;
    this.#ping(DOUBT_AFTER);
  }

  #result(message) {
    const waiting = this.#waiting.get(message.re);
    if (!waiting) return;
    this.#waiting.delete(message.re);
    clearTimeout(waiting.timer);
    if (message.ok) waiting.resolve(message);
    else waiting.reject(failure(message.error.code, message.error.message, message.error.retryAfter));
  }

  #set(connection) {
    this.connection = connection;
    this.changed();
  }
}

// What a subprotocol may not hold is percent-encoded.
function subprotocol(token) {
  return encodeURIComponent(token).replace(/[()]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`);
}

function failure(code, message, retryAfter = null) {
  return Object.assign(new Error(message), { code, retryAfter });
}
