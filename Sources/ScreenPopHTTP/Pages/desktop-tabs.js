// Several tabs of one browser: one is primary and pops, the others show quietly and can claim.

const ANSWER_WITHIN = 300;

/** Web Locks decide. Where a page has none (no TLS), the tabs agree among themselves. */
export class Tabs {
  #name;
  #changed;
  #channel;
  #release = null;
  #isClosed = false;
  #id = Array.from(crypto.getRandomValues(new Uint32Array(2))).join("-");
  #timer = null;

  isPrimary = false;

  constructor(agent, changed) {
    this.#name = `screenpop:primary:${agent}`;
    this.#changed = changed;
    if (navigator.locks) {
      this.#hold();
    } else {
      this.#channel = new BroadcastChannel(this.#name);
      this.#channel.onmessage = ({ data }) => this.#heard(data);
      this.#elect();
      addEventListener("pagehide", this.#leaving);
    }
  }

  /** From now on it is this tab that pops. */
  claim() {
    if (navigator.locks) this.#hold({ steal: true });
    else {
      this.#set(true);
      this.#channel.postMessage({ type: "primary", id: this.#id });
    }
  }

  close() {
    this.#isClosed = true;
    this.#release?.();
    this.#leaving();
    removeEventListener("pagehide", this.#leaving);
    clearTimeout(this.#timer);
    this.#channel?.close();
  }

  async #hold(options = {}) {
    try {
      await navigator.locks.request(this.#name, options, () => {
        if (this.#isClosed) return undefined;
        this.#set(true);
        return new Promise((resolve) => { this.#release = resolve; });
      });
    } catch {
      // Another tab claimed it: wait for the next turn.
      if (this.#isClosed) return;
      this.#set(false);
      this.#hold();
    }
  }

  // MARK: without Web Locks

  #leaving = () => {
    if (this.isPrimary) this.#channel?.postMessage({ type: "gone" });
  };

  #elect() {
    this.#channel.postMessage({ type: "who", id: this.#id });
    this.#timer = setTimeout(() => {
      this.#set(true);
      this.#channel.postMessage({ type: "primary", id: this.#id });
    }, ANSWER_WITHIN * (1 + Math.random()));
  }

  #heard({ type, id }) {
    if (type === "who" && this.isPrimary) this.#channel.postMessage({ type: "primary", id: this.#id });
    if (type === "primary" && id !== this.#id) {
      clearTimeout(this.#timer);
      this.#set(false);
    }
    if (type === "gone") this.#elect();
  }

  #set(isPrimary) {
    if (this.isPrimary === isPrimary) return;
    this.isPrimary = isPrimary;
    this.#changed();
  }
}
