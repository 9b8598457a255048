// Forms with data-once: one click, one request. The button goes busy until the answer; the hidden key makes a repeat harmless.
// A confirmation may be asked by data-ask="…" on the button.
function hold(form, held) {
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.disabled = held;
    button.toggleAttribute("aria-busy", held);
    if (held) button.setAttribute("aria-busy", "true");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const ask = event.submitter?.dataset.ask;
  if (ask && !confirm(ask)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  form.dataset.sent = "yes";
  // After this event, so that the pressed button's own name and value are still sent.
  setTimeout(() => hold(form, true));
}, true);

function answered(event) {
  const form = event.target.closest?.("form[data-once]");
  if (!form) return;
  delete form.dataset.sent;
  hold(form, false);
}
for (const name of ["htmx:afterRequest", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, answered);
// Back from the browser's cache: the form may be used again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-once]")) { delete form.dataset.sent; hold(form, false); }
});
