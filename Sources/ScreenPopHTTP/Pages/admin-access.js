// Who may sign in (users), and what programs show instead (tokens).

import { $, ask, button, dateAndTime, element, errorText, field, input, onSubmit, say, select, table, text } from "./ui.js";

const ROLES = ["agent", "supervisor", "admin", "integration"];
const LIVES = [[3600, "hours", 1], [28800, "hours", 8], [86400, "days", 1], [2592000, "days", 30], [31536000, "days", 365], [0, null, 0]];

const roleOptions = () => ROLES.map((role) => [role, text(`roles.${role}`)]);
const when = (time) => (time ? dateAndTime(time) : text("never"));

export async function users(desk) {
  const { items } = await desk.service.get(["users"]);
  if (!desk.isShown) return;
  items.sort((a, b) => a.name.localeCompare(b.name));
  const tools = element("p", "tools");
  tools.append(button(text("addUser"), () => editUser(desk, null), "main"));
  const place = element("div", "card");
  place.append(items.length === 0 ? element("p", "empty", text("nothing")) : table(
    [text("name"), text("role"), text("ownAgent"), text("changed"), text("actions")],
    items.map((user) => {
      const row = element("span", "row-buttons");
      const change = button(text("edit"), () => editUser(desk, user), "small");
      change.setAttribute("aria-label", `${text("edit")}: ${user.name}`);
      row.append(change, removeButton(desk, user.name, ["users", user.name]));
      return [element("strong", "", user.name), text(`roles.${user.role}`), user.agent, when(user.changedAt), row];
    }), text("users")));
  desk.content.replaceChildren(tools, place);
}

function removeButton(desk, name, path) {
  const remove = button(text("remove"), async () => {
    const sure = await ask(text("removeSure", { name }), element("p", "", text("removeText")), [["yes", text("remove"), "danger"], ["", text("cancel")]]);
    if (sure === "yes" && await desk.run(() => desk.service.delete(path))) desk.again();
  }, "small");
  remove.setAttribute("aria-label", `${text("remove")}: ${name}`);
  return remove;
}

/** A dialog with a form; `send` throws when it was not taken, and gives what is to be done when the dialog is closed. */
function formDialog(title, fields, send) {
  const dialog = element("dialog");
  const form = element("form");
  const heading = element("h2", "", title);
  heading.id = "edit-title";
  dialog.setAttribute("aria-labelledby", heading.id);
  const answer = element("p");
  answer.setAttribute("role", "status");
  const row = element("p", "buttons");
  row.append(button(text("cancel"), () => dialog.close()), element("button", "main", text("save")));
  form.append(heading, ...fields, answer, row);
  onSubmit(form, async () => {
    say(answer, "…", "");
    try {
      const then = await send();
      dialog.close();
      await then();
    } catch (error) {
      say(answer, errorText(error), "failed");
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
}

function editUser(desk, user) {
  const name = input("text", { required: true, value: user?.name ?? "", readonly: Boolean(user), autocomplete: "off", autocapitalize: "off" });
  const password = input("password", { required: !user, minlength: 8, autocomplete: "new-password" });
  const role = select(roleOptions(), user?.role ?? "agent");
  const agent = input("text", { value: user?.agent ?? "", placeholder: "1001@default", autocapitalize: "off", spellcheck: "false" });
  formDialog(user ? text("editUser", { name: user.name }) : text("addUser"), [
    field("user-name", text("name"), name), field("user-password", text("password"), password, user ? text("passwordKeep") : text("passwordHint")),
    field("user-role", text("role"), role), field("user-agent", text("ownAgent"), agent, text("ownAgentHint")),
  ], async () => {
    const body = { role: role.value };
    if (password.value) body.password = password.value;
    if (agent.value.trim()) body.agent = agent.value.trim();
    const { warning } = await desk.service.put(["users", name.value.trim()], body);
    return async () => {
      await desk.again();
      say($("answer"), warning ? text("savedWithoutAgent", { agent: body.agent }) : text("saved"), "");
    };
  });
}

export async function tokens(desk) {
  const { items } = await desk.service.get(["tokens"]);
  if (!desk.isShown) return;
  items.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const tools = element("p", "tools");
  tools.append(button(text("addToken"), () => addToken(desk), "main"), element("span", "hint", text("tokenRevoked")));
  const place = element("div", "card");
  place.append(items.length === 0 ? element("p", "empty", text("nothing")) : table(
    [text("name"), text("role"), text("ownAgent"), text("created"), text("expires"), text("lastUsed"), text("actions")],
    items.map((token) => [
      element("strong", "", token.name), text(`roles.${token.role}`), token.agent, `${dateAndTime(token.createdAt)} · ${token.createdBy ?? ""}`, when(token.expiresAt),
      when(token.lastUsedAt), removeButton(desk, token.name, ["tokens", token.id]),
    ]), text("tokens")));
  desk.content.replaceChildren(tools, place);
}

/** Who is logged in; a session that is ended takes its open pages along. */
export async function sessions(desk) {
  let next = null;
  const rows = [];
  const place = element("div", "card");
  const older = button(text("more"), () => desk.run(read, ""), "");
  async function read() {
    const page = await desk.service.get(["sessions"], { limit: 100, ...(next ? { before: next } : {}) });
    if (!desk.isShown) return;
    next = page.next;
    rows.push(...page.items.map((session) => [
      element("strong", "", session.principal.name), session.principal.id, text(`roles.${session.principal.role}`), session.principal.agent,
      when(session.begunAt), when(session.expiresAt), session.current ? text("sessionCurrent") : endButton(desk, session),
    ]));
    place.replaceChildren(rows.length === 0 ? element("p", "empty", text("nothing")) : table(
      [text("name"), text("sessionOf"), text("role"), text("ownAgent"), text("sessionSince"), text("expires"), text("actions")], rows, text("sessions")));
    older.hidden = next === null;
  }
  await read();
  if (desk.isShown) desk.content.replaceChildren(element("p", "hint", text("sessionHint")), place, older);
}

function endButton(desk, { id, principal }) {
  const end = button(text("sessionEnd"), async () => {
    const sure = await ask(text("sessionEndSure", { name: principal.name }), element("p", "", text("sessionEndText")), [
      ["yes", text("sessionEnd"), "danger"], ["", text("cancel")],
    ]);
    if (sure === "yes" && await desk.run(() => desk.service.delete(["sessions", id]))) desk.again();
  }, "small");
  end.setAttribute("aria-label", `${text("sessionEnd")}: ${principal.name}`);
  return end;
}

function addToken(desk) {
  const name = input("text", { required: true, maxlength: 128 });
  const role = select(roleOptions(), "integration");
  const agent = input("text", { placeholder: "1001@default", autocapitalize: "off", spellcheck: "false" });
  const life = select(LIVES.map(([seconds, unit, n]) => [String(seconds), unit ? text(unit, { n }) : text("never")]), "2592000");
  formDialog(text("addToken"), [
    field("token-name", text("tokenName"), name), field("token-role", text("role"), role), field("token-agent", text("ownAgent"), agent, text("ownAgentHint")),
    field("token-life", text("expiresIn"), life),
  ], async () => {
    const body = { name: name.value.trim(), role: role.value };
    if (agent.value.trim()) body.agent = agent.value.trim();
    if (life.value !== "0") body.expiresIn = Number(life.value);
    const { token, warning } = await desk.service.post(["tokens"], body);
    return async () => {
      await desk.again();
      say($("answer"), warning ? text("savedWithoutAgent", { agent: body.agent }) : "", "");
      const shown = input("text", { value: token, readonly: true, id: "token-once", "aria-label": text("tokenOnce"), autocomplete: "off" });
      const box = element("p", "notice once");
      box.append(element("span", "", text("tokenOnce")), shown);
      $("content").prepend(box);
      shown.select();
    };
  });
}
