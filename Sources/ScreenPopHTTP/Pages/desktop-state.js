// The agent's own state and queues, and the buttons that change them.

import { $, button, element, errorText, heldBack, keepFocus, language, notAppliedText, oneAtATime, running, say, switchWord, text } from "./ui.js";

export class StatePanel {
  #desk;
  #reasons = { items: [], freeText: true };
  #wrapUpUntil = null;
  #turn = 0;

  constructor() {
    const on = (id, act, isReady = false) => $(id).addEventListener("click", oneAtATime(() => this.#run(act, isReady)));
    on("do-login", () => this.#desk.logIn());
    on("do-ready", () => this.#desk.ready(), true);
    on("do-break", () => this.#desk.takeBreak({ reason: this.#reason() }));
    on("do-logout", () => this.#desk.logOut());
    on("wrap-up-more", () => this.#desk.extendWrapUp(60));
    on("wrap-up-end", () => this.#desk.endWrapUp());
    on("pending-cancel", () => this.#desk.cancelPending());
    $("reason").addEventListener("change", () => {
      const isFree = $("reason").value === "other";
      $("reason-text").hidden = !isFree;
      if (isFree) $("reason-text").focus();
    });
  }

  start(desk, service) {
    this.#desk = desk;
    const read = () => service.get(["reasons"]).then((reasons) => {
      this.#reasons = reasons;
      this.#drawReasons();
    }, () => this.#drawReasons());
    read();
    desk.addEventListener("message", ({ detail }) => {
      if (detail.type === "config.changed" && detail.what === "reasons-changed") read();
    });
    say($("answer"), "", "");
  }

  failed(words) { say($("answer"), words, "failed"); }

  draw() { keepFocus($("state"), () => this.#draw()); }

  #draw() {
    const state = this.#desk.agentState;
    const line = $("normalized");
    say(line, state ? text(`states.${state.normalized}`) : "—", `state ${state?.normalized ?? ""}`);
    this.#drawRaw(state);
    const isOut = !state || state.status === "Logged Out";
    $("do-login").hidden = !isOut;
    for (const id of ["do-ready", "do-logout"]) $(id).hidden = isOut;
    $("do-break").parentElement.hidden = isOut;
    if (isOut) $("reason-text").hidden = true;
    $("do-ready").classList.toggle("main", state?.status !== "Available");
    this.#drawWrapUp(state);
    this.#drawPending(state?.pending);
    for (const one of $("state").querySelectorAll("button")) one.disabled = this.#desk.connection !== "live";
    if ($("reason").dataset.language !== language()) this.#drawReasons();
  }

  #drawRaw(state) {
    const raw = $("raw");
    const since = state?.stateChangedAt && state?.statusChangedAt
      ? [state.stateChangedAt, state.statusChangedAt].sort().at(-1) : state?.statusChangedAt ?? null;
    const words = state ? [switchWord(state.status), switchWord(state.state), this.#reasonOf(state), heldBack(state)].filter(Boolean).join(" · ") : "";
    const key = `${words} ${since} ${language()}`;
    if (raw.dataset.key === key) return;
    raw.dataset.key = key;
    raw.replaceChildren(words);
    if (since) raw.append(" · ", running(since));
  }

  #reasonOf({ reason, reasonSource }) {
    if (!reason) return reasonSource === "external" ? text("external") : null;
    return this.#labelOf(reason);
  }

  #labelOf(code) {
    const known = this.#reasons.items.find((item) => item.code === code);
    return known?.labels[language()] ?? known?.labels.en ?? code;
  }

  #drawWrapUp(state) {
    const until = state?.wrapUp?.until ?? state?.wrapUpUntil ?? null;
    const isOn = until !== null && state.normalized === "wrapUp";
    $("wrap-up").hidden = !isOn;
    if (!isOn || this.#wrapUpUntil === until) return;
    this.#wrapUpUntil = until;
    $("wrap-up-clock").replaceChildren(running(until, "clock", true));
  }

  #drawPending(pending) {
    $("pending").hidden = !pending;
    if (!pending) return;
    const what = [switchWord(pending.status), pending.reason ? this.#labelOf(pending.reason) : null].filter(Boolean).join(" · ");
    const lines = [];
    if (what) lines.push(text(pending.state ? "pendingReady" : "pendingStatus", { what }));
    if (pending.leave) lines.push(text("pendingLeave", { queues: pending.leave.join(", ") }));
    say($("pending-text"), lines.join(" "));
  }

  #drawReasons() {
    const list = $("reason");
    const before = list.value;
    list.dataset.language = language();
    const option = (value, label) => {
      const made = element("option", "", label);
      made.value = value;
      return made;
    };
    list.replaceChildren(option("", text("noReason")), ...this.#reasons.items.map((item) => option(`code:${item.code}`, this.#labelOf(item.code))));
    if (this.#reasons.freeText) list.append(option("other", text("otherReason")));
    if ([...list.options].some(({ value }) => value === before)) list.value = before;
  }

  #reason() {
    const { value } = $("reason");
    if (value === "other") return $("reason-text").value.trim() || undefined;
    return value ? value.slice("code:".length) : undefined;
  }

  async #run(act, isReady) {
    const mine = ++this.#turn;
    // Of several that are asked at once the last is what is spoken of.
    const line = { say: (words, className) => { if (mine === this.#turn) say($("answer"), words, className); } };
    line.say("…", "");
    try {
      const result = await act();
      if (result.pending) return line.say(text("pendingKept"), "");
      if (result.applied === undefined || result.applied) return line.say(text("done"), "");
      // During a call there is nothing wrong: mod_callcenter offers the next one when this one is over.
      const isInCall = isReady && (result.actual.state === "In a queue call" || [...this.#desk.pops.values()].some((pop) => pop.state !== "ended"));
      line.say(isInCall ? text("nextCallAfter") : notAppliedText(result), isInCall ? "" : "failed");
    } catch (error) {
      line.say(errorText(error), "failed");
    }
    return undefined;
  }
}

/** Where the agent is registered, and where he may be. */
export class QueuePanel {
  #desk;
  #service;
  #queues = [];
  #timer = null;

  start(desk, service) {
    this.#desk = desk;
    this.#service = service;
    this.#queues = [];
    say($("queues-answer"), "", "");
    say($("dial-answer"), "", "");
    clearInterval(this.#timer);
    this.#read();
    // An agent hears of queues only over HTTP.
    this.#timer = setInterval(() => { if (!document.hidden) this.#read(); }, 15000);
  }

  async #read() {
    try {
      const { items } = await this.#service.get(["queues"]);
      this.#queues = items;
      this.draw();
    } catch { /* The line above says how the connection is; the list stays as it was. */ }
  }

  draw() {
    const tiers = new Map((this.#desk.agentState?.queues ?? []).map((tier) => [tier.queue, tier]));
    const names = [...new Set([...this.#queues.map(({ name }) => name), ...tiers.keys()])].sort();
    $("no-queues").hidden = names.length > 0;
    const isLive = this.#desk.connection === "live" && this.#desk.agentState !== null;
    const key = JSON.stringify([names, [...tiers.values()], isLive, language(), this.#queues.map(({ waiting }) => waiting)]);
    const list = $("queue-list");
    if (list.dataset.key === key) return;
    list.dataset.key = key;
    const focused = document.activeElement?.dataset?.queue;
    list.replaceChildren(...names.map((name) => this.#line(name, tiers.get(name), isLive)));
    if (focused) [...list.querySelectorAll("button")].find((one) => one.dataset.queue === focused)?.focus();
  }

  #line(name, tier, isLive) {
    const line = element("li", tier ? "registered" : "");
    const words = element("span", "queue-words");
    const waiting = this.#queues.find((queue) => queue.name === name)?.waiting;
    const about = [tier ? text("tierOf", tier) : text("notInQueue")];
    if (waiting !== undefined) about.push(text("waitingHere", { n: waiting }));
    words.append(element("strong", "", name), element("span", "hint", about.join(" · ")));
    const change = button(text(tier ? "unregister" : "register"), oneAtATime(() => this.#change(name, Boolean(tier))), "small");
    change.setAttribute("aria-label", text(tier ? "unregisterFrom" : "registerAt", { queue: name }));
    change.dataset.queue = name;
    change.disabled = !isLive;
    line.append(words, change);
    return line;
  }

  async #change(queue, isIn) {
    const line = $("queues-answer");
    say(line, "…", "");
    try {
      // Registering must not make somebody ready who is on a break.
      const ready = this.#desk.agentState?.status === "Available";
      const result = isIn ? await this.#desk.leaveQueues({ queues: [queue] }) : await this.#desk.logIn({ ready, queues: [queue] });
      say(line, result.pending ? text("pendingKept") : text("done"), "");
    } catch (error) {
      say(line, errorText(error), "failed");
    }
  }
}
