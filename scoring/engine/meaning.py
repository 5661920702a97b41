"""When two criteria ask the same: conditions in their plainest form, as far as form alone can tell."""

from dataclasses import replace

from scoring.engine.conditions import condition_text
from scoring.engine.matrix import ALWAYS, AllOf, Always, AnyOf, Condition, Criterion, Leaf, Not, Pattern, When
from scoring.engine.text import normalise_text, path_operand, word_line
from scoring.engine.types import Operand, Scalar


def holds_for_all(condition: Condition) -> bool:
    """True of every lead, whatever is known: `{}`, also in disguise as `{all: [{}]}`."""
    return isinstance(plainest(condition), Always)


def meaning(criterion: Criterion) -> str:
    """One text for one `if` and `when`: equal where two criteria ask the same, however it is written."""
    return f"{condition_text(plainest(criterion.if_))} {_when_text(criterion.when)}"


def _when_text(when: When | None) -> str:
    if when is None:
        return ""
    parts = [_pattern_text(when.pattern), repr(when.unique_by), repr(when.measure)]
    if when.after is not None:
        parts += [_pattern_text(when.after.pattern), str(when.after.within_days)]
    return " ".join(parts)


def _pattern_text(pattern: Pattern) -> str:
    return f"{sorted(set(pattern.kinds))} {condition_text(plainest(pattern.where))}"


def plainest(condition: Condition) -> Condition:
    """The condition in its plainest form: what means the same reads the same, as far as form alone can tell."""
    match condition:
        case Always():
            return ALWAYS
        case AllOf(conditions=parts):
            return _joined(AllOf, parts)
        case AnyOf(conditions=parts):
            return _joined(AnyOf, parts)
        case Not(condition=inner):
            plain = plainest(inner)
            return plain.condition if isinstance(plain, Not) else Not(condition=plain)
        case Leaf():
            return _plain_leaf(condition)


def _joined(form: type[AllOf] | type[AnyOf], parts: tuple[Condition, ...]) -> Condition:
    """Flat, without doubles, in one order; a single part stands alone."""
    flat: dict[str, Condition] = {}
    for part in map(plainest, parts):
        for each in part.conditions if isinstance(part, form) else (part,):
            flat[condition_text(each)] = each
    holds = flat.pop(condition_text(ALWAYS), None)
    if holds is not None and (form is AnyOf or not flat):
        return ALWAYS
    if len(flat) == 1:
        return next(iter(flat.values()))
    return form(conditions=tuple(flat[text] for text in sorted(flat)))


def _plain_leaf(leaf: Leaf) -> Leaf:
    match leaf.op:
        case "is" | "in":
            return replace(leaf, op="in", value=_plain_members(leaf.value))
        case "contains" | "starts_with" | "ends_with" | "has_any" | "has_all":
            return replace(leaf, value=_plain_members(leaf.value))
        case "has_word":
            return replace(leaf, value=_sorted(tuple(word_line(each) for each in _texts(leaf.value))))
        case "path_is" | "path_starts_with":
            return replace(leaf, value=_sorted(tuple(path_operand(each) for each in _texts(leaf.value))))
        case _:
            return leaf


def _plain_members(operand: Operand | None) -> tuple[Scalar, ...]:
    return _sorted(tuple(normalise_text(each) if isinstance(each, str) else each for each in _members(operand)))


def _members(operand: Operand | None) -> tuple[Scalar, ...]:
    if operand is None:
        return ()
    return operand if isinstance(operand, tuple) else (operand,)


def _texts(operand: Operand | None) -> tuple[str, ...]:
    return tuple(each for each in _members(operand) if isinstance(each, str))


def _sorted(members: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    # By type first: True and 1 are equal to Python and different to a condition.
    once = {(type(each).__name__, str(each)): each for each in members}
    return tuple(once[name] for name in sorted(once))
