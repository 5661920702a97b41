// Which criteria are seen and in what order: a search and an order that stay in the address, groups that fold. The order on
// the screen is not the order of the matrix.
const matrix = document.getElementById("matrix");
const search = document.getElementById("workbench-search");
const order = document.getElementById("workbench-order");
const nothing = document.getElementById("workbench-nothing");
const folded = new Set();

const ORDERS = {
  points: (one, other) => Math.abs(other.dataset.points) - Math.abs(one.dataset.points),
  label: (one, other) => one.dataset.label.localeCompare(other.dataset.label),
};

export const arrange = () => {
  const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const body of matrix.querySelectorAll("tbody[data-group]")) {
    const rows = [...body.querySelectorAll("tr[data-criterion]")];
    const fold = body.querySelector("[data-fold]");
    const isFolded = wanted.length === 0 && folded.has(fold?.dataset.fold);
    fold?.setAttribute("aria-expanded", String(!isFolded));
    let found = 0;
    for (const row of rows) {
      const isFound = wanted.every((word) => row.dataset.words.includes(word));
      found += isFound ? 1 : 0;
      row.hidden = !isFound || isFolded;
    }
    shown += found;
    body.hidden = found === 0;
    const inOrder = ORDERS[order.value] ?? ((one, other) => one.dataset.place - other.dataset.place);
    rows.forEach((row, place) => (row.dataset.place ??= place));
    const sorted = [...rows].sort(inOrder);
    if (sorted.some((row, place) => row !== rows[place])) body.append(...sorted);
  }
  nothing.hidden = shown > 0 || wanted.length === 0;
};

// Whatever hides a criterion that somebody wants to see gives way.
export const reveal = (criterion) => {
  const row = document.getElementById(`criterion-${criterion}`);
  if (!row?.hidden) return row;
  search.value = "";
  folded.delete(row.closest("tbody").querySelector("[data-fold]")?.dataset.fold);
  arrange();
  remember();
  return row;
};

const remember = () => {
  const address = new URL(location.href);
  for (const [name, value] of [["q", search.value], ["order", order.value], ["folded", [...folded].join(",")]]) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(history.state, "", address);
};

for (const [field, what] of [[search, "input"], [order, "change"]]) {
  field.addEventListener(what, () => {
    arrange();
    remember();
  });
}
matrix.addEventListener("click", (event) => {
  const fold = event.target.closest("[data-fold]")?.dataset.fold;
  if (fold === undefined) return;
  if (!folded.delete(fold)) folded.add(fold);
  arrange();
  remember();
});

const asked = new URL(location.href).searchParams;
search.value = asked.get("q") ?? "";
if (asked.get("order") in ORDERS) order.value = asked.get("order");
for (const each of (asked.get("folded") ?? "").split(",").filter(Boolean)) folded.add(each);
arrange();
