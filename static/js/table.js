// Small tables sort and filter in the browser: <th aria-sort="none"><button>…</button></th>, cells may carry data-value;
// <input data-filters="ID"> hides rows without its words (diacritics and case do not count).
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
const order = new Intl.Collator("vi", { numeric: true });

document.addEventListener("click", (event) => {
  const head = event.target.closest("th[aria-sort]");
  if (!head || !event.target.closest("button")) return;
  const up = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentElement.children) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", up ? "ascending" : "descending");
  const body = head.closest("table").tBodies[0];
  const value = (row) => row.cells[head.cellIndex]?.dataset.value ?? row.cells[head.cellIndex]?.textContent.trim() ?? "";
  body.append(...[...body.rows].sort((a, b) => order.compare(value(a), value(b)) * (up ? 1 : -1)));
});

document.addEventListener("input", (event) => {
  const list = event.target.dataset.filters && document.getElementById(event.target.dataset.filters);
  if (!list) return;
  const words = plain(event.target.value).split(/\s+/).filter(Boolean);
  for (const row of list.querySelectorAll("tbody tr, [data-row]")) {
    const text = plain(row.textContent);
    row.hidden = !words.every((word) => text.includes(word) || text.replace(/[\s.·-]/g, "").includes(word));
  }
});

// Filters that apply at once: <form data-auto>.
document.addEventListener("change", (event) => {
  if (event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) event.target.form?.matches("[data-auto]") && event.target.form.requestSubmit();
});

// One box that ticks all of a name on the page: <input type="checkbox" data-tick-all="bill">.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.tickAll;
  if (name) for (const box of document.querySelectorAll(`input[type=checkbox][name="${name}"]`)) box.checked = event.target.checked;
});
