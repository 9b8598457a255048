// Rows of a formset. <div data-formset="PREFIX"> holds the rows ([data-formset-row]), a <template data-formset-empty> with __prefix__,
// and buttons [data-formset-add], [data-formset-copy], [data-formset-remove]. A removed row that the server knows is marked DELETE and hidden.
function total(box) {
  return document.querySelector(`[name="${box.dataset.formset}-TOTAL_FORMS"]`);
}

const shown = (box) => [...box.querySelectorAll("[data-formset-row]")].filter((row) => !row.hidden);

function number(box) {
  shown(box).forEach((row, index) => {
    for (const place of row.querySelectorAll("[data-formset-number]")) place.textContent = index + 1;
  });
  for (const button of box.querySelectorAll("[data-formset-remove]")) button.disabled = shown(box).length <= Number(box.dataset.least ?? 0);
}

function add(box, from = null) {
  const count = total(box);
  if (box.dataset.most && shown(box).length >= Number(box.dataset.most)) return null;
  const index = Number(count.value);
  const holder = document.createElement("div");
  holder.innerHTML = box.querySelector("template[data-formset-empty]").innerHTML.replaceAll("__prefix__", index);
  const row = holder.firstElementChild;
  const rows = box.querySelectorAll("[data-formset-row]");
  const after = from ?? rows[rows.length - 1];
  after ? after.after(row) : (box.querySelector("[data-formset-rows]") ?? box).append(row);
  count.value = index + 1;
  if (from) copy(from, row);
  number(box);
  window.htmx?.process(row);
  row.dispatchEvent(new Event("change", { bubbles: true }));
  return row;
}

const last = (name) => name.replace(/^.*-(\w+)$/, "$1");

function copy(from, to) {
  const skipped = new Set(["id", "DELETE", ...(from.dataset.copySkips ?? "").split(" ")]);
  for (const field of from.querySelectorAll("[name]")) {
    const name = last(field.name);
    if (skipped.has(name) || field.type === "file") continue;
    const twin = [...to.querySelectorAll("[name]")].find((other) => last(other.name) === name && (!["radio", "checkbox"].includes(other.type) || other.value === field.value));
    if (!twin) continue;
    if (["radio", "checkbox"].includes(field.type)) twin.checked = field.checked;
    else twin.value = field.value;
  }
}

// The server asks after each of the rows that it sent: one that is simply missing would be read as empty, and refused.
function markOf(box, row) {
  const [, index] = row.querySelector("[name]").name.match(/-(\d+)-/);
  const sent = document.querySelector(`[name="${box.dataset.formset}-INITIAL_FORMS"]`).value;
  if (Number(index) >= Number(sent)) return null;
  const mark = Object.assign(document.createElement("input"), { type: "hidden", name: `${box.dataset.formset}-${index}-DELETE` });
  row.append(mark);
  return mark;
}

function remove(box, row) {
  const mark = row.querySelector("[name$='-DELETE']") ?? markOf(box, row);
  if (mark) {
    mark.checked = true;
    if (mark.type === "hidden") mark.value = "on";
    row.hidden = true;
  } else row.remove();
  number(box);
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-formset]");
  if (!box) return;
  const row = event.target.closest("[data-formset-row]");
  let fresh = null;
  if (event.target.closest("[data-formset-add]")) fresh = add(box);
  else if (event.target.closest("[data-formset-copy]")) fresh = add(box, row);
  else if (event.target.closest("[data-formset-remove]")) remove(box, row);
  fresh?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});

document.addEventListener("formset:want", (event) => {
  for (const [name, wanted] of event.detail) {
    const box = document.querySelector(`[data-formset="${name.replace("-TOTAL_FORMS", "")}"]`);
    while (box && Number(total(box).value) < Number(wanted) && add(box));
  }
}, true);

for (const box of document.querySelectorAll("[data-formset]")) number(box);
