// Runs before the first paint: the remembered theme, else the page's own, else what the person prefers.
(() => {
  const root = document.documentElement;
  const place = root.classList.contains("console") ? "theme-console" : "theme";
  let kept = null;
  try { kept = localStorage.getItem(place); } catch { /* storage is closed: the default serves */ }
  const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.dataset.theme = kept || root.dataset.defaultTheme || preferred;
})();
