// A place's console: keeps the line and the truck in front as the server has them, without disturbing what a hand is doing.
// `live` (something moved at the gate) and `moved` (my click counted) ask both parts anew; a refusal (409) is shown where it was clicked, and the truck anew once its dialog closes.
const htmx = window.htmx;
const PAUSE = 300;
const LONG = 50;
const LONG_PAUSE = 1500;

const line = () => document.getElementById("line");
const truck = () => document.getElementById("truck");
const panel = () => document.querySelector("[data-panel]");

let chosen = new Set();
let known = null;
let due = 0;
let behind = false;
let toFront = false;

function refresh() {
  if (due) return;
  // A long line is drawn less often, so that a busy hour does not keep the machine busy with it.
  due = setTimeout(() => {
    due = 0;
    refreshLine();
    // A reason being written is not taken away: the truck is asked for when the dialog closes.
    if (truck()?.querySelector("dialog[open]")) behind = true;
    else if (panel()) htmx.ajax("GET", panel().dataset.url, { source: truck(), target: "#truck", swap: "innerHTML" });
  }, document.querySelectorAll("#line .line__row").length > LONG ? LONG_PAUSE : PAUSE);
}

function toNext() {
  const place = document.querySelector("[data-place]")?.dataset.place;
  if (!place) return refresh();
  if (location.pathname === place) return refresh();
  toFront = true;
  htmx.ajax("GET", place, { target: "#content", select: "#content", swap: "outerHTML", push: place });
}

function arrived() {
  const rows = [...document.querySelectorAll("#line .line__row")];
  const now = new Set(rows.map((row) => row.id));
  if (known) for (const row of rows) if (!known.has(row.id)) row.classList.add("row--arrived");
  known = now;
}

function picked() {
  const boxes = [...document.querySelectorAll("[data-pick]")];
  for (const box of boxes) if (chosen.has(box.value)) box.checked = true;
  const count = boxes.filter((box) => box.checked).length;
  const bar = document.querySelector("[data-many]");
  if (!bar) return;
  bar.hidden = count === 0;
  bar.querySelector("[data-many-count]").textContent = count;
}

document.body.addEventListener("live", refresh);
document.body.addEventListener("moved", (event) => {
  chosen = new Set();
  for (const dialog of truck()?.querySelectorAll("dialog[open]") ?? []) dialog.close();
  if (event.detail.gone) toNext();
  else refresh();
});

// An answer asked for before the dialog opened would take the dialog away.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const asked = event.detail.target.id === "truck" && event.detail.requestConfig.verb === "get";
  if (!asked || !truck()?.querySelector("dialog[open]")) return;
  event.detail.shouldSwap = false;
  behind = true;
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  const id = event.detail.target.id;
  if (id === "line" || id === "content") { arrived(); picked(); }
  if (id === "content" && toFront) document.dispatchEvent(new Event("front"));
  if (id === "content") toFront = false;
  if (event.detail.xhr?.status === 409) {
    if (event.detail.target.closest("dialog")) behind = true;
    else truck()?.querySelector(".split__scroll")?.scrollTo(0, 0);
    refreshLine();
  }
});

function refreshLine() {
  if (line()) htmx.ajax("GET", line().dataset.url, { source: line(), target: "#line", swap: "innerHTML" });
}

// The line stays where it was scrolled to when another truck comes to the front.
let scrolled = 0;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "content") scrolled = document.querySelector(".split__list")?.scrollTop ?? 0;
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  const list = document.querySelector(".split__list");
  if (!list || !scrolled) return;
  list.scrollTop = scrolled;
  scrolled = 0;
  document.querySelector("#line [aria-current=true]")?.focus({ preventScroll: true });
});

document.addEventListener("close", (event) => {
  if (!behind || !event.target.closest?.("#truck")) return;
  behind = false;
  refresh();
}, true);

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-pick]")) return;
  if (event.target.checked) chosen.add(event.target.value);
  else chosen.delete(event.target.value);
  picked();
});
document.addEventListener("reset", (event) => {
  if (event.target.id !== "picked") return;
  chosen = new Set();
  setTimeout(picked);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-outcomes-close]")) document.getElementById("outcomes").replaceChildren();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.matches("[data-search]")) return;
  event.target.value = "";
  document.getElementById("found").replaceChildren();
});

arrived();
picked();
