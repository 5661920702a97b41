// Findings: a criterion's name shows its row, a mend sends its edits as if somebody had typed them.
import { send } from "./store.js";

document.addEventListener("click", async (event) => {
  const chosen = event.target.closest("[data-select-criterion]");
  if (chosen) {
    const detail = { criterion: chosen.dataset.selectCriterion };
    document.body.dispatchEvent(new CustomEvent("matrix:select", { bubbles: true, detail }));
  }
  const mend = event.target.closest("[data-mend]");
  if (!mend || mend.disabled) return;
  mend.disabled = true;
  const answer = await send(JSON.parse(mend.dataset.mend));
  // After a mend the list comes anew; one that was refused may be tried again.
  if (!answer.ok) mend.disabled = false;
});
