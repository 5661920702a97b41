// Rows of a form that come from a template and go again: `data-add-row` names it, `data-remove-row` stands in the row.
document.addEventListener("click", (event) => {
  const adder = event.target.closest("[data-add-row]");
  if (adder) {
    const scope = adder.closest("form");
    const row = scope.querySelector(`template[data-row="${adder.dataset.addRow}"]`).content.cloneNode(true);
    const rows = scope.querySelector(`[data-rows="${adder.dataset.addRow}"]`);
    rows.append(row);
    rows.lastElementChild.querySelector("input, select").focus();
  }
  event.target.closest("[data-remove-row]")?.closest("[data-row-of]").remove();
});
