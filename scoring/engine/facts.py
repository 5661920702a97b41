"""The facts of a lead as the engine judges them, and how they are read.

The shape is strict: unknown names, ids that stand twice, times without an offset are errors. The values are not: a
value that cannot be read as a condition needs makes that condition unknown, which is how a rep sees what to ask. Null
stands for missing everywhere but in an activity's id, kind and time.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final
from zoneinfo import ZoneInfo

from scoring.engine.errors import InvalidFacts, Problem
from scoring.engine.fields import (
    ACTIVITY_FIELDS,
    ACTIVITY_MAPS,
    COMPANY_FIELDS,
    COMPANY_MAPS,
    LEAD_FIELDS,
    LEAD_MAPS,
)
from scoring.engine.json_text import checked_json
from scoring.engine.reading import Place, without_echoes
from scoring.engine.types import Value

_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
#: No zone moves a time between these out of the calendar.
_EARLIEST: Final = datetime(1, 1, 3, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 29, tzinfo=UTC)
_ACTIVITY_KEYS: Final = ("id", "kind", "occurred_at", *ACTIVITY_FIELDS, *ACTIVITY_MAPS, "is_bot", "withdrawn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """One thing a lead did. `occurred_at` is in UTC; `values` by full field name such as `activity.url` or
    `activity.properties.plan`."""

    id: str
    kind: str
    occurred_at: datetime
    values: Mapping[str, Value] = field(default_factory=dict)
    is_bot: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """The activities that may match, newest first by (time, id), with the ordinal of each one's day in one zone and
    the positions of each kind."""

    activities: tuple[Activity, ...]
    days: tuple[int, ...]
    by_kind: Mapping[str, Sequence[int]]
    last_day: int

    def until(self, day: int) -> "Timeline":
        """Without what happens after the day of this ordinal."""
        if self.last_day <= day:
            return self
        kept = [index for index, each in enumerate(self.days) if each <= day]
        return _timeline([self.activities[index] for index in kept], tuple(self.days[index] for index in kept))


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """`values` by full field name such as `lead.title` or `company.attributes.tier`, missing ones left out;
    `activities` newest first by (time, id)."""

    values: Mapping[str, Value]
    activities: tuple[Activity, ...]
    _timelines: dict[str, Timeline] = field(default_factory=dict, init=False, repr=False, compare=False)

    def timeline(self, zone: ZoneInfo) -> Timeline:
        """The activities that are neither a bot's nor withdrawn, by days of this zone. Made once for each zone."""
        found = self._timelines.get(zone.key)
        if found is None:
            live = [each for each in self.activities if not (each.is_bot or each.withdrawn)]
            found = self._timelines[zone.key] = _timeline(live, _days(live, zone))
        return found


def _days(activities: Iterable[Activity], zone: ZoneInfo) -> tuple[int, ...]:
    if zone.key == "UTC":
        return tuple(each.occurred_at.toordinal() for each in activities)
    return tuple(each.occurred_at.astimezone(zone).toordinal() for each in activities)


def _timeline(activities: Sequence[Activity], days: tuple[int, ...]) -> Timeline:
    by_kind: dict[str, list[int]] = {}
    for index, each in enumerate(activities):
        by_kind.setdefault(each.kind, []).append(index)
    return Timeline(activities=tuple(activities), days=days, by_kind=by_kind, last_day=max(days, default=0))


def facts_from_trusted(
    *, lead: Mapping[str, Value], company: Mapping[str, Value] | None, activities: Iterable[Activity]
) -> Facts:
    """Facts from a source that keeps their shape itself: field names are known, ids stand once, times are in UTC.

    `lead` and `company` are as in a document, with their `qualification` and `attributes`. Nothing is checked.
    """
    values = _flat("lead", lead, LEAD_MAPS)
    if company is not None:
        values |= _flat("company", company, COMPANY_MAPS)
    return Facts(values=values, activities=_newest_first(activities))


def activity_from_trusted(
    *,
    id: str,
    kind: str,
    occurred_at: datetime,
    url: str | None = None,
    subject: Value = None,
    value: Value = None,
    source: str | None = None,
    properties: Mapping[str, Value] | None = None,
    is_bot: bool = False,
    withdrawn: bool = False,
) -> Activity:
    """An activity whose time is aware and in UTC. Nothing is checked."""
    values = {f"activity.properties.{name}": each for name, each in properties.items()} if properties else {}
    values |= {"activity.url": url, "activity.subject": subject, "activity.value": value, "activity.source": source}
    return Activity(id=id, kind=kind, occurred_at=occurred_at, values=values, is_bot=is_bot, withdrawn=withdrawn)


def _flat(subject: str, fact: Mapping[str, Value], maps: Iterable[str]) -> dict[str, Value]:
    values = {f"{subject}.{name}": each for name, each in fact.items() if name not in maps}
    for name in maps:
        inner = fact.get(name)
        if isinstance(inner, Mapping):
            values |= {f"{subject}.{name}.{key}": each for key, each in inner.items()}
    return values


def _newest_first(activities: Iterable[Activity]) -> tuple[Activity, ...]:
    return tuple(sorted(activities, key=attrgetter("occurred_at", "id"), reverse=True))


def parse_facts(raw: object) -> Facts:
    """The facts of a document. Raises InvalidFacts with every problem found."""
    sound, refused = checked_json(raw)
    problems: list[Problem] = []
    top = Place(sound, "", problems).members(("lead", "company", "activities"))
    values = _subject(top.get("lead"), "lead", LEAD_FIELDS, LEAD_MAPS)
    values |= _subject(top.get("company"), "company", COMPANY_FIELDS, COMPANY_MAPS)
    activities = _activities(top.get("activities"))
    found = without_echoes(refused, problems)
    if found:
        raise InvalidFacts(found)
    return Facts(values=values, activities=_newest_first(activities))


def _subject(
    place: Place | None, subject: str, fields: Iterable[str], maps: Sequence[str], extra: Sequence[str] = ()
) -> dict[str, Value]:
    """The values of a lead, a company or an activity by full field name."""
    values: dict[str, Value] = {}
    if place is None or place.value is None:
        return values
    for name, member in place.members((*fields, *maps, *extra)).items():
        if member.value is None or name in extra:
            continue
        if name in maps:
            inner = member.object() or {}
            values |= {f"{subject}.{name}.{key}": each.value for key, each in inner.items()}
        else:
            values[f"{subject}.{name}"] = member.value
    return values


def _activities(place: Place | None) -> list[Activity]:
    if place is None or place.value is None:
        return []
    taken: set[str] = set()
    found = []
    for entry in place.entries() or ():
        activity = _activity(entry)
        if activity is None:
            continue
        if activity.id in taken:
            entry.at("id").report("id_twice")
        taken.add(activity.id)
        found.append(activity)
    return found


def _activity(place: Place) -> Activity | None:
    if not isinstance(place.value, dict):
        place.members(())
        return None
    values = _subject(
        place, "activity", ACTIVITY_FIELDS, ACTIVITY_MAPS, ("id", "kind", "occurred_at", "is_bot", "withdrawn")
    )
    members = place.members(place.value, ("id", "kind", "occurred_at"))
    identity = members["id"].text() if "id" in members else None
    kind = members["kind"].text() if "kind" in members else None
    occurred_at = _time(members["occurred_at"]) if "occurred_at" in members else None
    is_bot = _mark(members.get("is_bot"))
    withdrawn = _mark(members.get("withdrawn"))
    return (
        Activity(
            id=identity or "",
            kind=kind or "",
            occurred_at=occurred_at or _EARLIEST,
            values=values,
            is_bot=is_bot,
            withdrawn=withdrawn,
        )
        if identity
        else None
    )


def _mark(place: Place | None) -> bool:
    return place is not None and place.value is not None and bool(place.boolean())


def _time(place: Place) -> datetime | None:
    """A time with its offset, in UTC; what is finer than microseconds is dropped."""
    text = place.text()
    if text is None:
        return None
    form = _TIME.fullmatch(text)
    if form is None:
        place.report("not_a_time")
        return None
    if form["offset"] is None:
        place.report("no_offset")
        return None
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        place.report("not_a_time")
        return None
    if not _EARLIEST <= moment <= _LATEST:
        place.report("implausible_time")
        return None
    return moment
