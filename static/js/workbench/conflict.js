// Two people changed the same value: the second sees both, and who changed it when, and chooses; nothing is overwritten in
// silence. An undo that meets it brings its own `take` and `keep`.
import { catchUp, send } from "./store.js";

const dialog = document.getElementById("conflict-dialog");
const words = document.getElementById("workbench-words").dataset;
let conflict = null;

const said = (value) => {
  if (value === null || value === undefined) return words.nothing;
  if (typeof value === "object") return value.label ?? JSON.stringify(value);
  return String(value);
};

const part = (name) => dialog.querySelector(`[data-conflict-${name}]`);

document.body.addEventListener("matrix:conflict", (event) => {
  conflict = event.detail;
  part("where").textContent = conflict.where ?? conflict.path;
  const when = conflict.at && new Date(conflict.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  part("who").textContent = conflict.who ? words.byAt.replace("%s", conflict.who).replace("%s", when) : "";
  part("theirs").textContent = said(conflict.found);
  part("mine").textContent = said(conflict.after);
  if (!dialog.open) dialog.showModal();
  catchUp();
});

// Escape keeps what stands there, too.
dialog.addEventListener("close", () => {
  const { take, keep, path, found, after } = conflict;
  const takes = dialog.returnValue === "take";
  dialog.returnValue = "";
  if (!takes) keep?.();
  else if (take) take();
  else send([{ path, before: found ?? null, after: after ?? null }]);
});
part("keep").addEventListener("click", () => dialog.close("keep"));
part("take").addEventListener("click", () => dialog.close("take"));
