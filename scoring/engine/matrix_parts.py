"""The parts of a matrix as a document writes them, with nothing written that is the default."""

from functools import singledispatch

from scoring.engine.conditions import condition_document
from scoring.engine.json_text import plain
from scoring.engine.matrix import (
    ALWAYS,
    AllOf,
    Always,
    AnyOf,
    Count,
    Criterion,
    Dimension,
    Example,
    Expires,
    Group,
    HalfLife,
    Leaf,
    Linear,
    Not,
    Pattern,
    Reached,
    Rising,
    Silent,
    Stage,
    Step,
    Steps,
    When,
)


@singledispatch
def part_document(part: object) -> object:
    """The part as JSON; a plain value is its own document."""
    if isinstance(part, tuple):
        return [part_document(each) for each in part]
    return plain(part)


@part_document.register(Always)
@part_document.register(AllOf)
@part_document.register(AnyOf)
@part_document.register(Not)
@part_document.register(Leaf)
def _condition(part: Always | AllOf | AnyOf | Not | Leaf) -> object:
    return plain(condition_document(part))


@part_document.register
def pattern_document(part: Pattern) -> dict[str, object]:
    return _written(kinds=list(part.kinds) or None, where=None if part.where == ALWAYS else part_document(part.where))


@part_document.register
def when_document(part: When) -> dict[str, object]:
    document = pattern_document(part.pattern)
    if part.after is not None:
        document |= {"after": pattern_document(part.after.pattern), "within_days": part.after.within_days}
    if part.unique_by is not None:
        document["unique_by"] = part.unique_by
    match part.measure:
        case Reached(at_least=least, within_days=days):
            document["reached"] = {"at_least": least, "within_days": days}
        case Rising() as rising:
            document["rising"] = _written(
                days=rising.days, by_percent=rising.by_percent, at_least=rising.at_least, of=rising.of
            )
        case Silent(days=days, per_days=per_days):
            document |= _written(silent_days=days, per_days=per_days)
        case None:
            pass
    return document


@part_document.register
def _count(part: Count) -> dict[str, object]:
    return _written(
        max=part.max,
        max_per_day=part.max_per_day,
        repeat_percent=None if part.repeat_percent == 100 else part.repeat_percent,
    )


@part_document.register
def _expires(part: Expires) -> dict[str, object]:
    return {"expires_after_days": part.after_days}


@part_document.register
def _half_life(part: HalfLife) -> dict[str, object]:
    return {"half_life_days": part.days}


@part_document.register
def _linear(part: Linear) -> dict[str, object]:
    return {"linear_days": part.days}


@part_document.register
def _step(part: Step) -> list[int]:
    return [part.from_day, part.percent]


@part_document.register
def _steps(part: Steps) -> dict[str, object]:
    return {"steps": part_document(part.steps)}


@part_document.register
def criterion_document(part: Criterion) -> dict[str, object]:
    worth = _written(stars=part.stars, tier=part.tier, negative=part.negative or None) or {"points": part.points}
    may_be_left_out = part.when is not None and part.if_ == ALWAYS
    return (
        _written(
            key=part.key,
            label=None if part.label == part.key else part.label,
            note=part.note or None,
            dimension=part.dimension,
            group=part.group,
        )
        | worth
        | ({} if may_be_left_out else {"if": part_document(part.if_)})
        | _written(
            when=None if part.when is None else when_document(part.when),
            count=None if part.count == Count() else part_document(part.count),
            decay=None if part.decay is None else part_document(part.decay),
            max_points=part.max_points,
            disqualify=part.disqualify or None,
            fast_track=part.fast_track or None,
            enabled=None if part.enabled else False,
        )
    )


@part_document.register
def _dimension(part: Dimension) -> dict[str, object]:
    return _written(weight=None if part.weight == 100 else part.weight, floor=part.floor, ceiling=part.ceiling)


@part_document.register
def _group(part: Group) -> dict[str, object]:
    return _written(
        label=part.label, floor=part.floor, ceiling=part.ceiling, take="highest" if part.take_highest else None
    )


@part_document.register
def _stage(part: Stage) -> dict[str, object]:
    return _written(
        key=part.key,
        label=None if part.label == part.key else part.label,
        at=part.at,
        min_grade=part.min_grade,
        max_level=part.max_level,
    )


@part_document.register
def _example(part: Example) -> dict[str, object]:
    return {"name": part.name, "as_of": part.as_of.isoformat(), "facts": plain(part.facts), "stage": part.stage}


def _written(**members: object) -> dict[str, object]:
    """Without the members that are None."""
    return {name: value for name, value in members.items() if value is not None}
