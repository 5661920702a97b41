// Bringing a file: dropping it sends the form; and the type of a new attribute is asked only where a column makes one.
const overDrop = (event, isOver) => {
  const zone = event.target.closest("[data-drop-zone]");
  if (!zone) return null;
  event.preventDefault();
  zone.classList.toggle("is-over", isOver);
  return zone;
};

document.addEventListener("dragover", (event) => overDrop(event, true));
document.addEventListener("dragleave", (event) => overDrop(event, false));
document.addEventListener("drop", (event) => {
  const zone = overDrop(event, false);
  if (!zone || !event.dataTransfer.files.length) return;
  const input = zone.querySelector("input[type=file]");
  input.files = event.dataTransfer.files;
  input.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-drop]");
  const file = form?.querySelector("input[type=file]").files[0];
  if (file) form.querySelector("[data-drop-name]").textContent = file.name;
});

const showTypes = (root) => {
  for (const column of root.querySelectorAll("[data-column]")) {
    const isNew = column.querySelector("[data-target]").value.startsWith("new:");
    column.querySelector("[data-new-type]").hidden = !isNew;
  }
};

document.addEventListener("change", (event) => {
  const column = event.target.closest("[data-column]");
  if (column) showTypes(column.parentElement);
});
document.addEventListener("htmx:load", () => showTypes(document));
showTypes(document);
