"""The scoring contract 3, 4.3, 4.4 and 4.5 transcribed: days, patterns, counting and decay."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.oracle_conditions import (
    activity_lookup,
    as_compared,
    read_number,
    read_text,
    truth,
)

ONE = 1_000_000  # 3: micro-units, 1,000,000 is one


@dataclass(frozen=True, kw_only=True)
class Match:
    """An activity that exists for this evaluation; `age` in days of the model's time zone."""

    id: str
    instant: datetime
    age: int
    raw: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a `when` measured: micro-units, and the evidence of 4.7."""

    units: int
    evidence: list[dict[str, Any]]


def read_instant(text: str) -> datetime:
    """4.4: times carry an offset; finer than microseconds is dropped."""
    parts = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:(Z)|([+-])(\d\d):?(\d\d))", text
    )
    assert parts, f"{text!r} is not a time with an offset"
    day, hour, minute, second, fraction, _, sign, off_hours, off_minutes = parts.groups()
    micro = int(((fraction or "") + "000000")[:6])
    local = datetime.fromisoformat(day) + timedelta(
        hours=int(hour), minutes=int(minute), seconds=int(second or 0), microseconds=micro
    )
    offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
    return (local - (-offset if sign == "-" else offset)).replace(tzinfo=UTC)


def existing(facts: Mapping[str, Any], timezone: str, as_of: date) -> list[Match]:
    """3: ages by calendar days of the model's zone; what lies after the as-of day does not exist.

    4.3: an activity marked as a bot's or withdrawn matches nothing. 4.4: newest first by
    (occurred_at, id), ids by code point.
    """
    found = []
    for activity in facts.get("activities") or []:
        instant = read_instant(activity["occurred_at"])
        age = (as_of - instant.astimezone(ZoneInfo(timezone)).date()).days
        if age >= 0 and not activity.get("is_bot") and not activity.get("withdrawn"):
            found.append(Match(id=activity["id"], instant=instant, age=age, raw=activity))
    return sorted(found, key=lambda match: (match.instant, match.id), reverse=True)


def matching(pattern: Mapping[str, Any], activities: list[Match], as_of: date) -> list[Match]:
    """4.3: of one of the kinds ([] is any), compared exactly, and the condition is true."""
    kinds = pattern.get("kinds") or []
    return [
        one
        for one in activities
        if (not kinds or one.raw["kind"] in kinds)
        and truth(pattern.get("where") or {}, activity_lookup(one.raw), as_of) is True
    ]


def after_filter(when: Mapping[str, Any], matches: list[Match], activities: list[Match], as_of: date) -> list[Match]:
    """4.3 after: one matching `after` earlier in time and at most N days of age apart."""
    if "after" not in when:
        return matches
    before = matching(when["after"], activities, as_of)
    return [
        one
        for one in matches
        if any(other.instant < one.instant and other.age - one.age <= when["within_days"] for other in before)
    ]


def unique_filter(when: Mapping[str, Any], matches: list[Match]) -> list[Match]:
    """4.3 unique_by: of those with the same subject only the newest counts."""
    if "unique_by" not in when:
        return matches
    kept: list[Match] = []
    seen: set[str] = set()
    for one in matches:  # newest first
        text = read_text(one.raw.get("subject"))
        subject = None if text is None else as_compared(text)
        if not subject:
            kept.append(one)
        elif subject not in seen:
            seen.add(subject)
            kept.append(one)
    return kept


def share(decay: Mapping[str, Any] | None, age: int) -> int:
    """4.5: the share kept at an age, in micro-units."""
    if not decay:
        return ONE
    if "expires_after_days" in decay:
        return ONE if age < decay["expires_after_days"] else 0
    if "half_life_days" in decay:
        rounded = half_life_share(age, decay["half_life_days"])
        return 0 if rounded < 1_000 else rounded
    if "linear_days" in decay:
        days = decay["linear_days"]
        return max(0, half_up(Fraction(ONE * (days - age), days)))
    percent = 100
    for from_day, step in decay["steps"]:
        if age >= from_day:
            percent = step
    return percent * ONE // 100


def half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))


@cache
def half_life_share(age: int, half_life: int) -> int:
    """0.5^(d/H) in micro-units, rounded half up, by whole numbers alone.

    n is the greatest whole number with n - 1/2 <= 10^6 * 2^(-d/H); raised to the power H and
    cleared of fractions that is (2n - 1)^H * 2^d <= (2 * 10^6)^H.
    """
    bound = (2 * ONE) ** half_life
    low, high = 0, ONE
    while low < high:
        middle = (low + high + 1) // 2
        if ((2 * middle - 1) ** half_life) << age <= bound:
            low = middle
        else:
            high = middle - 1
    return low


@cache
def repeat(percent: int, k: int) -> int:
    """4.4: R(k) = (repeat_percent/100)^(k-1) in micro-units, half up from the exact power."""
    return half_up(ONE * Fraction(percent, 100) ** (k - 1))


def kept_ages(count: Mapping[str, Any], ages: list[int]) -> list[int]:
    """4.4: positions (in the given order, newest first) left by max_per_day, then by max."""
    of_day: dict[int, int] = {}
    kept = []
    for position, age in enumerate(ages):
        of_day[age] = of_day.get(age, 0) + 1
        if of_day[age] <= count.get("max_per_day", of_day[age]):
            kept.append(position)
    return kept[: count.get("max", len(kept))]


def measure(criterion: Mapping[str, Any], activities: list[Match], as_of: date) -> Measured:
    """4.3 to 4.5 and 4.6 step 1: the units of a `when` and the activities they rest on."""
    when = criterion["when"]
    count = criterion.get("count") or {}
    decay = criterion.get("decay")
    matches = matching(when, activities, as_of)
    matches = after_filter(when, matches, activities, as_of)
    matches = unique_filter(when, matches)

    if "reached" in when:
        rests_on, unit_ages = reached(when["reached"], matches)
    elif "rising" in when:
        rests_on, unit_ages = rising(when["rising"], matches)
    elif "silent_days" in when:
        rests_on, unit_ages = silent(when, matches)
    else:
        rests_on, unit_ages = [], [one.age for one in matches]

    units = 0
    evidence: list[dict[str, Any]] = [{"id": one.id, "age": one.age} for one in rests_on]
    for k, position in enumerate(kept_ages(count, unit_ages), start=1):
        age = unit_ages[position]
        kept_share = share(decay, age)
        factor = repeat(count.get("repeat_percent", 100), k)
        units += kept_share * factor // ONE
        if not rests_on:
            name = matches[position].id
            evidence.append({"id": name, "age": age, "share": kept_share, "repeat": factor})
    return Measured(units=units, evidence=evidence)


def reached(rule: Mapping[str, Any], matches: list[Match]) -> tuple[list[Match], list[int]]:
    """4.3 reached: one unit of the newest match's day if the last N days hold at least M."""
    window = [one for one in matches if one.age < rule["within_days"]]
    if len(window) < rule["at_least"]:
        return [], []
    return window, [window[0].age]


def rising(rule: Mapping[str, Any], matches: list[Match]) -> tuple[list[Match], list[int]]:
    """4.3 rising: the last N days against the N days before; with `of: value`, their means."""
    days = rule["days"]
    if rule.get("of") == "value":
        matches = [one for one in matches if counts_by_value(one)]
    late = [one for one in matches if one.age < days]
    early = [one for one in matches if days <= one.age < 2 * days]
    late_measure, early_measure = Fraction(len(late)), Fraction(len(early))
    if rule.get("of") == "value":
        late_measure, early_measure = mean(late), mean(early)
    holds = len(late) >= rule["at_least"] and (
        early_measure == 0 or late_measure * 100 >= early_measure * (100 + rule["by_percent"])
    )
    return (late + early, [0]) if holds else ([], [])


def counts_by_value(match: Match) -> bool:
    """4.3: only matches whose value reads as a number and is >= 0 count."""
    value = value_of(match)
    return value is not None and value >= 0


def value_of(match: Match) -> Fraction | None:
    return read_number(match.raw.get("value"))


def mean(matches: list[Match]) -> Fraction:
    """The mean of the values, 0 of none: both let `at_least` alone decide."""
    values = [value_of(one) or Fraction(0) for one in matches]
    return sum(values, Fraction(0)) / len(values) if values else Fraction(0)


def silent(when: Mapping[str, Any], matches: list[Match]) -> tuple[list[Match], list[int]]:
    """4.3 silent_days: a match and none in the last N days; per_days adds a unit each K days."""
    if not matches or matches[0].age < when["silent_days"]:
        return [], []
    units = 1
    if "per_days" in when:
        units += (matches[0].age - when["silent_days"]) // when["per_days"]
    return matches, [0] * units
