// What a tab keeps of a sign-in, so that a reload stays: a token that a link or the form brought, and whose desktop it is.
//
// In the tab's sessionStorage alone: it is in no address, in no other tab, and gone with the tab, the sign-out, or the service's refusal. Who signs
// in by name or by the company's log-in has a cookie that no script can read; of those no token is kept.

const KEY = "screenpop.sign-in";

/** {token, principal, agent}, each of them null where there is none. */
export function keptSignIn() {
  try {
    const { token, principal, agent } = JSON.parse(sessionStorage.getItem(KEY)) ?? {};
    return { token: words(token), principal: words(principal), agent: words(agent) };
  } catch {
    return { token: null, principal: null, agent: null };
  }
}

export function keepSignIn({ token, principal, agent }) {
  try { sessionStorage.setItem(KEY, JSON.stringify({ token, principal, agent })); } catch { /* Then a reload asks for the log-in. */ }
}

export function forgetSignIn(store = () => sessionStorage) {
  try { store().removeItem(KEY); } catch { /* Nothing is kept where nothing can be. */ }
}

const words = (value) => (typeof value === "string" && value ? value : null);
