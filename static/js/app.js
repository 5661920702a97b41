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

// What is folded away on the screen and belongs on paper.
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details[data-print-open]:not([open])")) {
    part.dataset.printed = "true";
    part.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const part of document.querySelectorAll("details[data-printed]")) {
    part.removeAttribute("data-printed");
    part.open = false;
  }
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

// The sentence of a refusal: pages answer htmx with a notice that holds it, the API's problems carry it as `detail`.
const sentenceOf = (xhr) => {
  if (xhr.getResponseHeader("Content-Type")?.includes("json")) {
    try {
      return JSON.parse(xhr.responseText).detail ?? "";
    } catch {
      return "";
    }
  }
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const told = [...answer.querySelectorAll("[role=alert] p, .empty > strong, .empty > p")];
  return told.map((each) => each.textContent.trim().replace(/[.]?$/, ".")).join(" ");
};

// A part of a page that never came says so and can be asked for again; one that came before stays as it was.
const skeletons = new WeakMap();
const partFailed = (place) => {
  if (place.getAttribute("aria-busy") !== "true") return;
  if (!skeletons.has(place)) skeletons.set(place, [...place.childNodes]);
  const told = document.getElementById("part-failed").content.cloneNode(true);
  told.querySelector("button").addEventListener("click", () => {
    place.replaceChildren(...skeletons.get(place));
    window.htmx.trigger(place, "retry");
  });
  place.replaceChildren(told);
};
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    partFailed(event.detail.elt);
    // A poll that fails is tried again by itself; saying so each time would only be noise.
    if (event.detail.requestConfig.verb === "get") return;
    const { xhr } = event.detail;
    const sentence = xhr.status >= 400 ? sentenceOf(xhr) : "";
    if (sentence) say(sentence);
    else sayFrom(xhr.status === 403 ? "toast-refused" : "toast-error");
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
