// A text field that offers values from a list: those the leads really have, with how many have them.
import { h, newId } from "./dom.js";

const PAUSE = 150;
const count = new Intl.NumberFormat(document.documentElement.lang || "en");
export const counted = (number) => count.format(number);

// `ask(text)` answers {options: [{value, label, detail}], note} or a promise of it. `onpick(option)` when one is chosen;
// Enter with none chosen is `onenter(text)`.
export const suggest = (input, { ask, onpick, onenter }) => {
  const list = h("ul", { class: "suggest-list", role: "listbox", id: newId("suggest"), hidden: true, "aria-label": input.getAttribute("aria-label") ?? "" });
  const note = h("p", { class: "suggest-note", hidden: true });
  const panel = h("div", { class: "suggest-panel", hidden: true }, list, note);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.autocomplete = "off";
  let options = [];
  let chosen = -1;
  let waiting = 0;
  let asked = 0;

  const close = () => {
    clearTimeout(waiting);
    asked += 1;
    panel.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (index) => {
    chosen = index;
    [...list.children].forEach((each, at) => each.setAttribute("aria-selected", String(at === index)));
    const marked = list.children[index];
    if (!marked) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", marked.id);
    marked.scrollIntoView({ block: "nearest" });
  };

  const pick = (index) => {
    const option = options[index];
    close();
    onpick(option);
  };

  const show = (found) => {
    // What was marked stays marked where it is still offered.
    const marked = options[chosen]?.value;
    options = found.options;
    list.replaceChildren(
      ...options.map((each, index) =>
        h(
          "li",
          {
            class: "suggest-option",
            role: "option",
            id: newId("option"),
            "aria-selected": "false",
            // Before the field loses the focus.
            onmousedown: (event) => (event.preventDefault(), pick(index)),
          },
          h("span", { class: "min-w-0 wrap-anywhere" }, each.label),
          each.detail ? h("span", { class: "shrink-0 text-subtle tabular-nums" }, each.detail) : null,
        ),
      ),
    );
    list.hidden = options.length === 0;
    note.textContent = found.note ?? "";
    note.hidden = !found.note;
    panel.hidden = list.hidden && note.hidden;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(marked === undefined ? -1 : options.findIndex((each) => each.value === marked));
  };

  const open = async () => {
    const mine = (asked += 1);
    const found = await ask(input.value.trim());
    if (mine === asked && document.activeElement === input) show(found);
  };

  input.addEventListener("focus", open);
  input.addEventListener("click", () => panel.hidden && open());
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(open, PAUSE);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const isOpen = !panel.hidden && options.length > 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return void open();
      const last = options.length - 1;
      if (event.key === "ArrowDown") mark(chosen >= last ? 0 : chosen + 1);
      else mark(chosen <= 0 ? last : chosen - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (isOpen && chosen >= 0) pick(chosen);
      else if (onenter) (close(), onenter(input.value));
    } else if (event.key === "Escape" && !panel.hidden) {
      // The sheet around it stays open.
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  return h("div", { class: "relative min-w-0 flex-1" }, input, panel);
};

// Several values as chips behind one field; the values may be texts, numbers, true or false, and stay what they are.
// `read` makes a value of what was typed or picked.
export const chips = ({ values, label, labelOf, read, ask, onchange, placeholder, removeLabel, pointer }) => {
  const input = h("input", { type: "text", class: "chips-input", placeholder, "aria-label": label, "data-at": pointer });
  const box = h("div", { class: "chips" });
  const add = (value) => {
    input.value = "";
    if (value === undefined || value === "" || values.some((each) => each === value)) return;
    values.push(value);
    render();
    onchange();
  };
  const remove = (index) => {
    values.splice(index, 1);
    render();
    input.focus();
    onchange();
  };
  const field = suggest(input, {
    ask,
    onpick: (option) => add(read(option.value)),
    onenter: (text) => text.trim() && add(read(text.trim())),
  });
  // Left behind in the field, it is meant as a value; several may be pasted, a line each.
  input.addEventListener("blur", () => input.value.trim() && add(read(input.value.trim())));
  input.addEventListener("paste", (event) => {
    const lines = (event.clipboardData?.getData("text") ?? "").split(/\r?\n/).filter((each) => each.trim());
    if (lines.length < 2) return;
    event.preventDefault();
    lines.forEach((each) => add(read(each.trim())));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && input.value === "" && values.length > 0) remove(values.length - 1);
  });
  const render = () => {
    const made = values.map((value, index) => {
      const name = labelOf(value);
      return h(
        "span",
        { class: "chip" },
        h("span", { class: "min-w-0 wrap-anywhere" }, name),
        h("button", { type: "button", "aria-label": removeLabel.replace("%s", name), onclick: () => remove(index) }, "×"),
      );
    });
    box.replaceChildren(...made, field);
    input.placeholder = values.length ? "" : placeholder;
  };
  render();
  return box;
};
