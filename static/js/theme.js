// Sets the theme before the first paint. The key and its form are unfold's, so that the admin follows the same choice.
(() => {
  const KEY = "adminTheme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || "auto";
    } catch {
      return "auto";
    }
  };
  const apply = () => {
    const choice = chosen();
    document.documentElement.classList.toggle("dark", choice === "dark" || (choice === "auto" && dark.matches));
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
    document.dispatchEvent(new CustomEvent("theme"));
  };
  document.documentElement.classList.add("has-script");
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  // Paper is white.
  window.addEventListener("beforeprint", () => document.documentElement.classList.remove("dark"));
  window.addEventListener("afterprint", apply);
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (button) {
      localStorage.setItem(KEY, JSON.stringify(button.dataset.themeChoice));
      apply();
    }
  });
})();
