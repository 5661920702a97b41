// Problems at the control they speak of; what has no control of its own is told at the foot of the sheet.

// What merely is not typed yet is not complained about before somebody wants to save.
const NOT_YET = new Set(["required", "empty_list", "blank", "one_worth"]);

const covers = (pointer, problem) => pointer === problem || pointer === "" || problem.startsWith(`${pointer}/`);
const nearest = (elements, name, pointer) => {
  const found = elements.filter((each) => covers(each.dataset[name], pointer));
  return found.sort((one, other) => other.dataset[name].length - one.dataset[name].length)[0];
};

export const clearProblems = (root) => {
  for (const each of root.querySelectorAll("[data-problem]")) {
    each.hidden = true;
    each.textContent = "";
  }
  for (const each of root.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
};

// `problems` are {pointer, code, detail}; answers those that found no place.
export const showProblems = (root, problems, { isPatient = false } = {}) => {
  clearProblems(root);
  const slots = [...root.querySelectorAll("[data-problem]")];
  const controls = [...root.querySelectorAll("[data-at]")];
  const homeless = [];
  for (const { pointer, code, detail } of problems) {
    if (isPatient && NOT_YET.has(code)) continue;
    const slot = nearest(slots, "problem", pointer);
    if (!slot) homeless.push(detail);
    else {
      if (!slot.textContent.includes(detail)) slot.append(slot.textContent ? ` ${detail}` : detail);
      slot.hidden = false;
      nearest(controls, "at", pointer)?.setAttribute("aria-invalid", "true");
    }
  }
  return homeless;
};
