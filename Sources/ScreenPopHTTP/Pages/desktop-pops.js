// Calls as cards: what comes in, what goes on and what has ended, until it is dismissed; below them the recent ones.

import { CallBar } from "./desktop-call.js";
import { webAddress } from "./desktop-crm.js";
import { $, button, dateAndTime, duration, element, errorText, language, partyNumber, partyText, running, table, text, timeOfDay } from "./ui.js";

const RECENT = 10;
/** A name of more letters is written smaller. */
const LONG = 60;
const RANK = { offered: 0, answered: 1, ended: 2 };

export class PopList {
  #desk = null;
  #service;
  #actions;
  #cards = new Map();
  #shown = new Set();
  #ended = new Set();
  #read = 0;

  constructor(actions) {
    this.#actions = actions;
    $("dismiss-all")?.addEventListener("click", () => {
      for (const pop of [...this.#desk.pops.values()]) if (pop.state === "ended") this.#actions.dismiss(pop);
      $("main").focus();
    });
  }

  /** `service` may be null: then only what comes through the connection is shown. */
  start(desk, service) {
    this.#desk = desk;
    this.#service = service;
    this.#shown.clear();
    this.#ended.clear();
    this.#readRecent();
  }

  stop() {
    this.#desk = null;
    this.forget();
  }

  /** Draws everything anew, as in another language. */
  forget() {
    for (const { card } of this.#cards.values()) card.remove();
    this.#cards.clear();
    if (this.#desk) this.#readRecent();
  }

  draw() {
    const pops = [...this.#desk.pops.values()].sort((a, b) => RANK[a.state] - RANK[b.state] || b.offeredAt.localeCompare(a.offeredAt));
    $("none").hidden = pops.length > 0;
    const dismissAll = $("dismiss-all");
    if (dismissAll) dismissAll.hidden = pops.filter(({ state }) => state === "ended").length < 2;
    for (const [id, { card }] of this.#cards) {
      if (this.#desk.pops.has(id)) continue;
      card.remove();
      this.#cards.delete(id);
    }
    const active = document.activeElement;
    pops.forEach((pop, index) => this.#place(pop, index));
    // What is moved to another place loses the focus.
    if (active !== document.activeElement && $("pops").contains(active) && active.checkVisibility()) active.focus({ preventScroll: true });
    if (pops.some(({ id, state }) => state === "ended" && !this.#ended.has(id))) {
      for (const { id, state } of pops) if (state === "ended") this.#ended.add(id);
      this.#readRecent();
    }
  }

  #place(pop, index) {
    let known = this.#cards.get(pop.id);
    if (!known) this.#cards.set(pop.id, known = new PopCard(pop, this.#desk, this.#service, this.#actions));
    known.draw(pop);
    const list = $("pops");
    if (list.children[index] !== known.card) list.insertBefore(known.card, list.children[index] ?? null);
    // Nobody has seen what stands in a page behind another.
    if (!this.#shown.has(pop.id) && !document.hidden && this.#desk.connection === "live") {
      this.#shown.add(pop.id);
      this.#actions.shown(pop);
    }
  }

  async #readRecent() {
    if (!this.#service || !$("recent-list")) return;
    const read = ++this.#read;
    try {
      const { items } = await this.#service.get(["agents", this.#desk.agent, "pops"], { limit: RECENT });
      if (read !== this.#read || !this.#desk) return;
      $("recent").hidden = items.length === 0;
      $("recent-list").replaceChildren(recentTable(items));
    } catch { /* The list stays as it was; how the connection is stands above. */ }
  }
}

function recentTable(pops) {
  return table(
    [text("ended"), text("newCallColumn"), text("queue"), text("result")],
    pops.map((pop) => [
      dateAndTime(pop.endedAt ?? pop.offeredAt), [pop.kind === "outbound" ? null : pop.caller?.name, partyNumber(pop)].filter(Boolean).join(" · ") || text("unknownCaller"),
      pop.queue ?? kindText(pop), [endText(pop), talkText(pop)].filter(Boolean).join(", "),
    ]), text("recent"));
}

const kindText = (pop) => (pop.kind === "outbound" ? text("outbound") : pop.kind === "direct" ? text("direct") : null);

function endText({ endReason }) {
  if (!endReason) return text("ended");
  // To the agent himself: you.
  const own = text(`agentCallReason.${endReason}`);
  return own === endReason ? text(`endReasons.${endReason}`) : own;
}

function talkText({ answeredAt, offeredAt, endedAt }) {
  if (!endedAt) return null;
  const time = duration((Date.parse(endedAt) - Date.parse(answeredAt ?? offeredAt)) / 1000);
  return text(answeredAt ? "talkedFor" : "rangFor", { time });
}

class PopCard {
  card = element("li", "pop card");
  #body = element("div", "pop-body");
  #bar;
  #past = null;
  #key = "";
  #service;
  #actions;

  constructor(pop, desk, service, actions) {
    this.#service = service;
    this.#actions = actions;
    this.#bar = new CallBar(desk);
    this.card.dataset.pop = pop.id;
    this.card.append(this.#body, this.#bar.element);
  }

  draw(pop) {
    const focused = this.card.contains(document.activeElement) ? document.activeElement : null;
    this.#draw(pop);
    if (!focused || (focused.isConnected && focused.checkVisibility())) return;
    // Drawn anew: the same link or button has the focus still; and where it went with the call, what puts the card away.
    const same = [...this.card.querySelectorAll("button, a[href], summary")].find((one) => one.className === focused.className && one.tagName === focused.tagName && one.checkVisibility());
    (same ?? this.card.querySelector(".dismiss"))?.focus({ preventScroll: true });
  }

  #draw(pop) {
    const key = `${pop.version} ${pop.state} ${pop.provisional} ${language()}`;
    if (this.#key !== key) {
      this.#key = key;
      this.card.className = `pop card ${pop.state}${isHeld(pop) ? " held" : ""}`;
      this.#body.replaceChildren(...this.#parts(pop));
    }
    this.#bar.draw(pop);
  }

  #parts(pop) {
    const parts = [this.#now(pop), element("h3", partyText(pop).length > LONG ? "long" : "", partyText(pop))];
    if (pop.kind !== "outbound" && pop.caller?.name && pop.caller?.number) {
      const line = element("p", "number");
      line.append(element("span", "unseen", text("number")), " ", element("span", "", pop.caller.number));
      parts.push(line);
    }
    if (pop.provisional && pop.state !== "ended") parts.push(element("p", "provisional", text("provisional")));
    parts.push(facts(pop), ...link(pop), ...offersBefore(pop));
    if (pop.kind !== "outbound" && partyNumber(pop) && this.#service) parts.push(this.#pastCalls(pop));
    if (pop.state === "ended") {
      const away = button(text("dismiss"), () => {
        this.#actions.dismiss(pop);
        $("main").focus();
      }, "dismiss");
      away.setAttribute("aria-label", `${text("dismiss")}: ${partyText(pop)}`);
      parts.push(away);
    }
    return parts;
  }

  #now(pop) {
    const line = element("p", "now");
    const held = isHeld(pop);
    line.append(element("span", "chip", pop.state === "ended" ? `${text("ended")}: ${endText(pop)}` : text(held ? "held" : pop.state)));
    if (pop.state === "ended") line.append(element("span", "hint", [timeOfDay(pop.endedAt ?? pop.offeredAt), talkText(pop)].filter(Boolean).join(" · ")));
    else line.append(running(held ? pop.heldAt : pop.state === "answered" ? pop.answeredAt : pop.offeredAt));
    return line;
  }

  #pastCalls(pop) {
    this.#past ??= element("details", "past");
    const past = this.#past;
    past.replaceChildren(element("summary", "", text("pastCalls")));
    const list = element("div");
    past.append(list);
    const read = async () => {
      const { items } = await this.#service.get(["agents", pop.agent, "pops", pop.id, "calls"]);
      const others = items.filter(({ uuid }) => uuid !== pop.callUUID);
      list.replaceChildren(others.length === 0 ? text("noPastCalls") : table(
        [text("ended"), text("agent"), text("queue"), text("result")],
        others.slice(0, RECENT).map((call) => [
          dateAndTime(call.startedAt), call.agent, call.queue, call.endReason ? text(`endReasons.${call.endReason}`) : null,
        ]), text("pastCalls")));
    };
    past.ontoggle = () => { if (past.open) read().catch((error) => list.replaceChildren(errorText(error))); };
    if (past.open) past.ontoggle();
    return past;
  }
}

const isHeld = (pop) => pop.state === "answered" && Boolean(pop.heldAt);

function facts(pop) {
  const list = element("dl");
  const fact = (name, value, important = false) => {
    if (value === null || value === undefined || value === "") return;
    const pair = element("div", important ? "important" : "");
    pair.append(element("dt", "", name), element("dd", "", value));
    list.append(pair);
  };
  fact(text("queue"), pop.queue ?? kindText(pop));
  const { ivr_choice: choice, ...others } = pop.attributes ?? {};
  fact(text("attributes.ivr_choice"), choice, true);
  if (pop.waitSeconds !== null && pop.waitSeconds !== undefined) fact(text("wait"), duration(pop.waitSeconds));
  if (pop.kind !== "outbound") fact(text("dialed"), pop.dialed);
  fact(text("transferredTo"), pop.transferredTo);
  for (const [name, value] of Object.entries(others)) fact(text(`attributes.${name}`), value);
  return list;
}

function link(pop) {
  const links = [pop.url, ...(pop.matches ?? []).map((match) => match?.url)].map(webAddress).filter(Boolean);
  return links.map((address) => {
    const made = element("a", "crm", text("crm"));
    made.href = address;
    made.target = "_blank";
    made.rel = "noopener noreferrer";
    const line = element("p");
    line.append(made);
    return line;
  });
}

function offersBefore(pop) {
  if (!pop.history?.length) return [];
  const part = element("div", "before");
  part.append(element("h4", "", text("earlierOffers")));
  const list = element("ul");
  for (const offer of pop.history) {
    list.append(element("li", "", [timeOfDay(offer.at), offer.agent, offer.queue, text(`endReasons.${offer.endReason}`)].filter(Boolean).join(" · ")));
  }
  part.append(list);
  return [part];
}
