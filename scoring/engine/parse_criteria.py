"""Reading criteria: what each is worth, on what condition and pattern, and how repeats and age count."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from scoring.engine.matrix import (
    ALWAYS,
    After,
    Count,
    Criterion,
    Decay,
    Expires,
    HalfLife,
    Linear,
    Pattern,
    Reached,
    Rising,
    Silent,
    Step,
    Steps,
    When,
)
from scoring.engine.parse_conditions import MOST_VALUES, read_condition
from scoring.engine.reading import Place
from scoring.engine.types import DIMENSIONS, DimensionName

MOST_POINTS: Final = 10_000
MOST_DAYS: Final = 3_650
MOST_COUNT: Final = 10_000
MOST_STARS: Final = 5
MOST_BY_PERCENT: Final = 10_000

_KEY: Final = re.compile(r"[a-z0-9-]{1,60}")
_WORTHS: Final = ("points", "stars", "tier")
_CRITERION_KEYS: Final = (
    *("key", "label", "note", "dimension", "group", *_WORTHS, "negative", "if", "when", "count", "decay"),
    *("max_points", "disqualify", "fast_track", "enabled"),
)
_MEASURES: Final = ("reached", "rising", "silent_days")
_PATTERN_KEYS: Final = ("kinds", "where")
_WHEN_KEYS: Final = (*_PATTERN_KEYS, "after", "within_days", "unique_by", *_MEASURES, "per_days")
_CURVES: Final = ("expires_after_days", "half_life_days", "linear_days", "steps")


@dataclass(frozen=True, kw_only=True, slots=True)
class Valuation:
    """What stars and tiers are worth. None, or a tier without its points, where reading it already failed."""

    points_per_star: int | None
    has_points_per_star: bool
    tiers: Mapping[str, int | None]


def read_criterion(place: Place, valuation: Valuation) -> Criterion | None:
    """The criterion; None where it is not even an object. What could not be read is left at its default."""
    members = place.members(_CRITERION_KEYS, ("key", "dimension"))
    if not isinstance(place.value, dict):
        return None
    key = _key(members["key"]) if "key" in members else None
    label = members["label"].text() if "label" in members else None
    dimension = members["dimension"].choice(DIMENSIONS) if "dimension" in members else None
    _check_parts(place, members, dimension)
    when = _when(members["when"]) if "when" in members else None
    disqualify, fast_track = _flag(members, "disqualify"), _flag(members, "fast_track")
    if disqualify and fast_track:
        members["fast_track"].report("disqualifies_and_fast_tracks")
    points, stars, tier = _worth(place, members, valuation)
    negative = _flag(members, "negative")
    if "negative" in members and "points" in members:
        members["negative"].report("negative_beside_points")
    return Criterion(
        key=key or "",
        label=label or key or "",
        note=(members["note"].text(may_be_blank=True) or "") if "note" in members else "",
        dimension=cast(DimensionName, dimension or "fit"),
        group=members["group"].text() if "group" in members else None,
        points=-points if negative else points,
        stars=stars,
        tier=tier,
        negative=negative,
        if_=read_condition(members["if"], "lead") if "if" in members else ALWAYS,
        when=when,
        count=_count(members["count"]) if "count" in members else Count(),
        decay=_decay(members["decay"]) if "decay" in members else None,
        max_points=members["max_points"].integer(1, MOST_POINTS) if "max_points" in members else None,
        disqualify=disqualify,
        fast_track=fast_track,
        enabled=_flag(members, "enabled", default=True),
    )


def _key(place: Place) -> str | None:
    key = place.text()
    if key is not None and not _KEY.fullmatch(key):
        place.report("key_form")
    return key


def _flag(members: Mapping[str, Place], name: str, *, default: bool = False) -> bool:
    if name not in members:
        return default
    flag = members[name].boolean()
    return default if flag is None else flag


def _check_parts(place: Place, members: Mapping[str, Place], dimension: str | None) -> None:
    """Which parts the dimension asks for, and which it leaves no room for."""
    if dimension == "behavior":
        if "when" not in members:
            place.at("when").report("required")
    elif dimension is not None:
        if "if" not in members:
            place.at("if").report("required")
        for name in ("when", "count", "decay"):
            if name in members:
                members[name].report("only_in_behavior")


def _worth(place: Place, members: Mapping[str, Place], valuation: Valuation) -> tuple[int, int | None, str | None]:
    """Points before the sign, stars and tier."""
    points = members["points"].integer(-MOST_POINTS, MOST_POINTS) if "points" in members else None
    stars = members["stars"].integer(1, MOST_STARS) if "stars" in members else None
    tier = members["tier"].text() if "tier" in members else None
    if sum(name in members for name in _WORTHS) != 1:
        place.report("one_worth")
    if "stars" in members and not valuation.has_points_per_star:
        members["stars"].report("points_per_star_missing")
    if tier is not None and tier not in valuation.tiers:
        members["tier"].report("unknown_tier")
    if stars is not None:
        points = stars * (valuation.points_per_star or 0)
    elif tier is not None:
        points = valuation.tiers.get(tier)
    return points or 0, stars, tier


def _pattern(members: Mapping[str, Place]) -> Pattern:
    kinds: list[str] = []
    if "kinds" in members:
        read = (entry.text() for entry in members["kinds"].entries(most=MOST_VALUES) or ())
        kinds = [kind for kind in read if kind is not None]
    where = read_condition(members["where"], "activity") if "where" in members else ALWAYS
    return Pattern(kinds=tuple(kinds), where=where)


def _when(place: Place) -> When | None:
    members = place.members(_WHEN_KEYS)
    after = None
    within = members["within_days"].integer(0, MOST_DAYS) if "within_days" in members else None
    if "after" in members:
        after = After(pattern=_pattern(members["after"].members(_PATTERN_KEYS)), within_days=within or 0)
        if "within_days" not in members:
            place.at("within_days").report("required")
    elif "within_days" in members:
        members["within_days"].report("needs_after")
    unique_by = members["unique_by"].choice(("subject",)) if "unique_by" in members else None
    if sum(name in members for name in _MEASURES) > 1:
        place.report("one_measure")
    if "per_days" in members and "silent_days" not in members:
        members["per_days"].report("needs_silent_days")
    return When(
        pattern=_pattern(members),
        after=after,
        unique_by="subject" if unique_by else None,
        measure=_measure(members),
    )


def _measure(members: Mapping[str, Place]) -> Reached | Rising | Silent | None:
    """Every measure is read, so that each one's problems are found; at most one stands in a valid document."""
    reached = _reached(members["reached"]) if "reached" in members else None
    rising = _rising(members["rising"]) if "rising" in members else None
    silent_days = _days(members, "silent_days")
    per_days = _days(members, "per_days")
    silent = None if silent_days is None else Silent(days=silent_days, per_days=per_days)
    return reached or rising or silent


def _days(members: Mapping[str, Place], name: str) -> int | None:
    return members[name].integer(1, MOST_DAYS) if name in members else None


def _amount(members: Mapping[str, Place], name: str, most: int = MOST_COUNT) -> int | None:
    return members[name].integer(1, most) if name in members else None


def _reached(place: Place) -> Reached:
    members = place.members(("at_least", "within_days"), ("at_least", "within_days"))
    return Reached(at_least=_amount(members, "at_least") or 1, within_days=_days(members, "within_days") or 1)


def _rising(place: Place) -> Rising:
    required = ("days", "by_percent", "at_least")
    members = place.members((*required, "of"), required)
    of = members["of"].choice(("value",)) if "of" in members else None
    return Rising(
        days=_days(members, "days") or 1,
        by_percent=_amount(members, "by_percent", MOST_BY_PERCENT) or 1,
        at_least=_amount(members, "at_least") or 1,
        of="value" if of else None,
    )


def _count(place: Place) -> Count:
    members = place.members(("max", "max_per_day", "repeat_percent"))
    repeat = members["repeat_percent"].integer(0, 100) if "repeat_percent" in members else None
    return Count(
        max=_amount(members, "max"),
        max_per_day=_amount(members, "max_per_day"),
        repeat_percent=100 if repeat is None else repeat,
    )


def _decay(place: Place) -> Decay:
    members = place.members(_CURVES)
    if len(members) > 1:
        place.report("one_curve")
    expires, half_life, linear = (_days(members, name) for name in _CURVES[:3])
    if "steps" in members:
        return _steps(members["steps"])
    if expires is not None:
        return Expires(after_days=expires)
    if half_life is not None:
        return HalfLife(days=half_life)
    return None if linear is None else Linear(days=linear)


def _steps(place: Place) -> Steps:
    """Each later than the one before and never worth more; a step that cannot be read is left out."""
    steps: list[Step] = []
    for entry in place.entries(most=MOST_VALUES, least=1) or ():
        pair = entry.entries()
        if pair is not None and len(pair) != 2:
            entry.report("pair")
        elif pair:
            day, percent = pair[0].integer(1, MOST_DAYS), pair[1].integer(0, 100)
            if day is None or percent is None:
                continue
            if steps and day <= steps[-1].from_day:
                pair[0].report("steps_not_rising")
            if steps and percent > steps[-1].percent:
                pair[1].report("steps_gain")
            steps.append(Step(from_day=day, percent=percent))
    return Steps(steps=tuple(steps))
