// A condition built from menus: groups of all and any, their opposites, and leaves of field, operator and value.
//
// The model is a tree of {type: "always" | "all" | "any" | "not" | "leaf"}; `conditionModel` and `conditionJson` are
// each other's inverse for every condition there is.
import { h, iconButton, problemSlot, select, smallButton } from "./dom.js";
import { leafControls, leafNew } from "./leaves.js";

export const conditionModel = (json) => {
  if (json === undefined || Object.keys(json).length === 0) return { type: "always" };
  for (const type of ["all", "any"]) if (type in json) return { type, parts: json[type].map(conditionModel) };
  if ("not" in json) return { type: "not", part: conditionModel(json.not) };
  return { type: "leaf", ...json };
};

export const conditionJson = (model) => {
  switch (model.type) {
    case "always":
      return {};
    case "all":
    case "any":
      return { [model.type]: model.parts.map(conditionJson) };
    case "not":
      return { not: conditionJson(model.part) };
    default: {
      const { type, ...leaf } = model;
      if (leaf.value === undefined) delete leaf.value;
      return leaf;
    }
  }
};

const isGroup = (model) => model.type === "all" || model.type === "any";
const isEmpty = (model) => (isGroup(model) ? model.parts.length === 0 : model.type === "not" && isEmpty(model.part));

// How many of all, any and not lie on the longest way down, this one counted.
export const height = (model) => {
  if (model.type === "not") return 1 + height(model.part);
  return isGroup(model) ? 1 + Math.max(0, ...model.parts.map(height)) : 0;
};

// The builder of one condition. `scope` is lead or activity, `pointer` its place in the criterion; `context.kinds` may
// answer the kinds of the activities. `value()` is the condition as JSON.
export const conditionBuilder = ({ json, scope, pointer, choices, context, words, empty, onchange }) => {
  let root = conditionModel(json);
  const element = h("div", { class: "flex flex-col gap-2" });
  const most = choices.mostAbove;

  const changed = (focus) => {
    render();
    if (focus) element.querySelector(focus)?.focus();
    onchange();
  };
  const settle = () => {
    if (isEmpty(root)) root = { type: "always" };
    else if (isGroup(root) && root.parts.length === 1) [root] = root.parts;
  };
  const fresh = () => leafNew(scope);
  const addTo = (model, part) => {
    model.parts.push(part);
    changed();
    focusLast(part);
  };
  const focusLast = (part) => {
    const fields = element.querySelectorAll("[data-field]");
    [...fields].find((each) => each.dataset.field === String(ids.get(part)))?.focus();
  };
  const ids = new WeakMap();
  let number = 0;
  const idOf = (model) => {
    if (!ids.has(model)) ids.set(model, (number += 1));
    return ids.get(model);
  };

  // `place` is {pointer, above, replace(model), remove()}: where the node hangs.
  const nodeView = (model, place, isNegated = false) => {
    if (model.type === "not" && model.part.type !== "not") {
      const inner = { pointer: `${place.pointer}/not`, above: place.above + 1, remove: place.remove };
      inner.replace = (next) => (next.type === "always" ? place.remove() : ((model.part = next), changed()));
      inner.turn = () => place.replace(model.part);
      return nodeView(model.part, inner, true);
    }
    if (model.type === "not") {
      const inner = { pointer: `${place.pointer}/not`, above: place.above + 1, remove: place.remove };
      inner.replace = (next) => ((model.part = next), changed());
      return h("div", { class: "condition-group" }, h("span", { class: "badge badge-warn self-start" }, words.not), nodeView(model.part, inner));
    }
    const turn = place.turn ?? (() => place.replace({ type: "not", part: model }));
    const isFull = !isNegated && place.above + height(model) >= most;
    const opposite = h(
      "button",
      {
        type: "button",
        class: "condition-not",
        "aria-pressed": String(isNegated),
        title: words.notHelp,
        disabled: isFull,
        "data-not": place.pointer,
        onclick: () => {
          turn();
          element.querySelector(`[data-not="${CSS.escape(isNegated ? place.pointer.replace(/\/not$/, "") : `${place.pointer}/not`)}"]`)?.focus();
        },
      },
      words.not,
    );
    const remove = (name) => iconButton("x", words.removeNamed.replace("%s", name), () => (place.remove(), element.querySelector("select, button")?.focus()));
    if (model.type === "always") {
      return h("div", { class: "condition-row" }, h("span", { class: "flex-1 text-subtle" }, words.alwaysTrue), remove(words.alwaysTrue), problemSlot(place.pointer));
    }
    if (model.type === "leaf") {
      const view = leafControls({
        model,
        id: idOf(model),
        scope,
        pointer: place.pointer,
        choices,
        words,
        context,
        onchange,
        rerender: (focus) => changed(focus),
      });
      return h("div", { class: "condition-row" }, opposite, view, remove(words.field.toLowerCase()), problemSlot(place.pointer));
    }
    return groupView(model, place, opposite, remove);
  };

  const groupView = (model, place, opposite, remove) => {
    const inside = place.above + 1;
    const parts = model.parts.map((part, index) =>
      nodeView(part, {
        pointer: `${place.pointer}/${model.type}/${index}`,
        above: inside,
        replace: (next) => ((model.parts[index] = next), changed()),
        remove: () => {
          model.parts.splice(index, 1);
          if (model.parts.length === 0) return place.remove();
          settle();
          changed();
        },
      }),
    );
    const kind = select([["all", words.all], ["any", words.any]], model.type, (type) => ((model.type = type), changed()), {
      "aria-label": words.combine,
      class: "select w-auto!",
    });
    return h(
      "div",
      { class: "condition-group" },
      h("div", { class: "flex items-center gap-2" }, opposite, kind, h("span", { class: "flex-1" }), remove(words.combine)),
      parts,
      problemSlot(`${place.pointer}/${model.type}`),
      h(
        "div",
        { class: "flex flex-wrap gap-2" },
        smallButton("plus", words.addCondition, () => addTo(model, fresh())),
        inside < most ? smallButton("plus", words.addGroup, () => ((part) => (addTo(model, { type: "all", parts: [part] }), focusLast(part)))(fresh())) : null,
      ),
    );
  };

  const render = () => {
    if (root.type === "always") {
      element.replaceChildren(
        h("p", { class: "text-subtle" }, empty),
        h("div", {}, smallButton("plus", words.addCondition, () => ((root = fresh()), changed("select"))), problemSlot(pointer)),
      );
      return;
    }
    const view = nodeView(root, {
      pointer,
      above: 0,
      replace: (next) => ((root = next), settle(), changed()),
      remove: () => ((root = { type: "always" }), changed("button")),
    });
    const isAlone = !isGroup(root);
    const wrap = (type) => {
      const part = fresh();
      root = { type, parts: [root, part] };
      changed();
      focusLast(part);
    };
    const more = isAlone && height(root) < most ? h("div", {}, smallButton("plus", words.addCondition, () => wrap("all"))) : null;
    element.replaceChildren(view, more ?? "");
  };

  render();
  return { element, value: () => conditionJson(root) };
};
