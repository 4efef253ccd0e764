// What the page has seen: numbers of the last hour for the plot, and how long callers waited for the service level. No caller stands in it.

/** Seconds within which a call should be answered. */
export const GOOD_WAIT = 20;

const KEY = "wallboard";
const EVERY = 10_000;
const HOUR = 3_600_000;

export class History {
  /** {at, waiting, talking, ready}, the oldest first. */
  samples = [];
  /** Since when calls were counted. */
  since = Date.now();
  #levels = new Map();
  #watch;
  #latest = null;
  #timer;

  constructor(watch) {
    this.#watch = watch;
    this.#restore();
    watch.addEventListener("answered", ({ detail }) => this.#count(detail.queue, detail.waitSeconds !== null && detail.waitSeconds <= GOOD_WAIT));
    watch.addEventListener("abandoned", ({ detail }) => this.#count(detail.queue, false));
    this.#timer = setInterval(() => this.#sample(), EVERY);
  }

  /** The present. */
  see(queues) {
    const agents = [...this.#watch.agents.values()];
    const count = (...states) => agents.filter(({ normalized }) => states.includes(normalized)).length;
    this.#latest = {
      waiting: queues.reduce((all, { waiting }) => all + waiting, 0), talking: count("talking", "hold"), ready: count("ready"),
    };
    if (this.samples.length === 0) this.#sample();
  }

  /** "85%", or "—" where nothing was seen yet. */
  levelText(queue = null) {
    const levels = queue === null ? [...this.#levels.values()] : [this.#levels.get(queue)].filter(Boolean);
    const all = levels.reduce((sum, level) => sum + level.all, 0);
    return all === 0 ? "—" : `${Math.round(100 * levels.reduce((sum, level) => sum + level.good, 0) / all)}%`;
  }

  close() { clearInterval(this.#timer); }

  #count(queue, isGood) {
    const level = this.#levels.get(queue) ?? { good: 0, all: 0 };
    this.#levels.set(queue, { good: level.good + (isGood ? 1 : 0), all: level.all + 1 });
  }

  #sample() {
    // What cannot be vouched for is a gap.
    if (this.#watch.state !== "live" || !this.#latest) return;
    const now = Date.now();
    this.samples.push({ at: now, ...this.#latest });
    this.samples = this.samples.filter(({ at }) => now - at <= HOUR);
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ samples: this.samples, since: this.since, levels: [...this.#levels] }));
    } catch { /* Then a reload begins anew. */ }
  }

  #restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY));
      const now = Date.now();
      this.samples = kept.samples.filter(({ at }) => now - at <= HOUR && at <= now);
      // Longer away than a reload takes: calls were missed, so counting begins anew.
      if (this.samples.length > 0 && now - this.samples.at(-1).at < 3 * EVERY) {
        this.since = kept.since;
        this.#levels = new Map(kept.levels);
      }
    } catch { /* Nothing was kept, or not by us. */ }
  }
}
