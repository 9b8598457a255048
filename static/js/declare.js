// The declaration form: one part at a time on phones, only what the purpose asks, known vehicles by one tap, sums while typing.
const form = document.querySelector("form[data-steps]");
const named = (name) => form.elements[name];
const last = (name) => name.replace(/^.*-(\w+)$/, "$1");
const rows = (prefix) => [...form.querySelectorAll(`[data-formset="${prefix}"] [data-formset-row]`)].filter((row) => !row.hidden);
const fieldOf = (row, name) => row.querySelector(`[name$="-${name}"]`);
const textOf = (row, name) => fieldOf(row, name)?.value.trim() ?? "";
const indexOf = (row) => row.querySelector("[name]").name.match(/-(\d+)-/)?.[1];

// Parts: the purpose decides which are asked.
const parts = [...form.querySelectorAll("[data-step]")];
const asked = () => parts.filter((part) => !part.hidden);
const wrongPart = parts.find((part) => part.querySelector("[aria-invalid=true], .field__error"));
let now = wrongPart ?? (document.getElementById("faults") ? parts.at(-1) : parts[0]);

const progress = document.createElement("ol");
progress.className = "progress";
form.prepend(progress);

// Built anew only when other parts are asked: a button replaced under the finger would miss its click.
function mark(shown, at) {
  const names = shown.map((part) => part.dataset.step).join();
  if (progress.dataset.parts !== names) {
    progress.dataset.parts = names;
    progress.replaceChildren(...shown.map((part) => {
      const item = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: part.dataset.step });
      button.addEventListener("click", () => show(part));
      item.append(button);
      return item;
    }));
  }
  [...progress.children].forEach((item, index) => {
    item.classList.toggle("progress--done", index < at);
    if (index === at) item.firstChild.setAttribute("aria-current", "step");
    else item.firstChild.removeAttribute("aria-current");
  });
}

function show(part, scroll = true) {
  now = part;
  for (const one of parts) one.classList.toggle("part--now", one === part);
  const shown = asked();
  const at = shown.indexOf(part);
  mark(shown, at);
  form.querySelector("[data-step-back]").disabled = at === 0;
  form.querySelector("[data-step-on]").hidden = at === shown.length - 1;
  if (scroll) progress.scrollIntoView({ block: "start" });
  summarise();
}

form.classList.add("declare--stepped");
form.querySelector("[data-stepbar]").hidden = false;
form.querySelector("[data-step-back]").addEventListener("click", () => show(asked()[asked().indexOf(now) - 1] ?? now));
form.querySelector("[data-step-on]").addEventListener("click", () => show(asked()[asked().indexOf(now) + 1] ?? now));
// A link to a field in another part opens that part, and whatever is folded around the field.
function reveal(id) {
  const target = id && document.getElementById(id);
  const part = target?.closest("[data-step]");
  if (!part) return;
  show(part, false);
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link || link.classList.contains("skip")) return;
  event.preventDefault();
  reveal(link.hash.slice(1));
});

// What the purpose asks.
const loaded = form.dataset.loaded.split(" ");
const purpose = () => named("purpose").value;

function ask() {
  const kind = purpose();
  const empty = kind && !loaded.includes(kind);
  for (const place of form.querySelectorAll("[data-when]")) place.hidden = place.dataset.when === "empty" ? !empty : Boolean(empty);
  for (const place of form.querySelectorAll("[data-permit]")) {
    const needed = form.dataset.permitFor.split(" ").includes(kind);
    place.hidden = !needed && ![...place.querySelectorAll("input, select")].some((field) => field.value);
    place.querySelector("[data-permit-optional]").hidden = needed;
  }
  for (const row of rows("vehicles")) {
    const box = row.querySelector("[data-container]");
    box.hidden = textOf(row, "vehicle_type") === "other" && ![...box.querySelectorAll("input")].some((field) => field.value);
  }
  show(asked().includes(now) ? now : parts[0], false);
}

// Where goods come from, unless somebody wrote it.
const ORIGINS = { export: form.dataset.originExport, import: form.dataset.originImport };
function fillOrigins() {
  for (const row of rows("lines")) {
    const origin = fieldOf(row, "origin");
    if (!origin.value || Object.values(ORIGINS).includes(origin.value)) origin.value = ORIGINS[purpose()] ?? origin.value;
  }
}

// Vehicles and drivers of the register, and those declared before: one tap fills what is the same every time.
const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "[]");
const recent = read("recent-vehicles");
let drivers = read("known-drivers-data");
const code = (text) => text.replace(/[^\p{L}\p{N}]/gu, "").toUpperCase().replaceAll("Đ", "D");

function offer(row) {
  const box = row.querySelector("[data-recent]");
  if (!box) return;
  box.hidden = textOf(row, "plate") !== "";
  const taken = new Set(rows("vehicles").map((one) => code(textOf(one, "plate"))));
  box.replaceChildren(...recent.filter((vehicle) => !taken.has(vehicle.plate)).slice(0, 6).map((vehicle) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "chip chip--button";
    chip.append(Object.assign(document.createElement("b"), { className: "mono", textContent: vehicle.plate }), ` ${vehicle.driver_name ?? ""}`);
    chip.addEventListener("click", () => take(row, vehicle));
    return chip;
  }));
}

function take(row, vehicle) {
  for (const [name, value] of Object.entries(vehicle)) {
    const field = fieldOf(row, name);
    if (field) field.value = value ?? "";
  }
  fieldOf(row, "plate").dispatchEvent(new Event("change", { bubbles: true }));
}

// Who types a known plate into a fresh row, or a known driver's name, has the rest filled in.
function recognise(field) {
  const row = field.closest("[data-formset-row]");
  const name = last(field.name ?? "");
  if (name === "plate" && !textOf(row, "driver_name")) {
    const known = recent.find((vehicle) => vehicle.plate === code(field.value));
    if (known && row.dataset.taken !== known.plate) {
      row.dataset.taken = known.plate;
      take(row, known);
    }
  }
  if (name === "driver_name") {
    const here = drivers.filter((driver) => !driver.gate || String(driver.gate) === named("gate").value);
    const [known, other] = here.filter((driver) => driver.name === field.value.trim());
    const phone = fieldOf(row, "driver_phone");
    if (known && !other && (!phone.value || here.some((driver) => driver.phone === phone.value))) {
      phone.value = known.phone;
      fieldOf(row, "specialised_driver").checked = Boolean(known.gate);
    }
  }
}

// Another gate has other specialised drivers.
async function meet() {
  const place = document.getElementById("drivers");
  if (!place) return;
  const asked = new URLSearchParams({ gate: named("gate").value, expected_at: named("expected_at").value });
  const answer = await fetch(`${place.dataset.from}?${asked}`).catch(() => null);
  if (!answer?.ok) return;
  place.innerHTML = await answer.text();
  drivers = read("known-drivers-data");
  rows("vehicles").forEach(warn);
}

// What the register's papers of this vehicle and driver lack is said beside them at once.
function warn(row) {
  const place = row.querySelector("[data-papers]");
  const vehicle = recent.find((one) => one.plate === code(textOf(row, "plate")));
  const driver = drivers.find((one) => one.name === textOf(row, "driver_name") && one.phone === textOf(row, "driver_phone"));
  const lacks = [[form.dataset.papersVehicle, vehicle?.papers], [form.dataset.papersDriver, driver?.papers]].filter(([, words]) => words);
  place.hidden = !lacks.length;
  place.querySelector("span").textContent = lacks.map(([word, words]) => `${word}: ${words}`).join(" · ");
}

const called = (word, at, text) => [`${word} ${at}`, text].filter(Boolean).join(" · ");

// Each line names its vehicle and consignment where there are several.
function link(prefix, name, mark, label) {
  const listed = rows(prefix);
  for (const place of form.querySelectorAll(mark)) place.hidden = listed.length < 2;
  for (const row of rows("lines")) {
    const select = fieldOf(row, name);
    const [first] = [...select.options].filter((option) => option.value === "");
    const chosen = select.value;
    select.replaceChildren(...(first ? [first] : []), ...listed.map((one, at) => new Option(label(one, at + 1), indexOf(one))));
    select.value = chosen;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  }
}

// Numbers as they are written here: 30.000 is thirty thousand.
function number(text) {
  const bare = text.replace(/[\s₫]/g, "");
  const plain = /^\d{1,3}(\.\d{3})+(,\d+)?$/.test(bare) ? bare.replaceAll(".", "").replace(",", ".") : bare.replace(",", ".");
  return Number(plain) || 0;
}
const written = (value) => new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 2 }).format(value);

function sum() {
  const place = form.querySelector("[data-totals]");
  if (!place) return;
  const total = (name) => rows("lines").reduce((all, row) => all + number(textOf(row, name)), 0);
  const weight = total("weight"), value = total("value");
  place.hidden = !weight && !value;
  place.textContent = place.dataset.totals.replace("{weight}", written(weight)).replace("{value}", written(value));
}

function summarise() {
  const list = form.querySelector("[data-summary]");
  const words = JSON.parse(list.dataset.words);
  const when = named("expected_at").value;
  const pairs = {
    purpose: form.querySelector("[name=purpose]:checked")?.closest("label").querySelector("span").firstChild.textContent,
    arrival: when && new Date(when).toLocaleString("vi-VN", { hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", year: "numeric" }),
    vehicles: rows("vehicles").map((row) => textOf(row, "plate")).filter(Boolean).join(", "),
    goods: loaded.includes(purpose()) ? rows("lines").map((row) => textOf(row, "name")).filter(Boolean).join(", ") : "",
  };
  list.hidden = false;
  list.replaceChildren(...Object.entries(pairs).filter(([, text]) => text).flatMap(([name, text]) => [
    Object.assign(document.createElement("dt"), { textContent: words[name] }),
    Object.assign(document.createElement("dd"), { textContent: text }),
  ]));
}

function refresh() {
  ask();
  const boxes = form.querySelectorAll("[data-several]");
  for (const box of boxes) box.hidden = rows("consignments").length < 2;
  link("vehicles", "vehicle", "[data-several-vehicles]", (row, at) => called(form.dataset.vehicle, at, textOf(row, "plate")));
  link("consignments", "consignment", "[data-several-consignments]", (row, at) => called(form.dataset.consignment, at, textOf(row, "customs_number")));
  for (const row of rows("vehicles")) {
    offer(row);
    warn(row);
  }
  sum();
}

form.addEventListener("change", (event) => {
  if (event.target.closest("[data-formset=vehicles]") && event.target.name) recognise(event.target);
  if (last(event.target.name ?? "") === "purpose" || event.target.matches("[data-formset-row]")) fillOrigins();
  if (event.target.name === "gate") meet();
  refresh();
});
form.addEventListener("input", sum);
form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-to]");
  if (button) form.querySelector(`[data-formset="${button.dataset.addTo}"] [data-formset-add]`).click();
});

for (const wrong of form.querySelectorAll(".field__error")) {
  for (let fold = wrong.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}
refresh();
if (location.hash) reveal(location.hash.slice(1));
