// The queue by keyboard: j and k move, a accepts, r rejects, o opens. The rest is htmx in the page.
const isTyping = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("#queue [data-handoff]")];
const dialog = document.getElementById("reject-dialog");

// Kept by id, so that the place survives a poll; where the row is gone, the one that took its place is next.
let selectedId = null;
let selectedIndex = -1;

const mark = () => {
  for (const row of rows()) {
    const isSelected = row.dataset.handoff === selectedId;
    row.classList.toggle("is-selected", isSelected);
    if (isSelected) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
};

const select = (index) => {
  const all = rows();
  if (all.length === 0) return;
  selectedIndex = Math.max(0, Math.min(index, all.length - 1));
  const row = all[selectedIndex];
  selectedId = row.dataset.handoff;
  mark();
  row.scrollIntoView({ block: "nearest" });
  row.querySelector('[data-key="o"]').focus({ preventScroll: true });
};

const selectedRow = () => rows().find((row) => row.dataset.handoff === selectedId);

// Between a swap and its settling a row is already gone and nothing is marked yet: a quick key must not be lost.
const chooseNext = () => {
  if (selectedId === null || selectedRow()) return;
  selectedId = rows()[Math.min(selectedIndex, rows().length - 1)]?.dataset.handoff ?? null;
  mark();
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialog.open || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  chooseNext();
  if (key === "j") select(selectedIndex + 1);
  else if (key === "k") select(selectedIndex - 1);
  else if ("aro".includes(key) && key.length === 1) selectedRow()?.querySelector(`[data-key="${key}"]`)?.click();
  else return;
  event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("#queue [data-handoff]");
  if (!row) return;
  selectedId = row.dataset.handoff;
  selectedIndex = rows().indexOf(row);
  mark();
});

// A swap takes the focus away with the row that had it.
let hadFocus = false;
document.addEventListener("htmx:beforeSwap", () => {
  hadFocus = document.getElementById("queue").contains(document.activeElement);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "reject-body" && !dialog.open) dialog.showModal();
  if (selectedId === null) return;
  chooseNext();
  mark();
  if (hadFocus && document.activeElement === document.body) {
    selectedRow()?.querySelector('[data-key="o"]').focus({ preventScroll: true });
  }
});

// Sent by the server once a decision was made or somebody else was first.
document.addEventListener("decided", () => dialog.close());
