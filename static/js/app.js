// What every page shares: menus, dialogs, toasts, forms that send themselves, and what happens when a request fails.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.removeAttribute("open");
  }
};

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details[data-menu]"));
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  event.target.closest("[data-dialog-close]")?.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (menu) {
    closeMenus();
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  event.target.closest("form[data-autosubmit]")?.requestSubmit();
});

const toast = (node) => {
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
};

const say = (sentence) => {
  const node = document.createElement("div");
  node.className = "toast";
  node.textContent = sentence;
  toast(node);
};

const sayFrom = (template) => toast(document.getElementById(template).content.firstElementChild.cloneNode(true));

document.addEventListener("toast", (event) => say(event.detail.value ?? event.detail));
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    // A poll that fails is tried again by itself; saying so each time would only be noise.
    if (event.detail.requestConfig.verb === "get") return;
    sayFrom(event.detail.xhr.status === 403 ? "toast-refused" : "toast-error");
  });
}

// The session ended meanwhile: a fragment must not show the sign-in page inside itself.
document.addEventListener("htmx:beforeSwap", (event) => {
  const landed = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (landed.pathname.startsWith("/accounts/login")) {
    event.detail.shouldSwap = false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
