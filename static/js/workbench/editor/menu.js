// The menu of a row: edit, duplicate, switch off and on, move, put into a group, delete; Alt with the arrow keys moves.
import { workbench, at, send } from "../store.js";
import { h } from "./dom.js";
import { keyFrom, moved, step } from "./differences.js";

const matrix = document.getElementById("matrix");
const panel = document.getElementById("criterion-menu-panel");
const words = document.getElementById("criterion-words")?.dataset;
const main = panel?.querySelector("[data-menu-main]");
const groups = panel?.querySelector("[data-menu-groups]");
let key = "";
let button = null;

const pathOf = (name) => `/criteria${step(name)}`;
const items = () => [...panel.querySelectorAll("[role^=menuitem]")].filter((each) => each.offsetParent !== null && !each.disabled);

const place = () => {
  const box = button.getBoundingClientRect();
  panel.style.position = "fixed";
  panel.style.margin = "0";
  panel.style.right = "auto";
  panel.style.left = `${Math.max(8, Math.min(box.right - panel.offsetWidth, innerWidth - panel.offsetWidth - 8))}px`;
  const below = box.bottom + 4;
  const fits = below + panel.offsetHeight <= innerHeight - 8;
  panel.style.top = `${fits ? below : Math.max(8, box.top - panel.offsetHeight - 4)}px`;
};

const show = (wanted) => {
  button = wanted;
  key = wanted.dataset.criterion;
  const criterion = at(pathOf(key));
  if (!criterion) return;
  main.hidden = false;
  groups.hidden = true;
  const { criteria } = workbench.document;
  const item = (name) => panel.querySelector(`[data-do=${name}]`);
  item("disable").hidden = criterion.enabled === false;
  item("enable").hidden = criterion.enabled !== false;
  item("up").disabled = moved(criteria, key, -1) === null;
  item("down").disabled = moved(criteria, key, 1) === null;
  panel.showPopover();
  place();
  button.setAttribute("aria-expanded", "true");
  items()[0].focus();
};

const hide = ({ keepFocus = true } = {}) => {
  if (!panel.matches(":popover-open")) return;
  panel.hidePopover();
  if (keepFocus && button?.isConnected) button.focus();
};

// After the matrix was drawn anew, the row somebody moved keeps the focus.
const focusRow = (name) => {
  const back = () => matrix.querySelector(`.criterion-menu[data-criterion="${CSS.escape(name)}"]`)?.focus();
  document.body.addEventListener("matrix:shown", back, { once: true });
};

const move = async (name, by) => {
  // On the screen they may stand by points or by name: there is no place to move to.
  if (document.getElementById("workbench-order")?.value) {
    document.dispatchEvent(new CustomEvent("toast", { detail: words.orderFirst }));
    return;
  }
  const edit = moved(workbench.document.criteria, name, by);
  if (!edit) return;
  focusRow(name);
  await send([edit]);
};

const actions = {
  edit: (name) => document.body.dispatchEvent(new CustomEvent("matrix:edit-criterion", { detail: { criterion: name, dimension: "" } })),
  duplicate: async (name) => {
    const { criteria } = workbench.document;
    const own = at(pathOf(name));
    const label = words.copyOf.replace("%s", own.label ?? own.key);
    const copy = { ...structuredClone(own), key: keyFrom(`${own.key}-copy`, new Set(criteria.map((each) => each.key))), label };
    focusRow(copy.key);
    await send([{ path: `/criteria/${criteria.indexOf(own) + 1}`, before: null, after: copy }]);
  },
  disable: (name) => {
    focusRow(name);
    return send([{ path: `${pathOf(name)}/enabled`, before: at(pathOf(name)).enabled ?? null, after: false }]);
  },
  enable: (name) => {
    focusRow(name);
    return send([{ path: `${pathOf(name)}/enabled`, before: false, after: null }]);
  },
  up: (name) => move(name, -1),
  down: (name) => move(name, 1),
  delete: async (name) => {
    const own = at(pathOf(name));
    const answer = await send([{ path: pathOf(name), before: own, after: null }]);
    if (answer.ok) document.dispatchEvent(new CustomEvent("toast", { detail: words.deleted.replace("%s", own.label ?? own.key) }));
  },
};

const chooseGroup = () => {
  const own = at(pathOf(key));
  const { criteria, groups: declared = {} } = workbench.document;
  const elsewhere = new Set(criteria.filter((each) => each.dimension !== own.dimension).map((each) => each.group));
  const beside = criteria.filter((each) => each.dimension === own.dimension && each.group).map((each) => each.group);
  const names = [...new Set([...beside, ...Object.keys(declared).filter((each) => !elsewhere.has(each))])];
  const option = (name, label) =>
    h(
      "button",
      {
        type: "button",
        class: "menu-item",
        role: "menuitemradio",
        "aria-checked": String((own.group ?? null) === name),
        onclick: async () => {
          const moving = key;
          hide();
          if ((own.group ?? null) === name) return;
          focusRow(moving);
          await send([{ path: `${pathOf(moving)}/group`, before: own.group ?? null, after: name }]);
        },
      },
      h("span", { class: "min-w-0 flex-1 wrap-anywhere" }, label),
      (own.group ?? null) === name ? "✓" : "",
    );
  groups.replaceChildren(...names.map((each) => option(each, declared[each]?.label ?? each)), option(null, words.noGroup));
  main.hidden = true;
  groups.hidden = false;
  place();
  items()[0].focus();
};

if (panel) {
  matrix.addEventListener("click", (event) => {
    const wanted = event.target.closest(".criterion-menu");
    if (wanted) panel.matches(":popover-open") ? hide() : show(wanted);
  });
  panel.addEventListener("toggle", (event) => event.newState === "closed" && button?.setAttribute("aria-expanded", "false"));
  main.addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (!name) return;
    if (name === "groups") return chooseGroup();
    hide({ keepFocus: name !== "edit" });
    actions[name](key);
  });
  panel.addEventListener("keydown", (event) => {
    const all = items();
    const here = all.indexOf(document.activeElement);
    const goal = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
    if (goal !== undefined) {
      event.preventDefault();
      all[(goal + all.length) % all.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      hide();
    } else if (event.key === "ArrowLeft" && main.hidden) {
      main.hidden = false;
      groups.hidden = true;
      items()[0].focus();
    }
  });
  matrix.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const row = event.target.closest("tr[data-criterion]");
    if (!event.altKey || !by || !row || !workbench.isEditable || event.target.matches("input, select")) return;
    event.preventDefault();
    move(row.dataset.criterion, by);
  });
}
