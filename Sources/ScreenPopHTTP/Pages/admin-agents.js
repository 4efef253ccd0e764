// Agents: who there is, how each is reached, how long each is left in peace, and where each stands.

import { $, ask, button, element, errorText, field, input, onSubmit, say, select, table, text } from "./ui.js";

const NUMBERS = { maxNoAnswer: 3, wrapUpTime: 10, rejectDelayTime: 10, busyDelayTime: 60, noAnswerDelayTime: 10 };
const TYPES = ["callback", "uuid-standby"];

export async function agents(desk) {
  const { items } = await desk.service.get(["agents"]);
  if (!desk.isShown) return;
  items.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  const tools = element("p", "tools");
  const search = input("search", { "aria-label": text("search"), placeholder: text("search"), value: desk.memory.search ?? "" });
  tools.append(search, button(text("addAgent"), () => edit(desk, null), "main"));
  const place = element("div", "card");
  const draw = () => {
    const wanted = search.value.trim().toLowerCase();
    const found = items.filter((agent) => `${agent.name} ${contactText(agent.contact)} ${agent.queues.map(({ queue }) => queue).join(" ")}`.toLowerCase().includes(wanted));
    place.replaceChildren(found.length === 0 ? element("p", "empty", text("nothing")) : table(
      [text("name"), text("status"), text("contact"), text("queuesOf"), text("node"), text("actions")],
      found.map((agent) => [
        element("strong", "", agent.name), element("span", `state ${agent.normalized}`, text(`states.${agent.normalized}`)), contactCell(agent.contact),
        agent.queues.map(({ queue, level, position }) => `${queue}\u00a0${level}/${position}`).join(", "), agent.node, rowButtons(desk, agent),
      ]), text("agents")));
  };
  search.addEventListener("input", () => {
    desk.memory.search = search.value;
    draw();
  });
  desk.content.replaceChildren(tools, place);
  draw();
}

function rowButtons(desk, agent) {
  const row = element("span", "row-buttons");
  const change = button(text("edit"), () => desk.run(() => edit(desk, agent), ""), "small");
  change.setAttribute("aria-label", `${text("edit")}: ${agent.name}`);
  const remove = button(text("remove"), async () => {
    const sure = await ask(text("removeSure", { name: agent.name }), element("p", "", text("removeText")), [["yes", text("remove"), "danger"], ["", text("cancel")]]);
    if (sure === "yes" && await desk.run(() => desk.service.delete(["agents", agent.name]))) desk.again();
  }, "small");
  remove.setAttribute("aria-label", `${text("remove")}: ${agent.name}`);
  row.append(change, remove);
  return row;
}

export function contactText(contact) {
  if (!contact) return "";
  const { user, sofia, loopback, dialString, callTimeout } = contact;
  const what = user ?? (sofia ? `${sofia.profile}/${sofia.address}` : loopback ? `${loopback.extension} (${loopback.context})` : dialString ?? "");
  return callTimeout ? `${what}, ${text("seconds", { n: callTimeout })}` : what;
}

function contactCell(contact) {
  const cell = element("span", "", contactText(contact) || "—");
  if (contact?.warning) cell.append(element("span", "failed warning", contact.warning));
  return cell;
}

async function edit(desk, agent) {
  const dialog = element("dialog", "wide");
  const form = element("form");
  const heading = element("h2", "", agent ? text("editAgent", { name: agent.name }) : text("addAgent"));
  heading.id = "edit-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  form.append(heading);
  const name = input("text", { required: true, placeholder: "1001@default", autocapitalize: "off", spellcheck: "false" });
  if (!agent) form.append(field("agent-name", text("agentName"), name, text("agentNameHint")));
  const contact = new ContactFields(agent?.contact ?? null);
  form.append(contact.element);
  const numbers = element("div", "grid");
  const type = select(TYPES.map((one) => [one, one]), agent?.type ?? TYPES[0]);
  numbers.append(field("set-type", text("settingNames.type"), type, text("settingHints.type")));
  const inputs = Object.entries(NUMBERS).map(([key, standard]) => {
    const value = input("number", { min: 0, max: 86400, value: agent?.[key] ?? standard, required: true });
    numbers.append(field(`set-${key}`, text(`settingNames.${key}`), value, text(`settingHints.${key}`)));
    return [key, value];
  });
  form.append(numbers);
  const answer = element("p");
  answer.setAttribute("role", "status");
  const row = element("p", "buttons");
  row.append(button(text("close"), () => dialog.close()), element("button", "main", text("save")));
  form.append(answer, row);
  dialog.append(form);
  if (agent) dialog.append(await tierPart(desk, agent));
  onSubmit(form, async () => {
    const settings = Object.fromEntries(inputs.map(([key, { value }]) => [key, Number(value)]));
    settings.type = type.value;
    const chosen = contact.value;
    if (chosen) settings.contact = chosen;
    // Only what was changed is sent: somebody else may have changed the rest.
    const body = agent ? Object.fromEntries(Object.entries(settings).filter(([key, value]) => key === "contact" || value !== agent[key])) : settings;
    say(answer, "…", "");
    try {
      if (agent && Object.keys(body).length > 0) await desk.service.patch(["agents", agent.name], body);
      else if (!agent) await desk.service.post(["agents"], { name: name.value.trim(), ...body });
      dialog.close();
      say($("answer"), text("saved"), "");
    } catch (error) {
      say(answer, errorText(error), "failed");
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    desk.again();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** A contact from its parts. Dial strings are not written here: FreeSWITCH runs what stands in them. */
class ContactFields {
  element = element("fieldset");
  #kind;
  #parts = element("div", "grid");
  #contact;

  constructor(contact) {
    this.#contact = contact;
    const kinds = [["user", text("contactUser")], ["sofia", text("contactSofia")], ["loopback", text("contactLoopback")]];
    if (contact) kinds.unshift(["", text("contactKeep")]);
    this.#kind = select(kinds, contact ? "" : "user");
    this.element.append(
      element("legend", "", text("contact")),
      field("contact-kind", text("contactKind"), this.#kind, contact ? text("contactNow", { contact: contactText(contact) }) : ""), this.#parts);
    this.#kind.addEventListener("change", () => this.#draw());
    this.#draw();
  }

  #draw() {
    const old = this.#contact ?? {};
    const make = (id, label, value, hint = "") => field(id, label, input("text", { required: true, value, autocapitalize: "off", spellcheck: "false" }), hint);
    const timeout = field(
      "contact-timeout", text("contactTimeout"), input("number", { min: 1, max: 3600, value: old.callTimeout ?? 10 }), text("contactTimeoutHint"));
    switch (this.#kind.value) {
      case "user": this.#parts.replaceChildren(make("contact-user", text("contactUser"), old.user ?? "", text("contactUserHint")), timeout); break;
      case "sofia":
        this.#parts.replaceChildren(
          make("contact-profile", text("contactProfile"), old.sofia?.profile ?? "internal", text("contactProfileHint")),
          make("contact-address", text("contactAddress"), old.sofia?.address ?? "", text("contactAddressHint")), timeout);
        break;
      case "loopback":
        this.#parts.replaceChildren(
          make("contact-extension", text("contactExtension"), old.loopback?.extension ?? ""),
          make("contact-context", text("contactContext"), old.loopback?.context ?? "default"));
        break;
      default: this.#parts.replaceChildren(); break;
    }
  }

  /** null: as it was. */
  get value() {
    const read = (id) => this.#parts.querySelector(`#${id}`)?.value.trim() ?? "";
    const callTimeout = Number(read("contact-timeout"));
    const timed = (contact) => (callTimeout > 0 ? { ...contact, callTimeout } : contact);
    switch (this.#kind.value) {
      case "user": return timed({ user: read("contact-user") });
      case "sofia": return timed({ sofia: { profile: read("contact-profile"), address: read("contact-address") } });
      case "loopback": return { loopback: { extension: read("contact-extension"), context: read("contact-context") } };
      default: return null;
    }
  }
}

async function tierPart(desk, agent) {
  const part = element("section", "tiers");
  const { items: queues } = await desk.service.get(["queues"]);
  const draw = (tiers) => {
    const answer = element("p");
    answer.setAttribute("role", "status");
    const run = async (action) => {
      say(answer, "…", "");
      try {
        await action();
        draw((await desk.service.get(["agents", agent.name])).queues);
      } catch (error) {
        say(answer, errorText(error), "failed");
      }
    };
    const number = (value, label) => input("number", { min: 1, max: 1000, value, "aria-label": label, required: true });
    const rows = tiers.map((tier) => {
      const level = number(tier.level, `${text("level")}: ${tier.queue}`);
      const position = number(tier.position, `${text("position")}: ${tier.queue}`);
      const set = button(text("setTier"), () => run(() => desk.service.put(
        ["queues", tier.queue, "tiers", agent.name], { level: Number(level.value), position: Number(position.value) })), "small");
      const remove = button(text("remove"), () => run(() => desk.service.delete(["queues", tier.queue, "tiers", agent.name])), "small");
      const buttons = element("span", "row-buttons");
      buttons.append(set, remove);
      return [tier.queue, level, position, buttons];
    });
    const others = queues.filter(({ name }) => !tiers.some(({ queue }) => queue === name)).map(({ name }) => [name, name]);
    const add = element("p", "tools");
    if (others.length > 0) {
      const queue = select(others);
      queue.setAttribute("aria-label", text("queue"));
      add.append(queue, button(text("addTier"), () => run(() => desk.service.put(["queues", queue.value, "tiers", agent.name], { level: 1, position: 1 }))));
    }
    part.replaceChildren(
      element("h3", "", text("tiersOf", { name: agent.name })), element("p", "hint", text("tierHint")),
      ...(rows.length > 0 ? [table([text("queue"), text("level"), text("position"), text("actions")], rows, text("tiersOf", { name: agent.name }))] : []),
      add, answer);
  };
  draw(agent.queues);
  return part;
}
