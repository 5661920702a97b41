// One leaf of a condition: its field, its operator, and a value typed as the operator takes it.
import { h, problemSlot, select, textInput } from "./dom.js";
import { chips, counted, suggest } from "./suggest.js";
import { workbench } from "../store.js";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NUMBER = /^[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?$/i;

export const leafNew = (scope) =>
  scope === "lead" ? { type: "leaf", field: "lead.title", op: "has_word" } : { type: "leaf", field: "activity.url", op: "path_starts_with" };

// What is known of a field of this name: a fixed one, or one of the team's own.
export const fieldOf = (name, choices) => {
  const fixed = choices.fields.find((each) => each.name === name);
  if (fixed) return fixed;
  const own = choices.own.find((each) => name.startsWith(each.prefix));
  const known = own?.names.find((each) => own.prefix + each.name === name);
  return {
    name,
    label: known?.label ?? (own ? name.slice(own.prefix.length) : name),
    kind: "free",
    ops: choices.freeOps,
    choices: known?.choices ?? [],
    type: known?.type ?? "text",
    prefix: own?.prefix,
  };
};

const naturalType = (field) => ({ number: "number", boolean: "boolean", free: field.type })[field.kind] ?? "text";
const typeOf = (value, field) => {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return value === undefined ? naturalType(field) : "text";
};

// A typed text as a value of a type; what is no number stays a text, which is then refused or compared as one.
const readAs = (text, type) => {
  if (type === "number") return NUMBER.test(text.trim()) ? Number(text) : text.trim();
  if (type === "boolean") return text.trim().toLowerCase() === "true";
  return text;
};

// The value as another operator takes it, as far as it can be kept.
export const valueFor = (operand, value) => {
  const first = Array.isArray(value) ? value[0] : value;
  if (value === undefined || operand === "none") return undefined;
  if (operand === "many") return Array.isArray(value) ? value : [value];
  if (operand === "texts") return (Array.isArray(value) ? value : [value]).every((each) => typeof each === "string") ? value : undefined;
  if (operand === "range" || operand === "years") return Array.isArray(value) && value.length === 2 ? value : undefined;
  if (operand === "order") return typeof first === "number" || DAY.test(first) ? first : undefined;
  return first;
};

export const leafControls = ({ model, id, scope, pointer, choices, words, context, onchange, rerender }) => {
  const field = fieldOf(model.field, choices);
  const operand = choices.ops[model.op]?.operand ?? "one";

  const setField = (name) => {
    const next = fieldOf(name, choices);
    model.field = name;
    if (next.choices.length) model.op = "in";
    else if (!next.ops.includes(model.op)) model.op = next.ops[0];
    model.value = undefined;
    if (naturalType(next) === "boolean") [model.op, model.value] = ["is", true];
    rerender(`[data-field="${id}"]`);
  };
  const setOp = (op) => {
    model.value = valueFor(choices.ops[op].operand, model.value);
    model.op = op;
    rerender(`[data-op="${id}"]`);
  };

  const isNamed = field.prefix !== undefined;
  const isListed = isNamed && choices.own.some((each) => each.names.some((one) => each.prefix + one.name === model.field));
  const prefixes = scope === "lead" ? ["lead.", "company."] : ["activity."];
  const inScope = (name) => prefixes.some((each) => name.startsWith(each));
  const groups = grouped(choices.fields.filter((each) => inScope(each.name)));
  const options = [
    ...groups.map(([label, fields]) => ({ label, options: fields.map((each) => [each.name, each.label]) })),
    ...choices.own
      .filter((each) => inScope(each.prefix))
      .map((each) => ({
        label: each.label,
        options: [...each.names.map((one) => [each.prefix + one.name, one.label]), [each.prefix, words.anotherName]],
      })),
  ];
  const fieldSelect = select(options, isNamed && !isListed ? field.prefix : model.field, setField, {
    "aria-label": words.field,
    "data-field": id,
    "data-at": `${pointer}/field`,
  });
  const ops = field.ops.includes(model.op) ? field.ops : [model.op, ...field.ops];
  const opSelect = select(ops.map((each) => [each, choices.ops[each]?.label ?? each]), model.op, setOp, {
    "aria-label": words.operator,
    "data-op": id,
    "data-at": `${pointer}/op`,
  });
  return h(
    "div",
    { class: "condition-leaf" },
    h("div", { class: "flex min-w-0 flex-col gap-1" }, fieldSelect, isNamed && !isListed ? nameInput() : null, problemSlot(`${pointer}/field`)),
    h("div", { class: "min-w-0" }, opSelect, problemSlot(`${pointer}/op`)),
    h("div", { class: "condition-value" }, valueControl(), problemSlot(`${pointer}/value`)),
  );

  function nameInput() {
    const set = (name) => ((model.field = field.prefix + name), onchange());
    const input = textInput(model.field.slice(field.prefix.length), set, { "aria-label": words.nameOf, "data-at": `${pointer}/field` });
    return suggest(input, { ask: (text) => askValues(field.prefix, text), onpick: (option) => ((input.value = option.value), set(option.value)) });
  }

  function valueControl() {
    if (operand === "none") return null;
    if (operand === "many") return manyControl();
    if (operand === "texts") return textsControl();
    if (operand === "range" || operand === "years") return rangeControl();
    return oneControl(model.value, (value) => ((model.value = value), onchange()), words.value, operand === "order");
  }

  function manyControl() {
    const values = Array.isArray(model.value) ? model.value : (model.value = []);
    return withType(values[0], (type) =>
      chips({
        values,
        label: words.value,
        labelOf,
        read: (typed) => (typeof typed === "string" ? (choiceOf(typed) ?? readAs(typed, type())) : typed),
        ask: (text) => askValues(model.field, text),
        onchange,
        placeholder: field.choices.length ? words.choose : words.addValue,
        removeLabel: words.removeNamed,
        pointer: `${pointer}/value`,
      }),
    );
  }

  function textsControl() {
    const values = model.value === undefined ? [] : [model.value].flat();
    const wasList = Array.isArray(model.value);
    return chips({
      values,
      label: words.value,
      labelOf,
      read: String,
      ask: (text) => askValues(model.field, text),
      onchange: () => {
        // One text stands alone unless the document had a list.
        model.value = values.length === 0 ? undefined : values.length === 1 && !wasList ? values[0] : [...values];
        onchange();
      },
      placeholder: words.addValue,
      removeLabel: words.removeNamed,
      pointer: `${pointer}/value`,
    });
  }

  function rangeControl() {
    const ends = Array.isArray(model.value) ? model.value : [];
    const set = (index, value) => {
      ends[index] = value;
      model.value = [ends[0], ends[1]].map((each) => each ?? "");
      onchange();
    };
    const end = (index, label) => oneControl(ends[index], (value) => set(index, value), label, operand === "range", "number");
    return h("div", { class: "flex flex-wrap items-start gap-2" }, end(0, words.from), end(1, words.to), operand === "years" ? h("span", { class: "self-center text-subtle" }, words.years) : null);
  }

  // One value: a menu where there are few, a number, a day, or a text with suggestions.
  function oneControl(value, set, label, isOrdered, fallback) {
    const at = `${pointer}/value`;
    if (isOrdered) return orderedControl(value, set, label, at);
    if (fallback === "number") return plainInput(value, (text) => set(readAs(text, "number")), label, at, "decimal");
    if (field.choices.length > 0 && field.choices.length < 20 && (value === undefined || field.choices.some(([key]) => key === value))) {
      return select([["", words.choose], ...field.choices], value ?? "", (key) => set(key || undefined), { "aria-label": label, "data-at": at });
    }
    return withType(value, (type) => {
      if (type() === "boolean") {
        return select([["true", words.yes], ["false", words.no]], String(value ?? true), (text) => set(text === "true"), { "aria-label": label, "data-at": at });
      }
      const input = textInput(value === undefined ? "" : labelOf(value), (text) => set(read(text)), { "aria-label": label, "data-at": at });
      const read = (text) => {
        if (value !== undefined && text === labelOf(value)) return value;
        return text === "" ? undefined : (choiceOf(text) ?? readAs(text, type()));
      };
      return suggest(input, { ask: (text) => askValues(model.field, text), onpick: (option) => ((input.value = labelOf(option.value)), set(option.value)) });
    });
  }

  function orderedControl(value, set, label, at) {
    const isDay = typeof value === "string" && (DAY.test(value) || value === "day");
    const input = isDay
      ? h("input", { type: "date", class: "input", "aria-label": label, "data-at": at, value: DAY.test(value) ? value : "", oninput: (event) => set(event.target.value || undefined) })
      : plainInput(value, (text) => set(text === "" ? undefined : readAs(text, "number")), label, at, "decimal");
    if (field.kind !== "free") return input;
    const kind = select([["number", words.number], ["day", words.day]], isDay ? "day" : "number", (chosen) => {
      set(chosen === "day" ? new Date().toISOString().slice(0, 10) : undefined);
      rerender();
    }, { "aria-label": words.type, class: "select w-auto!" });
    return h("div", { class: "flex gap-2" }, kind, input);
  }

  function plainInput(value, set, label, at, inputmode) {
    return textInput(value === undefined ? "" : String(value), set, { "aria-label": label, "data-at": at, inputmode, class: "input num" });
  }

  // A value of a field of the team's own may be a text, a number, or yes or no; so may one that is not of its field's type.
  function withType(value, control) {
    let type = typeOf(value, field);
    const natural = naturalType(field);
    if (field.kind !== "free" && type === natural) return control(() => type);
    const chooser = select([["text", words.text], ["number", words.number], ["boolean", words.boolean]], type, (chosen) => {
      type = chosen;
      const convert = (each) => (chosen === "text" ? String(each) : readAs(String(each), chosen));
      if (Array.isArray(model.value)) model.value = model.value.map(convert);
      else if (model.value !== undefined) model.value = convert(model.value);
      else if (chosen === "boolean") model.value = true;
      rerender();
    }, { "aria-label": words.type, class: "select w-auto!" });
    return h("div", { class: "flex items-start gap-2" }, chooser, h("div", { class: "min-w-0 flex-1" }, control(() => type)));
  }

  function labelOf(value) {
    if (typeof value === "boolean") return value ? words.yes : words.no;
    const known = field.choices.find(([key]) => key === value);
    return known ? known[1] : String(value);
  }

  function choiceOf(text) {
    const wanted = text.trim().toLowerCase();
    return field.choices.find(([key, label]) => key.toLowerCase() === wanted || label.toLowerCase() === wanted)?.[0];
  }

  async function askValues(name, text) {
    if (field.isPersonal) return { options: [], note: words.personal };
    // What stands in a fixed list is found by its label here: the server knows values only.
    const isListed = name === model.field && field.choices.length > 0;
    const found = await valuesOf(name, isListed ? "" : text, context?.kinds?.() ?? []);
    const unit = found.is_of_activities ? words.activities : words.leads;
    const counts = new Map(found.values.map((each) => [each.value, each.count]));
    const detail = (value) => (counts.has(value) ? unit.replace("%s", counted(counts.get(value))) : "");
    const note = found.among ? words.among.replace("%s", counted(found.among)) : "";
    if (isListed) {
      const wanted = text.toLowerCase();
      const options = field.choices
        .filter(([key, label]) => key.toLowerCase().startsWith(wanted) || label.toLowerCase().includes(wanted))
        .sort(([one], [other]) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0));
      return { options: options.slice(0, 30).map(([value, label]) => ({ value, label, detail: detail(value) })), note };
    }
    const options = found.values.map((each) => ({ value: each.value, label: each.label, detail: detail(each.value) }));
    return { options, note: options.length ? note : words.noValues };
  }
};

const grouped = (fields) => {
  const found = new Map();
  for (const each of fields) found.set(each.group, [...(found.get(each.group) ?? []), each]);
  return [...found];
};

const NOTHING = { values: [], is_of_activities: false, among: null };
export const valuesOf = async (field, text, kinds = []) => {
  const asked = new URLSearchParams([["field", field], ["q", text.slice(0, 200)], ...kinds.map((each) => ["kind", each])]);
  try {
    const answer = await fetch(`${workbench.urls.values}?${asked}`, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : NOTHING;
  } catch {
    return NOTHING;
  }
};
