// The impact beside the matrix: pictures of its figures, figures of a value that is still being typed, and the threshold
// that capacity asks for. The figures fetch themselves again when the matrix changes; nothing here asks for that.
import { at, send } from "./store.js";
import { editFor } from "./edit.js";
import { draw } from "./impact_chart.js";

const figures = () => document.getElementById("impact-figures");
const TYPING = 120;
const AGAIN = 1000;

// Whatever brought new figures: pictures are drawn, and what was unfolded stays so.
let unfolded = [];
const remember = () => {
  unfolded = [...(figures()?.querySelectorAll("details") ?? [])].map((each) => each.open);
};
const dress = () => {
  const found = figures();
  if (!found) return;
  found.querySelectorAll("details").forEach((each, index) => (each.open = unfolded[index] ?? false));
  found.querySelectorAll("[data-impact-chart]").forEach(draw);
};
document.addEventListener("htmx:beforeSwap", (event) => event.target.id === "impact-figures" && remember());
document.addEventListener("htmx:load", (event) => {
  if (event.target.querySelector("#impact-figures") || event.target.id === "impact-figures") dress();
});
dress();

// A value that is being typed is tried without being saved. The newest wins.
let waiting = 0;
let asking = null;
let isTried = false;

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

const stop = () => {
  clearTimeout(waiting);
  asking?.abort();
  asking = null;
};

const show = (html) => {
  if (!figures()) return;
  remember();
  figures().outerHTML = html;
  window.htmx.process(figures());
  dress();
};

const ask = async (url, edit) => {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), "HX-Request": "true" },
      body: JSON.stringify({ edits: [edit] }),
      signal: mine.signal,
    });
    const html = answer.ok ? await answer.text() : "";
    if (!html || mine !== asking) return;
    show(html);
    isTried = true;
    if (figures()?.hasAttribute("data-waiting")) waiting = setTimeout(() => ask(url, edit), AGAIN);
  } catch {
    // Given up for a newer value, or the connection broke: what stands there stays.
  }
};

const saved = () => {
  stop();
  if (!isTried) return;
  isTried = false;
  if (figures()) window.htmx.trigger(figures(), "impact:reload");
};

// The whole number in a field, or null where there is none that may stand there.
const typed = ({ value, dataset }) => {
  const text = value.trim().replace("\u2212", "-");
  if (dataset.kind !== "number" || !/^[+-]?\d{1,9}$/.test(text)) return null;
  const number = Number(text);
  return number < Number(dataset.low ?? -Infinity) || number > Number(dataset.high ?? Infinity) ? null : number;
};

document.addEventListener("input", (event) => {
  const field = event.target.closest?.("#matrix [data-path]");
  const url = document.querySelector("[data-impact]")?.dataset.try;
  if (!field || !url) return;
  clearTimeout(waiting);
  const value = typed(field);
  const isNew = value !== null && value !== at(field.dataset.path);
  waiting = setTimeout(isNew ? () => ask(url, editFor(field.dataset.path, value)) : saved, TYPING);
});

// Left without being saved: what is saved is shown again. A saved value comes with matrix:changed.
document.body.addEventListener("matrix:typed", (event) => event.detail === null && saved());
document.body.addEventListener("matrix:changed", () => {
  stop();
  isTried = false;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-impact-send]");
  if (!button) return;
  button.disabled = true;
  const edit = JSON.parse(document.getElementById(button.dataset.impactSend).textContent);
  const answer = await send([edit]);
  button.disabled = answer.ok;
});
