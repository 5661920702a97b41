// Comments: one box to write in, which replies and edits use too, and people offered after an @.
const form = () => document.getElementById("comment-form");
const box = () => document.getElementById("comment-text");
const list = () => document.getElementById("comment-people");
let marked = 0;

const write = (text, criterion, id = "") => {
  const about = form().querySelector("[name=criterion]");
  if (![...about.options].some((each) => each.value === criterion)) {
    // A criterion that is gone still has its thread.
    about.append(new Option(criterion, criterion));
  }
  about.value = criterion;
  about.disabled = Boolean(id);
  form().querySelector("[name=comment]").value = id;
  form().querySelector("[data-when-new]").hidden = Boolean(id);
  form().querySelector("[data-when-edited]").hidden = !id;
  form().querySelector("[data-comment-cancel]").hidden = !id;
  box().value = text;
  box().focus();
};

document.addEventListener("click", (event) => {
  const edited = event.target.closest("[data-comment-edit]");
  if (edited) write(edited.dataset.text, edited.dataset.criterion, edited.dataset.commentEdit);
  const replied = event.target.closest("[data-comment-reply]");
  if (replied) write("", replied.dataset.commentReply);
  if (event.target.closest("[data-comment-cancel]")) write("", form().querySelector("[name=criterion]").value);
  const person = event.target.closest("#comment-people [role=option]");
  if (person) choose(person);
});

document.body.addEventListener("comment:said", () => {
  for (const each of form().querySelectorAll("[name=mention]")) each.remove();
  write("", form().querySelector("[name=criterion]").value);
});

// The words behind the last @ before the caret, which may be the beginning of a name.
const asked = () => /(?:^|\W)@([^@\n]{0,60})$/u.exec(box().value.slice(0, box().selectionStart))?.[1];

const close = () => {
  list().hidden = true;
  list().replaceChildren();
  box().removeAttribute("aria-activedescendant");
};

const mark = (index) => {
  const options = [...list().children];
  if (!options.length) return;
  marked = (index + options.length) % options.length;
  for (const [at, each] of options.entries()) each.setAttribute("aria-selected", String(at === marked));
  box().setAttribute("aria-activedescendant", options[marked].id);
  options[marked].scrollIntoView({ block: "nearest" });
};

const offer = () => {
  const start = asked()?.toLocaleLowerCase();
  if (start === undefined) return close();
  const people = JSON.parse(form().dataset.people);
  const found = people.filter((each) => {
    const name = each.name.toLocaleLowerCase();
    return name.startsWith(start) || name.split(/\s+/u).some((word) => word.startsWith(start));
  });
  list().replaceChildren(
    ...found.slice(0, 8).map((each) => {
      const option = document.createElement("li");
      option.role = "option";
      option.id = `comment-person-${each.id}`;
      option.className = "menu-item cursor-pointer aria-selected:bg-base-100 dark:aria-selected:bg-base-800";
      option.dataset.id = each.id;
      option.dataset.name = each.name;
      const role = document.createElement("span");
      role.className = "text-xs text-subtle";
      role.textContent = each.role;
      option.append(each.name, " ", role);
      return option;
    }),
  );
  list().hidden = !found.length;
  if (found.length) mark(0);
};

const choose = (option) => {
  const caret = box().selectionStart;
  const from = caret - asked().length;
  const rest = box().value.slice(caret);
  box().value = `${box().value.slice(0, from)}${option.dataset.name} ${rest}`;
  const mention = document.createElement("input");
  Object.assign(mention, { type: "hidden", name: "mention", value: option.dataset.id });
  form().append(mention);
  close();
  box().focus();
  const at = from + option.dataset.name.length + 1;
  box().setSelectionRange(at, at);
};

document.addEventListener("input", (event) => {
  if (event.target.id === "comment-text") offer();
});

document.addEventListener("focusout", (event) => {
  // The click that chooses somebody comes after the box lost the focus.
  if (event.target.id === "comment-text") setTimeout(() => box() && document.activeElement !== box() && close(), 200);
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "comment-text" || list().hidden) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(marked + step);
  else if (event.key === "Enter" || event.key === "Tab") choose(list().children[marked]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});

// A link in a notification names the thread: it is shown once the threads are there, and once only.
let thread = new URL(location.href).searchParams.get("thread");
document.addEventListener("htmx:afterSettle", () => {
  if (thread === null || !document.getElementById("comment-threads")) return;
  const place = document.getElementById(`thread-${thread || "-whole"}`);
  thread = null;
  place?.scrollIntoView({ block: "start" });
  place?.focus({ preventScroll: true });
});
