// What somebody folded or unfolded stays so when a live page brings fresh content: every <details id=…>.
let kept = new Map();

document.addEventListener("htmx:beforeSwap", () => {
  kept = new Map([...document.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open]));
});
document.addEventListener("htmx:afterSettle", () => {
  for (const [id, open] of kept) {
    const fold = document.getElementById(id);
    if (fold) fold.open = open;
  }
});
