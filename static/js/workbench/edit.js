// Values edited where they stand: Enter or a click opens one, Enter saves, Escape leaves, Tab saves and goes on. What the
// server refuses is said at the value, and what was typed stays.
import { workbench, adopt, at, catchUp, post } from "./store.js";
import { stops } from "./grid.js";

const matrix = document.getElementById("matrix");
const words = document.getElementById("workbench-words").dataset;
let opened = null;

const parentOf = (path) => path.slice(0, path.lastIndexOf("/"));
const lastOf = (path) => path.slice(path.lastIndexOf("/") + 1).replaceAll("~1", "/").replaceAll("~0", "~");

// The edit that puts a value at a path: where what should hold it is not there yet, that is made around it (a group with its
// name, which it needs); what would be left empty goes with its last value.
export const editFor = (path, after) => {
  let [place, value] = [path, after];
  if (after === null) {
    while (parentOf(parentOf(place)) && Object.keys(at(parentOf(place)) ?? {}).length === 1) place = parentOf(place);
  } else {
    while (parentOf(place) && at(parentOf(place)) === undefined) {
      value = { [lastOf(place)]: value };
      place = parentOf(place);
      if (parentOf(place) === "/groups") value = { label: lastOf(place), ...value };
    }
  }
  return { path: place, before: at(place) ?? null, after: value };
};

const cellAt = (path) => stops().find((each) => each.dataset.path === path);
const tell = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

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
    input.classList.toggle("is-wide", cell.dataset.kind === "text");
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
  tell("matrix:typed", null);
  tell("matrix:closed");
};

const openCell = (cell) => {
  if (opened) close();
  const input = inputFor(cell);
  opened = { cell, input };
  cell.replaceWith(input);
  input.focus();
  if (input.select) input.select();
};

// What the person saw when they began is what they mean to change, whatever came meanwhile. An edit of what holds the value
// may meet what somebody else made there: then it is about the value alone, and tried once more.
const sent = async (path, before, value, isFirst = true) => {
  const edit = editFor(path, value);
  if (edit.path === path) edit.before = before;
  const answer = await post(workbench.urls.edits, { edits: [edit] });
  if (answer.ok) adopt(answer.body, true);
  else if (answer.body.code === "edit_conflict") {
    if (edit.path !== path && isFirst) {
      await catchUp();
      return sent(path, before, value, false);
    }
    tell("matrix:conflict", answer.body);
  }
  return answer;
};

// Saves what was typed; true where the value may be left.
const save = async () => {
  const mine = opened;
  const { cell, input } = mine;
  const { value, problem } = read(input, "optional" in cell.dataset);
  if (problem) {
    complain(problem);
    return false;
  }
  const before = JSON.parse(input.dataset.before);
  if (value === before) {
    close();
    return true;
  }
  input.readOnly = true;
  const answer = await sent(cell.dataset.path, before, value);
  input.readOnly = false;
  if (opened !== mine) return false;
  if (!answer.ok && answer.body.code !== "edit_conflict") {
    complain(answer.body.errors?.[0]?.detail ?? answer.body.detail ?? words.unsent);
    input.focus();
    return false;
  }
  close();
  return answer.ok;
};

matrix.addEventListener("click", (event) => {
  const cell = event.target.closest("button.cell");
  if (cell && workbench.isEditable) openCell(cell);
  const editor = event.target.closest("[data-edit-criterion]");
  if (editor) tell("matrix:edit-criterion", { criterion: editor.dataset.editCriterion, dimension: editor.dataset.in ?? "" });
  if (event.target.closest("[data-matrix-settings]")) tell("matrix:edit-settings");
});

matrix.addEventListener("keydown", async (event) => {
  if (!opened || event.target !== opened.input || opened.input.readOnly) return;
  const { path } = opened.cell.dataset;
  if (event.key === "Escape") {
    event.preventDefault();
    close();
    cellAt(path)?.focus();
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (await save()) cellAt(path)?.focus();
  } else if (event.key === "Tab") {
    event.preventDefault();
    const order = [...matrix.querySelectorAll("button.cell, .cell-input")].filter((each) => each.offsetParent !== null);
    const next = order[order.indexOf(opened.input) + (event.shiftKey ? -1 : 1)]?.dataset.path;
    if (!(await save())) return;
    const goal = cellAt(next ?? path);
    goal?.focus();
    if (next && goal) openCell(goal);
  }
});

matrix.addEventListener("change", async (event) => {
  if (!opened || event.target !== opened.input || opened.input.tagName !== "SELECT") return;
  const { path } = opened.cell.dataset;
  if (await save()) cellAt(path)?.focus();
});

// Left by the mouse: what is right is saved, what is not stays to be mended.
matrix.addEventListener("focusout", (event) => {
  if (!opened || event.target !== opened.input) return;
  setTimeout(() => opened && !opened.input.readOnly && document.activeElement !== opened.input && document.hasFocus() && save(), 150);
});

// Where somebody is, for the others: the value that has the focus.
export const placeNow = () => {
  const held = document.activeElement;
  if (!matrix.contains(held)) return "";
  return held.dataset?.path ?? (held.closest("[data-criterion]") ? `/criteria/${held.closest("[data-criterion]").dataset.criterion}` : "");
};
