"""Reading a matrix document: every problem is found before any is told."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Final, cast
from zoneinfo import available_timezones

from scoring.engine.errors import InvalidFacts, InvalidMatrix, Problem
from scoring.engine.facts import parse_facts
from scoring.engine.json_text import checked_json, checksum
from scoring.engine.matrix import ALWAYS, Criterion, Dimension, Example, Group, Matrix, Stage
from scoring.engine.parse_conditions import read_condition
from scoring.engine.parse_criteria import MOST_POINTS, Valuation, read_criterion
from scoring.engine.reading import Place, without_echoes
from scoring.engine.types import DIMENSIONS, GRADES, LEVELS, Audience, DimensionName, Grade, HandOffStage

MOST_CRITERIA: Final = 500
MOST_LIMIT: Final = 1_000_000
MOST_WEIGHT: Final = 1_000

_REQUIRED: Final = ("schema", "name", "grades", "levels", "stages", "criteria")
_KEYS: Final = (
    *_REQUIRED,
    *("description", "audience", "timezone", "applies_to", "hand_off_at", "points_per_star", "tiers", "dimensions"),
    *("groups", "examples"),
)


def parse_matrix(document: object) -> Matrix:
    """The matrix of a document. Raises InvalidMatrix with every problem found."""
    sound, refused = checked_json(document)
    problems: list[Problem] = []
    matrix = _matrix(Place(sound, "", problems))
    found = without_echoes(refused, problems)
    if found:
        raise InvalidMatrix(found)
    return replace(matrix, checksum=checksum(document))


def _matrix(place: Place) -> Matrix:
    members = place.members(_KEYS, _REQUIRED)
    if "schema" in members:
        _check_schema(members["schema"])
    points_per_star = (
        members["points_per_star"].integer(-MOST_POINTS, MOST_POINTS) if "points_per_star" in members else None
    )
    tiers = {name: entry.integer(-MOST_POINTS, MOST_POINTS) for name, entry in _named(members.get("tiers")).items()}
    valuation = Valuation(
        points_per_star=points_per_star, has_points_per_star="points_per_star" in members, tiers=tiers
    )
    stages = _stages(members.get("stages"))
    return Matrix(
        name=_text(members, "name"),
        description=_text(members, "description", may_be_blank=True),
        audience=cast(Audience, _choice(members, "audience", ("b2b", "b2c"))),
        timezone=_zone(members.get("timezone")),
        applies_to=read_condition(members["applies_to"], "lead") if "applies_to" in members else ALWAYS,
        hand_off_at=cast(HandOffStage, _choice(members, "hand_off_at", ("mql", "sql"))),
        points_per_star=points_per_star,
        tiers={name: points or 0 for name, points in tiers.items()},
        dimensions=_dimensions(members.get("dimensions")),
        grades=cast(Mapping[Grade, int], _bands(members.get("grades"), GRADES[:-1])),
        levels={int(level): points for level, points in _bands(members.get("levels"), map(str, LEVELS[:-1])).items()},
        stages=stages,
        groups={name: _group(name, entry) for name, entry in _named(members.get("groups")).items()},
        criteria=_criteria(members.get("criteria"), valuation),
        examples=_examples(members.get("examples"), stages),
    )


def _check_schema(place: Place) -> None:
    if place.value is None or isinstance(place.value, bool) or not isinstance(place.value, int):
        place.integer(1, 1)
    elif place.value != 1:
        place.report("unsupported_schema")


def _text(members: Mapping[str, Place], name: str, *, may_be_blank: bool = False) -> str:
    return (members[name].text(may_be_blank=may_be_blank) or "") if name in members else ""


def _choice(members: Mapping[str, Place], name: str, choices: tuple[str, ...]) -> str:
    """The first of the choices is the default."""
    return (members[name].choice(choices) if name in members else None) or choices[0]


def _zone(place: Place | None) -> str:
    name = None if place is None else place.text()
    if place is not None and name is not None and name not in _zones():
        place.report("unknown_zone")
    return name or "UTC"


@cache
def _zones() -> frozenset[str]:
    # `localtime` is whatever the machine is set to: with it one document would score differently on two machines.
    return frozenset(available_timezones() - {"localtime"})


def _named(place: Place | None) -> dict[str, Place]:
    """The members of an object whose names the team chose."""
    members = (place.object() if place is not None else None) or {}
    for member in members.values():
        name = member.path.rpartition("/")[2]
        if not name.strip():
            member.report("blank")
    return members


def _dimensions(place: Place | None) -> dict[DimensionName, Dimension]:
    members = {} if place is None else place.members(DIMENSIONS)
    return {name: _dimension(members.get(name)) for name in DIMENSIONS}


def _dimension(place: Place | None) -> Dimension:
    members = {} if place is None else place.members(("weight", "floor", "ceiling"))
    weight = members["weight"].integer(0, MOST_WEIGHT) if "weight" in members else None
    return Dimension(weight=100 if weight is None else weight, floor=_floor(members), ceiling=_ceiling(members))


def _floor(members: Mapping[str, Place]) -> int | None:
    return members["floor"].integer(-MOST_LIMIT, 0) if "floor" in members else None


def _ceiling(members: Mapping[str, Place]) -> int | None:
    return members["ceiling"].integer(0, MOST_LIMIT) if "ceiling" in members else None


def _group(name: str, place: Place) -> Group:
    members = place.members(("label", "floor", "ceiling", "take"))
    take = members["take"].choice(("highest",)) if "take" in members else None
    return Group(
        label=_text(members, "label") or name,
        floor=_floor(members),
        ceiling=_ceiling(members),
        take_highest=take is not None,
    )


def _bands(place: Place | None, names: Iterable[str]) -> dict[str, int]:
    """Least points by band, best first and strictly falling, whatever order the document has them in."""
    order = tuple(names)
    members = {} if place is None else place.members(order)
    bands: dict[str, int] = {}
    above: int | None = None
    for name in order:
        points = members[name].integer(-MOST_LIMIT, MOST_LIMIT) if name in members else None
        if points is None:
            continue
        if above is not None and points >= above:
            members[name].report("not_falling")
        bands[name] = above = points
    return bands


def _stages(place: Place | None) -> tuple[Stage, ...]:
    entries = (place.entries() if place is not None else None) or []
    stages: list[Stage] = []
    taken: dict[str, int] = {}
    above: int | None = None
    for index, entry in enumerate(entries):
        stage = _stage(entry)
        stages.append(stage)
        if stage.key in taken:
            entry.at("key").report("key_taken")
        elif stage.key:
            taken[stage.key] = index
        if isinstance(entry.value, dict) and index > 0 and "at" not in entry.value:
            entry.at("at").report("at_missing")
        if stage.at is not None:
            if above is not None and stage.at <= above:
                entry.at("at").report("not_rising")
            above = stage.at
    if place is not None and isinstance(place.value, list):
        for key in ("mql", "sql"):
            if key not in taken:
                place.report("stage_missing", stage=key)
        if "mql" in taken and "sql" in taken and taken["sql"] < taken["mql"]:
            place.report("mql_after_sql")
    return tuple(stages)


def _stage(place: Place) -> Stage:
    members = place.members(("key", "label", "at", "min_grade", "max_level"), ("key",))
    key = _text(members, "key")
    return Stage(
        key=key,
        label=_text(members, "label") or key,
        at=members["at"].integer(-MOST_LIMIT, MOST_LIMIT) if "at" in members else None,
        min_grade=cast(Grade | None, members["min_grade"].choice(GRADES)) if "min_grade" in members else None,
        max_level=members["max_level"].integer(LEVELS[0], LEVELS[-1]) if "max_level" in members else None,
    )


def _criteria(place: Place | None, valuation: Valuation) -> tuple[Criterion, ...]:
    entries = (place.entries(most=MOST_CRITERIA) if place is not None else None) or []
    criteria: list[Criterion] = []
    taken: set[str] = set()
    dimension_of: dict[str, str] = {}
    for entry in entries:
        criterion = read_criterion(entry, valuation)
        if criterion is None:
            continue
        if criterion.key in taken:
            entry.at("key").report("key_taken")
        elif criterion.key:
            taken.add(criterion.key)
        is_placed = isinstance(entry.value, dict) and entry.value.get("dimension") in DIMENSIONS
        if criterion.group is not None and is_placed:
            first = dimension_of.setdefault(criterion.group, criterion.dimension)
            if first != criterion.dimension:
                entry.at("group").report("group_in_two_dimensions")
        criteria.append(criterion)
    return tuple(criteria)


def _examples(place: Place | None, stages: tuple[Stage, ...]) -> tuple[Example, ...]:
    return tuple(
        example
        for entry in (place.entries() if place is not None else None) or ()
        if (example := _example(entry, {stage.key for stage in stages})) is not None
    )


def _example(place: Place, stages: set[str]) -> Example | None:
    required = ("name", "as_of", "facts", "stage")
    members = place.members(required, required)
    as_of = members["as_of"].day() if "as_of" in members else None
    stage = _text(members, "stage")
    if stage and stage not in stages:
        members["stage"].report("unknown_stage")
    facts = members["facts"].value if "facts" in members else None
    if "facts" in members:
        try:
            parse_facts(facts)
        except InvalidFacts as invalid:
            place.problems.extend(each.under(members["facts"].path) for each in invalid.problems)
    name = _text(members, "name")
    if as_of is None or not isinstance(facts, dict):
        return None
    return Example(name=name, as_of=as_of, facts=facts, stage=stage)
