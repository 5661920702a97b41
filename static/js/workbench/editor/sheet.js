// The sheet beside the matrix in which a criterion or the settings are edited: opened, left, saved.
import { workbench } from "../store.js";
import { setIcons } from "./dom.js";
import { showProblems } from "./problems.js";

const dialog = document.getElementById("matrix-sheet");
const part = (name) => dialog.querySelector(`[data-sheet-${name}]`);
const [title, body, sentence, problem, leave, actions, saveButton] = [
  document.getElementById("matrix-sheet-title"),
  ...["body", "sentence", "problem", "leave", "actions", "save"].map(part),
];

let fetched = null;
// All menus and words; fetched once. Throws where they cannot be had.
export const choicesOf = () => {
  fetched ??= fetch(workbench.urls.fields, { headers: { Accept: "application/json" } }).then(async (answer) => {
    if (!answer.ok) throw new Error((await answer.json()).detail ?? "");
    const choices = await answer.json();
    setIcons(choices.icons);
    return choices;
  });
  fetched.catch(() => (fetched = null));
  return fetched;
};

let opened = null;
export const sheetBody = body;
export const isSheetOf = (owner) => opened?.owner === owner;

// `sheet` is {owner, title, content, isDirty(), save()}; `save` answers true where the sheet may close.
export const openSheet = (sheet) => {
  opened = { ...sheet, returnTo: document.activeElement };
  title.textContent = sheet.title;
  body.replaceChildren(...sheet.content);
  say("");
  complain("");
  ask(false);
  if (!dialog.open) dialog.showModal();
  body.scrollTop = 0;
  (body.querySelector("[data-first]") ?? body.querySelector("input, select, textarea, button"))?.focus();
};

export const say = (text) => (sentence.textContent = text);

export const complain = (text) => {
  problem.textContent = text;
  problem.hidden = text === "";
};

// Problems at their controls, the rest at the foot.
export const complainAt = (problems, options) => complain([...new Set(showProblems(body, problems, options))].join(" "));

const ask = (isAsking) => {
  leave.hidden = !isAsking;
  actions.hidden = isAsking;
  if (isAsking) part("stay").focus();
};

export const closeSheet = () => {
  const back = opened?.returnTo;
  opened = null;
  dialog.close();
  body.replaceChildren();
  if (back?.isConnected) back.focus();
};

const wantsToLeave = () => (opened?.isDirty() ? ask(true) : closeSheet());

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  wantsToLeave();
});
for (const each of dialog.querySelectorAll("[data-sheet-close]")) each.addEventListener("click", wantsToLeave);
part("discard").addEventListener("click", closeSheet);
part("stay").addEventListener("click", () => (ask(false), saveButton.focus()));

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!opened || saveButton.disabled) return;
  saveButton.disabled = true;
  try {
    if (await opened.save()) closeSheet();
  } finally {
    saveButton.disabled = false;
  }
});
dialog.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    dialog.querySelector("form").requestSubmit();
  }
});

// After a conflict was shown in its own dialog: once somebody has chosen, and what they chose has arrived.
export const conflictSettled = () =>
  new Promise((resolve) => {
    const other = document.getElementById("conflict-dialog");
    if (!other?.open) return resolve();
    other.addEventListener("close", () => setTimeout(resolve, 600), { once: true });
  });
