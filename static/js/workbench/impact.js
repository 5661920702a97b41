// The impact beside the matrix: pictures of its figures, figures of a value that is still being typed, and the threshold
// that capacity asks for. The figures fetch themselves again when the matrix changes; nothing here asks for that.
import { send } from "./store.js";
import { draw } from "./impact_chart.js";

const figures = () => document.getElementById("impact-figures");
const TYPING = 120;
const AGAIN = 1000;

const drawAll = (root) => root.querySelectorAll("[data-impact-chart]").forEach(draw);
document.addEventListener("htmx:load", (event) => drawAll(event.target));
drawAll(document);

// A value that is being typed: {path, before, after}, tried without being saved. The newest wins.
let waiting = 0;
let under_way = null;
let shown = null;

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

const stop = () => {
  clearTimeout(waiting);
  under_way?.abort();
  under_way = null;
};

const show = (html) => {
  const old = figures();
  if (!old) return;
  const opened = [...old.querySelectorAll("details")].map((each) => each.open);
  old.outerHTML = html;
  const made = figures();
  made.querySelectorAll("details").forEach((each, at) => (each.open = opened[at] ?? each.open));
  window.htmx.process(made);
  drawAll(made);
};

const ask = async (url, edit) => {
  under_way?.abort();
  const mine = (under_way = new AbortController());
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), "HX-Request": "true" },
      body: JSON.stringify({ edits: [edit] }),
      signal: mine.signal,
    });
    if (!answer.ok || mine.signal.aborted) return;
    const html = await answer.text();
    if (mine !== under_way) return;
    show(html);
    shown = edit;
    if (figures()?.hasAttribute("data-waiting")) waiting = setTimeout(() => ask(url, edit), AGAIN);
  } catch {
    // Given up for a newer value, or the connection broke: what stands there stays.
  }
};

const read = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const edit_of = (input) => {
  if (!input.dataset?.path || input.value.trim() === "" || !input.checkValidity()) return null;
  const before = input.dataset.before === "" || input.dataset.before === undefined ? null : read(input.dataset.before);
  const after = Number(input.value);
  return Number.isInteger(after) ? { path: input.dataset.path, before, after } : null;
};

const reload = () => {
  stop();
  shown = null;
  const found = figures();
  if (found) window.htmx.trigger(found, "impact:reload");
};

document.addEventListener("input", (event) => {
  if (!event.target.closest?.("#matrix") || !event.target.dataset?.path) return;
  const url = document.querySelector("[data-impact]")?.dataset.try;
  if (!url) return;
  clearTimeout(waiting);
  const edit = edit_of(event.target);
  if (edit && edit.after !== edit.before) waiting = setTimeout(() => ask(url, edit), TYPING);
  else if (shown) waiting = setTimeout(reload, TYPING);
});

// Left without being saved: what is saved is shown again. A saved value comes with matrix:changed.
document.addEventListener("focusout", (event) => {
  if (event.target.closest?.("#matrix") && event.target.dataset?.path && (shown || under_way)) {
    clearTimeout(waiting);
    waiting = setTimeout(() => figures()?.hasAttribute("data-tried") && reload(), 400);
  }
});

document.body.addEventListener("matrix:changed", () => {
  stop();
  shown = null;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-impact-send]");
  if (!button) return;
  button.disabled = true;
  const edit = JSON.parse(document.getElementById(button.dataset.impactSend).textContent);
  const answer = await send([edit]);
  button.disabled = answer.ok;
});
