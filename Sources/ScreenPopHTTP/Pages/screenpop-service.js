// ScreenPop's HTTP: log-in and log-out, and every other request, with what changes something made safe to repeat.

const ANSWER_WITHIN = 30000;

/** What the service said no with: `status`, `code`, `message`, and `retryAfter` in seconds where it said so. */
export class ServiceError extends Error {
  constructor(status, code, message, retryAfter = null) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Event: `refused` when the service does not know the caller any more. */
export class Service extends EventTarget {
  #url;
  #token;
  #csrf = null;

  /** Who is logged in: {id, name, role, agent}, or null. */
  principal = null;
  /** When the session ends, or null. */
  expiresAt = null;
  /** Milliseconds by which the service's clock is ahead of this one. */
  clockOffset = 0;

  /** With a token every request carries it; without one the browser sends the cookie of `logIn`. */
  constructor({ token = null, url = new URL("/api/v1/", import.meta.url) } = {}) {
    super();
    this.#url = new URL(url);
    this.#token = token;
  }

  get token() { return this.#token; }

  /** The service's present, as far as its answers told. */
  now() { return Date.now() + this.clockOffset; }

  /** By name and password, or by the JWT of the company's log-in. The session lives in a cookie that no script can read. */
  async logIn({ user, password, token }) {
    return this.#begin(await this.#send("POST", ["session"], {}, token === undefined ? { user, password } : { token }));
  }

  /** Who is logged in by cookie or token, or null. */
  async who() {
    try {
      return this.#begin(await this.#send("GET", ["session"]));
    } catch (error) {
      if (error.status === 401) return null;
      throw error;
    }
  }

  async logOut() {
    if (!this.#token) await this.#send("DELETE", ["session"]);
    this.principal = null;
    this.#csrf = null;
    this.expiresAt = null;
  }

  /** Parts of a path are encoded here: `get(["agents", "1001@default"])`. */
  get(path, query = {}) { return this.#send("GET", path, query); }
  post(path, body = {}, query = {}) { return this.#send("POST", path, query, body); }
  put(path, body = {}, query = {}) { return this.#send("PUT", path, query, body); }
  patch(path, body = {}, query = {}) { return this.#send("PATCH", path, query, body); }
  delete(path, query = {}) { return this.#send("DELETE", path, query); }

  /** All of a list, page by page, up to `limit`. */
  async all(path, query = {}, limit = 1000) {
    const items = [];
    let before = null;
    do {
      const page = await this.get(path, before ? { ...query, before } : query);
      items.push(...page.items);
      before = page.next;
    } while (before && items.length < limit);
    return items;
  }

  #begin(session) {
    this.principal = session.principal;
    this.#csrf = session.csrf;
    this.expiresAt = session.expiresAt;
    return session.principal;
  }

  async #send(method, path, query = {}, body = undefined) {
    const url = new URL(path.map(encodeURIComponent).join("/"), this.#url);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = { Accept: "application/json" };
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    if (method !== "GET") {
      if (this.#csrf) headers["X-CSRF-Token"] = this.#csrf;
      headers["Idempotency-Key"] = key();
    }
    let content = body;
    if (body !== undefined) {
      headers["Content-Type"] = typeof body === "string" ? "text/csv" : "application/json";
      if (typeof body !== "string") content = JSON.stringify(body);
    }
    const asked = Date.now();
    let answer;
    try {
      answer = await fetch(url, { method, headers, body: content, signal: AbortSignal.timeout(ANSWER_WITHIN), cache: "no-store" });
    } catch {
      throw new ServiceError(0, "unreachable", "The service cannot be reached.");
    }
    this.#learnClock(answer, asked);
    const type = answer.headers.get("Content-Type") ?? "";
    const value = type.includes("json") ? await answer.json() : await answer.text();
    if (answer.ok) return value || null;
    if (answer.status === 401 && this.principal) this.dispatchEvent(new Event("refused"));
    throw new ServiceError(
      answer.status, value?.code ?? "failed", value?.detail ?? `The service answered ${answer.status}.`,
      Number(answer.headers.get("Retry-After")) || null);
  }

  #learnClock(answer, asked) {
    const date = Date.parse(answer.headers.get("Date") ?? "");
    if (Number.isNaN(date)) return;
    // The header names whole seconds, so that less than two may be nothing but that.
    const offset = date + 500 - (asked + Date.now()) / 2;
    this.clockOffset = Math.abs(offset) < 2000 ? 0 : offset;
  }
}

// Not crypto.randomUUID(), which pages without TLS do not have.
function key() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
