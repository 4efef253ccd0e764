// The buttons of a call: hang up, hold, transfer, and asking somebody before the call is handed over.

import { button, element, errorText, input, keepFocus, language, notAppliedText, oneAtATime, say, select, text } from "./ui.js";

const KINDS = ["extension", "agent", "queue", "number"];
const kindText = (kind) => text(`kind${kind[0].toUpperCase()}${kind.slice(1)}`);
export const targetText = (to) => Object.values(to ?? {})[0] ?? "";

export class CallBar {
  element = element("div", "call-bar");
  #desk;
  #pop = null;
  #key = "";
  #buttons = element("div", "buttons");
  #form = element("form", "target");
  #consult = element("p", "consult");
  #answer = element("p", "hint");
  #isConsult = false;
  #turn = 0;

  constructor(desk) {
    this.#desk = desk;
    this.#answer.setAttribute("role", "status");
    this.#form.hidden = true;
    const send = oneAtATime(() => this.#send());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });
    this.element.append(this.#buttons, this.#form, this.#consult, this.#answer);
  }

  draw(pop) {
    this.#pop = pop;
    const isOn = pop.state === "answered";
    this.element.hidden = pop.state === "ended";
    const transfer = [...this.#desk.transfers.values()].find((one) => !one.pop || one.pop === pop.id);
    const isHeld = Boolean(pop.heldAt);
    const key = `${pop.state} ${isHeld} ${transfer?.id} ${transfer?.state} ${language()}`;
    if (key !== this.#key) {
      this.#key = key;
      keepFocus(this.element, () => {
        this.#drawButtons(isOn, isHeld, transfer);
        if (!isOn || transfer) this.#form.hidden = true;
        else if (!this.#form.hidden) this.#drawForm();
      });
    }
    for (const one of this.element.querySelectorAll("button")) one.disabled = this.#desk.connection !== "live";
  }

  #drawButtons(isOn, isHeld, transfer) {
    const pop = { pop: this.#pop.id };
    const kept = document.activeElement?.dataset?.call;
    const make = (name, words, action, className = "") => {
      const made = button(words, oneAtATime(action), className);
      made.dataset.call = name;
      return made;
    };
    const buttons = [];
    if (isOn && !transfer) {
      buttons.push(
        make("hold", text(isHeld ? "resume" : "hold"), () => this.#run(() => (isHeld ? this.#desk.resume(pop) : this.#desk.hold(pop)))),
        make("transfer", text("transfer"), () => this.#open(false)), make("consult", text("consult"), () => this.#open(true)));
    }
    if (isOn) buttons.push(make("hangup", text("hangUp"), () => this.#run(() => this.#desk.hangUp(pop)), "danger"));
    this.#buttons.replaceChildren(...buttons);
    this.#buttons.querySelector(`[data-call="${kept}"]`)?.focus();
    this.#consult.replaceChildren();
    if (!transfer) return;
    this.#consult.append(
      element("span", "", text("consulting", { target: targetText(transfer.to), state: text(`transferStates.${transfer.state}`) })), " ",
      make("complete", text("complete"), () => this.#run(() => this.#desk.complete(transfer.id)), "main"), " ",
      make("back", text("back"), () => this.#run(() => this.#desk.cancel(transfer.id))));
  }

  #open(isConsult) {
    const isSame = !this.#form.hidden && this.#isConsult === isConsult;
    this.#isConsult = isConsult;
    this.#form.hidden = isSame;
    if (isSame) return;
    this.#drawForm();
    this.#form.querySelector("input").focus();
  }

  #drawForm() {
    const before = this.#form.querySelector("input")?.value ?? "";
    const kind = select(KINDS.map((one) => [one, kindText(one)]), this.#form.querySelector("select")?.value ?? KINDS[0]);
    kind.setAttribute("aria-label", text("target"));
    const target = input("text", { required: true, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": text("target"), value: before });
    const go = element("button", "main", text(this.#isConsult ? "consultNow" : "transferNow"));
    const away = button(text("cancel"), () => {
      this.#form.hidden = true;
      this.#buttons.querySelector(`[data-call="${this.#isConsult ? "consult" : "transfer"}"]`)?.focus();
    });
    this.#form.replaceChildren(kind, target, go, away);
  }

  #send() {
    const to = { [this.#form.querySelector("select").value]: this.#form.querySelector("input").value.trim() };
    const pop = { pop: this.#pop.id };
    return this.#run(() => (this.#isConsult ? this.#desk.consult(to, pop) : this.#desk.transfer(to, pop)), () => {
      keepFocus(this.element, () => { this.#form.hidden = true; });
      this.#form.querySelector("input").value = "";
    });
  }

  async #run(act, then = () => {}) {
    const mine = ++this.#turn;
    // Of several that are asked at once the last is what is spoken of.
    const answer = (words, className) => { if (mine === this.#turn) say(this.#answer, words, className); };
    answer("…", "hint");
    try {
      const result = await act();
      const isApplied = result.applied ?? true;
      answer(isApplied ? "" : notAppliedText(result), isApplied ? "hint" : "failed");
      if (isApplied) then();
    } catch (error) {
      answer(errorText(error), "failed");
    }
  }
}

/** Digits in the agent's own hand: an extension when they are few. */
export function dialTarget(words) {
  const digits = words.replace(/[\s().-]/g, "");
  if (digits.includes("@")) return { agent: digits };
  return /^\d{2,6}$/.test(digits) ? { extension: digits } : { number: digits };
}
