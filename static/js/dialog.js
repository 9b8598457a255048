// Dialogs and small openings: data-dialog="ID" opens <dialog id=ID>, data-close closes the one around it, data-fills="ID" copies a value,
// data-print prints, data-frame-open enlarges a picture; menus close when the eye goes elsewhere.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) return void document.getElementById(opener.dataset.dialog)?.showModal();
  if (event.target.closest("[data-close]")) return void event.target.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) return void print();
  const frame = event.target.closest("[data-frame]");
  if (frame && (event.target.closest("[data-frame-open]") || frame.matches(".frame--zoomed"))) return void frame.classList.toggle("frame--zoomed");
  if (event.target.matches("dialog[open]")) event.target.close();
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelector(".frame--zoomed")?.classList.remove("frame--zoomed");
  for (const menu of document.querySelectorAll(".menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});

document.addEventListener("change", (event) => {
  const target = event.target.dataset.fills && document.getElementById(event.target.dataset.fills);
  if (target) { target.value = event.target.value; target.focus(); }
});
