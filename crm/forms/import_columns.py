"""What each column fills, as people choose it: a list of choices, and a mapping document made of what they chose.

A mapping says more than one choice a column can (texts translated, further conditions). Of a column whose choice is left as
it was all of that is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from crm.forms.import_targets import KEPT, NEW, NEW_TYPES
from crm.ingestion.looking import FileLook
from crm.ingestion.mapping_language import OUTCOME_PARTS
from crm.ingestion.suggesting import attribute_key

Document: TypeAlias = Mapping[str, Any]

MOST_SHOWN: Final = 300
# From so sure on, from 0 to 1, a suggestion carries no question mark.
SURE: Final = 0.7
# What files of ours add to the rows that did not go in.
REJECTED_COLUMNS: Final = ("rejected_line", "rejected_field", "rejected_reason")


@dataclass(frozen=True, kw_only=True)
class ColumnShown:
    """One column on the page."""

    index: int
    name: str
    samples: Sequence[str]
    chosen: str
    new_type: str
    why: str
    is_sure: bool
    is_kept_offered: bool
    error: str = ""


def chosen_of(document: Document, name: str) -> str:
    """The choice that a mapping makes for a column: "" where it leaves it out, `kept` where it says more than a choice can."""
    rule = document.get("columns", {}).get(name)
    if rule is not None:
        target = rule if isinstance(rule, str) else rule.get("to", "")
        return "other_id" if isinstance(rule, Mapping) and rule.get("feed") and target == "external_id" else str(target)
    for part in ("state", *OUTCOME_PARTS):
        if _column_of(document.get("outcome", {}).get(part)) == name:
            return f"outcome.{part}"
    for rule in document.get("activities", []):
        if _column_of(rule.get("occurred_at")) == name:
            return f"happened:{rule['kind']}" if isinstance(rule.get("kind"), str) else KEPT
        if name in _columns_of(rule):
            return KEPT
    return ""


def columns_shown(
    look: FileLook, base: Document, chosen: Mapping[str, str], errors: Mapping[str, str], new_types: Mapping[str, str]
) -> list[ColumnShown]:
    """The columns of the file with their samples, what is chosen for each and why."""
    shown = []
    for index, name in enumerate(look.columns[:MOST_SHOWN]):
        rule = base.get("columns", {}).get(name)
        said = rule if isinstance(rule, Mapping) else {}
        is_suggested = chosen[name] == chosen_of(base, name) and bool(chosen[name])
        samples = list(dict.fromkeys(look.cells(name)))[:3]
        shown.append(
            ColumnShown(
                index=index,
                name=name,
                samples=[text if len(text) <= 60 else f"{text[:59]}…" for text in samples],
                chosen=chosen[name],
                new_type=new_types.get(name, "text"),
                why=str(said.get("why", "")) if is_suggested else "",
                is_sure=float(said.get("sure", 1)) >= SURE,
                is_kept_offered=chosen_of(base, name) == KEPT,
                error=errors.get(name, ""),
            )
        )
    return shown


def document_made(
    base: Document, *, about: str, chosen: Mapping[str, str], new_types: Mapping[str, str], kind: str = ""
) -> dict[str, Any]:
    """A mapping document of what was chosen for each column, with what `base` says of those left as they were."""
    is_same_about = base.get("about") == about
    columns: dict[str, Any] = {}
    outcome: dict[str, Any] = {}
    activities = [rule for rule in base.get("activities", []) if is_same_about and _is_left(rule, base, chosen)]
    told = {_column_of(rule.get("occurred_at")) for rule in activities}
    ignored = []
    for name, choice in chosen.items():
        rule = base.get("columns", {}).get(name)
        if choice == "":
            ignored.append(name)
        elif choice == KEPT:
            continue
        elif choice.startswith("outcome."):
            part = choice.removeprefix("outcome.")
            before = base.get("outcome", {}).get(part)
            outcome[part] = before if _column_of(before) == name else {"column": name}
        elif choice.startswith("happened:"):
            if name not in told:
                activities.append({"kind": choice.removeprefix("happened:"), "occurred_at": {"column": name}})
        elif rule is not None and is_same_about and choice == chosen_of(base, name):
            columns[name] = rule
        else:
            columns[name] = _rule(choice, name, new_types.get(name, "text"))
    if outcome and "at" not in outcome:
        outcome["undated_to"] = base.get("outcome", {}).get("undated_to") or "attributes.outcome"
    made = {
        **{key: value for key, value in base.items() if key in {"name", "placeholders", "header", "feed"}},
        "schema": "1",
        "about": about,
        "columns": columns,
        "ignore": ignored,
        "constants": dict(base.get("constants", {})) if is_same_about else {},
    }
    if about == "activities":
        if kind and "kind" not in {chosen_of(made, name) for name in columns}:
            made["constants"]["kind"] = kind
    else:
        made |= {"activities": activities, "outcome": outcome}
    return made


def _rule(choice: str, name: str, new_type: str) -> object:
    key = attribute_key(name)
    if choice == "other_id":
        return {"to": "external_id", "feed": key.replace("_", "-")}
    if choice in NEW:
        return {"to": f"{NEW[choice]}{key}", "as": new_type if new_type in dict(NEW_TYPES) else "text"}
    if choice in {"country", "company.country"}:
        # A region or a misspelling is worth keeping, and no reason to refuse the person.
        return {"to": choice, "unreadable_to": f"{'company.' if '.' in choice else ''}attributes.{key}"}
    return {"to": choice}


def _is_left(rule: Mapping[str, Any], base: Document, chosen: Mapping[str, str]) -> bool:
    """Whether the columns of an activity are chosen as the mapping had them."""
    return all(chosen.get(name) == chosen_of(base, name) for name in _columns_of(rule))


def _columns_of(rule: Mapping[str, Any]) -> list[str]:
    parts = (part for key, part in rule.items() if key != "kind" or isinstance(part, Mapping))
    return [name for part in parts if (name := _column_of(part))]


def _column_of(part: object) -> str:
    if isinstance(part, str):
        return part
    return str(part.get("column", "")) if isinstance(part, Mapping) else ""
