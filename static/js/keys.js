// The keyboard of a page. An element with data-key="c" is pressed by that key (data-key-word says what it does, else its own text);
// rows carry data-row. Keys never fire while someone types, with a modifier held, or behind an open dialog.
import { toggleTheme } from "./theme.js";
import { toggleSound } from "./sound.js";

const overlay = document.getElementById("keys");
const PAUSE = 800;
let quietUntil = 0;

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
const typing = (target) => target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");

function chosenRow() {
  return document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row][aria-current=true], [data-row][aria-selected=true]");
}

function focusOf(row) {
  return row.matches("a, button, [tabindex]") ? row : row.querySelector("a, button, [tabindex]") ?? row;
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(chosenRow());
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  const target = focusOf(next);
  if (target === next && !next.matches("a, button, [tabindex]")) next.tabIndex = -1;
  target.focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(element) {
  if (element.disabled || element.getAttribute("aria-disabled") === "true") return;
  if (element.matches("input, textarea, select")) { element.focus(); element.select?.(); }
  else element.click();
}

function keyed(key) {
  return [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key && element.offsetParent !== null);
}

function wordOf(element) {
  const given = element.dataset.keyWord || element.getAttribute("aria-label") || element.placeholder;
  return given || [...element.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join(" ");
}

function showKeys() {
  if (!overlay || overlay.open) return overlay?.close();
  const words = Object.fromEntries([...overlay.querySelectorAll("[data-word]")].map((word) => [word.dataset.word, word.textContent]));
  const list = rows().length ? [["j k ↓ ↑", words.rows], ["Enter", words.open]] : [];
  for (const element of document.querySelectorAll("[data-key]")) {
    if (element.offsetParent === null) continue;
    list.push([element.dataset.key, wordOf(element)]);
  }
  if (document.querySelector("[data-live]")) list.push(["m", words.sound]);
  list.push(["t", words.theme], ["?", words.keys], ["Esc", words.close]);
  const lines = list.flatMap(([keys, word]) => {
    const term = document.createElement("dt");
    for (const key of keys.split(" ")) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    return [term, Object.assign(document.createElement("dd"), { textContent: word.replace(/\s+/g, " ").trim() })];
  });
  overlay.querySelector("dl").replaceChildren(...lines);
  overlay.showModal();
}

const BUILT_IN = {
  j: () => step(1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  ArrowUp: () => step(-1),
  t: toggleTheme,
  m: toggleSound,
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  // A held key, or one meant for the truck before, does nothing to the truck that has just come to the front.
  if (keyed(event.key) && (event.repeat || performance.now() < quietUntil)) return;
  if (event.key === "Enter" && event.target.matches("[data-row]") && !event.target.matches("a, button")) {
    focusOf(event.target).click();
    event.target.querySelector("a")?.click();
    return;
  }
  const element = keyed(event.key);
  const arrows = event.key.startsWith("Arrow") && !rows().length;
  const action = element ? () => press(element) : arrows ? null : BUILT_IN[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("front", () => { quietUntil = performance.now() + PAUSE; });

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-show]")) showKeys();
});
