// One agent's pops in a frame of another site's page, which hands over the token and is told of each call.
//
// The page that frames this one sends {type: "screenpop.connect", token, agent, language}; only from origins of the service's --allow-origin is it heard.
// It is sent {type: "screenpop.ready" | "screenpop.state" | "screenpop.pop" | "screenpop.refused", ...}, to its own origin and never to another.

import { PopList } from "./desktop-pops.js";
import { ScreenPop } from "./screenpop.js";
import { desktopTexts } from "./texts-desktop.js";
import { $, addTexts, announcementText, language, onLanguage, setLanguage, showConnection, translate } from "./ui.js";

addTexts(desktopTexts);

const allowed = fetch("/embed.json").then((answer) => answer.json()).then(({ origins }) => new Set(origins));
let desk = null;
let owner = null;
const pops = new PopList({
  shown: (pop) => desk.ack(pop.id, "shown"),
  dismiss: (pop) => desk.ack(pop.id, "dismissed"),
});

addEventListener("message", async ({ data, origin, source }) => {
  if (source !== window.parent || source === window || data?.type !== "screenpop.connect") return;
  if (!(await allowed).has(origin)) return;
  if (typeof data.token !== "string" || typeof data.agent !== "string") return;
  owner = origin;
  if (data.language === "zh" || data.language === "en") setLanguage(data.language);
  start(data.token, data.agent);
});

function tell(type, members = {}) {
  if (owner) window.parent.postMessage({ type: `screenpop.${type}`, ...members }, owner);
}

function start(token, agent) {
  desk?.close();
  pops.stop();
  const mine = new ScreenPop({ token, agent });
  desk = mine;
  pops.start(mine, null);
  mine.addEventListener("change", draw);
  mine.addEventListener("message", ({ detail }) => {
    if (mine === desk && detail.type.startsWith("pop.")) tell("pop", { change: detail.type.slice("pop.".length), pop: detail.pop });
  });
  mine.addEventListener("pop", ({ detail }) => {
    $("announcement").textContent = "";
    const { pop } = detail;
    const words = announcementText(pop);
    setTimeout(() => { $("announcement").textContent = words; }, 50);
    if (detail.type === "snapshot") tell("pop", { change: "snapshot", pop });
  });
  mine.connect();
  tell("ready", { agent });
}

let told = "";

function draw() {
  if (!desk) return;
  $("who").textContent = desk.agent;
  showConnection($("connection"), desk);
  pops.draw();
  const state = JSON.stringify([desk.state, desk.agentState?.normalized, language()]);
  if (state === told) return;
  told = state;
  tell("state", { connection: desk.state, staleSince: desk.staleSince?.toISOString() ?? null, agent: desk.agentState?.normalized ?? null });
  if (desk.state === "refused") tell("refused");
}

onLanguage(() => {
  translate();
  pops.forget();
  if (desk) draw();
});
