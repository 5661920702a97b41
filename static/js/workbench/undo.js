// Undo and redo are the server's: it knows one's own edits, also those of another page. Where somebody changed the value
// since, the choice is the same as for an edit; what is left as it is, is passed over from then on.
import { workbench, adopt, catchUp, post } from "./store.js";

const buttons = { undo: document.getElementById("workbench-undo"), redo: document.getElementById("workbench-redo") };
const words = document.getElementById("workbench-words").dataset;
const over = new Set();

const tell = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

const back = async (way, found = {}) => {
  const answer = await post(workbench.urls[way], { over: [...over], found });
  if (answer.ok) {
    adopt(answer.body, true);
    return;
  }
  const { code, path, undoes } = answer.body;
  if (code === "edit_conflict") {
    tell("matrix:conflict", {
      ...answer.body,
      take: () => back(way, { ...found, [path]: answer.body.found }),
      keep: () => over.add(undoes),
    });
    return;
  }
  if (undoes) over.add(undoes);
  tell("matrix:refused", { status: answer.status, ...answer.body });
  catchUp();
};

for (const [way, button] of Object.entries(buttons)) button?.addEventListener("click", () => back(way));

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (!workbench.isEditable || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  event.preventDefault();
  back(event.shiftKey ? "redo" : "undo");
});

const show = ({ canUndo, canRedo }) => {
  if (buttons.undo) buttons.undo.disabled = !canUndo;
  if (buttons.redo) buttons.redo.disabled = !canRedo;
};
document.body.addEventListener("matrix:state", (event) => show(event.detail));
show(workbench);

// What was refused and has no place of its own on the page.
document.body.addEventListener("matrix:refused", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const { detail, errors } = event.detail;
  document.dispatchEvent(new CustomEvent("toast", { detail: errors?.[0]?.detail ?? detail ?? words.unsent }));
});
