// Where a row of tabs is longer than the screen, the current one is in sight.
const show = () => {
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
};

show();
document.addEventListener("htmx:afterSettle", show);
