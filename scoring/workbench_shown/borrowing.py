"""Criteria of a preset or of another version, and the edits that add some of them to a draft."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404
from django.utils.translation import gettext as _

from accounts.asked import number_asked
from kernel.errors import BadRequestError
from scoring.engine.matrix import Criterion
from scoring.engine.parse import parse_matrix
from scoring.engine.types import DIMENSIONS
from scoring.models import MatrixVersion
from scoring.presets import PRESETS, preset_document
from scoring.wording import criterion_sentence, dimension_label

LONGEST_KEY: Final = 60
# Of each model the newest; who wants an older one finds it in the list of versions.
_VERSIONS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Source:
    """Somewhere criteria come from: `preset:SLUG` or `version:PK`."""

    key: str
    label: str
    is_preset: bool


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One criterion of it; `is_there` where the draft has one that says the same."""

    criterion: Criterion
    rule: str
    is_there: bool


@dataclass(frozen=True, kw_only=True)
class Side:
    """Those of one dimension."""

    label: str
    criteria: Sequence[Offered]


def sources(*, but: MatrixVersion) -> list[Source]:
    """All presets, then the newest versions of all models."""
    rows = MatrixVersion.objects.exclude(pk=but.pk).select_related("model").defer("document").order_by("-pk")
    presets = [Source(key=f"preset:{each.slug}", label=str(each.name), is_preset=True) for each in PRESETS]
    versions = [Source(key=f"version:{each.pk}", label=str(each), is_preset=False) for each in rows[:_VERSIONS]]
    return [*presets, *versions]


def source_document(key: str) -> Mapping[str, Any]:
    """The matrix of a source. Raises BadRequestError or Http404 where there is none."""
    kind, _colon, name = key.partition(":")
    if kind == "preset":
        return preset_document(name)
    number = number_asked(name) if kind == "version" else None
    if number is None:
        raise BadRequestError(_("Choose a preset or a version."), code="unknown_source")
    found = MatrixVersion.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    document: Mapping[str, Any] = found.document
    return document


def offered(*, document: Mapping[str, Any], source: Mapping[str, Any]) -> list[Side]:
    """The criteria of the source by dimension, each with its rule in words."""
    rules = {_rule(each) for each in document["criteria"]}
    raw = {each["key"]: each for each in source["criteria"]}
    sides = []
    for name in DIMENSIONS:
        found = [
            Offered(criterion=each, rule=criterion_sentence(each), is_there=_rule(raw[each.key]) in rules)
            for each in parse_matrix(source).criteria
            if each.dimension == name
        ]
        if found:
            sides.append(Side(label=dimension_label(name), criteria=found))
    return sides


def criteria_borrowed(
    *, document: Mapping[str, Any], source: Mapping[str, Any], keys: Collection[str]
) -> list[dict[str, Any]]:
    """Edits that add these criteria at the end, with the tiers, stars and groups they need where the draft has none.

    What the draft says of a tier, of a star or of a group holds: only what is missing comes along. A key that is taken
    gets a number behind it, and so does a group that belongs to another dimension here.
    """
    chosen = [each for each in source["criteria"] if each["key"] in keys]
    if not chosen:
        raise BadRequestError(_("Choose at least one criterion."), code="nothing_chosen")
    taken = {each["key"] for each in document["criteria"]}
    dimension_of = {each["group"]: each["dimension"] for each in document["criteria"] if "group" in each}
    groups: dict[str, Any] = {}
    added = []
    for each in chosen:
        copy = {**each, "key": _free(each["key"], taken)}
        taken.add(copy["key"])
        group = each.get("group")
        if group is not None:
            copy["group"] = place = _group_for(group, each["dimension"], dimension_of)
            if place not in dimension_of and group in source.get("groups", {}):
                groups[place] = source["groups"][group]
            dimension_of[place] = each["dimension"]
        added.append(copy)
    tiers = {each["tier"]: source["tiers"][each["tier"]] for each in chosen if "tier" in each}
    edits = [*_missing(document, "tiers", tiers), *_missing(document, "groups", groups)]
    if any("stars" in each for each in chosen) and "points_per_star" not in document:
        edits.append({"path": "/points_per_star", "before": None, "after": source["points_per_star"]})
    return [*edits, *({"path": "/criteria/-", "before": None, "after": each} for each in added)]


def _rule(criterion: Mapping[str, Any]) -> str:
    return repr([criterion.get(part) for part in ("dimension", "if", "when")])


def _free(key: str, taken: Collection[str]) -> str:
    number, free = 2, key
    while free in taken:
        free = f"{key[: LONGEST_KEY - 1 - len(str(number))]}-{number}"
        number += 1
    return free


def _group_for(group: str, dimension: str, dimension_of: Mapping[str, str]) -> str:
    number, name = 2, group
    while dimension_of.get(name, dimension) != dimension:
        name = f"{group} {number}"
        number += 1
    return name


def _missing(document: Mapping[str, Any], part: str, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    there = document.get(part)
    lacking = {name: value for name, value in wanted.items() if name not in (there or {})}
    if not lacking:
        return []
    if there is None:
        return [{"path": f"/{part}", "before": None, "after": lacking}]
    return [
        {"path": f"/{part}/{name.replace('~', '~0').replace('/', '~1')}", "before": None, "after": value}
        for name, value in lacking.items()
    ]
