// Light and dark, by button or by `t`; consoles and offices remember their own.
const root = document.documentElement;
const place = root.classList.contains("console") ? "theme-console" : "theme";

export function toggleTheme() {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem(place, root.dataset.theme); } catch { /* not remembered */ }
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) toggleTheme();
});
