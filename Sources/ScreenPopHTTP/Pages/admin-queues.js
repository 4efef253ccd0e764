// Queues: what they count, how they are set, who works in them; loading and unloading.

import { ask, button, element, field, input, table, text } from "./ui.js";

export async function queues(desk) {
  const { items } = await desk.service.get(["queues"]);
  if (!desk.isShown) return;
  items.sort((a, b) => a.name.localeCompare(b.name));
  const list = element("div", "stack");
  for (const queue of items) list.append(card(desk, queue));
  if (items.length === 0) list.append(element("p", "empty", text("nothing")));
  desk.content.replaceChildren(list, loadForm(desk));
}

function card(desk, queue) {
  const made = element("article", "card");
  const head = element("div", "head");
  const buttons = element("span", "row-buttons");
  const control = (name) => desk.run(() => desk.service.post(["queues", queue.name, name])).then((isDone) => isDone && desk.again());
  buttons.append(
    button(text("reload"), () => control("reload"), "small"),
    button(text("unload"), async () => {
      const sure = await ask(
        text("unloadSure", { name: queue.name }), element("p", "", text("unloadText")), [["yes", text("unload"), "danger"], ["", text("cancel")]]);
      if (sure === "yes") control("unload");
    }, "small"));
  head.append(element("h3", "", queue.name), buttons);
  const facts = element("dl", "facts");
  for (const name of ["strategy", "node", "waiting", "loggedIn", "answered", "abandoned"]) {
    const value = name === "loggedIn" ? queue.agentsLoggedIn : queue[name];
    const pair = element("div");
    pair.append(element("dt", "", text(name)), element("dd", "", value ?? "—"));
    facts.append(pair);
  }
  made.append(head, facts, tiers(desk, queue));
  if (queue.parameters) made.append(parameters(queue.parameters));
  return made;
}

function parameters(values) {
  const details = element("details");
  details.append(element("summary", "", text("parameters")), table(
    [text("name"), text("details")],
    Object.entries(values).map(([name, value]) => [name, typeof value === "boolean" ? text(value ? "yes" : "no") : value === null ? null : String(value)]),
    text("parameters")));
  return details;
}

function tiers(desk, queue) {
  const details = element("details");
  const place = element("div");
  details.append(element("summary", "", text("tierList")), place);
  details.addEventListener("toggle", async () => {
    if (!details.open) return;
    try {
      const { items } = await desk.service.get(["queues", queue.name, "tiers"]);
      place.replaceChildren(items.length === 0 ? element("p", "empty", text("nothing")) : table(
        [text("agent"), text("level"), text("position"), text("status")],
        items.map((tier) => [tier.agent, String(tier.level), String(tier.position), tier.state]), text("tierList")));
    } catch (error) {
      place.replaceChildren(element("p", "failed", error.message));
    }
  });
  return details;
}

function loadForm(desk) {
  const form = element("form", "card narrow");
  const name = input("text", { required: true, placeholder: "support@default", autocapitalize: "off", spellcheck: "false" });
  form.append(field("load-queue", text("loadQueue"), name), element("button", "", text("load")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await desk.run(() => desk.service.post(["queues", name.value.trim(), "load"]))) desk.again();
  });
  return form;
}
