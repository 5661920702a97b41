"""What differs between two versions of a matrix, part by part, for words such as "Pricing page 8 → 12 points".

`diff(a, b)` is empty exactly where the two score alike in every part and read alike: where `a == b`, but for true and
1, which Python takes for equal and conditions do not.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import TypeVar

from scoring.engine.errors import pointer
from scoring.engine.matrix import (
    After,
    Criterion,
    Example,
    Group,
    Matrix,
    Pattern,
    Reached,
    Rising,
    Silent,
    Stage,
    When,
)
from scoring.engine.matrix_parts import part_document, when_document
from scoring.engine.types import DIMENSIONS, GRADES

_MATRIX_FIELDS = ("name", "description", "audience", "timezone", "applies_to", "hand_off_at", "points_per_star")
_LIMITS = ("floor", "ceiling")
_Name = TypeVar("_Name", bound=str)
_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One part that differs. `kind` names the part and is the code of its sentence (docs/lint.md lists them).

    `path` is a pointer into the document in which criteria, stages and examples stand by key or name instead of by
    place: `/criteria/pricing-page/points`. `label` is what people call the thing (of the later version where it has
    one), empty for the matrix itself; `criterion` the key where it is about one. `before` and `after` are as a
    document writes them, defaults filled in; None where there is none.
    """

    kind: str
    path: str
    label: str
    criterion: str | None
    before: object
    after: object

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "path": self.path,
            "label": self.label,
            "criterion": self.criterion,
            "before": self.before,
            "after": self.after,
        }


def diff(before: Matrix, after: Matrix) -> list[Change]:
    """Every difference, in the order of a document."""
    return list(_changes(before, after))


def _changes(before: Matrix, after: Matrix) -> Iterator[Change]:
    for name in _MATRIX_FIELDS:
        yield from _changed(f"matrix_{name}", f"/{name}", getattr(before, name), getattr(after, name))
    yield from _values("tier", "/tiers", before.tiers, after.tiers, sorted({**before.tiers, **after.tiers}))
    for dimension in DIMENSIONS:
        for name in ("weight", *_LIMITS):
            was, is_now = (getattr(each.dimensions[dimension], name) for each in (before, after))
            yield from _changed(f"dimension_{name}", f"/dimensions/{dimension}/{name}", was, is_now, label=dimension)
    yield from _values("grade", "/grades", before.grades, after.grades, GRADES)
    levels = [{str(level): points for level, points in each.levels.items()} for each in (before, after)]
    yield from _values("level", "/levels", levels[0], levels[1], ("1", "2", "3"))
    yield from _stages(before.stages, after.stages)
    yield from _groups(before.groups, after.groups)
    yield from _criteria(before.criteria, after.criteria)
    yield from _examples(before.examples, after.examples)


def _changed(
    kind: str, path: str, was: object, is_now: object, *, label: str = "", criterion: str | None = None
) -> Iterator[Change]:
    if not _same(was, is_now):
        yield Change(
            kind=kind,
            path=path,
            label=label,
            criterion=criterion,
            before=_written(was),
            after=_written(is_now),
        )


def _written(part: object) -> object:
    """As a document writes it; what has no place of its own there as the part of `when` that says it."""
    match part:
        case date():
            return part.isoformat()
        case After():
            return when_document(When(pattern=Pattern(), after=part))
        case Reached() | Rising() | Silent():
            return when_document(When(pattern=Pattern(), measure=part))
        case _:
            return part_document(part)


def _same(one: object, other: object) -> bool:
    """`==`, but for true and 1, at any depth."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if is_dataclass(one) and type(one) is type(other):
        return all(_same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return one == other


def _values(
    kind: str, path: str, was: Mapping[_Name, int], is_now: Mapping[_Name, int], names: Sequence[_Name]
) -> Iterator[Change]:
    for name in names:
        yield from _changed(kind, pointer(path, name), was.get(name), is_now.get(name), label=name)


def _stages(was: Sequence[Stage], is_now: Sequence[Stage]) -> Iterator[Change]:
    before, after = {each.key: each for each in was}, {each.key: each for each in is_now}
    labels = {each.key: each.label for each in (*was, *is_now)}
    for key in _in_order(before, after):
        one, other = before.get(key), after.get(key)
        path, label = pointer("/stages", key), labels[key]
        if one is None or other is None:
            yield _came_or_went("stage", path, label, one, other)
            continue
        for name in ("label", "at", "min_grade", "max_level"):
            yield from _changed(
                f"stage_{name}", pointer(path, name), getattr(one, name), getattr(other, name), label=label
            )
    yield from _reordered("stages", before, after)


def _groups(before: Mapping[str, Group], after: Mapping[str, Group]) -> Iterator[Change]:
    labels = {key: each.label for key, each in (*before.items(), *after.items())}
    for key in _in_order(before, after):
        one, other = before.get(key), after.get(key)
        path, label = pointer("/groups", key), labels[key]
        if one is None or other is None:
            yield _came_or_went("group", path, label, one, other)
            continue
        for name in ("label", *_LIMITS):
            yield from _changed(
                f"group_{name}", pointer(path, name), getattr(one, name), getattr(other, name), label=label
            )
        yield from _changed("group_take", pointer(path, "take"), _take(one), _take(other), label=label)


def _take(group: Group) -> str | None:
    return "highest" if group.take_highest else None


def _criteria(was: Sequence[Criterion], is_now: Sequence[Criterion]) -> Iterator[Change]:
    before, after = {each.key: each for each in was}, {each.key: each for each in is_now}
    labels = {each.key: each.label for each in (*was, *is_now)}
    for key in _in_order(before, after):
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            yield _came_or_went("criterion", pointer("/criteria", key), labels[key], one, other, criterion=key)
        else:
            yield from _criterion(one, other)
    yield from _reordered("criteria", before, after)


def _criterion(one: Criterion, other: Criterion) -> Iterator[Change]:
    path = pointer("/criteria", other.key)
    was, is_now = _parts(one), _parts(other)
    for place in was | is_now:
        yield from _changed(
            f"criterion_{place.rpartition('/')[2]}",
            f"{path}/{place}",
            was.get(place),
            is_now.get(place),
            label=other.label,
            criterion=other.key,
        )


def _parts(criterion: Criterion) -> dict[str, object]:
    """The parts of a criterion by their place in its document."""
    parts: dict[str, object] = {
        name: getattr(criterion, name)
        for name in ("label", "note", "dimension", "group", "points", "stars", "tier", "negative")
    }
    parts["if"] = criterion.if_
    if criterion.when is not None:
        parts |= _when_parts(criterion.when)
    parts |= {f"count/{name}": getattr(criterion.count, name) for name in ("max", "max_per_day", "repeat_percent")}
    parts |= {name: getattr(criterion, name) for name in ("decay", "max_points", "disqualify", "fast_track", "enabled")}
    return parts


def _when_parts(when: When) -> dict[str, object]:
    return {
        "when/kinds": when.pattern.kinds,
        "when/where": when.pattern.where,
        "when/after": when.after,
        "when/unique_by": when.unique_by,
        "when/measure": when.measure,
    }


def _examples(was: Sequence[Example], is_now: Sequence[Example]) -> Iterator[Change]:
    before, after = _by_name(was), _by_name(is_now)
    for place in _in_order(before, after):
        one, other = before.get(place), after.get(place)
        name, number = place
        path = pointer("/examples", name if number == 1 else f"{name}#{number}")
        if one is None or other is None:
            yield _came_or_went("example", path, name, one, other)
            continue
        for part in ("as_of", "facts", "stage"):
            yield from _changed(
                f"example_{part}", pointer(path, part), getattr(one, part), getattr(other, part), label=name
            )
    yield from _reordered("examples", before, after)


def _by_name(examples: Sequence[Example]) -> dict[tuple[str, int], Example]:
    """Names may stand twice: each is told apart by how often it stood before."""
    seen: Counter[str] = Counter()
    found = {}
    for example in examples:
        seen[example.name] += 1
        found[example.name, seen[example.name]] = example
    return found


def _came_or_went(
    what: str, path: str, label: str, one: object, other: object, *, criterion: str | None = None
) -> Change:
    return Change(
        kind=f"{what}_added" if one is None else f"{what}_removed",
        path=path,
        label=label,
        criterion=criterion,
        before=_written(one),
        after=_written(other),
    )


def _in_order(before: Mapping[_Key, object], after: Mapping[_Key, object]) -> list[_Key]:
    """Names of both, as the later version has them, then those that went."""
    return [*after, *(name for name in before if name not in after)]


def _reordered(what: str, before: Mapping[_Key, object], after: Mapping[_Key, object]) -> Iterator[Change]:
    """Whether what both have stands in another order; the order of criteria is that of a card's lines."""
    was = [name for name in before if name in after]
    is_now = [name for name in after if name in before]
    yield from _changed(f"{what}_reordered", f"/{what}", was, is_now)
