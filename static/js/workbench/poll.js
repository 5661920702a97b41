// Every two seconds, while the page is seen: who else is here, and what changed. The server answers 304 where nothing did.
import { workbench, adopt } from "./store.js";
import { placeNow } from "./edit.js";
import { chip } from "./people.js";

const PAUSE = 2_000;
const chips = document.getElementById("workbench-here");
const words = document.getElementById("workbench-words").dataset;
let tag = "";
let timer = 0;
let isAsking = false;
let here = [];

const show = () => {
  chips.replaceChildren(...here.map(chip));
  for (const place of document.querySelectorAll("#matrix [data-here]")) {
    const row = `/criteria/${place.closest("[data-criterion]").dataset.criterion}`;
    const there = here.filter((each) => each.place === row || each.place.startsWith(`${row}/`));
    place.replaceChildren(...there.map(chip));
  }
};

// What the page says of a draft, it cannot say of another state: signed, withdrawn, published.
const reload = () => {
  if (document.querySelector("#matrix .cell-input, dialog[open]")) return;
  location.reload();
};

const take = (state) => {
  here = state.here;
  show();
  if (state.document) {
    const others = state.edits.filter((each) => each.by !== workbench.userId);
    adopt({ ...state, edits: others, paths: others.map((each) => each.path) }, false);
    if (others[0]) document.dispatchEvent(new CustomEvent("toast", { detail: words.changedBy.replace("%s", others[0].who) }));
  }
  if (state.state !== workbench.state) reload();
};

const ask = async () => {
  clearTimeout(timer);
  if (document.hidden || isAsking) return;
  isAsking = true;
  const address = new URL(workbench.urls.poll, location.origin);
  address.searchParams.set("revision", workbench.revision);
  address.searchParams.set("place", placeNow());
  try {
    const answer = await fetch(address, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.redirected) return location.reload();
    if (answer.status === 200) {
      const state = await answer.json();
      tag = answer.headers.get("ETag") ?? "";
      take(state);
    }
  } catch {
    // Away for a moment: asked again at the next turn.
  } finally {
    isAsking = false;
  }
  timer = setTimeout(ask, PAUSE);
};

document.addEventListener("visibilitychange", () => !document.hidden && ask());
document.body.addEventListener("matrix:shown", show);
window.addEventListener("pagehide", () => fetch(`${workbench.urls.poll}?left`, { keepalive: true }).catch(() => {}));
ask();
