// Short words over the page: from the server's messages, from an HX-Trigger of {"toast": {"text", "tone"}}, or from other modules.
const SHAPES = { ok: "confirmed", wait: "warning", bad: "refused", now: "info" };
const box = document.getElementById("toasts");

export function toast(text, tone = "now") {
  if (!box || !text) return;
  const said = document.createElement("div");
  said.className = `toast toast--${tone}`;
  said.dataset.toast = "";
  said.append(shape(SHAPES[tone] ?? "info"), Object.assign(document.createElement("span"), { textContent: text }), closer());
  place();
  box.append(said);
  leave(said, tone);
}

// What lies outside an open dialog is dimmed and cannot be clicked: the words are said in it, and come out again when it closes.
function place() {
  const home = document.querySelector("dialog[open]") ?? document.body;
  if (box.parentElement !== home) home.append(box);
}

function shape(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${box.dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
}

function closer() {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.toastClose = "";
  button.setAttribute("aria-label", box.dataset.close);
  button.append(shape("cross"));
  return button;
}

// What went wrong stays until it is read; the rest leaves by itself.
function leave(said, tone) {
  if (tone !== "bad" && tone !== "error") setTimeout(() => said.remove(), 8000);
}

document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());
document.addEventListener("close", place, true);
document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
document.body.addEventListener("htmx:sendError", () => toast(box.dataset.failed, "bad"));
document.body.addEventListener("htmx:timeout", () => toast(box.dataset.failed, "bad"));
document.body.addEventListener("htmx:responseError", (event) => {
  const said = event.detail.xhr.getResponseHeader("HX-Trigger") ?? "";
  if (!said.includes("toast")) toast(event.detail.xhr.status === 403 ? box.dataset.forbidden : box.dataset.error, "bad");
});
for (const said of box?.querySelectorAll("[data-toast]") ?? []) leave(said, said.className.match(/toast--(\w+)/)?.[1]);
