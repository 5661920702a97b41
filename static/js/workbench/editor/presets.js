// Criteria of a preset or of another version, chosen from a list and added to the draft.
import { workbench, post, send } from "../store.js";

const dialog = document.getElementById("presets-sheet");
const content = dialog?.querySelector("[data-presets-content]");

const load = async (source = "") => {
  const url = source ? `${workbench.urls.presets}?source=${encodeURIComponent(source)}` : workbench.urls.presets;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return false;
  content.innerHTML = await answer.text();
  return true;
};

const complain = (text) => {
  const problem = content.querySelector("[data-presets-problem]");
  problem.textContent = text;
  problem.hidden = text === "";
};

if (dialog) {
  document.addEventListener("click", async (event) => {
    if (!event.target.closest("[data-matrix-presets]") || !workbench.isEditable) return;
    if (await load()) dialog.showModal();
  });
  content.addEventListener("change", async (event) => {
    if (event.target.name !== "source") return;
    await load(event.target.value);
    content.querySelector("[name=source]").focus();
  });
  content.addEventListener("click", (event) => event.target.closest("[data-presets-close]") && dialog.close());
  content.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const button = event.submitter;
    if (button) button.disabled = true;
    const found = await post(workbench.urls.presets, { source: form.get("source"), keys: form.getAll("keys") });
    const answer = found.ok ? await send(found.body.edits) : found;
    if (button) button.disabled = false;
    if (answer.ok) dialog.close();
    else complain(answer.body.errors?.[0]?.detail ?? answer.body.detail ?? "");
  });
}
