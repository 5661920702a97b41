// Two people changed the same value: the second sees both and chooses; nothing is overwritten in silence.
import { workbench, adopt, send } from "./store.js";

const dialog = document.getElementById("conflict-dialog");
const words = document.getElementById("workbench-words").dataset;
let conflict = null;

const said = (value) => {
  if (value === null || value === undefined) return words.nothing;
  if (typeof value === "object") return value.label ?? JSON.stringify(value);
  return String(value);
};

// The state as it is now, before anything is chosen.
const catchUp = async () => {
  const answer = await fetch(`${workbench.urls.poll}?revision=0`, { cache: "no-store" });
  if (answer.status === 200) adopt(await answer.json(), false);
};

document.body.addEventListener("matrix:conflict", (event) => {
  conflict = event.detail;
  dialog.querySelector("[data-conflict-where]").textContent = conflict.where ?? conflict.path;
  dialog.querySelector("[data-conflict-theirs]").textContent = said(conflict.found);
  dialog.querySelector("[data-conflict-mine]").textContent = said(conflict.after);
  if (!dialog.open) dialog.showModal();
  catchUp();
});

dialog.querySelector("[data-conflict-keep]").addEventListener("click", () => dialog.close());
dialog.querySelector("[data-conflict-take]").addEventListener("click", async () => {
  const { path, found, after } = conflict;
  dialog.close();
  await send([{ path, before: found ?? null, after: after ?? null }]);
});
