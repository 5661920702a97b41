// The criterion editor: one criterion on a sheet, with everything a criterion may say. What is typed is read back as a
// sentence; saving sends only what differs.
import { workbench, at, post, send } from "../store.js";
import { checkbox, h, labelled, newId, numberInput, problemSlot, section, select, textInput } from "./dom.js";
import { conditionBuilder } from "./conditions.js";
import { countEditor, countJson, countModel, decayEditor, decayJson, decayModel } from "./decay.js";
import { criterionEdits, keyFrom, put, same, step } from "./differences.js";
import { patternEditor, whenJson, whenModel } from "./pattern.js";
import { choicesOf, complain, complainAt, conflictSettled, isSheetOf, openSheet, say } from "./sheet.js";
import "./menu.js";
import "./presets.js";
import "./settings.js";

const PAUSE = 250;

// What the controls hold; `criterionJson` is its inverse for every valid criterion.
export const criterionModel = (json) => ({
  raw: json,
  key: json.key ?? "",
  label: json.label ?? "",
  note: json.note ?? "",
  dimension: json.dimension,
  group: json.group ?? "",
  worth: ["points", "stars", "tier"].find((each) => each in json) ?? "points",
  points: json.points,
  stars: json.stars,
  tier: json.tier,
  isNegative: json.negative ?? false,
  mostPoints: json.max_points,
  effect: json.disqualify ? "disqualify" : json.fast_track ? "fast_track" : "",
  isEnabled: json.enabled ?? true,
  condition: json.if ?? {},
  when: whenModel(json.when),
  count: countModel(json.count),
  decay: decayModel(json.decay),
});

export const criterionJson = (model) => {
  const { raw } = model;
  const json = { key: model.key, dimension: model.dimension };
  put(json, raw, "label", model.label, "");
  put(json, raw, "note", model.note, "");
  if (model.group !== "") json.group = model.group;
  if (model[model.worth] !== undefined) json[model.worth] = model[model.worth];
  if (model.worth !== "points") put(json, raw, "negative", model.isNegative, false);
  if (model.mostPoints !== undefined) json.max_points = model.mostPoints;
  put(json, raw, "disqualify", model.effect === "disqualify", false);
  put(json, raw, "fast_track", model.effect === "fast_track", false);
  put(json, raw, "enabled", model.isEnabled, true);
  if (model.dimension === "behavior") {
    put(json, raw, "if", model.condition, {});
    json.when = whenJson(model.when);
    put(json, raw, "count", countJson(model.count), {});
    put(json, raw, "decay", decayJson(model.decay), {});
  } else json.if = model.condition;
  return json;
};

let editing = null;
let choices = null;

const taken = () => new Set(workbench.document.criteria.map((each) => each.key));
const isDirty = () => !same(criterionJson(editing.model), editing.start);

let waiting = 0;
const changed = () => {
  clearTimeout(waiting);
  waiting = setTimeout(readBack, PAUSE);
};

let asked = 0;
const readBack = async () => {
  if (!isSheetOf("criterion")) return;
  const mine = (asked += 1);
  const body = { criterion: criterionJson(editing.model), replaces: editing.isNew ? "" : editing.base.key };
  const answer = await post(workbench.urls.sentence, body);
  if (mine !== asked || !isSheetOf("criterion")) return;
  if (answer.status === 0) return complain(choices.words.offline);
  if (!answer.ok) return complain(answer.body.detail ?? "");
  const { sentence, points, curve, problems } = answer.body;
  complainAt(problems, { isPatient: !editing.hasTried });
  editing.decay.draw(curve);
  if (problems.length === 0) say(`${points > 0 ? "+" : points < 0 ? "−" : ""}${Math.abs(points)}: ${sentence}`);
  else say("");
  return problems;
};

const newCriterion = (dimension) => ({
  key: "",
  label: "",
  dimension: dimension || "fit",
  points: 5,
  ...(dimension === "behavior" ? { when: {} } : { if: {} }),
});

export const open = async ({ criterion, dimension }) => {
  if (!workbench.isEditable) return;
  try {
    choices = await choicesOf();
  } catch (error) {
    document.dispatchEvent(new CustomEvent("toast", { detail: error.message }));
    return;
  }
  const base = criterion ? structuredClone(at(`/criteria${step(criterion)}`)) : null;
  if (criterion && !base) return;
  begin(base ?? newCriterion(dimension), !base);
};

const begin = (json, isNew) => {
  editing = { isNew, base: json, model: criterionModel(structuredClone(json)), hasTried: false, hasOwnKey: false };
  editing.start = criterionJson(editing.model);
  show();
};

const show = () => {
  const title = editing.isNew ? choices.words.newCriterion : choices.words.editCriterion;
  openSheet({ owner: "criterion", title, content: content(), isDirty, save });
  readBack();
};

// For who asks what the sheet makes of a criterion: opened on it, and what its controls hold.
export const openOn = async (criterion) => {
  choices = await choicesOf();
  begin(criterion, false);
};
export const held = () => criterionJson(editing.model);

const content = () => {
  const { words } = choices;
  const parts = h("div", { class: "flex flex-col gap-4" });
  // Which parts there are follows the dimension.
  const render = (focus) => {
    parts.replaceChildren(...sections(render));
    parts.querySelector(focus ?? "[data-none]")?.focus();
  };
  parts.replaceChildren(...sections(render));
  return [names(words), parts];
};

const names = (words) => {
  const { model, isNew } = editing;
  const key = textInput(model.key, (text) => {
    editing.hasOwnKey = text !== "";
    model.key = text.trim();
    changed();
  }, { "data-at": "/key", class: "input font-mono" });
  const label = textInput(model.label, (text) => {
    model.label = text.trim();
    if (isNew && !editing.hasOwnKey) key.value = model.key = text.trim() ? keyFrom(text, taken()) : "";
    changed();
  }, { "data-at": "/label", "data-first": "" });
  const note = h("textarea", { class: "textarea", rows: 2, "data-at": "/note", value: model.note, oninput: (event) => ((model.note = event.target.value), changed()) });
  return h(
    "div",
    { class: "flex flex-col gap-3" },
    labelled(words.name, label, { pointer: "/label" }),
    isNew ? labelled(words.key, key, { pointer: "/key", help: words.keyHelp }) : h("p", { class: "help" }, `${words.key}: `, h("code", {}, model.key)),
    labelled(words.note, note, { pointer: "/note" }),
  );
};

const sections = (render) => {
  const { words } = choices;
  const { model } = editing;
  const lead = conditionBuilder({
    json: model.condition,
    scope: "lead",
    pointer: "/if",
    choices,
    words,
    empty: words.whoAll,
    onchange: () => ((model.condition = lead.value()), changed()),
  });
  editing.decay = decayEditor({ model: model.decay, words, onchange: changed });
  const behaves =
    model.dimension === "behavior"
      ? [
          section(words.what, patternEditor({ model: model.when, choices, words, onchange: changed })),
          section(words.repeats, countEditor({ model: model.count, words, onchange: changed })),
          section(words.age, editing.decay.element),
        ]
      : [];
  const who = section(words.who, lead.element);
  return [placed(words, render), worth(words), ...(behaves.length ? [behaves[0], who, ...behaves.slice(1)] : [who])];
};

const placed = (words, render) => {
  const { model } = editing;
  const dimension = select(Object.entries(choices.dimensions), model.dimension, (name) => {
    model.dimension = name;
    render("[data-at='/dimension']");
    changed();
  }, { "data-at": "/dimension" });
  const list = newId("groups");
  const group = textInput(model.group, (text) => ((model.group = text.trim()), changed()), { list, "data-at": "/group" });
  const groups = groupsOf(model.dimension).map(([key, label]) => h("option", { value: key }, label));
  return h(
    "div",
    { class: "grid grid-cols-1 gap-3 sm:grid-cols-2" },
    labelled(words.dimension, dimension, { pointer: "/dimension" }),
    labelled(words.group, group, { pointer: "/group", help: words.groupHelp }),
    h("datalist", { id: list }, groups),
  );
};

// Groups that criteria of this dimension are in, and those that are declared and nobody's.
export const groupsOf = (dimension) => {
  const { criteria, groups = {} } = workbench.document;
  const elsewhere = new Set(criteria.filter((each) => each.dimension !== dimension).map((each) => each.group));
  const own = criteria.filter((each) => each.dimension === dimension && each.group).map((each) => each.group);
  const keys = [...new Set([...own, ...Object.keys(groups).filter((each) => !elsewhere.has(each))])];
  return keys.map((key) => [key, groups[key]?.label ?? key]);
};

const worth = (words) => {
  const element = h("div", { class: "flex flex-col gap-3" });
  const { model } = editing;
  const kinds = [["points", words.points], ["stars", words.stars], ["tier", words.tier]];
  const render = (focus) => {
    const kind = select(kinds, model.worth, (name) => {
      model.worth = name;
      if (name === "stars") model.stars ??= 3;
      if (name === "tier") model.tier ??= Object.keys(workbench.document.tiers ?? {})[0];
      render("select");
      changed();
    });
    const most = numberInput(model.mostPoints, (value) => ((model.mostPoints = value), changed()), { "data-at": "/max_points" });
    element.replaceChildren(
      h(
        "div",
        { class: "grid grid-cols-2 items-start gap-3 sm:grid-cols-3" },
        labelled(words.valuedIn, kind),
        valued(words),
        labelled(words.mostPoints, most, { pointer: "/max_points" }),
      ),
      model.worth === "points"
        ? ""
        : checkbox(words.negative, model.isNegative, (is) => ((model.isNegative = is), changed()), { pointer: "/negative" }),
      h("div", { class: "grid grid-cols-1 gap-3 sm:grid-cols-2" }, labelled(words.effect, effect(words), { pointer: "/fast_track" })),
      checkbox(words.enabled, model.isEnabled, (is) => ((model.isEnabled = is), changed()), { pointer: "/enabled" }),
    );
    if (focus) element.querySelector(focus)?.focus();
  };
  render();
  return section(words.worth, element, problemSlot(""));
};

const effect = (words) =>
  select(
    [["", words.effectPoints], ["disqualify", words.effectDisqualify], ["fast_track", words.effectFastTrack]],
    editing.model.effect,
    (name) => ((editing.model.effect = name), changed()),
  );

const valued = (words) => {
  const { model } = editing;
  if (model.worth === "points") {
    const points = numberInput(model.points, (value) => ((model.points = value), changed()), { "data-at": "/points" });
    return labelled(words.points, points, { pointer: "/points" });
  }
  if (model.worth === "tier") {
    const known = Object.entries(workbench.document.tiers ?? {}).map(([name, points]) => [name, `${name} (${points})`]);
    const options = known.some(([name]) => name === model.tier) ? known : [[model.tier ?? "", model.tier ?? words.choose], ...known];
    const tier = select(options, model.tier ?? "", (name) => ((model.tier = name || undefined), changed()), { "data-at": "/tier" });
    return labelled(words.tier, tier, { pointer: "/tier" });
  }
  return stars(words);
};

const stars = (words) => {
  const { model } = editing;
  const name = newId("stars");
  const mark = () => {
    for (const each of element.querySelectorAll("label")) each.dataset.on = String(Number(each.dataset.star) <= model.stars);
  };
  const star = (number) => {
    const control = h("input", {
      type: "radio",
      name,
      class: "sr-only",
      "aria-label": words.starsOf.replace("%s", number),
      onchange: () => ((model.stars = number), mark(), changed()),
    });
    control.checked = model.stars === number;
    return h("label", { class: "star", "data-star": number }, control, h("span", { "aria-hidden": "true" }, "★"));
  };
  const element = h("div", { class: "stars", role: "radiogroup", "aria-label": words.stars }, [1, 2, 3, 4, 5].map(star));
  mark();
  return h("div", { class: "field" }, h("span", { class: "label" }, words.stars), element, problemSlot("/stars"));
};

const save = async () => {
  const { words } = choices;
  const { model, base, isNew } = editing;
  editing.hasTried = true;
  clearTimeout(waiting);
  const json = criterionJson(model);
  if (!isNew && !at(`/criteria${step(base.key)}`)) return (complain(words.deletedMeanwhile), false);
  const edits = isNew ? [{ path: "/criteria/-", before: null, after: json }] : criterionEdits(base, json);
  if (edits.length === 0) return true;
  const answer = await send(edits);
  if (answer.ok) {
    // The row is there when the matrix has been drawn again.
    const select = () => document.body.dispatchEvent(new CustomEvent("matrix:select", { detail: { criterion: json.key } }));
    document.body.addEventListener("matrix:shown", select, { once: true });
    return true;
  }
  if (answer.body.code === "edit_conflict") return settleConflict();
  if (answer.status === 0) return (complain(words.offline), false);
  const problems = await readBack();
  if (!problems?.length) complain(answer.body.errors?.[0]?.detail ?? answer.body.detail ?? words.incomplete);
  else if (!isSlotShown()) complain(words.incomplete);
  document.querySelector("#matrix-sheet [aria-invalid]")?.focus();
  return false;
};

const isSlotShown = () => document.querySelector("#matrix-sheet [data-problem]:not([hidden])") !== null;

// Somebody else changed the same value and one was chosen: the sheet goes on from what stands there now.
const settleConflict = async () => {
  const { model, base } = editing;
  const mine = criterionJson(model);
  const contested = criterionEdits(base, mine);
  await conflictSettled();
  const now = at(`/criteria${step(base.key)}`);
  if (!now) return (complain(choices.words.deletedMeanwhile), false);
  const next = structuredClone(now);
  // What only I changed stays mine; what was contested is as it was chosen.
  for (const { path, before, after } of contested) {
    const names = path.split("/").slice(3);
    const last = names.pop();
    const [was, is] = [names.reduce((node, name) => node?.[name], now), names.reduce((node, name) => node?.[name], next)];
    if (!is || !same(was[last] ?? null, before)) continue;
    if (after === null) delete is[last];
    else is[last] = after;
  }
  Object.assign(editing, { base: structuredClone(now), model: criterionModel(next), start: criterionJson(criterionModel(now)) });
  if (same(next, now)) return true;
  show();
  return false;
};

document.body.addEventListener("matrix:edit-criterion", (event) => open(event.detail));
