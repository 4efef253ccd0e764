// Signing in at the company's own log-in: there with a number of ours, and back with it and a token behind the # of the address.

const KEY = "screenpop.company-log-in";

/** Where the company's log-in is, or null where there is none. */
export async function companyLogInURL() {
  try {
    return (await (await fetch("/sign-in.json")).json()).companyLogIn;
  } catch {
    return null;
  }
}

/** Leaves the page. Throws where the browser keeps nothing: then nobody could tell whether what comes back was asked for. */
export function goToCompanyLogIn(address) {
  const state = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  // Of this tab alone, and gone with it.
  sessionStorage.setItem(KEY, state);
  const url = new URL(address);
  url.searchParams.set("return_to", location.origin + location.pathname);
  url.searchParams.set("state", state);
  location.assign(url);
}

/**
 * What stands behind the #: null where it is not of the company's log-in; `{token}`, or `{token: null}` where it was not asked for here.
 *
 * A JWT without the number is not taken: somebody else's page may have sent it, to sign the reader in as another.
 */
export function fromCompanyLogIn(given) {
  const token = given.get("token");
  const isJWT = token !== null && token.split(".").length === 3;
  if (!given.has("state") && !isJWT) return null;
  const asked = take();
  return { token: isJWT && asked !== null && given.get("state") === asked ? token : null };
}

/** Good once. */
function take() {
  try {
    const state = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return state;
  } catch {
    return null;
  }
}
