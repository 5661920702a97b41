// Elements built by scripts: texts are only ever texts, so that nothing somebody typed becomes markup.
let icons = "";
export const setIcons = (address) => (icons = address);

const SVG = "http://www.w3.org/2000/svg";

// `props`: on* are listeners, a boolean says whether an attribute is there, the rest are attributes.
export const h = (tag, props = {}, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props = {}, ...children) => fill(document.createElementNS(SVG, tag), props, children);

const fill = (element, props, children) => {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((each) => each !== null && each !== undefined && each !== false));
  return element;
};

export const icon = (name, classes = "") =>
  svg(
    "svg",
    { class: `icon ${classes}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    svg("use", { href: `${icons}#${name}` }),
  );

// Where a problem of this place of the criterion is told; `problems.js` looks for the nearest.
export const problemSlot = (pointer) =>
  h("p", { class: "errorlist wrap-anywhere", "data-problem": pointer, role: "status", hidden: true });

let numbers = 0;
export const newId = (name) => `${name}-${(numbers += 1)}`;

// A control with its label above and the place for its problem below.
export const labelled = (label, control, { pointer, help, classes = "" } = {}) => {
  control.id ||= newId("field");
  const told = help ? h("p", { class: "help", id: newId("help") }, help) : null;
  if (told) control.setAttribute("aria-describedby", told.id);
  return h(
    "div",
    { class: `field min-w-0 ${classes}` },
    h("label", { for: control.id }, label),
    control,
    told,
    pointer === undefined ? null : problemSlot(pointer),
  );
};

export const checkbox = (label, isChecked, onchange, { pointer } = {}) => {
  const control = h("input", { type: "checkbox", class: "checkbox", onchange: (event) => onchange(event.target.checked) });
  control.checked = isChecked;
  const line = h("label", { class: "flex items-center gap-2" }, control, h("span", {}, label));
  return pointer === undefined ? line : h("div", {}, line, problemSlot(pointer));
};

// `options` are [value, label] pairs; { label, options } makes a group of them.
export const select = (options, value, onchange, props = {}) => {
  const option = ([key, label]) => h("option", { value: key }, label);
  const control = h(
    "select",
    { class: "select", ...props, onchange: (event) => onchange(event.target.value) },
    options.map((each) => (Array.isArray(each) ? option(each) : h("optgroup", { label: each.label }, each.options.map(option)))),
  );
  control.value = value;
  if (control.selectedIndex < 0) control.selectedIndex = 0;
  return control;
};

// What was typed for a whole number: undefined for nothing, the text itself where it is none, so that it is refused.
export const wholeNumber = (text) => {
  const plain = text.trim().replaceAll(/[\s\u202f\u00a0]/g, "").replace("\u2212", "-");
  if (plain === "") return undefined;
  return /^[+-]?\d{1,15}$/.test(plain) ? Number(plain) : text.trim();
};

export const numberInput = (value, onchange, props = {}) =>
  h("input", {
    type: "text",
    class: "input num",
    inputmode: "numeric",
    autocomplete: "off",
    ...props,
    value: value === undefined ? "" : String(value),
    oninput: (event) => onchange(wholeNumber(event.target.value)),
  });

export const textInput = (value, onchange, props = {}) =>
  h("input", {
    type: "text",
    class: "input",
    autocomplete: "off",
    ...props,
    value: value ?? "",
    oninput: (event) => onchange(event.target.value),
  });

export const iconButton = (name, label, onclick, props = {}) =>
  h("button", { type: "button", class: "btn btn-ghost btn-sm btn-icon shrink-0", "aria-label": label, title: label, ...props, onclick }, icon(name));

export const smallButton = (name, label, onclick, props = {}) =>
  h("button", { type: "button", class: "btn btn-sm", ...props, onclick }, icon(name), label);

export const section = (title, ...children) =>
  h("section", { class: "hairline flex flex-col gap-3 border-t pt-4" }, h("h3", { class: "font-semibold" }, title), ...children);
