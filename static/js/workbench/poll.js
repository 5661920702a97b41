// Every two seconds, while the page is seen: who else is here, and what changed. The server answers 304 where nothing did.
import { workbench, adopt } from "./store.js";
import { placeNow } from "./edit.js";

const PAUSE = 2_000;
const chips = document.getElementById("workbench-here");
const words = document.getElementById("workbench-words").dataset;
let tag = "";
let timer = 0;
let here = [];

const chip = (name) => {
  const made = document.createElement("span");
  made.className = "who-chip";
  made.textContent = name;
  return made;
};

const show = () => {
  chips.replaceChildren(...here.map((each) => chip(each.name)));
  for (const place of document.querySelectorAll("#matrix [data-here]")) {
    const key = place.closest("[data-criterion]").dataset.criterion;
    const there = here.filter((each) => each.place.startsWith(`/criteria/${key}/`));
    place.replaceChildren(...there.map((each) => chip(each.name)));
  }
};

const ask = async () => {
  clearTimeout(timer);
  if (document.hidden) return;
  const address = new URL(workbench.urls.poll, location.origin);
  address.searchParams.set("revision", workbench.revision);
  address.searchParams.set("place", placeNow());
  try {
    const answer = await fetch(address, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/login")) {
      location.reload();
      return;
    }
    if (answer.status === 200) {
      tag = answer.headers.get("ETag") ?? "";
      const state = await answer.json();
      here = state.here;
      show();
      if (state.document) {
        const others = state.edits.filter((each) => each.by !== workbench.userId);
        adopt({ ...state, paths: others.map((each) => each.path) }, false);
        const last = others[0];
        if (last) {
          document.dispatchEvent(new CustomEvent("toast", { detail: words.changedBy.replace("%s", last.who) }));
        }
      }
      // What it says of a draft, a page of another state cannot show: signed, published, withdrawn.
      const isBusy = document.querySelector("#matrix .cell-input, dialog[open]") !== null;
      if (state.state !== workbench.state && !isBusy) location.reload();
    }
  } catch {
    // Away for a moment: asked again at the next turn.
  }
  timer = setTimeout(ask, PAUSE);
};

document.addEventListener("visibilitychange", () => !document.hidden && ask());
document.body.addEventListener("matrix:shown", show);
document.addEventListener("focusin", (event) => event.target.closest("#matrix button.cell") && timer && setTimeout(ask, 300));
window.addEventListener("pagehide", () => navigator.sendBeacon && fetch(`${workbench.urls.poll}?left`, { keepalive: true }));
ask();
