// The administrator's page: sections by the part of the address behind #.

import { tokens, users } from "./admin-access.js";
import { agents } from "./admin-agents.js";
import { importSection } from "./admin-import.js";
import { queues } from "./admin-queues.js";
import { audit, health, reasons } from "./admin-site.js";
import { SignIn, showPrincipal } from "./sign-in.js";
import { adminTexts } from "./texts-admin.js";
import { $, addTexts, element, errorText, notAppliedText, onLanguage, say, text, translate } from "./ui.js";

addTexts(adminTexts);

/** Each draws itself into `content`, and is asked again for each visit. */
const SECTIONS = { agents, queues, users, tokens, reasons, import: importSection, audit, health };

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

async function show() {
  if (!service) return;
  const name = chosen();
  const mine = ++visit;
  for (const link of $("sections").children) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  $("section-title").textContent = text(name);
  document.title = `${text(name)} · ScreenPop`;
  say($("answer"), "", "");
  const content = element("div");
  content.append(element("p", "empty", text("loading")));
  $("content").replaceChildren(content);
  const desk = {
    service, content, again: show,
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
  $("section-title").scrollIntoView({ block: "nearest" });
});
onLanguage(() => {
  translate();
  document.title = `${text("adminPage")} · ScreenPop`;
  if (service) {
    showPrincipal(service, "admin");
    drawSections();
    show();
  } else signIn.redraw();
});
signIn.start();
