// The list of leads: columns are put in order by two buttons each; without script a number is typed instead.
const revealMoves = () => {
  for (const button of document.querySelectorAll("[data-columns] [data-move][hidden]")) button.hidden = false;
};

// The search has answered while it was typed; leaving it must not answer again and close the menu one is just opening.
document.getElementById("id_search")?.addEventListener("change", (event) => event.stopPropagation());

document.addEventListener("htmx:afterSwap", revealMoves);
revealMoves();

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-columns] [data-move]");
  if (!button) return;
  const item = button.closest("li");
  const list = item.parentElement;
  if (button.dataset.move === "up") {
    item.previousElementSibling?.before(item);
  } else {
    item.nextElementSibling?.after(item);
  }
  [...list.children].forEach((each, place) => {
    each.querySelector("input[type=number]").value = place + 1;
  });
  item.scrollIntoView({ block: "nearest" });
  button.focus();
});
