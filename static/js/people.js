// Small helps of the pages about people: the zone of this browser, and copying what is shown once.
const zone = document.querySelector("select[data-guess-zone]");
if (zone && !document.querySelector(".errorlist")) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === guess)) zone.value = guess;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const from = document.getElementById(button.dataset.copy);
  const text = from.value ?? from.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.dispatchEvent(new CustomEvent("toast", { bubbles: true, detail: button.dataset.copied }));
  } catch {
    // Not over HTTPS, or not allowed: at least it is selected.
    getSelection().selectAllChildren(from);
  }
});
