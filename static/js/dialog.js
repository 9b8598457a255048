// Dialogs and small openings: data-dialog="ID" opens <dialog id=ID>, data-close closes the one around it, data-fills="ID" copies a value (data-next="ID": and goes on there),
// data-print prints, data-frame-open enlarges a picture; menus close when the eye goes elsewhere. data-refused is where a dialog tells why its move was refused.
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

document.addEventListener("htmx:afterSwap", (event) => { if (event.target.matches("[data-refused]")) event.target.nextElementSibling.scrollIntoView({ block: "nearest" }); });
document.addEventListener("close", (event) => event.target.querySelector?.("[data-refused]")?.replaceChildren(), true);

function fill(source) {
  const target = document.getElementById(source.dataset.fills);
  if (!target) return;
  target.value = source.value;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  (document.getElementById(source.dataset.next) ?? target).focus();
}

document.addEventListener("change", (event) => { if (event.target.dataset.fills) fill(event.target); });
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-fills]");
  if (button) fill(button);
});
