// What all pages are made with: words in the chosen language, elements that hold text alone, and clocks that run.

import { texts } from "./texts.js";

const KEY = "language";
const dictionaries = [texts];
const listeners = [];
let chosen = remembered(KEY) ?? (navigator.languages?.some((one) => one.startsWith("zh")) && navigator.language.startsWith("zh") ? "zh" : "en");
let clock = () => Date.now();

export const $ = (id) => document.getElementById(id);
export const language = () => chosen;
export const locale = () => (chosen === "zh" ? "zh-CN" : "en-GB");

/** A value of localStorage, or null where there is none or the browser keeps none. */
export function remembered(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

export function remember(key, value) {
  try { localStorage.setItem(key, value); } catch { /* Then it is so until the page is closed. */ }
}

// MARK: words

export function addTexts(more) { dictionaries.unshift(more); }

/** The words of that name; `{name}` in them is filled in. A name with a dot looks in a group: `states.ready`. */
export function text(name, values = {}) {
  const [group, key] = name.includes(".") ? [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)] : [name];
  for (const dictionary of dictionaries) {
    const found = key === undefined ? dictionary[chosen][group] : dictionary[chosen][group]?.[key];
    if (typeof found === "string") return fill(found, values);
  }
  return key ?? name;
}

export function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** What an error is called here, or what the service said. */
export function errorText(error) {
  const known = text(`codes.${error.code}`, { n: error.retryAfter ?? "" });
  return known === error.code || !error.code ? error.message : known;
}

/** A status or state as mod_callcenter calls it, in the language of the page; one that is not known as it is. */
export const switchWord = (word) => (word ? text(`switchWords.${word}`) : word);

/** That FreeSWITCH took a command and is not as it was to be. */
export function notAppliedText({ reply, actual }) {
  const values = actual && typeof actual === "object" ? Object.values(actual).filter((value) => value !== null && typeof value !== "object") : [actual];
  return text("notApplied", { reply: reply ?? "—", actual: values.filter(Boolean).map(switchWord).join(", ") || "—" });
}

/** Runs now and whenever the language changes. */
export function onLanguage(redraw) {
  listeners.push(redraw);
  redraw();
}

export function translate() {
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
  for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = text(element.dataset.placeholder);
  const button = $("language");
  if (button) {
    button.textContent = text("other");
    button.lang = chosen === "zh" ? "en" : "zh-CN";
  }
}

export function setLanguage(name) {
  chosen = name;
  for (const redraw of listeners) redraw();
}

$("language")?.addEventListener("click", () => {
  remember(KEY, chosen === "zh" ? "en" : "zh");
  setLanguage(chosen === "zh" ? "en" : "zh");
});

// MARK: elements

// What turns the direction of letters makes another number of one, and what has no shape cannot be seen.
const DISGUISES = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** As it was sent, letter by letter. */
export const plain = (words) => String(words).replace(DISGUISES, "\ufffd");

/** Text only: what callers send is never markup. */
export function element(name, className = "", content = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== "" && content !== null && content !== undefined) made.textContent = plain(content);
  return made;
}

export function button(words, action, className = "") {
  const made = element("button", className, words);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

/** A labelled control: the label's text, the control, and what explains it. */
export function field(id, label, control, hint = "") {
  const line = element("p", "field");
  const name = element("label", "", label);
  control.id = id;
  name.htmlFor = id;
  line.append(name, control);
  if (hint) {
    const explained = element("span", "hint", hint);
    explained.id = `${id}-hint`;
    control.setAttribute("aria-describedby", explained.id);
    line.append(explained);
  }
  return line;
}

export function input(type = "text", attributes = {}) {
  const made = element("input");
  made.type = type;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  return made;
}

export function select(options, chosenValue = "") {
  const made = element("select");
  for (const [value, label] of options) {
    const option = element("option", "", label);
    option.value = value;
    option.selected = value === chosenValue;
    made.append(option);
  }
  return made;
}

/** Words that a table does not break: names, times and numbers of a usual length. */
const WHOLE = 24;

/**
 * A table in a box by whose width it is laid out: where its columns have no room, each row becomes a list. The roles stay when it does.
 */
export function table(heads, rows, caption = "") {
  const cell = (name, role, content) => {
    const made = element(name);
    made.setAttribute("role", role);
    made.append(content instanceof Node ? content : document.createTextNode(content === null || content === undefined ? "—" : plain(content)));
    if (made.textContent.split(/\s/).every((word) => word.length <= WHOLE)) made.className = "whole";
    return made;
  };
  const row = (cells) => {
    const made = element("tr");
    made.setAttribute("role", "row");
    made.append(...cells);
    return made;
  };
  const part = (name, ...made) => {
    const group = element(name);
    group.setAttribute("role", "rowgroup");
    group.append(...made);
    return group;
  };
  const made = element("table");
  made.setAttribute("role", "table");
  if (caption) made.append(element("caption", "unseen", caption));
  made.append(
    part("thead", row(heads.map((words) => {
      const head = cell("th", "columnheader", words);
      head.scope = "col";
      return head;
    }))),
    part("tbody", ...rows.map((cells) => row(cells.map((content, index) => {
      const made = cell("td", "cell", content);
      made.dataset.head = heads[index] ?? "";
      return made;
    })))));
  const box = element("div", `table${heads.length > 4 ? " many" : ""}`);
  box.append(made);
  return box;
}

/** Replaces the text of an element only when it is another, so that live regions speak once. */
export function say(target, words, className = undefined) {
  if (target.textContent !== words) target.textContent = words;
  if (className !== undefined && target.className !== className) target.className = className;
}

/** Asks in a dialog; gives the value of the button that was pressed, or "". */
export function ask(title, content, choices) {
  const dialog = element("dialog");
  const form = element("form");
  form.method = "dialog";
  const heading = element("h2", "", title);
  heading.id = "dialog-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  form.append(heading, ...(Array.isArray(content) ? content : [content]));
  const row = element("p", "buttons");
  for (const [value, words, className] of choices) {
    const choice = element("button", className ?? "", words);
    choice.value = value;
    choice.formNoValidate = value === "";
    row.append(choice);
  }
  form.append(row);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}

// MARK: keyboard

/** What is pressed once more before it is done does nothing: a call is not dialled twice, a token not made twice. */
export function oneAtATime(action) {
  let isBusy = false;
  return async (...given) => {
    if (isBusy) return undefined;
    isBusy = true;
    try {
      return await action(...given);
    } finally {
      isBusy = false;
    }
  };
}

export function onSubmit(form, action) {
  const act = oneAtATime(action);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

/** Draws; where what had the focus in `place` is gone then, the first that is there now gets it. */
export function keepFocus(place, draw) {
  const before = place.contains(document.activeElement) ? document.activeElement : null;
  draw();
  if (!before || (before.isConnected && before.checkVisibility())) return;
  [...place.querySelectorAll("button, a[href], input, select, summary")].find((one) => !one.disabled && one.checkVisibility())?.focus();
}

// MARK: calls

/** The other side of a pop: of a call that the agent makes, the number he dialled. */
export const partyNumber = (pop) => shown(pop.kind === "outbound" ? pop.dialed : pop.caller?.number);
export const partyText = (pop) => (pop.kind === "outbound" ? null : shown(pop.caller?.name)) ?? partyNumber(pop) ?? text("unknownCaller");

const shown = (words) => (words ? plain(words) : null);

/** In words, for who cannot see it come. */
export function announcementText(pop) {
  if (pop.kind === "outbound") return text("newOutboundCall", { number: partyNumber(pop) ?? "" });
  const name = pop.queue ? "newCall" : "newDirectCall";
  return text(name, { caller: shown(pop.caller?.name) ?? text("unknownCaller"), number: partyNumber(pop) ?? "", queue: pop.queue ?? "" });
}

// MARK: time

/** By which clock durations run: the service's, as far as it is known. */
export function setClock(now) { clock = now; }

/** The month is a word: 7/12 is another day in another country. */
export const dateAndTime = (date) => new Date(date).toLocaleString(locale(), { dateStyle: "medium", timeStyle: "medium" });

/** With its date where that is another than today's: a page may be open for days. */
export function timeOfDay(date) {
  const time = new Date(date);
  return time.toDateString() === new Date().toDateString() ? time.toLocaleTimeString(locale()) : dateAndTime(time);
}

/** Why an agent who is Available and Waiting is not ready: FreeSWITCH offers nothing for a while after an offer that failed. */
export function heldBack({ normalized, status, state, readyTime }) {
  const isHeld = normalized === "notReady" && status.startsWith("Available") && state === "Waiting" && readyTime;
  return isHeld ? text("noCallsBefore", { time: timeOfDay(readyTime) }) : null;
}

/** 4:05, or 1:02:03 */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Runs on by itself: since a time, or until one. */
export function running(since, className = "clock", until = false) {
  const made = element("span", className);
  made.dataset[until ? "until" : "since"] = since;
  // Read out once by whoever comes to it, not every second.
  made.setAttribute("role", "timer");
  made.setAttribute("aria-live", "off");
  tick(made);
  return made;
}

function tick(made) {
  const { since, until } = made.dataset;
  const seconds = since ? (clock() - Date.parse(since)) / 1000 : (Date.parse(until) - clock()) / 1000;
  say(made, Number.isNaN(seconds) ? "" : duration(until ? Math.ceil(seconds) : seconds));
  made.classList.toggle("long", made.textContent.length > 5);
}

setInterval(() => {
  for (const made of document.querySelectorAll("[data-since], [data-until]")) tick(made);
}, 1000);

// MARK: connection

/** What may be said of a connection, in a `role=status` element. */
export function showConnection(line, connection) {
  const state = connection?.state ?? "off";
  let words = text(state, { time: connection?.staleSince ? timeOfDay(connection.staleSince) : "" });
  if (state === "stale") words = `${text("connecting")} · ${words}`;
  if (state === "live" && connection.degraded) words = text("degraded", { part: connection.degradedPart ?? "" }).replace(/[:：]\s*$/, "");
  // What was true then is shown without its colours, and what says so stays in sight.
  document.body.classList.toggle("stale", state === "stale");
  say(line, words, `connection ${state}${state === "live" && connection.degraded ? " degraded" : ""}`);
}
