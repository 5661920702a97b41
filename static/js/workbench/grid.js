// The values of the matrix are one stop of the Tab key: inside, the arrow keys move to the nearest value as the eye sees
// it, Home and End to the ends of a row. Tables in which something is edited are grids to screen readers.
import { workbench } from "./store.js";

const matrix = document.getElementById("matrix");
const STOPS = "button.cell, table button";

export const stops = () => [...matrix.querySelectorAll(STOPS)].filter((each) => each.offsetParent !== null);

let current = null;
const stopAt = (stop) => {
  if (current?.isConnected) current.tabIndex = -1;
  current = stop;
  if (stop) stop.tabIndex = 0;
};

// After the matrix was drawn anew: nothing in it is a stop but one.
export const dress = () => {
  if (!workbench.isEditable) return;
  for (const table of matrix.querySelectorAll("table")) if (table.querySelector("button.cell")) table.setAttribute("role", "grid");
  const all = [...matrix.querySelectorAll(STOPS)];
  for (const each of all) each.tabIndex = -1;
  stopAt(all.find((each) => each.dataset.path && each.dataset.path === current?.dataset.path) ?? all[0] ?? null);
};

const middle = (element) => {
  const box = element.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
};

const nearest = (from, key) => {
  const isSideways = key === "ArrowLeft" || key === "ArrowRight";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  const [x, y] = middle(from);
  let best = null;
  for (const each of stops()) {
    const [left, top] = middle(each);
    const [along, across] = isSideways ? [left - x, top - y] : [top - y, left - x];
    if (each === from || along * sign < 4) continue;
    const distance = Math.abs(along) + Math.abs(across) * 4;
    if (best === null || distance < best.distance) best = { each, distance };
  }
  return best?.each;
};

const ofRow = (stop) => {
  const row = stop.closest("tr");
  return row ? stops().filter((each) => each.closest("tr") === row) : [];
};

matrix.addEventListener("focusin", (event) => {
  if (event.target.matches(STOPS)) stopAt(event.target);
});

matrix.addEventListener("keydown", (event) => {
  if (!event.target.matches(STOPS) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // A menu that a button of the row opened has keys of its own.
  if (event.target.getAttribute("aria-expanded") === "true" && event.target.hasAttribute("aria-haspopup")) return;
  let goal;
  if (event.key.startsWith("Arrow")) goal = nearest(event.target, event.key);
  else if (event.key === "Home") goal = ofRow(event.target).at(0);
  else if (event.key === "End") goal = ofRow(event.target).at(-1);
  else return;
  event.preventDefault();
  goal?.focus();
});

document.body.addEventListener("matrix:shown", dress);
dress();
