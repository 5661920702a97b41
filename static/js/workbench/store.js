// What the parts of the workbench share: the draft as it was last read, and the one way to change it.
//
// `workbench` is {pk, revision, isEditable, document, urls}. Whoever changes the draft calls `send`; everybody else listens
// on document.body for `matrix:changed` {revision, paths, edits, isOwn}, which comes after one's own edits and after others'
// (`edits` then says for each path who it was).
export const workbench = JSON.parse(document.getElementById("workbench-state").textContent);

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

const tell = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));

// A new state of the draft, from an answer or from the poll.
export const adopt = (state, isOwn) => {
  if ("canUndo" in state) tell("matrix:state", { canUndo: state.canUndo, canRedo: state.canRedo });
  if (state.revision <= workbench.revision) return;
  workbench.revision = state.revision;
  if (state.document) workbench.document = state.document;
  tell("matrix:changed", { revision: state.revision, paths: state.paths ?? [], edits: state.edits ?? [], isOwn });
};

export const post = async (url, body) => {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), Accept: "application/json" },
      body: JSON.stringify(body),
    });
    // The session ended: the answer is the sign-in page.
    if (answer.redirected) location.reload();
    const isJson = answer.headers.get("Content-Type")?.includes("json");
    return { ok: answer.ok && isJson, status: answer.status, body: isJson ? await answer.json() : {} };
  } catch {
    return { ok: false, status: 0, body: {} };
  }
};

// `edits` are [{path, before, after}], all applied or none; null stands for nothing there. Refusals are told as
// `matrix:conflict` {path, before, after, found, detail} or `matrix:refused` {status, detail, errors}.
export const send = async (edits, url = workbench.urls.edits) => {
  const answer = await post(url, { edits });
  if (answer.ok) adopt(answer.body, true);
  else if (answer.status === 409 && answer.body.code === "edit_conflict") {
    const after = edits.find((each) => each.path === answer.body.path)?.after ?? null;
    tell("matrix:conflict", { ...answer.body, after });
  } else tell("matrix:refused", { status: answer.status, ...answer.body });
  return answer;
};

// The draft as it is now, where an answer said that it is another than was thought.
export const catchUp = async () => {
  try {
    const answer = await fetch(`${workbench.urls.poll}?revision=${workbench.revision}`, { cache: "no-store" });
    if (answer.status === 200) adopt(await answer.json(), false);
  } catch {
    // The next poll brings it.
  }
};

// What stands at a path of the document, members of lists by their key; undefined where nothing does.
export const at = (path) =>
  path
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((node, step) => {
      if (Array.isArray(node)) return node.find((each) => each?.key === step) ?? node[Number(step)];
      return node?.[step];
    }, workbench.document);
