// What a supervisor does to an agent: status, log-out, listening in, ending a call.

import { $, ask, button, element, errorText, field, input, keepFocus, language, notAppliedText, oneAtATime, onSubmit, partyText, say, select, switchWord, text, timeOfDay } from "./ui.js";

const STATUSES = ["Available", "Available (On Demand)", "On Break"];
const MODES = ["listen", "whisper", "barge"];

export class Actions {
  #service;
  #watch;
  #dialog = null;
  #reasons = [];

  constructor(service, watch) {
    this.#service = service;
    this.#watch = watch;
    service.get(["reasons"]).then(({ items }) => { this.#reasons = items; }, () => {});
  }

  /** A reason's name in the language of the page. */
  reasonText(code) {
    const labels = this.#reasons.find((reason) => reason.code === code)?.labels;
    return labels?.[language()] ?? labels?.en ?? code;
  }

  open(name) {
    const agent = this.#watch.agents.get(name);
    if (!agent) return;
    const dialog = element("dialog");
    this.#dialog = dialog;
    const heading = element("h2", "", text("actionsFor", { agent: name }));
    heading.id = "actions-title";
    dialog.setAttribute("aria-labelledby", heading.id);
    const answer = element("p");
    answer.id = "actions-answer";
    answer.setAttribute("role", "status");
    const now = element("p", "hint");
    const call = element("div");
    dialog.append(heading, now, this.#statusPart(agent), call, answer, this.#closePart(dialog));
    // What it says goes on while it is open: another call may be the agent's by now, or none.
    let drawn = null;
    const draw = () => {
      const present = this.#watch.agents.get(name);
      if (!present) {
        dialog.close();
        return;
      }
      const { staleSince } = this.#watch;
      say(now, [
        text("isNow", { state: text(`states.${present.normalized}`), status: switchWord(present.status), raw: switchWord(present.state) }), staleSince ? text("stale", { time: timeOfDay(staleSince) }) : null,
      ].filter(Boolean).join(" · "));
      const pop = this.#watch.popOf(name);
      const key = `${pop?.id} ${pop?.state}`;
      if (key === drawn) return;
      drawn = key;
      keepFocus(dialog, () => call.replaceChildren(...this.#callPart(present)));
    };
    draw();
    this.#watch.addEventListener("change", draw);
    dialog.addEventListener("close", () => {
      this.#watch.removeEventListener("change", draw);
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  }

  #statusPart(agent) {
    const form = element("form");
    const status = select(STATUSES.map((one) => [one, switchWord(one)]), agent.status);
    const reason = select([
      ["", text("noReason")], ...this.#reasons.map(({ code, labels }) => [code, labels[language()] ?? labels.en ?? code]),
    ]);
    const force = input("checkbox");
    force.id = "action-force";
    const forced = element("p", "check");
    const label = element("label", "", text("force"));
    label.htmlFor = force.id;
    forced.append(force, label);
    const reasonField = field("action-reason", text("reason"), reason);
    const follow = () => { reasonField.hidden = status.value !== "On Break"; };
    status.addEventListener("change", follow);
    follow();
    const row = element("p", "buttons");
    row.append(element("button", "main", text("apply")), button(text("logOut"), oneAtATime(() => this.#run(
      this.#service.post(["agents", agent.name, "logout"], force.checked ? { force: true } : {}))), ""));
    form.append(field("action-status", text("setStatus"), status), reasonField, forced, row);
    onSubmit(form, () => {
      const body = { status: status.value };
      if (status.value === "On Break" && reason.value) body.reason = reason.value;
      if (force.checked) body.force = true;
      return this.#run(this.#service.put(["agents", agent.name, "status"], body));
    });
    return form;
  }

  #callPart(agent) {
    const pop = this.#watch.popOf(agent.name);
    if (pop?.state !== "answered") return [];
    const call = pop.callUUID;
    const row = element("p", "buttons call-actions");
    const { agent: own } = this.#service.principal;
    for (const mode of MODES) {
      const one = button(text(mode), oneAtATime(() => this.#run(this.#supervise(call, mode), text("supervising", { mode: text(mode) }))));
      one.disabled = !own || own === agent.name;
      row.append(one);
    }
    row.append(
      button(text("stopListening"), () => this.#run(this.#service.delete(["calls", call, "supervise"]))),
      button(text("endCall"), () => this.#end(agent, pop), "danger"));
    return own ? [row] : [row, element("p", "hint", text("needAgent"))];
  }

  /** The first mode rings the supervisor's phone, the next ones change what it hears. */
  async #supervise(call, mode) {
    try {
      return await this.#service.put(["calls", call, "supervise"], { mode });
    } catch (error) {
      if (error.status !== 404 && error.status !== 409) throw error;
      return this.#service.post(["calls", call, "supervise"], { mode });
    }
  }

  async #end(agent, pop) {
    const caller = partyText(pop);
    const sure = await ask(text("endCallSure"), element("p", "", text("endCallText", { agent: agent.name, caller })), [
      ["end", text("endCall"), "danger"], ["", text("cancel")],
    ]);
    if (sure === "end") this.#run(this.#service.post(["calls", pop.callUUID, "hangup"]));
  }

  #closePart(dialog) {
    const row = element("p", "buttons");
    row.append(button(text("close"), () => dialog.close()));
    return row;
  }

  async #run(answer, words = text("done")) {
    const line = this.#dialog.querySelector("#actions-answer");
    say(line, "…", "");
    try {
      const result = await answer;
      const isApplied = result?.applied ?? true;
      if (result?.pending) say(line, text("kept"), "");
      else if (isApplied) say(line, words, "");
      else say(line, notAppliedText(result), "failed");
    } catch (error) {
      say(line, errorText(error), "failed");
    }
    if (!this.#dialog.open) say($("answer"), line.textContent, line.className);
  }
}
