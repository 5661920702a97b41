// How repeats and age count, with a picture of what is kept by age, drawn of what the engine says.
import { same } from "./differences.js";
import { h, iconButton, labelled, numberInput, problemSlot, select, smallButton, svg } from "./dom.js";

const known = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
const CURVES = { expires_after_days: 60, half_life_days: 30, linear_days: 60 };

export const countModel = (json) => ({ ...json });
export const countJson = (model) => known(model);

export const decayModel = (json = {}) => {
  const curve = Object.keys(json)[0] ?? "";
  return { curve, days: curve in CURVES ? json[curve] : undefined, steps: (json.steps ?? []).map((each) => [...each]) };
};

export const decayJson = (model) => {
  if (model.curve === "") return {};
  if (model.curve === "steps") return { steps: model.steps.map((each) => each.map((one) => one ?? "")) };
  return { [model.curve]: model.days ?? "" };
};

export const countEditor = ({ model, words, onchange }) => {
  const number = (name, label) =>
    labelled(label, numberInput(model[name], (value) => ((model[name] = value), onchange()), { "data-at": `/count/${name}` }), {
      pointer: `/count/${name}`,
    });
  return h(
    "div",
    { class: "grid grid-cols-1 items-end gap-3 sm:grid-cols-3" },
    number("max", words.max),
    number("max_per_day", words.maxPerDay),
    number("repeat_percent", words.repeatPercent),
  );
};

export const decayEditor = ({ model, words, onchange }) => {
  const controls = h("div", { class: "flex flex-col gap-3" });
  const picture = h("div", { class: "curve-picture", role: "img", "aria-label": words.picture, hidden: true });
  const line = h("p", { class: "help", "data-decay-line": "", "aria-live": "polite" });
  const changed = (focus) => {
    render();
    controls.querySelector(focus)?.focus();
    onchange();
  };
  const choose = (curve) => {
    if (curve in CURVES) model.days = CURVES[curve];
    if (curve === "steps" && model.steps.length === 0) model.steps = [[30, 50], [90, 0]];
    model.curve = curve;
    changed("[data-curve]");
  };
  const stepRow = (step, index) =>
    h(
      "div",
      { class: "flex flex-wrap items-end gap-2" },
      labelled(words.fromDay, numberInput(step[0], (value) => ((step[0] = value), onchange()), { "data-at": `/decay/steps/${index}/0` }), { classes: "w-28" }),
      labelled(words.percent, numberInput(step[1], (value) => ((step[1] = value), onchange()), { "data-at": `/decay/steps/${index}/1` }), { classes: "w-28" }),
      iconButton("x", words.remove, () => (model.steps.splice(index, 1), changed("[data-curve]"))),
      problemSlot(`/decay/steps/${index}`),
    );
  const addStep = () => {
    const [day, percent] = model.steps.at(-1) ?? [0, 100];
    model.steps.push([Number(day) + 30, Math.max(0, Math.floor(Number(percent) / 2))]);
    changed("div:last-of-type input");
  };
  const render = () => {
    const curve = select(
      [
        ["", words.curveNone],
        ["expires_after_days", words.curveExpires],
        ["half_life_days", words.curveHalfLife],
        ["linear_days", words.curveLinear],
        ["steps", words.curveSteps],
      ],
      model.curve,
      choose,
      { "data-curve": "" },
    );
    const parts = [labelled(words.curve, curve, { pointer: "/decay", classes: "flex-1" })];
    if (model.curve in CURVES) {
      const days = numberInput(model.days, (value) => ((model.days = value), onchange()), { "data-at": `/decay/${model.curve}` });
      parts.push(labelled(words.days, days, { pointer: `/decay/${model.curve}`, classes: "w-28" }));
    }
    const steps = model.curve === "steps" ? [...model.steps.map(stepRow), h("div", {}, smallButton("plus", words.addStep, addStep)), problemSlot("/decay/steps")] : [];
    controls.replaceChildren(h("div", { class: "flex flex-wrap items-start gap-3" }, parts), ...steps);
  };
  let drawn = null;
  const draw = (curve) => {
    if (curve && same(curve, drawn)) return;
    drawn = curve;
    line.textContent = curve?.line ?? "";
    picture.hidden = !curve;
    picture.replaceChildren(...(curve ? [drawing(curve)] : []));
  };
  render();
  return { element: h("div", { class: "flex flex-col gap-3" }, controls, picture, line), draw };
};

const WIDE = 320;
const HIGH = 88;
const drawing = ({ days, percents, is_stepped: isStepped }) => {
  const last = days.at(-1) || 1;
  const [left, top, right, bottom] = [34, 8, WIDE - 8, HIGH - 18];
  const x = (day) => (left + (day / last) * (right - left)).toFixed(1);
  const y = (percent) => (bottom - (percent / 100) * (bottom - top)).toFixed(1);
  const path = days.map((day, index) => (index === 0 ? `M${x(day)} ${y(percents[0])}` : isStepped ? `H${x(day)}V${y(percents[index])}` : `L${x(day)} ${y(percents[index])}`)).join("");
  const text = (content, props) => svg("text", { class: "curve-text", ...props }, content);
  const marks = [7, 30, 90].filter((day) => day <= last);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "w-full max-w-md", "aria-hidden": "true" },
    svg("path", { class: "curve-axis", d: `M${left} ${top}V${bottom}H${right}M${left} ${y(50)}H${right}` }),
    ...marks.map((day) => svg("path", { class: "curve-axis", d: `M${x(day)} ${top}V${bottom}` })),
    ...marks.map((day) => text(String(day), { x: x(day), y: HIGH - 5, "text-anchor": "middle" })),
    text("100%", { x: left - 4, y: top + 4, "text-anchor": "end" }),
    text("50%", { x: left - 4, y: Number(y(50)) + 3, "text-anchor": "end" }),
    text("0", { x: left - 4, y: bottom + 3, "text-anchor": "end" }),
    svg("path", { class: "curve-line", d: path }),
  );
};
