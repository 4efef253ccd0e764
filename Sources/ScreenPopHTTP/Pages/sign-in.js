// Signing in, the same on every page: by the session's cookie, a link with a token behind its #, name and password, or the company's log-in.

import { companyLogInURL, fromCompanyLogIn, goToCompanyLogIn } from "./company-log-in.js";
import { forgetSignIn, keepSignIn, keptSignIn } from "./kept-sign-in.js";
import { Service } from "./screenpop.js";
import { $, button, element, errorText, field, input, setClock, text } from "./ui.js";

/**
 * Gives {service, agent} as soon as somebody is signed in who may open the page.
 * `needsAgent`: the page is about one agent. `roles`: whom it is for; everybody else is told so.
 */
export class SignIn {
  #form = $("sign-in");
  #done;
  #needsAgent;
  #roles;
  #isDone = false;
  /** Draws what is asked for now, anew, as in another language. */
  #again = () => {};

  constructor({ needsAgent = false, roles = null, done }) {
    this.#needsAgent = needsAgent;
    this.#roles = roles;
    this.#done = done;
    // A page that the browser kept for the way back shows what was so when it was left: who was signed in, what was set, what there was.
    // So it begins anew, and until then nothing of it is shown or connected.
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      event.stopImmediatePropagation();
      document.body.hidden = true;
      location.reload();
    });
  }

  async start() {
    addEventListener("hashchange", () => this.#followLink());
    if (this.#followLink()) return;
    const kept = keptSignIn();
    if (kept.token) {
      this.#byToken(kept.token, kept.agent);
      return;
    }
    const service = new Service();
    try {
      if (await service.who()) {
        await this.#enter(service, kept.principal === service.principal.id ? kept.agent : null);
        return;
      }
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.show();
  }

  /** The form, drawn anew, if it is there. */
  redraw() {
    if (!this.#form.hidden) this.#again();
  }

  /** A link may carry the log-in behind its #: that part is never sent to the server. It goes out of the address bar at once. */
  #followLink() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (!given.has("token") && !given.has("state")) return false;
    history.replaceState(null, "", location.pathname);
    const company = fromCompanyLogIn(given);
    if (company) {
      // Nobody who is signed in is disturbed by what he did not ask for.
      if (company.token) this.#byCompany(company.token);
      else if (!this.#isDone) this.#ask(text("companyRefused"));
      return true;
    }
    // Whatever becomes of it: a reload must not come back as who was here before.
    forgetSignIn();
    this.#byToken(given.get("token"), given.get("agent"));
    return true;
  }

  /** The form, when the sign-in is over. */
  show(words = "") {
    forgetSignIn();
    this.#ask(words);
  }

  /** Why somebody could not come in. What is not there for him is not asked for again; the network may be back with the next reload. */
  #failed(error) {
    if ([401, 403, 404].includes(error.status)) forgetSignIn();
    this.#ask(errorText(error));
  }

  #ask(words = "") {
    this.#again = () => {
      const name = $("user").value;
      this.#ask();
      $("user").value = name;
    };
    this.#isDone = false;
    const user = input("text", { autocomplete: "username", required: true, autocapitalize: "off", spellcheck: "false" });
    const password = input("password", { autocomplete: "current-password", required: true });
    const go = element("button", "main", text("signIn"));
    const trouble = element("p", "failed", words);
    trouble.id = "sign-in-error";
    trouble.setAttribute("role", "alert");
    this.#draw(
      [element("h2", "", text("signIn")), field("user", text("user"), user), field("password", text("password"), password), go, trouble],
      async () => {
        const service = new Service();
        await service.logIn({ user: user.value.trim(), password: password.value });
        await this.#enter(service);
      });
    this.#form.append(this.#tokenForm());
    this.#offerCompany(go);
    user.focus();
  }

  /** The button for the company's log-in, once it is known that there is one. */
  async #offerCompany(go) {
    const address = await companyLogInURL();
    if (!address || !go.isConnected) return;
    const there = button(text("companyLogIn"), () => {
      try {
        goToCompanyLogIn(address);
      } catch {
        $("sign-in-error").textContent = text("companyImpossible");
      }
    });
    there.id = "company-log-in";
    go.after(there);
  }

  async #byCompany(token) {
    const service = new Service();
    try {
      // The cookie is made from it; here it is not kept.
      await service.logIn({ token });
      await this.#enter(service);
    } catch (error) {
      this.#ask(error.code === "unauthorized" ? text("companyRefused") : errorText(error));
    }
  }

  #tokenForm() {
    const details = element("details");
    const token = input("password", { autocomplete: "off" });
    const agent = input("text", { autocomplete: "off", placeholder: "1001@default", autocapitalize: "off", spellcheck: "false" });
    const go = element("button", "", text("connect"));
    go.type = "button";
    go.id = "connect";
    const connect = () => { if (token.value.trim()) this.#byToken(token.value.trim(), agent.value.trim() || null); };
    go.addEventListener("click", connect);
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      connect();
    });
    details.append(element("summary", "", text("useToken")), field("token", text("token"), token));
    if (this.#needsAgent) details.append(field("agent", text("agent"), agent));
    details.append(go);
    return details;
  }

  async #byToken(token, agent) {
    const service = new Service({ token });
    try {
      if (await service.who()) await this.#enter(service, agent);
      else this.show(text("codes.unauthorized"));
    } catch (error) {
      this.#failed(error);
    }
  }

  async #enter(service, agent = null) {
    const { role, agent: own } = service.principal;
    if (this.#roles && !this.#roles.includes(role)) {
      this.#ask(text("notAllowedHere", { role: text(`roles.${role}`) }));
      return;
    }
    setClock(() => service.now());
    const whose = agent ?? own;
    keepSignIn({ token: service.token, principal: service.principal.id, agent: whose === own ? null : whose });
    if (!this.#needsAgent) this.#finish(service, whose);
    else if (whose) {
      await service.get(["agents", whose]);
      this.#finish(service, whose);
    } else this.#chooseAgent(service);
  }

  #chooseAgent(service) {
    this.#again = () => this.#chooseAgent(service);
    const agent = input("text", { required: true, list: "agents-known", placeholder: "1001@default", autocapitalize: "off", spellcheck: "false" });
    const known = element("datalist");
    known.id = "agents-known";
    service.get(["agents"]).then(({ items }) => known.append(...items.map(({ name }) => {
      const option = element("option");
      option.value = name;
      return option;
    })), () => {});
    const trouble = element("p", "failed");
    trouble.id = "sign-in-error";
    trouble.setAttribute("role", "alert");
    const out = button(text("signOut"), async () => {
      await service.logOut().catch(() => {});
      this.show();
    }, "quiet");
    this.#draw(
      [element("h2", "", text("whichAgent")), field("agent", text("agent"), agent), known, element("button", "main", text("open")), trouble, out],
      async () => {
        const whose = agent.value.trim();
        await service.get(["agents", whose]);
        keepSignIn({ token: service.token, principal: service.principal.id, agent: whose });
        this.#finish(service, whose);
      });
    agent.focus();
  }

  #finish(service, agent) {
    this.#isDone = true;
    this.#form.hidden = true;
    this.#form.replaceChildren();
    this.#done({ service, agent });
  }

  #draw(children, submit) {
    this.#form.replaceChildren(...children);
    this.#form.hidden = false;
    this.#form.onsubmit = async (event) => {
      event.preventDefault();
      const trouble = $("sign-in-error");
      const go = this.#form.querySelector("button.main");
      trouble.textContent = "";
      go.disabled = true;
      try {
        await submit();
      } catch (error) {
        trouble.textContent = errorText(error);
      } finally {
        go.disabled = false;
        // A button that is disabled while it is asked loses the focus.
        if (go.isConnected && document.activeElement === document.body) go.focus();
      }
    };
  }
}

/** Who is signed in, and where else he may go. */
export function showPrincipal(service, page) {
  const { name, role, agent } = service.principal;
  // An agent's own desktop names him already.
  $("principal").hidden = page === "desktop" && role === "agent" && name === agent;
  $("principal").textContent = text("signedInAs", { name, role: text(`roles.${role}`) });
  $("to-desktop").hidden = page === "desktop";
  $("to-wallboard").hidden = page === "wallboard" || !["supervisor", "admin"].includes(role);
  $("to-admin").hidden = page === "admin" || role !== "admin";
}
