// The tabs beside the matrix: each is asked for when it is first opened, and again after a change if it follows the draft.
const tabs = [...document.querySelectorAll("[role=tab][data-tab]")];
const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
const loaded = new Set();

const load = (tab) => {
  loaded.add(tab);
  return window.htmx.ajax("GET", tab.dataset.url, { source: panelOf(tab), target: panelOf(tab), swap: "innerHTML" });
};

export const open = (key, { focus = false, url = "" } = {}) => {
  const tab = tabs.find((each) => each.dataset.tab === key);
  if (!tab) return;
  for (const each of tabs) {
    const isOpen = each === tab;
    each.setAttribute("aria-selected", String(isOpen));
    each.tabIndex = isOpen ? 0 : -1;
    panelOf(each).hidden = !isOpen;
  }
  if (focus) tab.focus();
  const address = new URL(location.href);
  address.searchParams.set("tab", key);
  history.replaceState(null, "", address);
  if (url) {
    loaded.add(tab);
    window.htmx.ajax("GET", url, { source: panelOf(tab), target: panelOf(tab), swap: "innerHTML" });
  } else if (!loaded.has(tab)) load(tab);
};

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => open(tab.dataset.tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    open(tabs[(index + step + tabs.length) % tabs.length].dataset.tab, { focus: true });
  });
}

// A mark on a row opens the tab that speaks of it: `data-open-tab`, and `data-about` the criterion.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-tab]");
  if (!opener) return;
  const tab = tabs.find((each) => each.dataset.tab === opener.dataset.openTab);
  const about = opener.dataset.about;
  if (tab) open(tab.dataset.tab, { url: about ? `${tab.dataset.url}?criterion=${encodeURIComponent(about)}` : "" });
});

let timer = 0;
document.body.addEventListener("matrix:changed", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const tab of [...loaded]) {
      if (!("follows" in tab.dataset)) continue;
      if (panelOf(tab).hidden) loaded.delete(tab);
      else load(tab);
    }
  }, 60);
});

const wanted = new URL(location.href).searchParams.get("tab");
const first = tabs.find((each) => each.dataset.tab === wanted) ?? tabs[0];
if (first) open(first.dataset.tab);
