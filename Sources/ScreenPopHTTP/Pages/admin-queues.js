// Queues: what they count, how they are set, who works in them; those that ScreenPop defines; loading and unloading.

import { deleteQueue, editQueue } from "./admin-queue-definition.js";
import { ask, button, element, errorText, field, input, onSubmit, table, text } from "./ui.js";

export async function queues(desk) {
  const [loaded, defined, parameters] = await Promise.all(
    ["queues", "queue-definitions", "queue-parameters"].map((list) => desk.service.get([list]).then(({ items }) => items)));
  if (!desk.isShown) return;
  const tools = element("p", "tools");
  tools.append(button(text("addQueue"), () => desk.run(() => editQueue(desk, parameters, null), ""), "main"));
  const names = [...new Set([...loaded, ...defined].map(({ name }) => name))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const list = element("div", "stack");
  list.append(...names.map((name) => card(
    desk, parameters, name, loaded.find((queue) => queue.name === name), defined.find((definition) => definition.name === name))));
  if (names.length === 0) list.append(element("p", "empty", text("nothing")));
  desk.content.replaceChildren(tools, list, loadForm(desk));
}

/** A queue that is loaded, or that ScreenPop defines, or both. */
function card(desk, parameters, name, queue, definition) {
  const made = element("article", "card");
  const head = element("div", "head");
  const buttons = element("span", "row-buttons");
  const control = (action) => desk.run(() => desk.service.post(["queues", name, action])).then((isDone) => isDone && desk.again());
  const add = (words, action) => {
    const one = button(words, action, "small");
    one.setAttribute("aria-label", `${words}: ${name}`);
    buttons.append(one);
  };
  if (definition) {
    add(text("edit"), () => desk.run(async () => editQueue(desk, parameters, await desk.service.get(["queues", name, "definition"])), ""));
    add(text("remove"), () => deleteQueue(desk, definition));
  }
  if (queue) {
    add(text("reload"), () => control("reload"));
    add(text("unload"), async () => {
      const sure = await ask(
        text("unloadSure", { name }), element("p", "", text("unloadText")), [["yes", text("unload"), "danger"], ["", text("cancel")]]);
      if (sure === "yes") control("unload");
    });
  } else add(text("load"), () => control("load"));
  head.append(element("h3", "", name), buttons);
  made.append(head);
  if (definition) made.append(element("p", definition.takesEffect === "now" ? "hint" : "warning", effect(definition)));
  if (!queue) return made;
  const facts = element("dl", "facts");
  for (const name of ["strategy", "node", "waiting", "loggedIn", "answered", "abandoned"]) {
    const value = name === "loggedIn" ? queue.agentsLoggedIn : queue[name];
    const pair = element("div");
    pair.append(element("dt", "", text(name)), element("dd", "", value ?? "—"));
    facts.append(pair);
  }
  made.append(facts, tiers(desk, queue));
  if (queue.parameters) made.append(parametersOf(queue.parameters));
  return made;
}

function effect(definition) {
  const differs = [...new Set(definition.loaded.flatMap((one) => one.differs))].map((one) => text(`queueParameters.${one}`));
  return `${text("definedHere")} ${text(`takesEffect.${definition.takesEffect ?? "unknown"}`)}${differs.length > 0 ? ` (${differs.join(", ")})` : ""}`;
}

function parametersOf(values) {
  const details = element("details");
  details.append(element("summary", "", text("parameters")), table(
    [text("name"), text("details")],
    Object.entries(values).map(([name, value]) => [text(`queueParameters.${name}`), typeof value === "boolean" ? text(value ? "yes" : "no") : value === null ? null : String(value)]),
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
      place.replaceChildren(element("p", "failed", errorText(error)));
    }
  });
  return details;
}

function loadForm(desk) {
  const form = element("form", "card narrow");
  const name = input("text", { required: true, placeholder: "support@default", autocapitalize: "off", spellcheck: "false" });
  form.append(field("load-queue", text("loadQueue"), name), element("button", "", text("load")));
  onSubmit(form, async () => {
    if (await desk.run(() => desk.service.post(["queues", name.value.trim(), "load"]))) desk.again();
  });
  return form;
}
