import { ScreenPop } from "/screenpop.js";
import { texts, fill } from "/texts.js";

const $ = (id) => document.getElementById(id);
let language = localStorage.getItem("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
let desk = null;
const shown = new Set();
const cards = new Map();

const text = (name, values = {}) => fill(texts[language][name] ?? name, values);
const time = (date) => date.toLocaleTimeString(language);

function translate() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  $("language").textContent = text("other");
  $("language").lang = language === "zh" ? "en" : "zh-CN";
  for (const card of cards.values()) card.remove();
  cards.clear();
  draw();
}

$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  translate();
});

// A link may carry the log-in behind its #: that part is never sent to the server. It goes out of the address bar at once.
function follow() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("token") && !given.has("agent")) return;
  history.replaceState(null, "", location.pathname);
  if (desk) leave();
  $("token").value = given.get("token") ?? "";
  $("agent").value = given.get("agent") ?? "";
  if ($("token").value && $("agent").value) $("login").requestSubmit();
}

addEventListener("hashchange", follow);

$("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = $("token").value.trim();
  const agent = $("agent").value.trim();
  $("login-error").textContent = "";
  // A browser does not tell why a WebSocket was refused: ask for the agent first.
  let answer;
  try {
    answer = await fetch(`/api/v1/agents/${encodeURIComponent(agent)}`, { headers: { Authorization: `Bearer ${token}` } });
  } catch {
    $("login-error").textContent = text("unreachable");
    return;
  }
  if (answer.status === 401 || answer.status === 403 || answer.status === 404) {
    $("login-error").textContent = text(answer.status === 404 ? "unknownAgent" : "badToken");
    return;
  }
  $("token").value = "";
  start(token, agent);
});

function start(token, agent) {
  desk = new ScreenPop({ token, agent });
  desk.addEventListener("change", draw);
  desk.addEventListener("pop", ({ detail }) => {
    // Emptied first, so that a second call of the same caller is read out as well.
    $("announcement").textContent = "";
    setTimeout(() => { $("announcement").textContent = text("newCall", { caller: callerText(detail.pop) }); }, 50);
  });
  desk.connect();
  $("login").hidden = true;
  $("desktop").hidden = false;
  $("do-ready").focus();
}

$("leave").addEventListener("click", leave);

function leave() {
  desk?.close();
  desk = null;
  shown.clear();
  for (const card of cards.values()) card.remove();
  cards.clear();
  $("desktop").hidden = true;
  $("login").hidden = false;
  $("answer").textContent = "";
  draw();
  $("token").focus();
}

async function command(type, members) {
  const line = $("answer");
  line.className = "";
  line.textContent = "…";
  try {
    const result = await desk.command(type, members);
    const actual = [result.actual.status, result.actual.state].filter(Boolean).join(", ");
    // During a call there is nothing wrong: mod_callcenter offers the next one when this one is over.
    const isInCall = type === "agent.ready" && (result.actual.state === "In a queue call" || hasLivePop());
    line.textContent = result.applied ? text("done") : isInCall ? text("readyAfterCall") : text("notApplied", { reply: result.reply ?? "—", actual });
    line.className = result.applied || isInCall ? "" : "failed";
  } catch (error) {
    line.textContent = error.message;
    line.className = "failed";
  }
}

const hasLivePop = () => [...(desk?.pops.values() ?? [])].some((pop) => pop.state !== "ended");

$("do-login").addEventListener("click", () => command("agent.login"));
$("do-ready").addEventListener("click", () => command("agent.ready"));
$("do-logout").addEventListener("click", () => command("agent.logout"));
$("do-break").addEventListener("click", () => {
  const reason = $("reason").value.trim();
  command("agent.break", reason ? { reason } : {});
});

function draw() {
  $("who").textContent = desk?.agent ?? "";
  drawConnection();
  drawState();
  drawPops();
}

function drawConnection() {
  const line = $("connection");
  const connection = desk?.connection ?? "off";
  line.className = connection === "live" || connection === "off" ? "" : "stale";
  let words = text(connection);
  if (connection === "live" && desk.degraded) words = text("degraded");
  if (desk?.staleSince) words += ` · ${text("stale", { time: time(desk.staleSince) })}`;
  if (line.textContent !== words) line.textContent = words;
}

function drawState() {
  const state = desk?.agentState;
  $("normalized").textContent = state ? text(state.normalized === "ready" ? "isReady" : state.normalized) : "—";
  $("raw").textContent = state ? [state.status, state.state, state.reason].filter(Boolean).join(" · ") : "";
  for (const button of $("buttons").querySelectorAll("button")) button.disabled = button.id !== "leave" && desk?.connection !== "live";
}

function drawPops() {
  const pops = [...(desk?.pops.values() ?? [])].sort((a, b) => rank(a) - rank(b) || b.offeredAt.localeCompare(a.offeredAt));
  $("none").hidden = pops.length > 0;
  const list = $("pops");
  for (const [id, card] of cards) {
    if (desk?.pops.has(id)) continue;
    card.remove();
    cards.delete(id);
  }
  pops.forEach((pop, index) => {
    let card = cards.get(pop.id);
    const key = `${pop.version} ${pop.state} ${pop.provisional}`;
    if (!card || card.dataset.key !== key) {
      const fresh = cardOf(pop, key);
      if (card) card.replaceWith(fresh);
      cards.set(pop.id, (card = fresh));
    }
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
    // Nobody has seen what stands in a page behind another.
    if (!shown.has(pop.id) && !document.hidden) {
      shown.add(pop.id);
      desk.ack(pop.id, "shown");
    }
  });
}

const rank = (pop) => ({ offered: 0, answered: 1, ended: 2 })[pop.state] ?? 3;
const callerText = (pop) => pop.caller?.name ?? pop.caller?.number ?? text("unknownCaller");

function cardOf(pop, key) {
  const card = element("li", `pop ${pop.state}`);
  card.dataset.key = key;
  card.dataset.pop = pop.id;
  card.append(element("h3", "", callerText(pop)));
  if (pop.caller?.name && pop.caller?.number) {
    const line = element("p", "number");
    line.append(element("span", "label", text("number")), " ", element("span", "", pop.caller.number));
    card.append(line);
  }
  const held = pop.state === "answered" && pop.heldAt;
  const reason = pop.state === "ended" && pop.endReason;
  const now = text(held ? "held" : pop.state);
  card.append(element("p", "now", reason ? `${now}: ${texts[language].endReasons[reason] ?? reason}` : now));
  if (pop.provisional && pop.state !== "ended") card.append(element("p", "provisional", text("provisional")));
  const facts = element("dl");
  const fact = (name, value) => {
    if (value !== null && value !== undefined && value !== "") facts.append(element("dt", "", name), element("dd", "", String(value)));
  };
  fact(text("queue"), pop.queue);
  fact(text("dialed"), pop.dialed);
  if (pop.waitSeconds !== null && pop.waitSeconds !== undefined) fact(text("wait"), text("seconds", { n: pop.waitSeconds }));
  for (const [name, value] of Object.entries(pop.attributes ?? {})) fact(name, value);
  card.append(facts);
  if (pop.state === "ended") {
    const button = element("button", "", text("dismiss"));
    button.type = "button";
    button.addEventListener("click", () => {
      desk.ack(pop.id, "dismissed");
      $("do-ready").focus();
    });
    card.append(button);
  }
  return card;
}

function element(name, className = "", content = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  // Text only: what callers send is never markup.
  if (content) made.textContent = content;
  return made;
}

document.addEventListener("visibilitychange", draw);
translate();
follow();
