// Live pages. <body data-live="/events/…"> listens there; each message fires `live` (and `live:KIND`, of its "kind") on the body with the
// JSON as detail, so that hx-trigger="live from:body" refreshes what shows it. After a break, and when the page comes back to
// the eye after one, `live` fires once with {"kind": "catch-up"}: the page asks for everything anew, nothing is lost.
import { play } from "./sound.js";

const address = document.body.dataset.live;
const banner = document.getElementById("offline");
const SILENCE = 45_000;
const AFTER = 2_500;

let source = null;
let pause = 1_000;
let lost = false;
let beats = false;
let timer = null;
let after = null;

// A throttled hx-trigger drops what comes within its time: after several at once `live` fires once more, for the last of them.
function tell(detail) {
  const several = after !== null;
  clearTimeout(after);
  after = setTimeout(() => {
    after = null;
    if (several) document.body.dispatchEvent(new CustomEvent("live", { detail: {} }));
  }, AFTER);
  document.body.dispatchEvent(new CustomEvent("live", { detail }));
  if (detail.kind) document.body.dispatchEvent(new CustomEvent(`live:${detail.kind}`, { detail }));
  if (detail.sound || detail.kind === "arrival") play();
}

function heard() {
  clearTimeout(timer);
  if (beats) timer = setTimeout(broken, SILENCE);
}

function broken() {
  lost = true;
  banner.hidden = false;
  source?.close();
  clearTimeout(timer);
  timer = setTimeout(connect, pause);
  pause = Math.min(pause * 2, 15_000);
}

function connect() {
  source?.close();
  source = new EventSource(address);
  source.onopen = () => {
    pause = 1_000;
    banner.hidden = true;
    heard();
    if (lost) tell({ kind: "catch-up" });
    lost = false;
  };
  source.onmessage = (event) => {
    heard();
    try { tell(JSON.parse(event.data)); } catch { tell({ text: event.data }); }
  };
  // A server that beats is known to be alive; one that stops beating is not, though the line looks open.
  source.addEventListener("beat", () => { beats = true; heard(); });
  source.onerror = broken;
}

if (address) {
  connect();
  addEventListener("online", () => { if (lost) connect(); });
  addEventListener("offline", broken);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) { lost = true; connect(); } });
}

// Words such as "12 phút" grow old by themselves: <time data-since="ISO moment"> counts minutes without asking the server.
function age() {
  for (const element of document.querySelectorAll("[data-since]")) {
    element.textContent = Math.max(0, Math.floor((Date.now() - Date.parse(element.dataset.since)) / 60_000));
  }
}
setInterval(age, 20_000);
