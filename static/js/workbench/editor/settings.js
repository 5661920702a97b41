// The settings of the matrix on a sheet: everything of the document that is no criterion. Saving sends only what differs.
import { workbench, post, send } from "../store.js";
import { checkbox, h, iconButton, labelled, newId, numberInput, problemSlot, section, select, smallButton, textInput } from "./dom.js";
import { conditionBuilder } from "./conditions.js";
import { keyFrom, put, same, settingsEdits, step } from "./differences.js";
import { choicesOf, complain, complainAt, conflictSettled, isSheetOf, openSheet, say } from "./sheet.js";

const PAUSE = 250;
const GRADES = ["A", "B", "C", "D"];
const LEVELS = ["1", "2", "3"];
const ALWAYS_THERE = ["mql", "sql"];

const known = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== ""));

// What the controls hold of a document; `settingsJson` is its inverse for the members it knows.
export const settingsModel = (json) => ({
  raw: json,
  name: json.name,
  description: json.description ?? "",
  audience: json.audience ?? "b2b",
  timezone: json.timezone ?? "UTC",
  appliesTo: json.applies_to ?? {},
  handOffAt: json.hand_off_at ?? "mql",
  pointsPerStar: json.points_per_star,
  tiers: Object.entries(json.tiers ?? {}).map(([name, points]) => ({ name, points })),
  dimensions: Object.fromEntries(["fit", "behavior", "qualification"].map((name) => [name, { ...json.dimensions?.[name] }])),
  grades: { ...json.grades },
  levels: { ...json.levels },
  stages: json.stages.map((each) => ({ ...each })),
  groups: Object.entries(json.groups ?? {}).map(([key, group]) => ({ key, ...group })),
});

export const settingsJson = (model) => {
  const { raw } = model;
  const json = { name: model.name };
  put(json, raw, "description", model.description, "");
  put(json, raw, "audience", model.audience, "b2b");
  put(json, raw, "timezone", model.timezone, "UTC");
  put(json, raw, "applies_to", model.appliesTo, {});
  put(json, raw, "hand_off_at", model.handOffAt, "mql");
  if (model.pointsPerStar !== undefined) json.points_per_star = model.pointsPerStar;
  put(json, raw, "tiers", Object.fromEntries(model.tiers.map(({ name, points }) => [name, points ?? ""])), {});
  const dimensions = {};
  for (const [name, members] of Object.entries(model.dimensions)) put(dimensions, raw.dimensions ?? {}, name, known(members), {});
  put(json, raw, "dimensions", dimensions, {});
  json.grades = known(model.grades);
  json.levels = known(model.levels);
  json.stages = model.stages.map(known);
  put(json, raw, "groups", Object.fromEntries(model.groups.map(({ key, ...group }) => [key, known(group)])), {});
  return json;
};

let editing = null;
let choices = null;
let waiting = 0;
let asked = 0;

const changed = () => {
  clearTimeout(waiting);
  waiting = setTimeout(readBack, PAUSE);
};

// What is no longer there is sent as nothing, so that it is tried without it.
const tried = () => {
  const json = settingsJson(editing.model);
  const names = ["description", "audience", "timezone", "applies_to", "hand_off_at", "points_per_star", "tiers", "dimensions", "groups"];
  return { ...Object.fromEntries(names.map((each) => [each, null])), ...json };
};

const readBack = async () => {
  if (!isSheetOf("settings")) return [];
  const mine = (asked += 1);
  const answer = await post(workbench.urls.sentence, { settings: tried() });
  if (mine !== asked || !isSheetOf("settings")) return [];
  if (!answer.ok) return (complain(answer.status === 0 ? choices.words.offline : (answer.body.detail ?? "")), []);
  const { sentence, problems } = answer.body;
  complainAt(problems, { isPatient: !editing.hasTried });
  say(problems.length === 0 ? `${choices.words.appliesTo}: ${sentence}` : "");
  return problems;
};

export const open = async () => {
  if (!workbench.isEditable) return;
  try {
    choices = await choicesOf();
  } catch (error) {
    document.dispatchEvent(new CustomEvent("toast", { detail: error.message }));
    return;
  }
  begin(workbench.document);
};

const begin = (document_, mine = null) => {
  const base = structuredClone(document_);
  editing = { base, model: settingsModel(mine ?? structuredClone(base)), hasTried: false };
  editing.start = settingsJson(settingsModel(base));
  openSheet({ owner: "settings", title: choices.words.settings, content: content(), isDirty: () => !same(settingsJson(editing.model), editing.start), save });
  readBack();
};

const content = () => {
  const { words } = choices;
  return [
    about(words),
    section(words.appliesTo, applies(words)),
    listOf(words.stages, words.stagesHelp, stageList),
    bands(words),
    section(words.dimensions, ...Object.entries(choices.dimensions).map(([name, label]) => dimension(words, name, label))),
    listOf(words.tiers, null, tierList),
    listOf(words.groups, null, groupList),
  ];
};

const set = (target, name) => (value) => {
  target[name] = value;
  changed();
};

const about = (words) => {
  const { model } = editing;
  const zones = newId("zones");
  const zone = textInput(model.timezone, (text) => set(model, "timezone")(text.trim()), { list: zones, "data-at": "/timezone" });
  const description = h("textarea", { class: "textarea", rows: 2, "data-at": "/description", value: model.description, oninput: (event) => set(model, "description")(event.target.value) });
  return h(
    "div",
    { class: "flex flex-col gap-3" },
    labelled(words.name, textInput(model.name, set(model, "name"), { "data-at": "/name", "data-first": "" }), { pointer: "/name" }),
    labelled(words.description, description, { pointer: "/description" }),
    h(
      "div",
      { class: "grid grid-cols-1 gap-3 sm:grid-cols-2" },
      labelled(words.audience, select(choices.audiences, model.audience, set(model, "audience")), { pointer: "/audience" }),
      labelled(words.zone, zone, { pointer: "/timezone", help: words.zoneHelp }),
      h("datalist", { id: zones }, choices.zones.map((each) => h("option", { value: each }))),
      labelled(words.handOffAt, select([["mql", "mql"], ["sql", "sql"]], model.handOffAt, set(model, "handOffAt")), { pointer: "/hand_off_at" }),
      labelled(words.pointsPerStar, numberInput(model.pointsPerStar, set(model, "pointsPerStar"), { "data-at": "/points_per_star" }), { pointer: "/points_per_star" }),
    ),
  );
};

const applies = (words) => {
  const { model } = editing;
  const builder = conditionBuilder({
    json: model.appliesTo,
    scope: "lead",
    pointer: "/applies_to",
    choices,
    words,
    empty: words.whoAll,
    onchange: () => set(model, "appliesTo")(builder.value()),
  });
  return builder.element;
};

const bands = (words) => {
  const { model } = editing;
  const band = (title, help, names, values, pointer) =>
    section(
      title,
      h("p", { class: "help" }, help),
      h(
        "div",
        { class: "grid grid-cols-4 gap-3" },
        names.map((name) => labelled(name, numberInput(values[name], set(values, name), { "data-at": `${pointer}/${name}` }), { pointer: `${pointer}/${name}` })),
      ),
      problemSlot(pointer),
    );
  return h(
    "div",
    { class: "flex flex-col gap-4" },
    band(words.grades, words.gradesHelp, GRADES, model.grades, "/grades"),
    band(words.levels, words.levelsHelp, LEVELS, model.levels, "/levels"),
  );
};

const limits = (target, pointer) => {
  const { words } = choices;
  const number = (name, label) => labelled(label, numberInput(target[name], set(target, name), { "data-at": `${pointer}/${name}` }), { pointer: `${pointer}/${name}` });
  return [number("floor", words.floor), number("ceiling", words.ceiling)];
};

const dimension = (words, name, label) => {
  const target = editing.model.dimensions[name];
  const pointer = `/dimensions/${name}`;
  const weight = numberInput(target.weight, set(target, "weight"), { "data-at": `${pointer}/weight`, placeholder: "100" });
  return h(
    "fieldset",
    { class: "flex flex-col gap-1" },
    h("legend", { class: "label first-letter:uppercase" }, label),
    h("div", { class: "grid grid-cols-3 gap-3" }, labelled(words.weight, weight, { pointer: `${pointer}/weight` }), limits(target, pointer)),
  );
};

// A list that is drawn anew when something comes, goes or moves; `rows(again)` answers what stands in it.
const listOf = (title, help, rows) => {
  const element = h("div", { class: "flex flex-col gap-3" });
  const again = (focus) => {
    element.replaceChildren(...rows(again));
    if (focus) element.querySelector(focus)?.focus();
    changed();
  };
  element.replaceChildren(...rows(again));
  return section(title, help ? h("p", { class: "help" }, help) : "", element);
};

const stageList = (again) => {
  const { words } = choices;
  const { stages } = editing.model;
  const move = (index, by) => {
    const [stage] = stages.splice(index, 1);
    stages.splice(index + by, 0, stage);
    again(`[data-stage="${index + by}"] input`);
  };
  const row = (stage, index) => {
    const pointer = `/stages/${index}`;
    const name = stage.label ?? stage.key;
    const grades = [["", words.anyGrade], ...choices.grades.map((each) => [each, each])];
    const levels = [["", words.anyGrade], ...choices.levels.map((each) => [String(each), String(each)])];
    return h(
      "div",
      { class: "condition-group", "data-stage": index },
      h(
        "div",
        { class: "flex items-end gap-1" },
        labelled(words.name, textInput(stage.label ?? "", (text) => set(stage, "label")(text || undefined), { placeholder: stage.key, "data-at": `${pointer}/label` }), { classes: "flex-1", pointer: `${pointer}/label` }),
        iconButton("arrow-up", words.earlier.replace("%s", name), () => move(index, -1), { disabled: index === 0 }),
        iconButton("arrow-down", words.later.replace("%s", name), () => move(index, 1), { disabled: index === stages.length - 1 }),
        ALWAYS_THERE.includes(stage.key)
          ? null
          : iconButton("trash", words.removeNamed.replace("%s", name), () => (stages.splice(index, 1), again("input"))),
      ),
      h(
        "div",
        { class: "grid grid-cols-3 gap-3" },
        labelled(words.at, numberInput(stage.at, set(stage, "at"), { "data-at": `${pointer}/at` }), { pointer: `${pointer}/at` }),
        labelled(words.minGrade, select(grades, stage.min_grade ?? "", (value) => set(stage, "min_grade")(value || undefined)), { pointer: `${pointer}/min_grade` }),
        labelled(words.maxLevel, select(levels, String(stage.max_level ?? ""), (value) => set(stage, "max_level")(value ? Number(value) : undefined)), { pointer: `${pointer}/max_level` }),
      ),
      problemSlot(pointer),
    );
  };
  const add = () => {
    const label = words.newStage;
    const highest = Math.max(0, ...stages.map((each) => Number(each.at ?? 0)));
    stages.push({ key: keyFrom(label, new Set(stages.map((each) => each.key))), label, at: highest + 10 });
    again(`[data-stage="${stages.length - 1}"] input`);
  };
  return [...stages.map(row), problemSlot("/stages"), h("div", {}, smallButton("plus", words.addStage, add))];
};

const tierList = (again) => {
  const { words } = choices;
  const { tiers } = editing.model;
  const row = (tier, index) => {
    const pointer = `/tiers${step(tier.name)}`;
    return h(
      "div",
      { class: "flex items-end gap-2", "data-tier": index },
      labelled(words.name, textInput(tier.name, (text) => set(tier, "name")(text.trim())), { classes: "flex-1", pointer }),
      labelled(words.points, numberInput(tier.points, set(tier, "points"), { "data-at": pointer }), { classes: "w-28" }),
      iconButton("trash", words.removeNamed.replace("%s", tier.name), () => (tiers.splice(index, 1), again("input, button"))),
    );
  };
  const add = () => {
    tiers.push({ name: keyFrom(words.newTier, new Set(tiers.map((each) => each.name))), points: 10 });
    again(`[data-tier="${tiers.length - 1}"] input`);
  };
  return [...tiers.map(row), problemSlot("/tiers"), h("div", {}, smallButton("plus", words.addTier, add))];
};

const groupList = (again) => {
  const { words } = choices;
  const { groups } = editing.model;
  const { criteria } = workbench.document;
  const row = (group, index) => {
    const pointer = `/groups${step(group.key)}`;
    return h(
      "div",
      { class: "condition-group", "data-declared": index },
      h(
        "div",
        { class: "flex items-end gap-2" },
        labelled(words.name, textInput(group.label ?? "", (text) => set(group, "label")(text || undefined), { placeholder: group.key, "data-at": `${pointer}/label` }), { classes: "flex-1", pointer: `${pointer}/label` }),
        iconButton("trash", words.removeNamed.replace("%s", group.label ?? group.key), () => (groups.splice(index, 1), again("input, select, button"))),
      ),
      h("div", { class: "grid grid-cols-2 gap-3" }, limits(group, pointer)),
      checkbox(words.takeHighest, group.take === "highest", (is) => set(group, "take")(is ? "highest" : undefined)),
      problemSlot(pointer),
    );
  };
  // Groups that criteria are in and nobody declared; a name of one's own for one that comes.
  const declared = new Set(groups.map((each) => each.key));
  const open_ = [...new Set(criteria.map((each) => each.group).filter((each) => each && !declared.has(each)))];
  const declare = (key) => {
    groups.push({ key, label: key });
    again(`[data-declared="${groups.length - 1}"] input`);
  };
  const buttons = open_.map((key) => smallButton("plus", `${words.addGroupOf}: ${key}`, () => declare(key)));
  const fresh = () => declare(keyFrom(words.newGroup, new Set([...declared, ...open_])));
  return [...groups.map(row), problemSlot("/groups"), h("div", { class: "flex flex-wrap gap-2" }, buttons, smallButton("plus", words.newGroup, fresh))];
};

const save = async () => {
  editing.hasTried = true;
  clearTimeout(waiting);
  const edits = settingsEdits(editing.base, settingsJson(editing.model));
  if (edits.length === 0) return true;
  const answer = await send(edits);
  if (answer.ok) return true;
  if (answer.body.code === "edit_conflict") {
    await conflictSettled();
    begin(workbench.document);
    return false;
  }
  if (answer.status === 0) return (complain(choices.words.offline), false);
  const problems = await readBack();
  if (!problems.length) complain(answer.body.errors?.[0]?.detail ?? answer.body.detail ?? choices.words.incomplete);
  return false;
};

document.body.addEventListener("matrix:edit-settings", open);
