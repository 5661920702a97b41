// The matrix is drawn by the server: asked for again after every change, but not under a value that somebody is typing.
// What was changed flashes, with the name of who did it where that was somebody else.
import { workbench } from "./store.js";
import { arrange, reveal } from "./arrange.js";
import { chip } from "./people.js";

const matrix = document.getElementById("matrix");
const SEEN = 3_000;
let waiting = null;
let drawing = Promise.resolve();

const keyOf = (path) => (path.startsWith("/criteria/") ? path.split("/")[2].replaceAll("~1", "/").replaceAll("~0", "~") : null);

const flash = ({ path, who, by }) => {
  const row = document.getElementById(`criterion-${keyOf(path)}`);
  const value = matrix.querySelector(`[data-path="${CSS.escape(path)}"]`);
  const place = value ?? row;
  if (!place) return null;
  place.classList.add("is-flashed");
  const named = who && row?.querySelector("[data-changed]");
  if (named) named.replaceChildren(chip({ user_id: by, name: who }));
  setTimeout(() => {
    place.classList.remove("is-flashed");
    if (named) named.replaceChildren();
  }, SEEN);
  return place;
};

const isTyping = () => matrix.querySelector(".cell-input") !== null;

const fetched = async () => {
  try {
    const answer = await fetch(workbench.urls.matrix, { headers: { "HX-Request": "true" }, cache: "no-store" });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
};

const draw = (edits, isOwn) => {
  drawing = drawing.then(async () => {
    const html = isTyping() ? null : await fetched();
    // A value was opened meanwhile, or nothing came: at the next chance.
    if (html === null || isTyping()) {
      waiting = [...(waiting ?? []), ...edits];
      return;
    }
    const held = lastPlace;
    matrix.innerHTML = html;
    window.htmx.process(matrix);
    arrange();
    document.body.dispatchEvent(new CustomEvent("matrix:shown"));
    // Whoever was in the matrix is there again, on the same value.
    if (held && document.activeElement === document.body) {
      matrix.querySelector(`button.cell[data-path="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    }
    const places = edits.map(flash);
    if (isOwn) places.find(Boolean)?.scrollIntoView({ block: "nearest" });
  });
};

const drawWaiting = () => {
  if (!waiting) return;
  const edits = waiting;
  waiting = null;
  draw(edits, false);
};

let lastPlace = null;
document.addEventListener("focusin", (event) => {
  lastPlace = matrix.contains(event.target) ? (event.target.dataset.path ?? null) : null;
});

document.body.addEventListener("matrix:changed", (event) => {
  const { edits, paths, isOwn } = event.detail;
  draw(isOwn ? paths.map((path) => ({ path })) : edits, isOwn);
});
document.body.addEventListener("matrix:closed", drawWaiting);
document.body.addEventListener("matrix:select", (event) => {
  const row = reveal(event.detail.criterion);
  if (!row) return;
  row.scrollIntoView({ block: "center" });
  row.querySelector("button")?.focus({ preventScroll: true });
  row.classList.add("is-flashed");
  setTimeout(() => row.classList.remove("is-flashed"), SEEN);
});
