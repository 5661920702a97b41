"""A second evaluator, written from the scoring contract alone: slow, plain, and sharing no line with the engine.

It takes valid documents and facts as parsed JSON and returns the score card of section 4.7. Each
function names the section it transcribes. Tests hold the engine against it; nothing else uses it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from tests.engine.oracle_conditions import Truth, fields_named, lead_lookup, truth
from tests.engine.oracle_matches import ONE, Match, existing, measure

DIMENSIONS = ("fit", "behavior", "qualification")
GRADES = "ABCDF"
Json = dict[str, Any]


def oracle_card(document: Mapping[str, Any], facts: Mapping[str, Any], as_of: date) -> Json:
    """4.6 and 4.7: the card of one lead on one day under a document that is not stored."""
    card: Json = {
        "model": None,
        "version": None,
        "checksum": checksum(document),
        "as_of": as_of.isoformat(),
    }
    applies = truth(document.get("applies_to") or {}, lead_lookup(facts), as_of)
    if applies is not True:
        return card | {"applies": "unknown" if applies is None else "not_met"}

    activities = existing(facts, document.get("timezone", "UTC"), as_of)
    lines = [criterion_line(document, one, facts, activities, as_of) for one in document["criteria"]]
    group_points, group_limits = groups(document, lines)
    dimensions, dimension_limits = dimension_points(document, group_points)
    total, weights = weighted(document, dimensions)
    grade, level = grade_of(document, dimensions["fit"]), level_of(document, dimensions["behavior"])

    matched = [
        criterion for criterion, line in zip(document["criteria"], lines, strict=True) if line["outcome"] == "met"
    ]
    vetoes = [one["key"] for one in matched if one.get("disqualify")]
    lifts = [one["key"] for one in matched if one.get("fast_track")]
    stage, decided_by = stage_of(
        document, total=total, grade=grade, level=level, lifted=bool(lifts), vetoed=bool(vetoes)
    )
    return card | {
        "applies": "met",
        "total": total,
        "dimensions": dimensions,
        "grade": grade,
        "level": level,
        "rating": f"{grade}{level}",
        "stage": stage,
        "decided_by": decided_by,
        "disqualified_by": vetoes,
        "fast_tracked_by": lifts,
        "ledger": lines + group_limits + dimension_limits + weights,
    }


def checksum(document: Mapping[str, Any]) -> str:
    """4: SHA-256 of the document as UTF-8 JSON, sorted keys, no spaces, no defaults filled in."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def rounded(number: Fraction) -> int:
    """3: each half away from zero."""
    nearest = floor(abs(number) + Fraction(1, 2))
    return nearest if number >= 0 else -nearest


def limited(points: int, *, floor_at: int | None, ceiling_at: int | None) -> int:
    if floor_at is not None:
        points = max(points, floor_at)
    if ceiling_at is not None:
        points = min(points, ceiling_at)
    return points


def points_of(document: Mapping[str, Any], criterion: Mapping[str, Any]) -> int:
    """4.1: points, or stars times points_per_star, or the tier's entry; negative turns the sign."""
    if "points" in criterion:
        return int(criterion["points"])
    stars = "stars" in criterion
    worth = criterion["stars"] * document["points_per_star"] if stars else document["tiers"][criterion["tier"]]
    return int(-worth if criterion.get("negative") else worth)


def criterion_line(
    document: Mapping[str, Any],
    criterion: Mapping[str, Any],
    facts: Mapping[str, Any],
    activities: list[Match],
    as_of: date,
) -> Json:
    """4.6 steps 1 and 2, and the line 4.7 shows for it."""
    condition = criterion.get("if") or {}
    look_up = lead_lookup(facts)
    holds: Truth = truth(condition, look_up, as_of)
    units, evidence = 0, []
    if holds and "when" in criterion:
        measured = measure(criterion, activities, as_of)
        units, evidence = measured.units, measured.evidence
    elif holds:
        units = ONE

    enabled = criterion.get("enabled", True)
    points = points_of(document, criterion)
    contribution = rounded(Fraction(points * units, ONE)) if enabled else 0
    most = criterion.get("max_points")
    if most is not None:
        contribution = limited(contribution, floor_at=-most, ceiling_at=most)

    if not enabled:
        outcome = "disabled"
    elif holds is None:
        outcome = "unknown"
    else:
        outcome = "met" if units > 0 else "not_met"
    return {
        "criterion": criterion["key"],
        "dimension": criterion["dimension"],
        "group": criterion.get("group"),
        "points": points,
        "units": units,
        "contribution": contribution,
        "outcome": outcome,
        "evidence": {
            "activities": evidence,
            "fields": {name: look_up(name) for name in fields_named(condition)},
        },
    }


def limit_line(limit: str, name: str, dimension: str, contribution: int) -> list[Json]:
    """4.7: limit lines stand only where they are not 0."""
    if contribution == 0:
        return []
    return [{"limit": limit, "name": name, "dimension": dimension, "contribution": contribution}]


def groups(document: Mapping[str, Any], lines: list[Json]) -> tuple[dict[str, int], list[Json]]:
    """4.6 step 3: the points each dimension gets from its groups, and what limits changed."""
    by_group: dict[tuple[str, str | None], list[int]] = {}
    for line in lines:
        place = (line["dimension"], line["group"])
        by_group.setdefault(place, []).append(line["contribution"])

    points = dict.fromkeys(DIMENSIONS, 0)
    limits: list[Json] = []
    for (dimension, name), contributions in by_group.items():
        rules = {} if name is None else (document.get("groups") or {}).get(name, {})
        result = sum(contributions)
        if rules.get("take") == "highest":
            result = max(contributions, key=lambda one: (abs(one), one))
        result = limited(result, floor_at=rules.get("floor"), ceiling_at=rules.get("ceiling"))
        points[dimension] += result
        limits += limit_line("group", name or "", dimension, result - sum(contributions))
    return points, limits


def dimension_points(document: Mapping[str, Any], sums: dict[str, int]) -> tuple[dict[str, int], list[Json]]:
    """4.6 step 4: floor and ceiling of each dimension."""
    points: dict[str, int] = {}
    limits: list[Json] = []
    for name in DIMENSIONS:
        rules = (document.get("dimensions") or {}).get(name, {})
        points[name] = limited(sums[name], floor_at=rules.get("floor"), ceiling_at=rules.get("ceiling"))
        limits += limit_line("dimension", name, name, points[name] - sums[name])
    return points, limits


def weighted(document: Mapping[str, Any], dimensions: dict[str, int]) -> tuple[int, list[Json]]:
    """4.6 step 5: the total, and what each weight changed."""
    total = 0
    lines: list[Json] = []
    for name in DIMENSIONS:
        weight = (document.get("dimensions") or {}).get(name, {}).get("weight", 100)
        part = rounded(Fraction(weight * dimensions[name], 100))
        total += part
        lines += limit_line("weight", name, name, part - dimensions[name])
    return total, lines


def grade_of(document: Mapping[str, Any], fit: int) -> str:
    """2 and 4: least fit points for each; below the last, F."""
    for letter in "ABCD":
        if letter in document["grades"] and fit >= document["grades"][letter]:
            return letter
    return "F"


def level_of(document: Mapping[str, Any], behavior: int) -> int:
    """2 and 4: least behavior points for each; below the last, 4."""
    for level in (1, 2, 3):
        if str(level) in document["levels"] and behavior >= document["levels"][str(level)]:
            return level
    return 4


def stage_of(
    document: Mapping[str, Any], *, total: int, grade: str, level: int, lifted: bool, vetoed: bool
) -> tuple[str | None, str]:
    """4.6 step 7: points, then a fast track, then a disqualifier; -1 stands for no stage."""

    def is_met(stage: Mapping[str, Any]) -> bool:
        return (
            ("at" not in stage or total >= stage["at"])
            and GRADES.index(grade) <= GRADES.index(stage.get("min_grade", "F"))
            and level <= stage.get("max_level", 4)
        )

    stages = document["stages"]
    met = [index for index, stage in enumerate(stages) if is_met(stage)]
    keys = [stage["key"] for stage in stages]
    hand_off = keys.index(document.get("hand_off_at", "mql"))

    place, decided_by = max(met, default=-1), "points"
    if lifted and place < hand_off:
        place, decided_by = hand_off, "fast_track"
    if vetoed and place >= hand_off:
        place = max((index for index in met if index < hand_off), default=-1)
        decided_by = "disqualifier"
    return (None if place < 0 else keys[place]), decided_by
