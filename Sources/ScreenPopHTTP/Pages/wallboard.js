// The supervisor's view: queues, agents and waiting callers as they are, readable from across a room.

import { Watch } from "./screenpop.js";
import { SignIn, showPrincipal } from "./sign-in.js";
import { wallboardTexts } from "./texts-wallboard.js";
import { $, addTexts, button, element, heldBack, language, onLanguage, partyText, running, say, showConnection, switchWord, table, text, timeOfDay, translate } from "./ui.js";
import { Actions } from "./wallboard-actions.js";
import { GOOD_WAIT, History } from "./wallboard-history.js";
import { drawPlot } from "./wallboard-plot.js";

addTexts(wallboardTexts);

const STATES = ["reserved", "talking", "hold", "wrapUp", "ready", "notReady", "loggedOut"];
/** Of so many waiting callers there is a line. */
const LISTED = 50;

let service = null;
let watch = null;
let history = null;
let actions = null;
let isPlanned = false;
const signIn = new SignIn({ roles: ["supervisor", "admin"], done: start });

function start(begun) {
  leave();
  ({ service } = begun);
  watch = new Watch({ token: service.token });
  history = new History(watch);
  actions = new Actions(service, watch);
  service.addEventListener("refused", () => signOut(text("codes.unauthorized")));
  watch.addEventListener("change", plan);
  watch.connect();
  $("wallboard").hidden = false;
  $("sign-out").hidden = false;
  showPrincipal(service, "wallboard");
  plan();
}

/** Many messages may come at once: they are drawn together. */
function plan() {
  if (isPlanned) return;
  isPlanned = true;
  setTimeout(() => {
    isPlanned = false;
    draw();
  }, 100);
}

function draw() {
  showConnection($("connection"), watch);
  if (!watch) return;
  if (watch.connection === "refused") {
    signOut(text("codes.unauthorized"));
    return;
  }
  // Before the first snapshot nothing is known, and nothing is said.
  if (watch.state !== "live" && watch.state !== "stale") return;
  const queues = [...watch.queues.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  history.see(queues);
  drawTotals(queues);
  drawQueues(queues);
  drawAgents();
  drawWaiting();
  drawPlot($("plot"), history.samples);
  say($("plot-note"), history.samples.length > 1 ? text("plotNote", { time: timeOfDay(history.samples[0].at) }) : text("plotEmpty"));
  say($("level-note"), text("levelNote", { n: GOOD_WAIT, time: timeOfDay(history.since) }));
}

const sum = (queues, name) => queues.reduce((all, queue) => all + queue[name], 0);

function drawTotals(queues) {
  const agents = [...watch.agents.values()];
  const count = (...states) => agents.filter(({ normalized }) => states.includes(normalized)).length;
  const oldest = queues.map(({ longestWaitSince }) => longestWaitSince).filter(Boolean).sort()[0] ?? null;
  figures($("totals"), [
    ["waiting", sum(queues, "waiting"), "waiting"], ["longestWait", oldest ? running(oldest) : "—", "wait"], ["ready", count("ready"), "ready"],
    ["talking", count("talking", "hold"), "talking"], ["loggedIn", agents.length - count("loggedOut"), ""],
    ["level", history.levelText(), "level"],
  ]);
}

/** Numbers with their names. What did not change stays in place, so that nothing flickers and the reading cursor keeps its place. */
function figures(list, values) {
  if (list.children.length !== values.length) list.replaceChildren(...values.map(() => element("div")));
  values.forEach(([name, value, kind], index) => {
    const pair = list.children[index];
    const since = value instanceof Node ? value.dataset.since : value;
    const key = `${language()} ${since}`;
    if (pair.dataset.key === key) return;
    pair.dataset.key = key;
    pair.className = `figure ${kind}${kind === "waiting" && value > 0 ? " some" : ""}`;
    const number = element("dd");
    number.append(value instanceof Node ? value : String(value));
    pair.replaceChildren(element("dt", "", text(name)), number);
  });
}

function drawQueues(queues) {
  const list = $("queues");
  list.classList.toggle("many", queues.length > 6);
  keep(list, queues.map((queue) => queue.name), (name) => {
    const tile = element("li", "card tile");
    const alarm = element("p", "alarm");
    tile.append(element("h3", "", name), alarm, element("dl"));
    return tile;
  });
  queues.forEach((queue, index) => {
    const tile = list.children[index];
    tile.classList.toggle("some", queue.waiting > 0);
    const isUnmanned = queue.waiting > 0 && queue.agentsLoggedIn === 0;
    tile.classList.toggle("unmanned", isUnmanned);
    tile.querySelector(".alarm").hidden = !isUnmanned;
    say(tile.querySelector(".alarm"), text("unmanned"));
    figures(tile.querySelector("dl"), [
      ["waiting", queue.waiting, "waiting"], ["longestWait", queue.longestWaitSince ? running(queue.longestWaitSince) : "—", "wait"],
      ["ready", queue.agentsReady, "ready"], ["talking", queue.agentsTalking, "talking"], ["level", history.levelText(queue.name), "level"],
      ["answered", queue.answered, ""], ["abandoned", queue.abandoned, ""],
    ]);
  });
  if (queues.length === 0) list.replaceChildren(element("li", "empty", text("noQueues")));
}

/** Children of these names in this order, made where they are missing. */
function keep(list, names, make) {
  const known = new Map([...list.children].map((child) => [child.dataset.name, child]));
  names.forEach((name, index) => {
    let child = known.get(name);
    if (!child) {
      child = make(name);
      child.dataset.name = name;
    }
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
  });
  while (list.children.length > names.length) list.lastElementChild.remove();
}

function drawAgents() {
  const agents = [...watch.agents.values()].sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const groups = STATES.filter((state) => agents.some(({ normalized }) => normalized === state));
  const place = $("agents");
  const focused = document.activeElement?.closest("#agents li")?.dataset.name;
  keep(place, groups, () => {
    const group = element("section", "group");
    group.append(element("h3"), element("ul"));
    return group;
  });
  groups.forEach((state, index) => {
    const group = place.children[index];
    const members = agents.filter(({ normalized }) => normalized === state);
    group.className = `group state ${state}`;
    group.style.setProperty("--agents", members.length);
    say(group.querySelector("h3"), `${text(`states.${state}`)} · ${members.length}`);
    const list = group.querySelector("ul");
    keep(list, members.map(({ name }) => name), () => element("li"));
    members.forEach((agent, at) => drawAgent(list.children[at], agent));
  });
  // Whose state is another now stands in another group: who has come to him by keyboard stays with him.
  if (focused && !document.activeElement?.closest("#agents li")) place.querySelector(`li[data-name="${CSS.escape(focused)}"] button`)?.focus({ preventScroll: true });
  if (agents.length === 0) place.replaceChildren(element("p", "empty", text("noAgents")));
}

function drawAgent(line, agent) {
  const pop = watch.popOf(agent.name);
  const since = [agent.stateChangedAt, agent.statusChangedAt, pop?.answeredAt ?? pop?.offeredAt].filter(Boolean).sort().at(-1) ?? null;
  const about = [];
  if (pop) about.push(text("withCaller", { caller: partyText(pop) }));
  else if (agent.normalized === "notReady" || agent.normalized === "loggedOut") {
    about.push(heldBack(agent) ?? (agent.reason ? actions.reasonText(agent.reason) : agent.normalized === "notReady" ? switchWord(agent.status) : ""));
  }
  if (agent.pending?.status) about.push(text("pendingChange", { status: switchWord(agent.pending.status) }));
  if (agent.noAnswerCount > 0) about.push(text("noAnswer", { n: agent.noAnswerCount }));
  const key = `${language()} ${since} ${about.join()}`;
  if (line.dataset.key === key) return;
  line.dataset.key = key;
  const hadFocus = line.contains(document.activeElement);
  const open = button("", () => actions.open(agent.name), "agent");
  const first = element("span", "line");
  first.append(element("strong", "", agent.name));
  if (since) first.append(running(since));
  open.append(first, element("span", "about", about.filter(Boolean).join(" · ")));
  line.replaceChildren(open);
  if (hadFocus) open.focus();
}

function drawWaiting() {
  const members = [...watch.members.values()].filter(({ state }) => state === "waiting" || state === "trying")
    .sort((a, b) => a.joinedAt.localeCompare(b.joinedAt));
  const ringing = (member) => [...watch.pops.values()].find((pop) => pop.state === "offered" && pop.callUUID === member.callUUID)?.agent ?? null;
  const rows = members.slice(0, LISTED).map((member) => [callerCell(member.caller), member.queue, running(member.joinedAt), ringing(member)]);
  const key = JSON.stringify([language(), members.map((member) => [member.uuid, ringing(member)])]);
  if ($("waiting").dataset.key === key) return;
  $("waiting").dataset.key = key;
  $("waiting").replaceChildren(
    rows.length > 0 ? table([text("caller"), text("queue"), text("wait"), text("offeredTo")], rows, text("membersWaiting"))
      : element("p", "empty", text("noMembers")));
  if (members.length > LISTED) $("waiting").append(element("p", "hint", text("moreWaiting", { n: members.length - LISTED })));
}

function callerCell(caller) {
  const cell = element("span", "", caller?.name || text("unknownCaller"));
  if (caller?.number) cell.append(" ", element("span", "number", caller.number));
  return cell;
}

function leave() {
  watch?.close();
  history?.close();
  watch = history = actions = null;
  $("wallboard").hidden = true;
  $("sign-out").hidden = true;
}

function signOut(words = "") {
  leave();
  service = null;
  $("principal").textContent = "";
  for (const link of document.querySelectorAll("header nav a")) link.hidden = true;
  draw();
  signIn.show(words);
}

addEventListener("resize", plan);

$("sign-out").addEventListener("click", async () => {
  await service.logOut().catch(() => {});
  signOut();
});

onLanguage(() => {
  translate();
  document.title = `${text("wallboardPage")} · ScreenPop`;
  if (service) {
    showPrincipal(service, "wallboard");
    draw();
  } else signIn.redraw();
});
signIn.start();
