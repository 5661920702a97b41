// The first run: the browser's own time zone as the first guess, and a button that copies.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const hidden = document.querySelector("[data-own-zone]");
  if (hidden && !hidden.value) hidden.value = zone;
  const list = document.querySelector("[data-guess-zone] select[name=time_zone]");
  if (list && [...list.options].some((option) => option.value === zone)) list.value = zone;

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(text.value);
      document.dispatchEvent(new CustomEvent("toast", { detail: button.dataset.copied }));
    } catch {
      // Without leave to write the clipboard: select it, so that the keyboard can.
      text.focus();
      text.select();
    }
  });
})();
