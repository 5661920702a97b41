// Which activities count: their kinds, what holds of them, what came before, and what is measured of them.
import { conditionBuilder, conditionJson, conditionModel } from "./conditions.js";
import { put } from "./differences.js";
import { checkbox, h, labelled, numberInput, problemSlot, select } from "./dom.js";
import { valuesOf } from "./leaves.js";
import { chips, counted } from "./suggest.js";

const patternModel = (json = {}) => ({ raw: json, kinds: [...(json.kinds ?? [])], where: json.where ?? {} });

const patternJson = (model) => {
  const json = {};
  put(json, model.raw, "kinds", [...model.kinds], []);
  put(json, model.raw, "where", conditionJson(conditionModel(model.where)), {});
  return json;
};

const measureOf = (json) => ["reached", "rising", "silent_days"].find((each) => each in json) ?? "";

export const whenModel = (json = {}) => ({
  ...patternModel(json),
  after: json.after === undefined ? null : patternModel(json.after),
  withinDays: json.within_days,
  isUnique: json.unique_by === "subject",
  measure: measureOf(json),
  reached: { ...json.reached },
  rising: { ...json.rising },
  silentDays: json.silent_days,
  perDays: json.per_days,
});

const known = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

export const whenJson = (model) => {
  const json = patternJson(model);
  if (model.after) Object.assign(json, { after: patternJson(model.after) }, known({ within_days: model.withinDays }));
  if (model.isUnique) json.unique_by = "subject";
  if (model.measure === "reached") json.reached = known(model.reached);
  if (model.measure === "rising") json.rising = known(model.rising);
  if (model.measure === "silent_days") Object.assign(json, { silent_days: model.silentDays ?? "" }, known({ per_days: model.perDays }));
  return json;
};

const patternView = (model, { pointer, choices, words, onchange }) => {
  const labels = new Map(choices.kinds.map((each) => [each.key, each.label]));
  const keyOf = (text) => choices.kinds.find((each) => each.key === text || each.label.toLowerCase() === text.toLowerCase())?.key ?? text;
  const kinds = chips({
    values: model.kinds,
    label: words.kinds,
    labelOf: (key) => labels.get(key) ?? key,
    read: (text) => keyOf(text),
    ask: async (text) => {
      const found = await valuesOf("activity.kind", "");
      const counts = new Map(found.values.map((each) => [each.value, each.count]));
      const wanted = text.toLowerCase();
      const options = choices.kinds
        .filter((each) => !model.kinds.includes(each.key))
        .filter((each) => each.key.startsWith(wanted) || each.label.toLowerCase().includes(wanted))
        .sort((one, other) => (counts.get(other.key) ?? 0) - (counts.get(one.key) ?? 0))
        .map(({ key, label, group }) => ({
          value: key,
          label,
          detail: counts.has(key) ? words.activities.replace("%s", counted(counts.get(key))) : group,
        }));
      return { options, note: found.among ? words.among.replace("%s", counted(found.among)) : "" };
    },
    onchange,
    placeholder: words.kindsHelp,
    removeLabel: words.removeNamed,
    pointer: `${pointer}/kinds`,
  });
  const where = conditionBuilder({
    json: model.where,
    scope: "activity",
    pointer: `${pointer}/where`,
    choices,
    words,
    context: { kinds: () => model.kinds },
    empty: words.whereAll,
    onchange: () => ((model.where = where.value()), onchange()),
  });
  return [
    h("div", { class: "field" }, h("span", { class: "label" }, words.kinds), kinds, problemSlot(`${pointer}/kinds`)),
    h("div", { class: "field" }, h("span", { class: "label" }, words.where), where.element),
  ];
};

export const patternEditor = ({ model, choices, words, onchange }) => {
  const element = h("div", { class: "flex flex-col gap-4" });
  const pointer = "/when";
  const changed = (focus) => {
    render();
    element.querySelector(focus)?.focus();
    onchange();
  };
  const number = (target, name, label, place) =>
    labelled(label, numberInput(target[name], (value) => ((target[name] = value), onchange()), { "data-at": place }), { pointer: place });

  const measures = {
    "": () => null,
    reached: () => [
      number(model.reached, "at_least", words.atLeast, "/when/reached/at_least"),
      number(model.reached, "within_days", words.inDays, "/when/reached/within_days"),
    ],
    rising: () => [
      number(model.rising, "by_percent", words.byPercent, "/when/rising/by_percent"),
      number(model.rising, "days", words.inDays, "/when/rising/days"),
      number(model.rising, "at_least", words.atLeast, "/when/rising/at_least"),
      h(
        "div",
        { class: "col-span-full" },
        checkbox(words.ofValue, model.rising.of === "value", (is) => ((model.rising.of = is ? "value" : undefined), onchange())),
      ),
    ],
    silent_days: () => [
      number(model, "silentDays", words.silentDays, "/when/silent_days"),
      number(model, "perDays", words.perDays, "/when/per_days"),
    ],
  };

  const render = () => {
    const after = checkbox(words.after, model.after !== null, (is) => {
      model.after = is ? patternModel() : null;
      model.withinDays = is ? (model.withinDays ?? 7) : undefined;
      changed("[data-after] input");
    });
    after.dataset.after = "";
    const measure = select(
      [["", words.measureNone], ["reached", words.measureReached], ["rising", words.measureRising], ["silent_days", words.measureSilent]],
      model.measure,
      (name) => {
        model.measure = name;
        changed("[data-measure]");
      },
      { "data-measure": "" },
    );
    element.replaceChildren(
      ...patternView(model, { pointer, choices, words, onchange }),
      after,
      ...(model.after
        ? [
            h(
              "div",
              { class: "condition-group" },
              h("span", { class: "label" }, words.afterWhat),
              patternView(model.after, { pointer: `${pointer}/after`, choices, words, onchange }),
              number(model, "withinDays", words.withinDays, "/when/within_days"),
            ),
          ]
        : []),
      checkbox(words.unique, model.isUnique, (is) => ((model.isUnique = is), onchange())),
      labelled(words.measure, measure, { pointer }),
      h("div", { class: "grid grid-cols-2 gap-3 empty:hidden sm:grid-cols-3" }, ...(measures[model.measure]() ?? [])),
    );
  };
  render();
  return element;
};
