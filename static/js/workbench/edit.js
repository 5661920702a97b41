// Values edited where they stand: Enter or a click opens one, Enter saves, Escape leaves, Tab saves and goes on, the arrow
// keys move between values. Undo and redo are the server's: it knows one's own edits, also from another page.
import { workbench, adopt, at, post, send } from "./store.js";

const matrix = document.getElementById("matrix");
const words = document.getElementById("workbench-words").dataset;
const undoButton = document.getElementById("workbench-undo");
const redoButton = document.getElementById("workbench-redo");
let opened = null;
let wantsRefresh = false;

const parentOf = (path) => path.slice(0, path.lastIndexOf("/"));
const lastOf = (path) => path.slice(path.lastIndexOf("/") + 1).replaceAll("~1", "/").replaceAll("~0", "~");

// The edit that puts a value at a path: where what should hold it is not there yet, that is made around it; what would be
// left empty goes with its last value.
export const editFor = (path, after) => {
  let [place, value] = [path, after];
  if (after === null) {
    while (parentOf(parentOf(place)) && Object.keys(at(parentOf(place)) ?? {}).length === 1) place = parentOf(place);
  } else {
    while (parentOf(place) && at(parentOf(place)) === undefined) {
      value = { [lastOf(place)]: value };
      place = parentOf(place);
    }
  }
  return { path: place, before: at(place) ?? null, after: value };
};

const cells = () => [...matrix.querySelectorAll("button.cell")].filter((each) => each.offsetParent !== null);
const cellAt = (path) => cells().find((each) => each.dataset.path === path);

// The nearest value in a direction, as the eye sees it.
const neighbour = (cell, key) => {
  const here = cell.getBoundingClientRect();
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
  const [x, y] = middle(here);
  let best = null;
  for (const each of cells()) {
    const [left, top] = middle(each.getBoundingClientRect());
    const [along, across] = sideways ? [left - x, top - y] : [top - y, left - x];
    if (each === cell || along * sign < 4) continue;
    const distance = Math.abs(along) + Math.abs(across) * 4;
    if (best === null || distance < best.distance) best = { each, distance };
  }
  return best?.each;
};

const inputFor = (cell) => {
  const choices = cell.dataset.choices ? JSON.parse(cell.dataset.choices) : null;
  const value = at(cell.dataset.path) ?? null;
  const input = document.createElement(choices ? "select" : "input");
  input.className = "cell-input";
  input.setAttribute("aria-label", cell.dataset.name);
  for (const name of ["path", "kind", "low", "high"]) {
    if (cell.dataset[name] !== undefined) input.dataset[name] = cell.dataset[name];
  }
  input.dataset.before = JSON.stringify(value);
  if (choices) {
    for (const [key, label] of choices) input.add(new Option(label, key));
    input.value = value === null ? "" : String(value);
    if (input.selectedIndex < 0) input.selectedIndex = 0;
  } else {
    input.type = "text";
    input.autocomplete = "off";
    if (cell.dataset.kind === "number") input.inputMode = "numeric";
    input.value = value === null ? "" : String(value);
  }
  return input;
};

// What was typed: {value} or {problem}.
const read = (input, isOptional) => {
  const text = input.value.trim();
  const kind = input.dataset.kind;
  if (text === "") return isOptional ? { value: null } : { problem: words.notEmpty };
  if (kind === "text" || kind === "choice") return { value: text };
  const plain = text.replaceAll(/[\s\u202f\u00a0]/g, "").replace("\u2212", "-");
  if (!/^[+-]?\d{1,9}$/.test(plain)) return { problem: words.notWhole };
  const value = Number(plain);
  const { low, high } = input.dataset;
  if ((low !== undefined && value < Number(low)) || (high !== undefined && value > Number(high))) {
    return { problem: words.between.replace("%s", low).replace("%s", high) };
  }
  return { value };
};

const complain = (sentence) => {
  if (!opened) return;
  const { input } = opened;
  input.setAttribute("aria-invalid", "true");
  let told = input.parentElement.querySelector(".cell-problem");
  if (!told) {
    told = document.createElement("span");
    told.className = "cell-problem";
    told.setAttribute("role", "alert");
    told.id = "cell-problem";
    input.after(told);
    input.setAttribute("aria-describedby", told.id);
  }
  told.textContent = sentence;
};

const close = () => {
  if (!opened) return;
  const { cell, input } = opened;
  opened = null;
  input.parentElement?.querySelector(".cell-problem")?.remove();
  input.replaceWith(cell);
  document.body.dispatchEvent(new CustomEvent("matrix:typed", { detail: null }));
  if (wantsRefresh) refresh();
};

const openCell = (cell) => {
  if (opened) close();
  const input = inputFor(cell);
  opened = { cell, input };
  cell.replaceWith(input);
  input.focus();
  if (input.select) input.select();
};

// Saves what was typed; true where the value may be left.
const save = async () => {
  const { cell, input } = opened;
  const { value, problem } = read(input, "optional" in cell.dataset);
  if (problem) {
    complain(problem);
    return false;
  }
  const { path } = cell.dataset;
  const before = JSON.parse(input.dataset.before);
  if (value === before) {
    close();
    return true;
  }
  const edit = editFor(path, value);
  // What the person saw when they began is what they mean to change, whatever came meanwhile.
  if (edit.path === path) edit.before = before;
  input.readOnly = true;
  const answer = await send([edit]);
  input.readOnly = false;
  if (!answer.ok && answer.status !== 409) {
    complain(answer.status === 0 ? words.unsent : (answer.body.errors?.[0]?.detail ?? answer.body.detail ?? words.unsent));
    input.focus();
    return false;
  }
  close();
  return true;
};

matrix.addEventListener("click", (event) => {
  const cell = event.target.closest("button.cell");
  if (cell && workbench.isEditable) openCell(cell);
  const editor = event.target.closest("[data-edit-criterion]");
  if (editor) {
    const detail = { criterion: editor.dataset.editCriterion, dimension: editor.dataset.in ?? "" };
    document.body.dispatchEvent(new CustomEvent("matrix:edit-criterion", { detail }));
  }
  if (event.target.closest("[data-matrix-settings]")) {
    document.body.dispatchEvent(new CustomEvent("matrix:edit-settings"));
  }
});

matrix.addEventListener("keydown", async (event) => {
  if (opened && event.target === opened.input) {
    const { cell } = opened;
    const { path } = cell.dataset;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
      cellAt(path)?.focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (await save()) cellAt(path)?.focus();
    } else if (event.key === "Tab") {
      event.preventDefault();
      const step = event.shiftKey ? -1 : 1;
      const order = [...matrix.querySelectorAll("button.cell, .cell-input")];
      const next = order[order.indexOf(opened.input) + step]?.dataset.path;
      if (await save()) {
        const goal = cellAt(next ?? path);
        goal?.focus();
        if (next && goal) openCell(goal);
      }
    }
    return;
  }
  const cell = event.target.closest("button.cell");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    neighbour(cell, event.key)?.focus();
  }
});

matrix.addEventListener("change", async (event) => {
  if (opened && event.target === opened.input && opened.input.tagName === "SELECT") {
    const { path } = opened.cell.dataset;
    if (await save()) cellAt(path)?.focus();
  }
});

// Left by the mouse: what is right is saved, what is not stays to be mended.
matrix.addEventListener("focusout", (event) => {
  if (opened && event.target === opened.input && !opened.input.readOnly) {
    setTimeout(() => opened && document.activeElement !== opened.input && save(), 150);
  }
});

const back = async (url) => {
  const answer = await post(url, {});
  if (answer.ok) {
    adopt(answer.body, true);
    return;
  }
  if (answer.body.code === "edit_conflict") {
    document.body.dispatchEvent(new CustomEvent("matrix:conflict", { detail: { ...answer.body, isUndo: true } }));
  } else {
    document.body.dispatchEvent(new CustomEvent("matrix:refused", { detail: { status: answer.status, ...answer.body } }));
  }
};

undoButton?.addEventListener("click", () => back(workbench.urls.undo));
redoButton?.addEventListener("click", () => back(workbench.urls.redo));
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  if (event.target.closest("input, textarea, [contenteditable]") || document.querySelector("dialog[open]")) return;
  if (!workbench.isEditable) return;
  event.preventDefault();
  back(event.shiftKey ? workbench.urls.redo : workbench.urls.undo);
});

document.body.addEventListener("matrix:refused", (event) => {
  if (opened || document.querySelector("dialog[open]")) return;
  const { detail, errors } = event.detail;
  document.dispatchEvent(new CustomEvent("toast", { detail: errors?.[0]?.detail ?? detail ?? words.unsent }));
});

// Search and order stay in the address; the order on the screen is not the order of the matrix.
const search = document.getElementById("workbench-search");
const order = document.getElementById("workbench-order");
const arrange = () => {
  const wanted = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const body of matrix.querySelectorAll("tbody[data-group]")) {
    const rows = [...body.querySelectorAll("tr[data-criterion]")];
    for (const row of rows) {
      row.hidden = !wanted.every((word) => row.dataset.words.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    body.hidden = rows.every((row) => row.hidden);
    if (order.value) {
      const by = {
        points: (one, other) => Math.abs(other.dataset.points) - Math.abs(one.dataset.points),
        label: (one, other) => one.dataset.label.localeCompare(other.dataset.label),
      }[order.value];
      body.append(...rows.sort(by));
    }
  }
  document.getElementById("workbench-nothing").hidden = shown > 0 || wanted.length === 0;
};
const remember = () => {
  const address = new URL(location.href);
  for (const [name, field] of [["q", search], ["order", order]]) {
    if (field.value) address.searchParams.set(name, field.value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
};
search.addEventListener("input", () => (arrange(), remember()));
order.addEventListener("change", () => (order.value ? arrange() : refresh(), remember()));

const flash = (paths) => {
  for (const path of paths) {
    const key = path.startsWith("/criteria/") ? path.split("/")[2] : null;
    const place =
      matrix.querySelector(`[data-path="${CSS.escape(path)}"]`) ??
      (key && matrix.querySelector(`tr[data-criterion="${CSS.escape(key)}"]`));
    place?.classList.add("is-flashed");
    setTimeout(() => place?.classList.remove("is-flashed"), 2_500);
  }
};

let refreshing = Promise.resolve();
const refresh = (paths = []) => {
  if (opened) {
    wantsRefresh = true;
    return;
  }
  wantsRefresh = false;
  refreshing = refreshing.then(async () => {
    const held = document.activeElement?.dataset?.path;
    const hasFocus = matrix.contains(document.activeElement);
    await window.htmx.ajax("GET", workbench.urls.matrix, { target: "#matrix", swap: "innerHTML" });
    arrange();
    if (hasFocus && held) cellAt(held)?.focus();
    flash(paths);
    document.body.dispatchEvent(new CustomEvent("matrix:shown"));
  });
};

document.body.addEventListener("matrix:changed", (event) => refresh(event.detail.paths));
document.body.addEventListener("matrix:state", (event) => {
  if (undoButton) undoButton.disabled = !event.detail.canUndo;
  if (redoButton) redoButton.disabled = !event.detail.canRedo;
});
document.body.addEventListener("matrix:select", (event) => {
  const row = document.getElementById(`criterion-${event.detail.criterion}`);
  row?.scrollIntoView({ block: "center" });
  row?.querySelector("button.cell")?.focus();
  row?.classList.add("is-flashed");
  setTimeout(() => row?.classList.remove("is-flashed"), 2_500);
});

// Where somebody is, for the others: the value that has the focus.
export const placeNow = () => {
  const path = document.activeElement?.dataset?.path ?? "";
  return matrix.contains(document.activeElement) ? path : "";
};

const asked = new URL(location.href).searchParams;
search.value = asked.get("q") ?? "";
if ([...order.options].some((each) => each.value === asked.get("order"))) order.value = asked.get("order");
arrange();
if (undoButton) undoButton.disabled = !workbench.canUndo;
if (redoButton) redoButton.disabled = !workbench.canRedo;
