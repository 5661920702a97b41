// From two states of a part of the document to the edits between them. Pure: no page, no server.

export const same = (one, other) => {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => name in other && same(one[name], other[name]));
};

export const step = (name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

// One edit for each member that differs; members that are objects in both are entered `deep` levels.
export const memberEdits = (before, after, path, deep = 0) => {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (same(was, is)) return [];
    if (deep > 0 && isObject(was) && isObject(is) && Object.keys(is).length > 0) {
      return memberEdits(was, is, path + step(name), deep - 1);
    }
    return [{ path: path + step(name), before: was ?? null, after: is ?? null }];
  });
};

// A condition is changed as a whole: two halves of two people's conditions would be nobody's.
export const criterionEdits = (before, after) => {
  const path = `/criteria${step(before.key)}`;
  const whole = ["count", "when"].flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    if (same(was, is)) return [];
    if (isObject(was) && isObject(is) && Object.keys(was).length > 0 && Object.keys(is).length > 0) {
      return memberEdits(was, is, `${path}/${name}`);
    }
    return [{ path: `${path}/${name}`, before: was ?? null, after: is ?? null }];
  });
  const rest = ({ count, when, ...others }) => others;
  return [...memberEdits(rest(before), rest(after), path), ...whole];
};

const SINGLE = ["name", "description", "audience", "timezone", "applies_to", "hand_off_at", "points_per_star"];
const NAMED = { tiers: 0, dimensions: 1, grades: 0, levels: 0, groups: 1 };

export const settingsEdits = (before, after) => {
  const single = SINGLE.flatMap((name) =>
    same(before[name], after[name]) ? [] : [{ path: `/${name}`, before: before[name] ?? null, after: after[name] ?? null }],
  );
  const named = Object.entries(NAMED).flatMap(([name, deep]) => {
    const [was, is] = [before[name], after[name]];
    if (same(was, is)) return [];
    if (was === undefined || is === undefined) return [{ path: `/${name}`, before: was ?? null, after: is ?? null }];
    return memberEdits(was, is, `/${name}`, deep);
  });
  return [...single, ...named, ...stageEdits(before.stages, after.stages)];
};

// Who goes, who changes, who comes, and then the order.
const stageEdits = (before, after) => {
  const was = new Map(before.map((each) => [each.key, each]));
  const is = new Map(after.map((each) => [each.key, each]));
  const gone = before.filter((each) => !is.has(each.key));
  const added = after.filter((each) => !was.has(each.key));
  const kept = before.filter((each) => is.has(each.key));
  const found = [...kept, ...added].map((each) => each.key);
  const wanted = after.map((each) => each.key);
  return [
    ...gone.map((each) => ({ path: `/stages${step(each.key)}`, before: each, after: null })),
    ...kept.flatMap((each) => memberEdits(each, is.get(each.key), `/stages${step(each.key)}`)),
    ...added.map((each) => ({ path: "/stages/-", before: null, after: each })),
    ...(same(found, wanted) ? [] : [{ path: "/stages", before: found, after: wanted }]),
  ];
};

// The order of the criteria with `key` one place up (-1) or down (1) among those of its dimension and group; null where it
// is the first or last of them.
export const moved = (criteria, key, by) => {
  const keys = criteria.map((each) => each.key);
  const own = criteria.find((each) => each.key === key);
  const beside = criteria.filter((each) => each.dimension === own.dimension && each.group === own.group);
  const other = beside[beside.indexOf(own) + by];
  if (!other) return null;
  const rest = keys.filter((each) => each !== key);
  rest.splice(rest.indexOf(other.key) + (by > 0 ? 1 : 0), 0, key);
  return { path: "/criteria", before: keys, after: rest };
};

// A key made from a name: small letters, digits and hyphens, and none that is taken.
export const keyFrom = (label, taken) => {
  const plain = label.normalize("NFKD").replaceAll(/\p{M}/gu, "").replaceAll("ß", "ss").toLowerCase();
  const base = plain.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 60).replace(/-+$/, "") || "criterion";
  let key = base;
  for (let number = 2; taken.has(key); number += 1) key = `${base.slice(0, 59 - String(number).length)}-${number}`;
  return key;
};

// Puts a member where it says something; what is the default stands only where the document wrote it.
export const put = (target, raw, name, value, fallback) => {
  if (!same(value, fallback)) target[name] = value;
  else if (name in raw && same(raw[name], fallback)) target[name] = raw[name];
};
