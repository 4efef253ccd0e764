// Signing in, the same on every page: by the session's cookie, a link with a token behind its #, name and password, or the company's log-in.

import { companyLogInURL, fromCompanyLogIn, goToCompanyLogIn } from "./company-log-in.js";
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

  constructor({ needsAgent = false, roles = null, done }) {
    this.#needsAgent = needsAgent;
    this.#roles = roles;
    this.#done = done;
  }

  async start() {
    addEventListener("hashchange", () => this.#followLink());
    if (this.#followLink()) return;
    const service = new Service();
    try {
      if (await service.who()) {
        await this.#enter(service);
        return;
      }
    } catch (error) {
      this.show(errorText(error));
      return;
    }
    this.show();
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
      else if (!this.#isDone) this.show(text("companyRefused"));
      return true;
    }
    this.#byToken(given.get("token"), given.get("agent"));
    return true;
  }

  /** The form; also when the session is over. */
  show(words = "") {
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
      this.show(error.code === "unauthorized" ? text("companyRefused") : errorText(error));
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
      this.show(errorText(error));
    }
  }

  async #enter(service, agent = null) {
    const { role, agent: own } = service.principal;
    if (this.#roles && !this.#roles.includes(role)) {
      this.show(text("notAllowedHere", { role: text(`roles.${role}`) }));
      return;
    }
    setClock(() => service.now());
    const whose = agent ?? own;
    if (!this.#needsAgent || whose) {
      if (whose) await service.get(["agents", whose]);
      this.#finish(service, whose);
      return;
    }
    this.#chooseAgent(service);
  }

  #chooseAgent(service) {
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
    this.#draw(
      [element("h2", "", text("whichAgent")), field("agent", text("agent"), agent), known, element("button", "main", text("open")), trouble],
      async () => {
        await service.get(["agents", agent.value.trim()]);
        this.#finish(service, agent.value.trim());
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
