// What makes a call noticed: ring, desktop notification, title and icon. Each can be switched off, for this agent on this computer: in all tabs
// of this browser, whichever of them it was done in.

import { $, partyText, remember, remembered, say, text } from "./ui.js";

const RING_EVERY = 4000;
const DEFAULTS = { sound: true, notify: false, notPop: false };

export class AlertPanel {
  #agent = null;
  #audio = null;
  #ringing = null;
  /** The browser did not let it sound when it was to. */
  #isMute = false;
  #notes = new Map();
  #wanted = { ...DEFAULTS };
  #changed;
  #silenced;

  /**
   * `changed` draws what rings, anew. `silenced` is told when pops on this computer are not wanted any more, or wanted again, and whether it was
   * in this tab that somebody said so.
   */
  constructor(changed, silenced) {
    this.#changed = changed;
    this.#silenced = silenced;
    addEventListener("storage", ({ key }) => {
      // Without a key everything was deleted.
      if (this.#agent && (key === this.#key || key === null)) this.#apply(() => this.#recall(), false);
    });
    $("alert-sound").addEventListener("change", (event) => this.#choose({ sound: event.target.checked }));
    $("alert-not-pop").addEventListener("change", (event) => this.#choose({ notPop: event.target.checked }));
    $("alert-notify").addEventListener("change", async (event) => {
      if (event.target.checked && Notification.permission === "default") await Notification.requestPermission();
      this.#choose({ notify: event.target.checked && Notification.permission === "granted" });
    });
    $("test-sound").addEventListener("click", () => this.#unlock().then(() => this.#tone()));
    // A browser lets a page sound only after somebody has used it.
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => this.#unlock(), { capture: true });
  }

  /** Whether this agent wants no pops on this computer. */
  get isSilent() { return this.#wanted.notPop; }

  start(agent) {
    this.#agent = agent;
    this.#recall();
    this.#drawChoices();
  }

  stop() {
    this.#agent = null;
    this.#ring(false);
    this.#show(0, "off", null);
    for (const note of this.#notes.values()) note.close();
    this.#notes.clear();
  }

  announce(pop, words) {
    if (!this.#wanted.notify || !("Notification" in window) || Notification.permission !== "granted") return;
    if (!document.hidden && document.hasFocus()) return;
    const note = new Notification(words, { tag: pop.id, icon: "/icon-call.svg", requireInteraction: true });
    note.addEventListener("click", () => {
      window.focus();
      note.close();
    });
    this.#notes.set(pop.id, note);
  }

  ended(pop) {
    this.#notes.get(pop.id)?.close();
    this.#notes.delete(pop.id);
  }

  /** `offered`: the pops that wait for an answer here; `isCurrent` says of one whether it still does, as far as can be known. */
  draw(offered, state, isCurrent) {
    const ids = new Set(this.isSilent || !this.#wanted.notify ? [] : offered.map(({ id }) => id));
    for (const id of this.#notes.keys()) if (!ids.has(id)) this.ended({ id });
    // Nothing rings for what may be over by now.
    this.#ring(this.#wanted.sound && !this.isSilent && offered.some(isCurrent));
    this.#show(this.isSilent ? 0 : offered.length, state, offered[0]);
  }

  get #key() { return `alerts:${this.#agent}`; }

  #choose(change) {
    this.#apply(() => {
      Object.assign(this.#wanted, change);
      if (this.#agent) remember(this.#key, JSON.stringify(this.#wanted));
    }, true);
  }

  #apply(change, isHere) {
    const wasSilent = this.isSilent;
    change();
    this.#drawChoices();
    if (this.isSilent !== wasSilent) this.#silenced(isHere);
    this.#changed();
  }

  #recall() {
    Object.assign(this.#wanted, DEFAULTS);
    try {
      Object.assign(this.#wanted, JSON.parse(remembered(this.#key) ?? "{}"));
    } catch { /* Somebody else's text: the defaults. */ }
  }

  #drawChoices() {
    const can = "Notification" in window && isSecureContext;
    $("alert-sound").checked = this.#wanted.sound;
    $("alert-notify").checked = can && this.#wanted.notify && Notification.permission === "granted";
    $("alert-notify").disabled = !can || Notification.permission === "denied";
    $("alert-not-pop").checked = this.#wanted.notPop;
    let hint = "";
    if (this.#isMute) hint = text("soundBlocked");
    else if (!can) hint = text("notifyInsecure");
    else if (Notification.permission === "denied") hint = text("notifyDenied");
    say($("alert-hint"), hint);
  }

  #show(waiting, state, pop) {
    const mark = state === "stale" || state === "refused" ? "⚠ " : "";
    const title = waiting > 0 ? text("callTitle", { caller: partyText(pop) }) : "ScreenPop";
    if (document.title !== mark + title) document.title = mark + title;
    const icon = waiting > 0 ? "/icon-call.svg" : "/icon.svg";
    if ($("icon").getAttribute("href") !== icon) $("icon").href = icon;
  }

  // MARK: sound

  async #unlock() {
    this.#audio ??= new AudioContext();
    if (this.#audio.state === "suspended") await this.#audio.resume();
    if (!this.#isMute) return;
    if (this.#ringing !== null) this.#tone();
    else this.#setMute(false);
  }

  #setMute(isMute) {
    if (isMute === this.#isMute) return;
    this.#isMute = isMute;
    this.#drawChoices();
  }

  #ring(isOn) {
    if (isOn === (this.#ringing !== null)) return;
    clearInterval(this.#ringing);
    this.#ringing = null;
    if (!isOn) return;
    this.#tone();
    this.#ringing = setInterval(() => this.#tone(), RING_EVERY);
  }

  /** Two soft notes, twice. */
  #tone() {
    const isMute = this.#audio?.state !== "running";
    this.#setMute(isMute);
    if (isMute) return;
    for (const [at, pitch] of [[0, 660], [0.18, 880], [0.5, 660], [0.68, 880]]) {
      const start = this.#audio.currentTime + at;
      const volume = this.#audio.createGain();
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.18, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.17);
      const note = this.#audio.createOscillator();
      note.frequency.value = pitch;
      note.connect(volume).connect(this.#audio.destination);
      note.start(start);
      note.stop(start + 0.18);
    }
  }
}
