"""The examples of a document: what each ends in under it, and one made of a real lead without the person."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date

from scoring.engine import compile_matrix, evaluate, parse_facts
from scoring.engine.conditions import fields_named
from scoring.engine.fields import field_named
from scoring.engine.matrix import Matrix, When
from scoring.engine.parse import parse_matrix
from scoring.models import MatrixVersion
from scoring.wording import stage_label
from scoring.workbench_shown.invented import lead_fields_of, values_of

#: What names a person: never part of an example, whatever the matrix asks.
PERSONAL: Final = frozenset({"lead.email", "lead.email_domain", "lead.first_name", "lead.last_name", "lead.phone"})
MOST_COPIED: Final = 300
# Shorter words stand inside of others that mean nobody: they are looked for as words of their own.
_SHORTEST: Final = 3
_WORDS: Final = re.compile(r"[^\W_]+")
_MORNING: Final = time(6)


@dataclass(frozen=True, kw_only=True)
class ExampleShown:
    """One example: the stage it must end in, and the one it ends in."""

    index: int
    name: str
    as_of: date | None
    expected: str
    actual: str
    passes: bool


def examples_shown(version: MatrixVersion) -> list[ExampleShown]:
    """Every example under the document as it stands."""
    matrix = parse_matrix(version.document)
    compiled = compile_matrix(matrix)
    shown = []
    for index, example in enumerate(matrix.examples):
        card = evaluate(compiled, parse_facts(example.facts), example.as_of)
        stage = card.score.stage if card.score else None
        shown.append(
            ExampleShown(
                index=index,
                name=example.name,
                as_of=example.as_of,
                expected=stage_label(example.stage, matrix),
                actual=stage_label(stage, matrix),
                passes=stage == example.stage,
            )
        )
    return shown


def example_at(version: MatrixVersion, index: int) -> tuple[str, date, Mapping[str, Any], str] | None:
    """Name, day, facts and stage of an example; None where there is none of this number."""
    examples = version.document.get("examples", [])
    if not 0 <= index < len(examples):
        return None
    example = examples[index]
    return example["name"], parse_date(example["as_of"]) or date.min, example["facts"], example["stage"]


def without_person(
    facts: Mapping[str, Any], *, matrices: Sequence[Matrix], as_of: date, zone: ZoneInfo
) -> dict[str, Any]:
    """What the matrices name of a lead, and nothing by which the person is known.

    Names, addresses and phone numbers are left out though a matrix names them, and so is every text in which one of
    them stands. Addresses of pages keep their path alone, times their day and order, ids become numbers. Of the
    activities those of kinds that are named stay, the newest few hundred.
    """
    words = _telling(facts)
    named = {name for matrix in matrices for name in lead_fields_of(matrix)} - PERSONAL
    kept: dict[str, dict[str, Any]] = {"lead": {}, "company": {}}
    for name, value in values_of(facts).items():
        if name in named and (_is_of_a_list(name) or not _tells(value, words)):
            subject, _dot, rest = name.partition(".")
            group, dot, key = rest.partition(".")
            if dot:
                kept[subject].setdefault(group, {})[key] = value
            else:
                kept[subject][rest] = value
    activities = _activities(facts, matrices, words, as_of=as_of, zone=zone)
    return {"lead": kept["lead"], "company": kept["company"] or None, "activities": activities}


def _telling(facts: Mapping[str, Any]) -> frozenset[str]:
    """Everything of the personal fields, as it would stand in a text."""
    found: set[str] = set()
    for name, value in values_of(facts).items():
        if name in PERSONAL and name != "lead.email_domain" and isinstance(value, str):
            whole = value.casefold().strip()
            found |= {whole, whole.partition("@")[0], "".join(filter(str.isdigit, whole))}
            if name in {"lead.first_name", "lead.last_name"}:
                found |= set(_WORDS.findall(whole))
    return frozenset(each for each in found if len(each) > 1)


def _is_of_a_list(name: str) -> bool:
    """Whether the field has no value but those of a list, or a number: nobody is named there."""
    known = field_named(name, "lead")
    return known is not None and (bool(known.choices) or known.kind in {"number", "boolean"})


def _tells(value: Any, words: Collection[str]) -> bool:
    if isinstance(value, list | tuple):
        return any(_tells(each, words) for each in value)
    if isinstance(value, Mapping):
        return any(_tells(each, words) for each in value.values())
    if isinstance(value, bool):
        return False
    text = str(value).casefold()
    whole = set(_WORDS.findall(text))
    return "@" in text or any(word in (text if len(word) >= _SHORTEST else whole) for word in words)


def _activities(
    facts: Mapping[str, Any],
    matrices: Sequence[Matrix],
    words: Collection[str],
    *,
    as_of: date,
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    patterns = [criterion.when for matrix in matrices for criterion in matrix.criteria if criterion.when]
    kinds, takes_all = _kinds(patterns)
    fields = _activity_fields(patterns)
    living = [
        (moment, each)
        for each in facts.get("activities") or ()
        if not each.get("is_bot") and not each.get("withdrawn") and (takes_all or each["kind"] in kinds)
        if (moment := datetime.fromisoformat(each["occurred_at"])).astimezone(zone).date() <= as_of
    ]
    newest = sorted(living, key=lambda pair: (pair[0], pair[1]["id"]))[-MOST_COPIED:]
    places: dict[date, dict[datetime, int]] = {}
    copied = []
    for number, (moment, each) in enumerate(newest, start=1):
        day = moment.astimezone(zone).date()
        place = places.setdefault(day, {}).setdefault(moment, len(places[day]))
        at = datetime.combine(day, _MORNING, zone) + timedelta(seconds=60 * place)
        copied.append(
            {
                "id": f"example:{number:03d}",
                "kind": each["kind"],
                "occurred_at": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                **_about(each, fields, words),
            }
        )
    return copied


def _kinds(patterns: Sequence[When]) -> tuple[frozenset[str], bool]:
    parts = [part for when in patterns for part in (when.pattern, *((when.after.pattern,) if when.after else ()))]
    return frozenset(kind for part in parts for kind in part.kinds), any(not part.kinds for part in parts)


def _activity_fields(patterns: Sequence[When]) -> frozenset[str]:
    names: set[str] = set()
    for when in patterns:
        names.update(fields_named(when.pattern.where))
        if when.after is not None:
            names.update(fields_named(when.after.pattern.where))
        if when.unique_by is not None:
            names.add("activity.subject")
        if getattr(when.measure, "of", None) is not None:
            names.add("activity.value")
    return frozenset(names)


def _about(activity: Mapping[str, Any], fields: Collection[str], words: Collection[str]) -> dict[str, Any]:
    said = {
        **{name: activity.get(name) for name in ("subject", "value", "source")},
        "url": _path(activity.get("url")),
        "properties": {
            key: value
            for key, value in (activity.get("properties") or {}).items()
            if f"activity.properties.{key}" in fields and not _tells(value, words)
        },
    }
    return {
        name: value
        for name, value in said.items()
        if value not in (None, "", {})
        and (name == "properties" or f"activity.{name}" in fields)
        and not _tells(value, words)
    }


def _path(url: Any) -> str | None:
    """The path alone: what stands behind it may name the person, what stands before is ours."""
    if not isinstance(url, str):
        return None
    rest = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*", "", url.strip())
    return re.split(r"[?#]", rest, maxsplit=1)[0] or "/"
