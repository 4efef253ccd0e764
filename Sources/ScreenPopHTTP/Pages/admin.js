// The administrator's page: sections by the part of the address behind #.

import { sessions, tokens, users } from "./admin-access.js";
import { agents } from "./admin-agents.js";
import { importSection } from "./admin-import.js";
import { queues } from "./admin-queues.js";
import { audit, health, reasons } from "./admin-site.js";
import { SignIn, showPrincipal } from "./sign-in.js";
import { adminTexts } from "./texts-admin.js";
import { $, addTexts, button, element, errorText, notAppliedText, onLanguage, say, text, timeOfDay, translate } from "./ui.js";

addTexts(adminTexts);

/** Each draws itself into `content`, and is asked again for each visit. */
const SECTIONS = { agents, queues, users, tokens, sessions, reasons, import: importSection, audit, health };

let service = null;
let visit = 0;
const signIn = new SignIn({ roles: ["admin"], done: start });

function start(begun) {
  ({ service } = begun);
  service.addEventListener("refused", () => signOut(text("codes.unauthorized")));
  $("admin").hidden = false;
  $("sign-out").hidden = false;
  showPrincipal(service, "admin");
  drawSections();
  show();
}

const chosen = () => (location.hash.slice(1) in SECTIONS ? location.hash.slice(1) : "agents");

function drawSections() {
  $("sections").replaceChildren(...Object.keys(SECTIONS).map((name) => {
    const link = element("a", "", text(name));
    link.href = `#${name}`;
    return link;
  }));
}

/** What a section keeps from one drawing to the next, as long as somebody is in it. */
let memory = {};

/** `isAgain`: the section is drawn anew after something was done in it, with what was said of that, and the focus where it was. */
async function show(isAgain = false) {
  if (!service) return;
  const name = chosen();
  const mine = ++visit;
  const focused = isAgain && $("admin").contains(document.activeElement) ? nameOf(document.activeElement) : null;
  if (!isAgain) memory = {};
  for (const link of $("sections").children) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  $("section-title").textContent = text(name);
  document.title = `${text(name)} · ScreenPop`;
  const content = element("div");
  if (!isAgain) {
    say($("answer"), "", "");
    content.append(element("p", "empty", text("loading")));
    $("content").replaceChildren(content);
  }
  const desk = {
    service, content, memory, again: () => show(true),
    /** Whether the section is still the one that is looked at. */
    get isShown() { return mine === visit; },
    /** Carries something out and says how it went; gives whether it went well. */
    async run(action, words = text("done")) {
      say($("answer"), "…", "");
      try {
        const result = await action();
        const isApplied = result?.applied ?? true;
        say($("answer"), isApplied === false ? notAppliedText(result) : words,
          isApplied === false ? "failed" : "");
        return isApplied !== false;
      } catch (error) {
        say($("answer"), errorText(error), "failed");
        return false;
      }
    },
  };
  try {
    await SECTIONS[name](desk);
  } catch (error) {
    if (desk.isShown) content.replaceChildren(element("p", "failed", error.status === 404 ? text("notOffered") : errorText(error)));
  }
  if (!desk.isShown) return;
  // Nobody tells this page of changes: so it says of when its lists are.
  if (LISTS.has(name)) content.append(readAt());
  if (!content.isConnected) $("content").replaceChildren(content);
  if (isAgain && focused !== null) focus(content, focused);
}

const LISTS = new Set(["agents", "queues", "users", "tokens", "sessions", "audit"]);

function readAt() {
  const line = element("p", "read-at");
  line.append(element("span", "hint", text("healthLine", { time: timeOfDay(Date.now()) })), " ", button(text("readAgain"), () => show(true), "small"));
  return line;
}

const nameOf = (control) => control.getAttribute("aria-label") ?? control.id + control.textContent;

/** The control of that name; where it is gone, the section's title. */
function focus(content, name) {
  if (document.querySelector("dialog[open]") || (document.activeElement !== document.body && document.activeElement?.isConnected)) return;
  const same = [...content.querySelectorAll("button, input, select, summary")].find((control) => nameOf(control) === name);
  (same ?? $("section-title")).focus();
}

function signOut(words = "") {
  service = null;
  visit += 1;
  $("content").replaceChildren();
  $("admin").hidden = true;
  $("sign-out").hidden = true;
  $("principal").textContent = "";
  for (const link of document.querySelectorAll("header nav a")) link.hidden = true;
  signIn.show(words);
}

$("sign-out").addEventListener("click", async () => {
  await service.logOut().catch(() => {});
  signOut();
});

addEventListener("hashchange", () => {
  show();
  $("section-title").focus({ preventScroll: true });
  $("section-title").scrollIntoView({ block: "nearest" });
});
onLanguage(() => {
  translate();
  document.title = `${text("adminPage")} · ScreenPop`;
  if (service) {
    showPrincipal(service, "admin");
    drawSections();
    say($("answer"), "", "");
    show(true);
  } else signIn.redraw();
});
signIn.start();
