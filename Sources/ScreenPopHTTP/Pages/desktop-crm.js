// The CRM's page about a caller: a link on the call, and for those who asked for it on this computer a tab that opens by itself with the answer.

import { forgetSignIn } from "./kept-sign-in.js";
import { $, remember, remembered, say, text } from "./ui.js";

/** What a browser opens as a page, never a `javascript:`; else null. */
export function webAddress(words) {
  try {
    const url = new URL(words);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Of so many calls it is known that they were opened. */
const KEPT = 100;

export class CRMOpener {
  #agent = null;
  #mayOpen;
  #isWanted = false;
  /** Answered calls that have no link yet: a variable may come later than the answer. */
  #awaited = new Set();
  /** Calls that were opened. While Redis is away an answer comes at once, and through the log once more when it is back. */
  #opened = new Set();

  /** `mayOpen` says whether calls pop in this tab. */
  constructor(mayOpen) {
    this.#mayOpen = mayOpen;
    $("crm-open").addEventListener("change", (event) => {
      this.#isWanted = event.target.checked;
      if (this.#agent) remember(this.#key, this.#isWanted ? "yes" : "no");
      this.#awaited.clear();
      say($("crm-hint"), "");
    });
    // The switch of another tab of this browser is this one's: which of them pops may change.
    addEventListener("storage", ({ key }) => { if (this.#agent && (key === this.#key || key === null)) this.#recall(); });
  }

  start(agent) {
    this.#agent = agent;
    this.#opened.clear();
    this.#recall();
  }

  stop() {
    this.#agent = null;
    this.#awaited.clear();
  }

  /**
   * Each message, as it comes: what a snapshot shows was answered before, and has been opened. `isBehind`: its end may be among what is still to
   * be told.
   */
  hear({ type, pop }, isBehind) {
    if (!pop || pop.agent !== this.#agent) return;
    if (type === "pop.ended") this.#awaited.delete(pop.id);
    if (type === "pop.answered" && this.#isWanted && !this.#opened.has(pop.id) && (isBehind || this.#mayOpen())) keep(this.#awaited, pop.id);
    if (!isBehind) this.#open(pop);
  }

  #open(pop) {
    const address = webAddress(pop.url);
    if (!address || !this.#awaited.delete(pop.id)) return;
    keep(this.#opened, pop.id);
    // Empty at first, so that it is seen whether the browser lets it open, and that the page in it never gets hold of this one.
    const tab = window.open("about:blank", "_blank");
    if (tab) {
      tab.opener = null;
      // A tab that a page opens begins with a copy of what is kept for that page's own.
      forgetSignIn(() => tab.sessionStorage);
      tab.location.replace(address);
    }
    say($("crm-hint"), tab ? "" : text("crmBlocked"));
  }

  /** Whoever has no CRM is not asked. */
  draw(pops, isLive) {
    if (isLive) {
      for (const pop of pops) {
        if (this.#mayOpen()) this.#open(pop);
        else this.#awaited.delete(pop.id);
      }
    }
    if (pops.some(({ url }) => webAddress(url)) && remembered("crm") === null) remember("crm", "seen");
    $("crm").hidden = !this.#isWanted && remembered("crm") === null;
  }

  get #key() { return `crm:${this.#agent}`; }

  #recall() {
    this.#awaited.clear();
    this.#isWanted = remembered(this.#key) === "yes";
    $("crm-open").checked = this.#isWanted;
    say($("crm-hint"), "");
  }
}

/** The newest of them. */
function keep(ids, id) {
  ids.add(id);
  if (ids.size > KEPT) ids.delete(ids.values().next().value);
}
