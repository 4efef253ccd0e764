// A CRM page with ScreenPop's /embed in a frame. Run the service with --allow-origin naming this page's origin, e.g.
//
//   screenpop serve --allow-origin http://127.0.0.1:8095 ...
//   python3 -m http.server 8095 --directory docs/examples/crm
//   open http://127.0.0.1:8095/#token=...&agent=1001%40default
//
// A service elsewhere is named with &service=https://pop.example.org, and in frame-src of index.html: what that does not name is not framed.
//
// A real CRM has its server ask ScreenPop for a token of the agent who is logged in (POST /api/v1/tokens, role agent, an hour) and hands it over here.

const given = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
const service = given.get("service") ?? "http://127.0.0.1:8080";
const frame = document.getElementById("pop");

// Whoever else sends something is not heard, and nobody else is sent anything: never "*".
const origin = new URL(service).origin;

frame.addEventListener("load", () => {
  if (frame.src === "about:blank") return;
  frame.contentWindow.postMessage({ type: "screenpop.connect", token: given.get("token"), agent: given.get("agent"), language: "en" }, origin);
});

addEventListener("message", (event) => {
  if (event.origin !== origin || event.source !== frame.contentWindow) return;
  const { type } = event.data;
  if (type === "screenpop.state") document.getElementById("state").textContent = `${event.data.connection}, ${event.data.agent}`;
  if (type === "screenpop.pop" && event.data.change === "offered") {
    document.getElementById("searched").textContent = event.data.pop.caller.number ?? "an unknown number";
  }
});

frame.src = `${origin}/embed`;
