// Several computers of one agent: one desk is primary and pops, the others show quietly and can claim. A desk is a browser; which of its tabs
// pops, the tabs agree on among themselves.
//
// The rule: a page is quiet only while its connection is live and the service has said that another desk is primary. Whatever it does not know
// (not connected, not told yet, told of none) it announces, for a call that rings twice is better than one that rings nowhere.

import { $, errorText, remember, remembered, say, text } from "./ui.js";

const KEY = "desk";

/** This browser's name, the same for all its tabs and after a reload. Where the browser keeps nothing, this page's. */
function deskID() {
  const known = remembered(KEY);
  if (known && /^[\w-]{1,64}$/.test(known)) return known;
  const made = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  remember(KEY, made);
  return made;
}

const own = deskID();

/** The desk to connect as: none for somebody who looks at another agent's desktop, or whom this computer is not to disturb. */
export function deskFor(principal, agent, isSilent) {
  return isOwn(principal, agent) && !isSilent ? own : null;
}

const isOwn = ({ role, agent: principalsAgent }, agent) => role !== "integration" && principalsAgent === agent;

/** Who only looks on has calls here when he says so, never by being there. */
const mayClaim = (principal, agent) => principal.role === "admin" || isOwn(principal, agent);

export class DeskNotice {
  #desk = null;
  #tabs = null;
  #may = false;
  #isOwn = false;
  #wasElsewhere = false;
  #failed;

  constructor(failed) {
    this.#failed = failed;
    const silent = $("alert-not-pop");
    $("claim-desk").addEventListener("click", () => {
      // To want them here after all is both, and the switch claims for who is at his own desktop.
      const wasSilent = silent.checked;
      if (wasSilent) silent.click();
      if (!wasSilent || !this.#isOwn) this.#claim();
    });
  }

  /**
   * Pops on this computer are not wanted any more, or wanted again. Who wants none here must not be the one desk that has them; and a desk is one
   * as long as one of its tabs says so, so each tab does this. `isHere`: it was in this tab that somebody said it.
   */
  silenced(isSilent, isHere) {
    if (!this.#desk) return;
    if (!isSilent) {
      if (this.#isOwn) this.#claim(isHere);
    } else if (this.#desk.desk !== null) this.#desk.leaveDesk().catch((error) => this.#fail(error));
  }

  start(desk, tabs, principal) {
    this.#desk = desk;
    this.#tabs = tabs;
    this.#may = mayClaim(principal, desk.agent);
    this.#isOwn = isOwn(principal, desk.agent);
    this.#wasElsewhere = false;
  }

  stop() {
    this.#desk = this.#tabs = null;
    $("quiet-desk").hidden = true;
    say($("desk-said"), "");
  }

  get isElsewhere() { return this.#desk !== null && !this.#desk.popsHere; }

  draw() {
    const { isElsewhere } = this;
    $("quiet-desk").hidden = !isElsewhere;
    $("claim-desk").hidden = !this.#may;
    $("claim-desk").disabled = this.#desk.connection !== "live";
    if (this.#desk.state !== "live" || isElsewhere === this.#wasElsewhere) return;
    this.#wasElsewhere = isElsewhere;
    say($("desk-said"), text(isElsewhere ? "quietDesk" : "popsHereNow"));
  }

  async #claim(inThisTab = true) {
    if (inThisTab) this.#tabs.claim();
    try {
      await this.#desk.claimDesk(own);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    // What is wanted is known and goes with the next connection.
    if (error.code !== "disconnected") this.#failed(errorText(error));
  }
}
