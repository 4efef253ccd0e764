// The site: reasons that may be given, what was done by whom, and how nodes and Redis are.

import { button, dateAndTime, element, errorText, field, input, onSubmit, table, text, timeOfDay } from "./ui.js";

export async function reasons(desk) {
  const list = await desk.service.get(["reasons"]);
  if (!desk.isShown) return;
  // What was written and not saved stays when the section is drawn anew, as in another language.
  const items = desk.memory.reasons ??= list.items.map(({ code, labels }) => ({ code, en: labels.en ?? "", zh: labels.zh ?? "", labels }));
  const form = element("form", "card narrow");
  const rows = element("div", "stack");
  const free = input("checkbox");
  free.id = "free-text";
  free.checked = desk.memory.free ?? list.freeText;
  free.addEventListener("change", () => { desk.memory.free = free.checked; });
  const freeLine = element("p", "check");
  const label = element("label", "", text("freeText"));
  label.htmlFor = free.id;
  freeLine.append(free, label);
  const draw = () => rows.replaceChildren(...items.map((item, index) => {
    const row = element("div", "reason-row");
    for (const [key, name] of [["code", "reasonCode"], ["en", "reasonEnglish"], ["zh", "reasonChinese"]]) {
      const made = input("text", { value: item[key], required: key === "code", maxlength: 64, autocapitalize: "off" });
      made.addEventListener("input", () => { item[key] = made.value; });
      row.append(field(`reason-${index}-${key}`, text(name), made));
    }
    const remove = button(text("remove"), () => {
      items.splice(index, 1);
      draw();
      (rows.children[Math.min(index, items.length - 1)]?.querySelector("button") ?? tools.firstElementChild).focus();
    }, "small");
    remove.setAttribute("aria-label", `${text("remove")}: ${item.code}`);
    row.append(remove);
    return row;
  }));
  const tools = element("p", "buttons");
  tools.append(button(text("addReason"), () => {
    items.push({ code: "", en: "", zh: "", labels: {} });
    draw();
    rows.lastElementChild.querySelector("input").focus();
  }), element("button", "main", text("save")));
  form.append(rows, freeLine, tools);
  onSubmit(form, () => desk.run(() => desk.service.put(["reasons"], {
      items: items.map(({ code, en, zh, labels }) => ({
        // Labels of further languages stay as they are.
        code: code.trim(), labels: Object.fromEntries(Object.entries({ ...labels, en: en.trim(), zh: zh.trim() }).filter(([, words]) => words)),
      })),
      freeText: free.checked,
    }), text("saved")));
  desk.content.replaceChildren(form);
  draw();
}

export async function audit(desk) {
  let next = null;
  const rows = [];
  const place = element("div", "card");
  const older = button(text("more"), () => desk.run(read, ""), "");
  const words = (value) => (value === null || value === undefined ? null : typeof value === "object" ? Object.values(value).filter(Boolean).join(" · ") : String(value));
  async function read() {
    const page = await desk.service.get(["audit"], { limit: 100, ...(next ? { before: next } : {}) });
    if (!desk.isShown) return;
    next = page.next;
    rows.push(...page.items.map((entry) => [
      dateAndTime(entry.at), entry.name ?? words(entry.principal ?? entry.who), entry.operation ?? entry.what, words(entry.target), entry.from ?? entry.address,
      result(entry),
    ]));
    place.replaceChildren(rows.length === 0 ? element("p", "empty", text("nothing")) : table(
      [text("at"), text("by"), text("action"), text("target"), text("from"), text("result")], rows, text("audit")));
    older.hidden = next === null;
  }
  await read();
  if (desk.isShown) desk.content.replaceChildren(place, older);
}

function result({ status, code }) {
  const isRefused = Number(status) >= 400;
  // In words where there are some; what stands in the log of the service is beside them.
  const words = code ? errorText({ code, message: code }) : isRefused || !status ? "" : text("done");
  return element("span", isRefused ? "failed" : "", [status, words].filter(Boolean).join(" · ") || "—");
}

const AGAIN = 5000;

export async function health(desk) {
  async function draw() {
    const nodes = await desk.service.get(["nodes"]).then(({ items }) => items, () => null);
    // Everybody may ask this; it says 503 in the same form when something is missing.
    const state = await fetch("/readyz", { cache: "no-store" }).then((answer) => answer.json()).catch(() => { throw Object.assign(new Error(), { code: "unreachable" }); });
    if (!desk.isShown) return;
    const made = [element("p", state.ready ? "good" : "failed", text(state.ready ? "instanceReady" : "instanceNotReady"))];
    made.push(table([text("name"), text("status"), text("detail")], [
      [text("redis"), mark(state.redis.ready), state.redis.detail],
      ...(nodes ?? state.nodes).map((node) => [
        `FreeSWITCH ${node.name}`, mark(node.ready && !node.detail, text(`nodeStates.${node.status}`)), node.detail,
      ]),
    ], text("health")), element("p", "hint", text("healthLine", { time: timeOfDay(Date.now()) })));
    const card = element("div", "card stack");
    card.append(...made);
    desk.content.replaceChildren(card);
  }
  await draw();
  const timer = setInterval(() => {
    if (!desk.isShown) clearInterval(timer);
    else if (!document.hidden) {
      draw().catch((error) => {
        if (desk.isShown) desk.content.replaceChildren(element("p", "failed", errorText(error)));
      });
    }
  }, AGAIN);
}

function mark(isGood, words = text(isGood ? "ready" : "notReady")) {
  return element("span", isGood ? "good" : "failed", words);
}
