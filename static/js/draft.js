// Drafts survive a closed browser: <form data-draft="NAME"> keeps its fields in this browser until it is sent, and offers them again.
// <template data-draft-offer> inside the form holds the words, with buttons [data-draft-take] and [data-draft-drop].
const PREFIX = "draft:";
const SKIPPED = new Set(["csrfmiddlewaretoken", "key", "version", "seen"]);

const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !SKIPPED.has(field.name) && !["file", "password", "submit", "button"].includes(field.type));

function snapshot(form) {
  return fieldsOf(form).map((field) => [field.name, ["checkbox", "radio"].includes(field.type) ? [field.value, field.checked] : field.value]);
}

function restore(form, kept) {
  const rows = kept.find(([name]) => name.endsWith("-TOTAL_FORMS"));
  if (rows) form.dispatchEvent(new CustomEvent("formset:want", { detail: kept.filter(([name]) => name.endsWith("-TOTAL_FORMS")) }));
  const waiting = [...kept];
  for (const field of fieldsOf(form)) {
    const at = waiting.findIndex(([name, value]) => name === field.name && (!Array.isArray(value) || value[0] === field.value));
    if (at < 0 || field.name.endsWith("_FORMS")) continue;
    const [, value] = waiting.splice(at, 1)[0];
    if (Array.isArray(value)) field.checked = value[1];
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function watch(form) {
  const place = PREFIX + form.dataset.draft;
  const read = () => { try { return JSON.parse(localStorage.getItem(place)); } catch { return null; } };
  const forget = () => { try { localStorage.removeItem(place); } catch { /* nothing was kept */ } };
  let timer = null;
  const keep = () => { try { localStorage.setItem(place, JSON.stringify(snapshot(form))); } catch { /* full or closed */ } };

  const kept = read();
  const offer = form.querySelector("template[data-draft-offer]");
  if (kept && offer && JSON.stringify(kept) !== JSON.stringify(snapshot(form))) {
    offer.after(offer.content.cloneNode(true));
    form.querySelector("[data-draft-take]")?.addEventListener("click", () => { restore(form, kept); form.querySelector("[data-draft-note]")?.remove(); });
    form.querySelector("[data-draft-drop]")?.addEventListener("click", () => { forget(); form.querySelector("[data-draft-note]")?.remove(); });
  }
  for (const name of ["input", "change"]) form.addEventListener(name, () => { clearTimeout(timer); timer = setTimeout(keep, 400); });
  form.addEventListener("submit", () => { clearTimeout(timer); keep(); });
}

for (const form of document.querySelectorAll("form[data-draft]")) watch(form);
// The page that a successful sending leads to says so: <meta name="draft-done" content="NAME">.
for (const done of document.querySelectorAll("meta[name=draft-done]")) {
  try { localStorage.removeItem(PREFIX + done.content); } catch { /* nothing was kept */ }
}
