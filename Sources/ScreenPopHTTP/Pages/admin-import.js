// Many agents and tiers at once: a list is planned, its differences are looked at, and only then it is applied.

import { button, element, field, input, oneAtATime, onSubmit, table, text } from "./ui.js";

export async function importSection(desk) {
  const exported = element("p", "tools");
  exported.append(
    button(text("exportCSV"), () => download(desk, "csv")), button(text("exportJSON"), () => download(desk, "json")));
  const form = element("form", "card narrow");
  const file = input("file", { accept: ".csv,.json,text/csv,application/json" });
  const list = element("textarea");
  list.rows = 8;
  list.spellcheck = false;
  const deletes = input("checkbox");
  deletes.id = "import-delete";
  const deletesLine = element("p", "check");
  const label = element("label", "", text("importDelete"));
  label.htmlFor = deletes.id;
  deletesLine.append(deletes, label);
  const plan = element("div", "stack");
  plan.setAttribute("role", "status");
  form.append(
    element("p", "hint", text("importHint")), field("import-file", text("importFile"), file), field("import-text", text("importText"), list), deletesLine,
    element("button", "main", text("importPlan")));
  const clear = () => plan.replaceChildren();
  for (const one of [file, list, deletes]) one.addEventListener("input", clear);
  file.addEventListener("change", async () => { list.value = file.files[0] ? await file.files[0].text() : ""; });
  list.value = desk.memory.list ?? "";
  list.addEventListener("input", () => { desk.memory.list = list.value; });
  onSubmit(form, async () => {
    clear();
    const query = deletes.checked ? { delete: "true" } : {};
    await desk.run(async () => drawPlan(desk, plan, list.value, query, await send(desk, list.value, { ...query, plan: "true" })), "");
  });
  desk.content.replaceChildren(exported, form, plan);
}

/** JSON begins with a brace; everything else is CSV, of which the service says what is wrong with it. */
function send({ service }, words, query) {
  const isJSON = words.trimStart().startsWith("{");
  return service.post(["import"], isJSON ? parsed(words) : words, query);
}

function parsed(words) {
  try {
    return JSON.parse(words);
  } catch ({ message }) {
    throw new Error(text("badJSON", { message }));
  }
}

function drawPlan(desk, place, words, query, { changes, errors }) {
  const parts = [];
  if (errors.length > 0) {
    parts.push(element("p", "failed", text("importErrors")), table(
      [text("at"), text("result")],
      errors.map((error) => [error.line ? text("importLine", { n: error.line }) : error.entry ?? "—", `${error.message} (${error.code})`]), text("importErrors")));
  } else if (changes.length === 0) {
    parts.push(element("p", "", text("importNothing")));
  }
  if (changes.length > 0) {
    parts.push(table(
      [text("importDo"), text("importWhat"), text("importFields")],
      changes.map((change) => [
        element("span", `change ${change.action}`, text(`importAction.${change.action}`)),
        [text(`importKind.${change.kind}`), change.agent, change.queue].filter(Boolean).join(" · "), differences(change.fields ?? {}),
      ]), text("importPlan")));
    if (errors.length === 0) {
      parts.push(button(text("importApply", { n: changes.length }), oneAtATime(async () => {
        place.replaceChildren();
        let applied = 0;
        if (await desk.run(async () => { ({ applied } = await send(desk, words, query)); }, "")) {
          place.replaceChildren(element("p", "", text("importDone", { n: applied })));
        }
        desk.content.querySelector("textarea").focus();
      }), "main"));
    }
  }
  const card = element("div", "card stack");
  card.append(...parts);
  place.replaceChildren(card);
}

function differences(fields) {
  const list = element("ul", "differences");
  const shown = (value) => (value === null || value === undefined ? "—" : typeof value === "object" ? JSON.stringify(value) : String(value));
  for (const [name, { from, to }] of Object.entries(fields)) {
    const line = element("li");
    const known = text(`settingNames.${name}`);
    line.append(`${known === name ? name : known}: `, element("del", "", shown(from)), " → ", element("ins", "", shown(to)));
    list.append(line);
  }
  return list;
}

function download({ service, run }, format) {
  return run(async () => {
    const content = await service.get(["export"], { format });
    const words = typeof content === "string" ? content : JSON.stringify(content, null, 2);
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([words], { type: format === "csv" ? "text/csv" : "application/json" }));
    link.download = `screenpop.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
