// A queue as ScreenPop defines it: every parameter, explained where it is set.

import { $, ask, button, element, errorText, field, input, language, notAppliedText, onSubmit, say, select, text } from "./ui.js";

/** Creates a queue, or with a definition edits it. */
export async function editQueue(desk, parameters, definition) {
  const nodes = definition ? [] : (await desk.service.get(["nodes"])).items.map(({ name }) => name);
  const dialog = element("dialog", "wide");
  const form = element("form");
  const title = element("h2", "", definition ? text("editQueue", { name: definition.name }) : text("addQueue"));
  title.id = "queue-dialog-title";
  dialog.setAttribute("aria-labelledby", title.id);
  form.append(title);
  const name = input("text", { required: true, maxlength: 64, placeholder: "billing@default", autocapitalize: "off", spellcheck: "false" });
  if (!definition) form.append(field("queue-name", text("queueName"), name, text("queueNameHint")));
  const fields = parameters.map((parameter) => new ParameterField(parameter, definition?.parameters[parameter.name]));
  const grid = element("div", "grid");
  grid.append(...fields.map((one) => one.element));
  form.append(grid);
  const node = select(nodes.map((one) => [one, one]));
  if (nodes.length > 1) form.append(field("queue-node", text("node"), node));
  const isNow = checkbox("queue-now", text(definition ? "reloadNow" : "loadNow"), text(definition ? "reloadNowHint" : "loadNowHint"));
  form.append(isNow.line);
  const answer = element("p");
  answer.setAttribute("role", "status");
  let done = "";
  const row = element("p", "buttons");
  row.append(button(text("close"), () => dialog.close()), element("button", "main", text("save")));
  form.append(answer, row);
  onSubmit(form, async () => {
    // Only what was changed is sent: somebody else may have changed the rest, and what is left out of a new queue is mod_callcenter's own.
    const body = Object.fromEntries(fields.filter((one) => one.isChanged).map((one) => [one.name, one.value]));
    say(answer, "…", "");
    try {
      if (definition) {
        const path = ["queues", definition.name, "definition"];
        const state = Object.keys(body).length > 0
          ? await desk.service.patch(path, body, isNow.box.checked ? { reload: true } : {})
          : await desk.service.get(path);
        done = text(`takesEffect.${state.takesEffect ?? "unknown"}`);
      } else {
        const made = { name: name.value.trim(), ...body, load: isNow.box.checked, ...(nodes.length > 1 ? { node: node.value } : {}) };
        const result = await desk.service.post(["queues"], made);
        if (!result.applied) throw new Error(notAppliedText(result));
        done = text(isNow.box.checked ? "queueCreated" : "queueDefined", { name: made.name });
      }
      dialog.close();
    } catch (error) {
      // What the service says of a parameter names it, and what is allowed.
      say(answer, ["invalid-value", "not-applied", "wrong-state"].includes(error.code) ? error.message : errorText(error), "failed");
    }
  });
  dialog.addEventListener("close", async () => {
    dialog.remove();
    await desk.again();
    // Drawn anew, the section has nothing to say.
    if (done) say($("answer"), done, "");
  });
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
}

export async function deleteQueue(desk, definition) {
  const isLoaded = definition.loaded.length > 0;
  const sure = await ask(
    text("removeSure", { name: definition.name }), element("p", "", text(isLoaded ? "removeQueueText" : "removeText")),
    [["yes", text("remove"), "danger"], ["", text("cancel")]]);
  if (sure !== "yes") return;
  const path = ["queues", definition.name, "definition"];
  if (await desk.run(() => desk.service.delete(path, isLoaded ? { unload: true } : {}))) desk.again();
}

/** What it is called here, what it may be, and what it does. */
class ParameterField {
  name;
  element;
  #kind;
  #before;
  #control;

  constructor(parameter, value) {
    this.name = parameter.name;
    this.#kind = parameter.kind;
    this.#before = this.#text(value === undefined ? parameter.standard : value);
    switch (parameter.kind) {
      case "word": this.#control = select(parameter.values.map((word) => [word, word]), this.#before); break;
      case "flag": this.#control = select([["true", text("yes")], ["false", text("no")]], this.#before); break;
      case "seconds":
        this.#control = input("number", { min: parameter.minimum, max: parameter.maximum, step: 1, required: true, value: this.#before });
        break;
      default: this.#control = input("text", { maxlength: 512, value: this.#before, autocapitalize: "off", spellcheck: "false" }); break;
    }
    const meaning = parameter.meaning[language()] ?? parameter.meaning.en;
    const standard = parameter.standard === null ? "" : ` ${text("withoutIt", { value: parameter.kind === "flag" ? text(parameter.standard ? "yes" : "no") : parameter.standard })}`;
    this.element = field(`queue-${parameter.name}`, text(`queueParameters.${parameter.name}`), this.#control, meaning + standard);
  }

  #text(value) { return value === null || value === undefined ? "" : String(value); }

  get isChanged() { return this.#control.value !== this.#before; }

  get value() {
    const value = this.#control.value;
    switch (this.#kind) {
      case "seconds": return Number(value);
      case "flag": return value === "true";
      default: return value.trim();
    }
  }
}

function checkbox(id, words, hint) {
  const box = input("checkbox");
  box.id = id;
  box.checked = true;
  const label = element("label", "", words);
  label.htmlFor = id;
  const explained = element("span", "hint", hint);
  explained.id = `${id}-hint`;
  box.setAttribute("aria-describedby", explained.id);
  const line = element("p", "check");
  line.append(box, label, explained);
  return { box, line };
}
