// Test a lead: leads that are chosen, and examples as edits of the document.
import "./rows.js";
import { send, workbench } from "./store.js";

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-test-clear]")) document.getElementById("test-cards").replaceChildren();
  const deleted = event.target.closest("[data-delete-example]");
  if (deleted) {
    const at = place(deleted.dataset.deleteExample, deleted.dataset.name);
    if (at >= 0) send([{ path: `/examples/${at}`, before: workbench.document.examples[at], after: null }]);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

// A form that was opened from an example, or copied from a lead, shows its cards at once.
document.addEventListener("htmx:afterSettle", () => {
  const form = document.querySelector("[data-test-form][data-submit-now]");
  if (!form) return;
  delete form.dataset.submitNow;
  form.requestSubmit();
});

// Others may have put examples before it or taken some away since it was listed.
const place = (index, name) => {
  const examples = workbench.document.examples ?? [];
  return examples[index]?.name === name ? Number(index) : examples.findIndex((each) => each.name === name);
};

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-example]");
  if (!form) return;
  event.preventDefault();
  const name = form.elements.name.value.trim();
  const after = { name, ...JSON.parse(form.dataset.example), stage: form.elements.stage.value };
  const { examples } = workbench.document;
  const at = "opened" in form.dataset ? place(form.dataset.opened, form.dataset.openedName) : -1;
  if (event.submitter?.value === "change" && at >= 0) {
    await send([{ path: `/examples/${at}`, before: examples[at], after }]);
  } else if (examples) await send([{ path: "/examples/-", before: null, after }]);
  else await send([{ path: "/examples", before: null, after: [after] }]);
});

// The lead that is shown is judged again by what the draft says now.
let timer = 0;
document.body.addEventListener("matrix:changed", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (document.getElementById("test-cards")?.children.length) document.getElementById("test-form").requestSubmit();
  }, 150);
});
