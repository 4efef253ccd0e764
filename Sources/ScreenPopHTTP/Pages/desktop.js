// The agent's desktop: signs in, connects, and lets each part of the page draw what is known.

import { AlertPanel } from "./desktop-alerts.js";
import { dialTarget } from "./desktop-call.js";
import { CRMOpener } from "./desktop-crm.js";
import { DeskNotice, deskFor } from "./desktop-desk.js";
import { PopList } from "./desktop-pops.js";
import { QueuePanel, StatePanel } from "./desktop-state.js";
import { Tabs } from "./desktop-tabs.js";
import { ScreenPop } from "./screenpop.js";
import { SignIn, showPrincipal } from "./sign-in.js";
import { desktopTexts } from "./texts-desktop.js";
import { $, addTexts, announcementText, ask, element, errorText, notAppliedText, onLanguage, oneAtATime, say, showConnection, text, translate } from "./ui.js";

addTexts(desktopTexts);

let service = null;
let desk = null;
let tabs = null;
/** Pops that were announced here: who becomes the one that pops announces what still rings. */
const told = new Set();
let wasQuiet = false;
/** After these what is known of the transfers may be what was. */
const TRANSFERS_AFTER = new Set(["hello", "system.recovered", "system.resync"]);
/** Which reading of them is the newest. */
let reading = 0;
const alerts = new AlertPanel(draw, (isHere) => deskNotice.silenced(alerts.isSilent, isHere));
const crm = new CRMOpener(() => !isQuiet() && !alerts.isSilent);
const state = new StatePanel();
const queues = new QueuePanel();
const pops = new PopList({
  shown: (pop) => desk.ack(pop.id, "shown"),
  dismiss: (pop) => {
    desk.ack(pop.id, "dismissed");
    alerts.ended(pop);
  },
});
const deskNotice = new DeskNotice((words) => state.failed(words));
const signIn = new SignIn({ needsAgent: true, done: start });

function start(begun) {
  leave();
  ({ service } = begun);
  alerts.start(begun.agent);
  desk = new ScreenPop({ token: service.token, agent: begun.agent, desk: deskFor(service.principal, begun.agent, alerts.isSilent) });
  service.addEventListener("refused", () => signOut(text("codes.unauthorized")));
  tabs = new Tabs(begun.agent, draw);
  deskNotice.start(desk, tabs, service.principal);
  crm.start(begun.agent);
  state.start(desk, service);
  queues.start(desk, service);
  pops.start(desk, service);
  desk.addEventListener("change", draw);
  desk.addEventListener("message", ({ detail }) => {
    crm.hear(detail, desk.isBehind);
    // Whoever takes over, or starts again, does not tell of each transfer that it knows nothing of.
    if (TRANSFERS_AFTER.has(detail.type)) readTransfers();
  });
  desk.addEventListener("pop", ({ detail }) => arrived(detail.pop));
  desk.addEventListener("pending-failed", ({ detail }) => state.failed(text("pendingFailed", { message: errorText(detail) })));
  desk.connect();
  $("desktop").hidden = false;
  $("sign-out").hidden = false;
  showPrincipal(service, "desktop");
  draw();
}

/** Where it fails, once more after a while: the node may not be known yet that has them. */
async function readTransfers(attempts = 5) {
  const mine = desk;
  if (!mine) return;
  const read = ++reading;
  try {
    await mine.renewTransfers(async () => (await service.get(["agents", mine.agent, "transfers"])).items);
  } catch (error) {
    if (attempts > 1) setTimeout(() => { if (mine === desk && read === reading) readTransfers(attempts - 1); }, (error.retryAfter ?? 2) * 1000);
  }
}

const isQuiet = () => !tabs.isPrimary || deskNotice.isElsewhere;

function arrived(pop) {
  if (isQuiet() || alerts.isSilent || told.has(pop.id)) return;
  told.add(pop.id);
  const words = announcementText(pop);
  // Emptied first, so that a second call of the same caller is read out as well.
  $("announcement").textContent = "";
  setTimeout(() => { $("announcement").textContent = words; }, 50);
  if (isComing(pop)) alerts.announce(pop, words);
}

/** What an agent calls himself rings at the other end. */
const isComing = (pop) => pop.state === "offered" && pop.kind !== "outbound";

function draw() {
  $("who").textContent = desk?.agent ?? "";
  showConnection($("connection"), desk);
  if (!desk) return;
  if (desk.connection === "refused") {
    signOut(text("codes.unauthorized"));
    return;
  }
  const quiet = isQuiet();
  deskNotice.draw();
  $("quiet-tab").hidden = tabs.isPrimary || deskNotice.isElsewhere;
  document.body.classList.toggle("quiet", quiet || alerts.isSilent);
  const offered = [...desk.pops.values()].filter(isComing);
  if (desk.state === "live") {
    if (wasQuiet && !quiet) for (const pop of offered) arrived(pop);
    wasQuiet = quiet;
  }
  for (const id of told) if (!desk.pops.has(id)) told.delete(id);
  state.draw();
  queues.draw();
  pops.draw();
  $("do-dial").disabled = desk.connection !== "live";
  alerts.draw(quiet ? [] : offered, desk.state, (pop) => desk.isCurrent(pop));
  crm.draw([...desk.pops.values()], desk.state === "live");
}

function leave() {
  desk?.close();
  tabs?.close();
  desk = tabs = null;
  deskNotice.stop();
  told.clear();
  wasQuiet = false;
  alerts.stop();
  crm.stop();
  pops.stop();
  $("desktop").hidden = true;
  $("sign-out").hidden = true;
}

function signOut(words = "") {
  leave();
  service = null;
  $("principal").textContent = "";
  for (const link of document.querySelectorAll("nav a")) link.hidden = true;
  draw();
  signIn.show(words);
}

$("sign-out").addEventListener("click", async () => {
  const normalized = desk?.agentState?.normalized;
  if (desk?.connection === "live" && normalized && normalized !== "loggedOut") {
    const answer = await ask(text("stillOn", { state: text(`states.${normalized}`) }), element("p", "", text("stillOnText")), [
      ["both", text("logOutToo"), "main"], ["only", text("onlySignOut")], ["", text("cancel")],
    ]);
    if (answer === "") return;
    if (answer === "both") {
      const result = await desk.logOut().catch((error) => error);
      if (result instanceof Error || (!result.applied && !result.pending)) {
        state.failed(result instanceof Error ? errorText(result) : notAppliedText(result));
        return;
      }
    }
  }
  await service.logOut().catch(() => {});
  signOut();
});

const dial = oneAtATime(async () => {
  const line = $("dial-answer");
  say(line, "…", "");
  try {
    await desk.dial(dialTarget($("dial-target").value));
    $("dial-target").value = "";
    say(line, text("dialing"), "");
  } catch (error) {
    say(line, errorText(error), "failed");
  }
});
$("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  dial();
});

// The button goes with what it does.
$("claim").addEventListener("click", () => {
  tabs.claim();
  $("main").focus();
});
$("claim-desk").addEventListener("click", () => $("main").focus());

document.addEventListener("visibilitychange", draw);
onLanguage(() => {
  translate();
  document.title = "ScreenPop";
  pops.forget();
  if (service) {
    showPrincipal(service, "desktop");
    draw();
  } else signIn.redraw();
});
signIn.start();
